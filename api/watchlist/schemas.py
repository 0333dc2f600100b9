"""What the watchlist routes take and give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

import models
from api.inscriptions.fused import FusedOut, fused_out
from api.near.known import Raised, as_read
from api.readings.schemas import AlternativeOut, UncertainOut, alternatives_out
from api.suggested.schemas import SuggestionOut
from api.warninglists.schemas import ContextOut, WarningOut
from api.watchlist.queue import Standing, doubts_in, is_lowered_in, standing_in
from models import Address, Finding, Sighting
from vision.addresses import defang
from vision.types import Kind

Box = list[list[float]]

SHOWN: dict[Standing, Literal["new", "listed", "settled"]] = {
    Standing.NEW: "new",
    Standing.LISTED: "listed",
    Standing.SETTLED: "settled",
}


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


class SightingOut(BaseModel):
    """Where an address was seen, on which photo, and where on it (box in photo pixels).

    `kind` and `value` are what was read there, or what a person said it is: of a merged address its own.
    `fused`: no photo alone was read surely enough for the list, several together were.
    """

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
    kind: str
    value: str
    fused: bool
    text: str
    box: Box
    links: dict[str, str]


class ReviewOut(BaseModel):
    """A finding that waits for a person, or what became of it.

    `standing`: `new` when its address is not on the watchlist, `listed` when nobody confirmed that yet, `settled`
    when people have. `doubts`: how many characters of the value may be others. `is_lowered`: a list says that it is
    probably no shop, and no person said otherwise. All three are of the time it waited. `fused` is what it is together
    with other photos; standing, doubts and `defanged` are of that, where there is one;
    `defanged` is null for a line that was not read as an address. `suggestions` are what those who sent the photo say
    that it is.
    """

    id: str
    reading_id: str
    standing: Literal["new", "listed", "settled"]
    doubts: int
    is_lowered: bool
    warnings: list[WarningOut] = []
    context: ContextOut | None = None
    kind: str
    value: str
    defanged: str | None
    text: str
    confidence: float
    accepted: bool
    photo: str
    box: Box
    alternatives: list[AlternativeOut]
    uncertain: list[UncertainOut]
    trail: list[dict[str, Any]]
    fused: FusedOut | None
    suggestions: list[SuggestionOut] = []
    review: str
    decided_kind: str | None
    decided_value: str | None
    reason: str | None
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
    """What is really painted there: typed as `kind` and `value`, or the `number` of an alternative.

    `painted` is the line exactly as the wall has it; it helps to train the reader.
    """

    kind: Kind | None = None
    value: Annotated[str | None, Field(min_length=1, max_length=300, examples=["@zhuldyz_kot_7319"])] = None
    alternative: Annotated[int | None, Field(ge=0, le=1000)] = None
    painted: Annotated[str | None, Field(max_length=300)] = None

    @model_validator(mode="after")
    def _says_it_in_one_way(self) -> Correction:
        typed = (self.kind is not None, self.value is not None)
        if any(typed) != all(typed) or all(typed) == (self.alternative is not None):
            raise ValueError("give kind and value, or the number of an alternative")
        return self


class DecisionOut(BaseModel):
    """One decision about a finding; `undone_at` when it was taken back."""

    version: int
    review: str
    kind: str | None
    value: str | None
    painted: str | None
    alternative: int | None
    reason: str | None
    at: datetime
    undone_at: datetime | None


class DecisionsOut(BaseModel):
    """Everything that was decided about a finding, the oldest first."""

    decisions: list[DecisionOut]


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
        kind=finding.decided_kind or finding.kind,
        value=finding.decided_value or finding.value,
        fused=finding.is_listed and not finding.accepted,
        text=finding.text,
        box=finding.box,
        links=links(finding),
    )


def review_out(finding: Finding, alternatives: Sequence[Raised] | None = None) -> ReviewOut:
    """A finding as the queue shows it; without `alternatives` they are those that were read."""
    return ReviewOut(
        id=finding.id,
        reading_id=finding.reading_id,
        standing=SHOWN[standing_in(finding)],
        doubts=doubts_in(finding),
        is_lowered=is_lowered_in(finding),
        kind=finding.kind,
        value=finding.value,
        defanged=_defanged(finding),
        text=finding.text,
        confidence=finding.confidence,
        accepted=finding.accepted,
        photo=finding.photo_sha256,
        box=finding.box,
        alternatives=alternatives_out(as_read(finding) if alternatives is None else alternatives),
        uncertain=[UncertainOut.model_validate(doubt) for doubt in finding.uncertain],
        trail=finding.trail,
        fused=fused_out(finding),
        review=finding.review,
        decided_kind=finding.decided_kind,
        decided_value=finding.decided_value,
        reason=finding.review_reason,
        version=finding.version,
        created_at=finding.created_at,
        links=links(finding),
    )


def _defanged(finding: Finding) -> str | None:
    meant = finding.fused or finding
    return None if meant.kind == models.UNREAD else defang(meant.kind, meant.value)


def decision_out(decision: models.Decision) -> DecisionOut:
    """A decision as it is shown."""
    return DecisionOut(
        version=decision.version,
        review=decision.review,
        kind=decision.kind,
        value=decision.value,
        painted=decision.painted,
        alternative=decision.choice,
        reason=decision.reason,
        at=decision.decided_at,
        undone_at=decision.undone_at,
    )


def links(finding: Finding) -> dict[str, str]:
    """Where the pictures of a finding are: on this server, never the address itself."""
    photo = f"/v1/photos/{finding.photo_sha256}"
    return {
        "photo": f"{photo}/copy",
        "annotated": f"{photo}/annotated",
        "crop": f"/v1/findings/{finding.id}/crop",
        "reading": f"{photo}/reading",
    }
