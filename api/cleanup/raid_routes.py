"""Signed links, raid lists and the pictures that go with them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from api.accounts.roles import Scope
from api.cleanup.handing import end_links, give_link
from api.cleanup.photos import take_photo
from api.cleanup.pictures_shown import ask_for
from api.cleanup.raid import raid
from api.cleanup.raid_schemas import (
    LinkIn,
    LinkOut,
    LinksEndIn,
    LinksEndOut,
    OrderPhotoSentOut,
    RaidOut,
    link_out,
    raid_out,
)
from api.cleanup.route import Point
from api.deps import Caller, Process, ReadingUnit, WritingUnit, needs
from api.intake.draft import FieldNotUnderstood
from api.intake.geo import check_point
from api.intake.multipart import FormRules, read_form
from api.intake.service import PhotoNeeded
from api.watchlist.query import region_of

router = APIRouter(prefix="/v1", tags=["cleanup"])
READ, WRITE = [needs(Scope.ORDERS_READ)], [needs(Scope.ORDERS_WRITE)]
PHOTO = {"type": "object", "required": ["photo"], "properties": {"photo": {"type": "string", "format": "binary"}}}
FORM: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": PHOTO}}},
}


@router.post("/orders/{order_id}/link", dependencies=WRITE, summary="A signed link to a work order")
def make_link(order_id: str, body: LinkIn, request: Request, services: Process, unit: WritingUnit) -> LinkOut:
    """A link for somebody without an account, good for `WALLWATCH_CLEANUP__LINK_DAYS`; it is shown this once."""
    base = str(request.base_url)
    given = give_link(
        unit, services.settings, order_id, version=body.version, is_handed_over=body.handed_over, base=base
    )
    ask_for(services, given.order.photo_sha256)
    return link_out(given)


@router.post("/orders/{order_id}/link/end", dependencies=WRITE, summary="End a work order's links")
def end_all_links(order_id: str, body: LinksEndIn, unit: WritingUnit) -> LinksEndOut:
    """Make every link to this order that was given out worthless."""
    return LinksEndOut(version=end_links(unit, order_id, version=body.version).version)


@router.post(
    "/orders/{order_id}/photos",
    status_code=201,
    dependencies=WRITE,
    summary="A photo of the painted wall",
    openapi_extra=FORM,
)
async def send_photo(order_id: str, request: Request, services: Process, actor: Caller) -> OrderPhotoSentOut:
    """A photo after painting, multipart as the part `photo`: the order is painted, and the photo will be compared."""
    rules = FormRules("photo", 1, services.settings.limits.photo_bytes, ())
    form = await read_form(request.headers.get("content-type", ""), request.stream(), rules)
    request_id = request.scope.get("state", {}).get("request_id")
    try:
        if not form.files:
            raise PhotoNeeded
        file = form.files[0].file
        sha256 = await run_in_threadpool(take_photo, services, actor, order_id, file, request_id=request_id)
    finally:
        form.close()
    return OrderPhotoSentOut(photo=sha256)


@router.get("/raid", dependencies=READ, summary="Walls of an area as a way")
def raid_list(
    unit: ReadingUnit,
    *,
    box: Annotated[str | None, Query(max_length=100, examples=["54.8,69.0,54.95,69.3"])] = None,
    circle: Annotated[str | None, Query(max_length=100, examples=["54.87,69.15,1500"])] = None,
    territory: Annotated[str | None, Query(max_length=32, description="the id of a territory")] = None,
    start: Annotated[str | None, Query(max_length=100, examples=["54.871,69.151"])] = None,
) -> RaidOut:
    """The walls of an area that are written on (200 at most), each once, in the order in which to walk there."""
    return raid_out(raid(unit, region=region_of(box, circle), territory_id=territory, start=start_of(start)))


def start_of(text: str | None) -> Point | None:
    """Latitude and longitude with a comma between. FieldNotUnderstood, CoordinatesOutOfRange and the like."""
    if not text:
        return None
    try:
        lat, lon = (float(each) for each in text.split(","))
    except ValueError:
        raise FieldNotUnderstood("start", expected="latitude and longitude, such as 54.871,69.151") from None
    check_point(lat, lon, order_known=True)
    return lat, lon
