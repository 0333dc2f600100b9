"""What the routes of city requests take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from models import CityRequest

Version = Annotated[int, Field(ge=1)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AttachIn(_Body):
    """The wall that a request means."""

    version: Version
    inscription: Annotated[str, Field(min_length=1, max_length=32)]


class CloseIn(_Body):
    """Why there will be no work order: the city is told this."""

    version: Version
    reason: Literal["duplicate", "nothing_there", "not_found", "not_ours"]


class CityRequestOut(BaseModel):
    """A request of a city system; `media_url` is what it wrote, and never a link to follow."""

    id: str
    received_at: datetime
    state: str
    lat: float | None
    lon: float | None
    place_text: str | None
    description: str | None
    media_url: str | None
    report: str | None
    inscription: str | None
    reason: str | None
    version: int


class CityPageOut(BaseModel):
    """One page of those that wait, the oldest first; `next` goes into `cursor`."""

    requests: list[CityRequestOut]
    next: str | None


def city_out(row: CityRequest) -> CityRequestOut:
    """A request for programs."""
    return CityRequestOut(
        id=row.id,
        received_at=row.received_at,
        state=row.state,
        lat=row.lat,
        lon=row.lon,
        place_text=row.place_text,
        description=row.description,
        media_url=row.media_url,
        report=row.report_id,
        inscription=row.inscription_id,
        reason=row.reason,
        version=row.version,
    )
