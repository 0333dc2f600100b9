"""Photos: facts, copies for looking at, and the original as evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import select

from api.audit.service import record
from api.deps import Caller, Process, ReadingUnit, WritingUnit, needs
from api.errors import Problem
from api.intake.repository import exif_out, problem_out
from api.photos.blobs import BlobMissing
from api.photos.copies import VERSION, CopyCache, annotated_copy, plain_copy, side_within
from api.photos.schemas import PhotoOut
from api.photos.visible import own_or_all, visible_photo
from api.readings.convert import reading_from
from api.readings.repository import newest_reading
from api.readings.routes import without_reading
from api.services import Services
from api.unit import Unit
from models import Report, ReportPhoto
from vision.photo import PhotoLimits

router = APIRouter(prefix="/v1/photos", tags=["photos"])

ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}
PIECE_BYTES = 256 * 1024
READS = [needs("reports:read")]
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {}}, "description": "A JPEG without anything of the original's bytes"}
}

MaxSide = Annotated[int, Query(ge=320, le=4000, description="the picture's longer side is at most this")]


class OriginalMissing(Problem):
    """A photo whose bytes are not in the store, though its row is there."""

    status = 500

    def __init__(self) -> None:
        super().__init__(
            "The original is missing from the photo store: tell the administrator to run wallwatch verify."
        )


@router.get("/{sha256}", dependencies=READS)
def get_photo(sha256: str, unit: ReadingUnit) -> PhotoOut:
    """What is known of a photo and where it stands with its reading."""
    photo = visible_photo(unit, sha256)
    reports = unit.session.scalars(
        select(Report.id)
        .join(ReportPhoto, ReportPhoto.report_id == Report.id)
        .where(ReportPhoto.photo_sha256 == sha256, own_or_all(unit.actor))
        .distinct()
        .order_by(Report.id)
    )
    return PhotoOut(
        sha256=photo.sha256,
        size_bytes=photo.size_bytes,
        media_type=photo.media_type,
        received_at=photo.received_at,
        width=photo.width,
        height=photo.height,
        state=photo.state,
        problem=problem_out(photo),
        failures=photo.failures,
        exif=exif_out(photo),
        reports=list(reports),
    )


@router.get("/{sha256}/copy", dependencies=READS, response_class=Response, responses=PICTURE)
def get_copy(sha256: str, request: Request, services: Process, actor: Caller, max_side_px: MaxSide = 2000) -> Response:
    """The photo to look at: upright, re-encoded as JPEG, without EXIF."""
    with services.reading_unit(actor) as unit:
        visible_photo(unit, sha256)
    return copy_of(request, services, sha256, side_px=side_within(max_side_px))


def copy_of(request: Request, services: Services, sha256: str, *, side_px: int) -> Response:
    """The copy of a photo that the caller may see."""
    return _picture(
        request,
        services,
        f"{sha256}-{side_px}-v{VERSION}",
        lambda: plain_copy(_original(services, sha256), side_px=side_px, limits=_limits(services)),
    )


@router.get("/{sha256}/annotated", dependencies=READS, response_class=Response, responses=PICTURE)
def get_annotated(
    sha256: str, request: Request, services: Process, actor: Caller, max_side_px: MaxSide = 2000
) -> Response:
    """The photo with its newest reading drawn on it."""
    with services.reading_unit(actor) as unit:
        photo = visible_photo(unit, sha256)
        row = newest_reading(unit.session, sha256)
        if row is None:
            raise without_reading(photo)
        reading = reading_from(row, photo)
    side_px = side_within(max_side_px)
    return _picture(
        request,
        services,
        f"{sha256}-{row.id}-{side_px}-v{VERSION}",
        lambda: annotated_copy(_original(services, sha256), reading, side_px=side_px, limits=_limits(services)),
    )


@router.get(
    "/{sha256}/original",
    dependencies=[needs("reports:read", "photos:original")],
    response_class=StreamingResponse,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The bytes as received"}},
)
def get_original(sha256: str, unit: WritingUnit) -> StreamingResponse:
    """The bytes exactly as received, to save and never to open in the browser. Who asked is written down."""
    photo = visible_photo(unit, sha256)
    source = _open(unit, sha256)
    record(unit, "photo.original", sha256, size_bytes=photo.size_bytes)
    name = f"{sha256}.{ENDINGS.get(photo.media_type, 'bin')}"
    return StreamingResponse(
        pieces(source),
        media_type="application/octet-stream",
        headers={
            "Content-Length": str(photo.size_bytes),
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _picture(request: Request, services: Services, name: str, make: Callable[[], bytes]) -> Response:
    """The cached picture; 304 when the browser has it. A name never stands for two pictures."""
    headers = {
        "ETag": f'"{name}"',
        "Cache-Control": "private, max-age=86400, immutable",
        "Vary": "Cookie, Authorization",
    }
    if headers["ETag"] in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    cache = CopyCache(services.settings.data_dir / "cache" / "copies")
    return Response(cache.get(f"{name}.jpg", make), media_type="image/jpeg", headers=headers)


def _limits(services: Services) -> PhotoLimits:
    return PhotoLimits(size_bytes=services.settings.limits.photo_bytes)


def _original(services: Services, sha256: str) -> bytes:
    try:
        return services.blobs.get(sha256)
    except BlobMissing as error:
        raise OriginalMissing from error


def _open(unit: Unit, sha256: str) -> BinaryIO:
    try:
        return unit.blobs.open(sha256)
    except BlobMissing as error:
        raise OriginalMissing from error


def pieces(source: BinaryIO) -> Iterator[bytes]:
    """The bytes in pieces; closes the source."""
    with source:
        while piece := source.read(PIECE_BYTES):
            yield piece
