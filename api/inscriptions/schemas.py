"""What the routes of inscriptions take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models import Address, Inscription, InscriptionEvent, InscriptionPhoto
from vision.addresses import defang

Reason = Annotated[str, Field(min_length=1, max_length=1000)]
Version = Annotated[int, Field(ge=1)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MergeIn(_Body):
    """Which other inscription is this one, and the versions of both that were seen."""

    version: Version
    other: Annotated[str, Field(min_length=1, max_length=32)]
    other_version: Version
    reason: Reason


class SplitIn(_Body):
    """The photos that show something else, by their SHA-256."""

    version: Version
    photos: Annotated[list[Digest], Field(min_length=1, max_length=1000)]
    reason: Reason


class PaintedIn(_Body):
    """When it was painted over, with its zone."""

    version: Version
    painted_at: datetime
    reason: Reason


class UnpaintedIn(_Body):
    """Why the last mark was wrong."""

    version: Version
    reason: Reason


class InscriptionOut(BaseModel):
    """An inscription; `version` goes into every change.

    `state`: `open` while the writing is there, `painted` since `painted_at`, `reappeared` when a later photo shows
    writing again. `merged_into` says where the photos of a merged one went.
    """

    id: str
    lat: float
    lon: float
    state: str
    painted_at: datetime | None
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    photos: int
    version: int
    merged_into: str | None


class InscriptionPageOut(BaseModel):
    """One page, the last seen first; `next` goes into `cursor`."""

    inscriptions: list[InscriptionOut]
    next: str | None


class SeenAddressOut(BaseModel):
    """An address on the inscription, with its sightings there that count."""

    address_id: str
    kind: str
    value: str
    defanged: str
    status: str
    sightings: int
    first_seen_at: datetime
    last_seen_at: datetime


class InscriptionDetailOut(InscriptionOut):
    """An inscription with the addresses on it, the last seen first (50 at most)."""

    addresses: list[SeenAddressOut]


class PhotoOut(BaseModel):
    """A photo of the inscription and why it belongs there.

    `how`: `first`, `picture` (it looks like `alike`), `place` (the same address near by, on `alike`), `person`, or
    `earlier` for photos from before that was kept.
    """

    photo: str
    seen_at: datetime
    lat: float
    lon: float
    how: str | None
    alike: str | None
    by_person: bool
    links: dict[str, str]


class PhotoPageOut(BaseModel):
    """One page, the newest first; `next` goes into `cursor`."""

    photos: list[PhotoOut]
    next: str | None


class ReadOut(BaseModel):
    """What the newest reading of a photo says, or what a person made of it.

    `standing`: `listed`, `waiting`, `confirmed` or `rejected`; `fused`: listed by several photos together.
    """

    finding_id: str
    kind: str
    value: str
    defanged: str
    confidence: float
    standing: Literal["listed", "waiting", "confirmed", "rejected"]
    fused: bool
    address_id: str | None


class EventOut(BaseModel):
    """What happened: `painted`, `unpainted`, `reappeared`, `reappearance_withdrawn`, `merged`, `split`, `split_from`.

    `by` is empty for what the program did by itself; `undone_at` when it was taken back.
    """

    inscription_id: str
    number: int
    kind: str
    at: datetime
    written_at: datetime
    by: str | None
    reason: str | None
    photo: str | None
    facts: dict[str, Any]
    undone_at: datetime | None


class EntryOut(BaseModel):
    """One point of the time line: a photo with what was read on it, or an event.

    `gap_days`: how long nobody had photographed it before.
    """

    at: datetime
    photo: PhotoOut | None = None
    read: list[ReadOut] | None = None
    gap_days: float | None = None
    event: EventOut | None = None


class StateOut(BaseModel):
    """A state and how long it held; `until` is empty for the one that holds."""

    state: str
    since: datetime
    until: datetime | None


class TimelineOut(BaseModel):
    """One page of the time line, the oldest first, and every state so far; `next` goes into `cursor`."""

    states: list[StateOut]
    entries: list[EntryOut]
    next: str | None


def inscription_out(row: Inscription) -> InscriptionOut:
    """An inscription as it is shown."""
    return InscriptionOut(
        id=row.id,
        lat=row.lat,
        lon=row.lon,
        state=row.state,
        painted_at=row.painted_at,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        photos=row.photo_count,
        version=row.version,
        merged_into=row.merged_into_id,
    )


def seen_out(address: Address, count: int, first: datetime, last: datetime) -> SeenAddressOut:
    """An address on an inscription as it is shown."""
    return SeenAddressOut(
        address_id=address.id,
        kind=address.kind,
        value=address.value,
        defanged=defang(address.kind, address.value),
        status=address.status,
        sightings=count,
        first_seen_at=first,
        last_seen_at=last,
    )


def photo_out(row: InscriptionPhoto) -> PhotoOut:
    """A photo of an inscription as it is shown."""
    photo = f"/v1/photos/{row.photo_sha256}"
    return PhotoOut(
        photo=row.photo_sha256,
        seen_at=row.seen_at,
        lat=row.lat,
        lon=row.lon,
        how=row.how,
        alike=row.alike_sha256,
        by_person=row.is_by_person,
        links={"photo": f"{photo}/copy", "annotated": f"{photo}/annotated", "reading": f"{photo}/reading"},
    )


def event_out(event: InscriptionEvent) -> EventOut:
    """An event as it is shown."""
    return EventOut(
        inscription_id=event.inscription_id,
        number=event.number,
        kind=event.kind,
        at=event.happened_at,
        written_at=event.at,
        by=event.maker.name if event.maker and event.reason else None,
        reason=event.reason,
        photo=event.photo_sha256,
        facts=event.facts,
        undone_at=event.undone_at,
    )
