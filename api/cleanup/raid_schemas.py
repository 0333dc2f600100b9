"""What the routes of links and raid lists take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.cleanup.handing import Given
from api.cleanup.raid import Raid, Stop

Version = Annotated[int, Field(ge=1)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LinkIn(_Body):
    """`handed_over`: it goes to whoever is to paint, so an open order counts as sent."""

    version: Version
    handed_over: bool = False


class LinksEndIn(_Body):
    """The version of the order that was seen."""

    version: Version


class LinkOut(BaseModel):
    """A link, shown this once; `version` is the order's now."""

    url: str
    until: datetime
    state: str
    version: int


class LinksEndOut(BaseModel):
    """The order's version now."""

    version: int


class OrderPhotoSentOut(BaseModel):
    """The SHA-256 under which the photo is kept."""

    photo: str


class StopOut(BaseModel):
    """A wall on the way; `order` is the number of its work order, `leg_m` metres from the stop before."""

    place: int
    inscription: str
    order: int | None
    order_id: str | None
    order_state: str | None
    state: str
    held: bool
    lat: float
    lon: float
    place_text: str | None
    photo: str | None
    leg_m: float


class RaidOut(BaseModel):
    """A raid list; `more`: there are more walls in the area than the 200 last seen ones, which are on it."""

    length_km: float
    more: bool
    stops: list[StopOut]


def link_out(given: Given) -> LinkOut:
    """A link for whoever gives it on."""
    return LinkOut(url=given.address, until=given.until, state=given.order.state, version=given.order.version)


def raid_out(found: Raid) -> RaidOut:
    """A raid list for programs."""
    stops = [_stop_out(place, stop) for place, stop in enumerate(found.stops, 1)]
    return RaidOut(length_km=round(found.length_m / 1000, 3), more=found.is_cut, stops=stops)


def _stop_out(place: int, stop: Stop) -> StopOut:
    wall, order = stop.wall, stop.order
    return StopOut(
        place=place,
        inscription=wall.id,
        order=order.number if order else None,
        order_id=order.id if order else None,
        order_state=order.state if order else None,
        state=wall.state,
        held=stop.is_held,
        lat=wall.lat,
        lon=wall.lon,
        place_text=(order.place_text or None) if order else None,
        photo=stop.photo_sha256,
        leg_m=round(stop.leg_m, 1),
    )
