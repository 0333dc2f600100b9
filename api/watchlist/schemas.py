"""What the watchlist routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.readings.schemas import UncertainOut
from models import Address, Finding, Sighting
from vision.addresses import defang
from vision.types import Kind

Box = list[list[float]]


class AddressOut(BaseModel):
    """A row of the watchlist; `defanged` is what may be pasted into a message."""

    id: str
    kind: str
    value: str
    defanged: str
    status: str
    first_seen_at: datetime
    last_seen_at: datetime
    sightings: int
    photos: int
    best_confidence: float
    registrable: str | None
    punycode: str | None


class PageOut(BaseModel):
    """One page; `next` goes into `cursor`."""

    addresses: list[AddressOut]
    next: str | None


class SightingOut(BaseModel):
    """Where an address was seen, on which photo, and where on it (box in photo pixels)."""

    id: str
    inscription_id: str
    report_id: str
    finding_id: str
    photo: str
    lat: float
    lon: float
    seen_at: datetime
    confidence: float
    state: str
    text: str
    box: Box
    links: dict[str, str]


class AddressPageOut(AddressOut):
    """An address with a page of its sightings, the newest first."""

    page: list[SightingOut]
    next: str | None


class ReviewOut(BaseModel):
    """A finding that waits for a person, or what became of it."""

    id: str
    kind: str
    value: str
    text: str
    confidence: float
    accepted: bool
    photo: str
    box: Box
    alternatives: list[dict[str, Any]]
    uncertain: list[UncertainOut]
    trail: list[dict[str, Any]]
    review: str
    decided_kind: str | None
    decided_value: str | None
    version: int
    created_at: datetime
    links: dict[str, str]


class ReviewPageOut(BaseModel):
    """One page of the queue; `next` goes into `cursor`."""

    findings: list[ReviewOut]
    next: str | None


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Decision(_Body):
    """What a person decides, about the version that they saw."""

    version: Annotated[int, Field(ge=1)]


class Rejection(Decision):
    """Not an address, and why."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Correction(Decision):
    """What is really painted there."""

    kind: Kind
    value: Annotated[str, Field(min_length=1, max_length=300, examples=["@zhuldyz_kot_7319"])]


def address_out(row: Address) -> AddressOut:
    """A row as it is shown."""
    return AddressOut(
        id=row.id,
        kind=row.kind,
        value=row.value,
        defanged=defang(row.kind, row.value),
        status=row.status,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        sightings=row.sighting_count,
        photos=row.photo_count,
        best_confidence=row.best_confidence,
        registrable=row.registrable,
        punycode=row.punycode,
    )


def sighting_out(sighting: Sighting, finding: Finding) -> SightingOut:
    """A sighting with what was read."""
    return SightingOut(
        id=sighting.id,
        inscription_id=sighting.inscription_id,
        report_id=sighting.report_id,
        finding_id=finding.id,
        photo=sighting.photo_sha256,
        lat=sighting.lat,
        lon=sighting.lon,
        seen_at=sighting.seen_at,
        confidence=sighting.confidence,
        state=sighting.state,
        text=finding.text,
        box=finding.box,
        links=links(finding),
    )


def review_out(finding: Finding) -> ReviewOut:
    """A finding as the queue shows it."""
    return ReviewOut(
        id=finding.id,
        kind=finding.kind,
        value=finding.value,
        text=finding.text,
        confidence=finding.confidence,
        accepted=finding.accepted,
        photo=finding.photo_sha256,
        box=finding.box,
        alternatives=finding.alternatives,
        uncertain=[UncertainOut.model_validate(doubt) for doubt in finding.uncertain],
        trail=finding.trail,
        review=finding.review,
        decided_kind=finding.decided_kind,
        decided_value=finding.decided_value,
        version=finding.version,
        created_at=finding.created_at,
        links=links(finding),
    )


def links(finding: Finding) -> dict[str, str]:
    """Where the pictures of a finding are: on this server, never the address itself."""
    photo = f"/v1/photos/{finding.photo_sha256}"
    return {"photo": f"{photo}/copy", "annotated": f"{photo}/annotated", "crop": f"/v1/findings/{finding.id}/crop"}
