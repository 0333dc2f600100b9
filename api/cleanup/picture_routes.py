"""Pictures of work orders for those who work with them: walls with writing covered, and photos after painting."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.accounts.roles import Scope
from api.cleanup.pictures_shown import for_staff
from api.deps import Process, needs
from api.errors import NotFound
from api.photos.copies import VERSION, CopyCache, plain_copy, side_within
from models import WorkOrderPhoto
from vision.photo import PhotoLimits

router = APIRouter(prefix="/v1", tags=["cleanup"])
READ = [needs(Scope.ORDERS_READ)]
KEPT = {"Cache-Control": "private, max-age=3600", "Vary": "Cookie, Authorization"}

MaxSide = Annotated[int, Query(ge=320, le=4000, description="the picture's longer side is at most this")]


@router.get("/photos/{sha256}/blurred", dependencies=READ, response_class=Response, summary="A wall, writing covered")
def blurred(sha256: str, services: Process, max_side_px: MaxSide = 1280) -> Response:
    """The photo of a wall with everything that was read on it covered: for paper and for those who clean."""
    return Response(for_staff(services, sha256, max_side_px=max_side_px), media_type="image/jpeg", headers=KEPT)


@router.get(
    "/orders/{order_id}/photos/{sha256}", dependencies=READ, response_class=Response, summary="A photo after painting"
)
def after(order_id: str, sha256: str, request: Request, services: Process, max_side_px: MaxSide = 1280) -> Response:
    """An upright JPEG without EXIF of a photo that was sent for a work order."""
    with services.reading_unit() as unit:
        if unit.session.get(WorkOrderPhoto, (order_id, sha256)) is None:
            raise NotFound("photo of this work order")
    side_px = side_within(max_side_px)
    name = f"{sha256}-{side_px}-v{VERSION}"
    headers = KEPT | {"ETag": f'"{name}"'}
    if headers["ETag"] == request.headers.get("if-none-match"):
        return Response(status_code=304, headers=headers)
    limits = PhotoLimits(size_bytes=services.settings.limits.photo_bytes)
    cache = CopyCache(services.settings.data_dir / "cache" / "copies")
    made = cache.get(f"{name}.jpg", lambda: plain_copy(services.blobs.get(sha256), side_px=side_px, limits=limits))
    return Response(made, media_type="image/jpeg", headers=headers)
