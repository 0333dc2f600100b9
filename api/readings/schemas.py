"""Readings as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

import models
from api.near.known import Raised
from api.readings.convert import stages_from


class Shown(BaseModel):
    """What an answer is made of."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")


class KnownAlternativeOut(Shown):
    """Why an alternative stands above the others: the watchlist knows the address."""

    address_id: str
    status: str
    photos: int
    reason: str = Field(description="its status, or several_photos: that many photos show it")


class AlternativeOut(Shown):
    """Another value that the same paint may mean.

    Those that the watchlist knows come first. One that the reader did not name itself, but that is one usual confusion
    away from what it read, has neither `confidence` nor `number`.
    """

    value: str
    confidence: float | None
    number: int | None = Field(default=None, description="by which a correction chooses it; not its place in this list")
    known: KnownAlternativeOut | None = None


class RivalOut(Shown):
    """What may stand in a character's place."""

    char: str = Field(description="empty: nothing at all")
    probability: float


class UncertainOut(Shown):
    """A character of a value that may be another one."""

    position: int = Field(description="in the value, in characters, from 0")
    char: str
    rivals: list[RivalOut] = Field(description="the likeliest first")


class RepairOut(Shown):
    """One step from the text as read towards the value."""

    rule: str
    before: str
    after: str


class KnownOut(Shown):
    """What the watchlist knows of an address already."""

    address_id: str
    status: str
    status_at: datetime = Field(description="since when it has that status")
    first_seen_at: datetime
    last_seen_at: datetime
    sightings: int
    elsewhere: bool = Field(description="it was seen in other reports, too")


class FindingOut(Shown):
    """One candidate address: as it was read, and what a person made of it. The value is text, never a link."""

    id: str
    kind: str
    value: str
    text: str = Field(description="as painted, before any repair")
    confidence: float
    accepted: bool
    box: list[tuple[float, float]] = Field(description="corners TL, TR, BR, BL in photo pixels")
    alternatives: list[AlternativeOut] = Field(description="other values: known ones, then the most probable first")
    uncertain: list[UncertainOut] = Field(
        description="characters of the value as read that are in doubt; empty also where nobody could know"
    )
    trail: list[RepairOut]
    facts: dict[str, str]
    source: str
    review: str
    decided_kind: str | None
    decided_value: str | None
    version: int
    known: KnownOut | None = None


class LineOut(Shown):
    """One line of text on the wall."""

    text: str
    confidence: float
    box: list[tuple[float, float]]


class StageOut(Shown):
    """How long one stage of the reading took."""

    name: str
    seconds: float


class CardOut(Shown):
    """Which reader it was."""

    name: str
    version: str
    weights: dict[str, str]


class ReadingOut(Shown):
    """What one version of the reader saw in one photo."""

    id: str
    photo_sha256: str
    read_at: datetime
    seconds: float
    quarter_turns: int
    engine: CardOut
    stages: list[StageOut]
    lines: list[LineOut]
    findings: list[FindingOut]


def alternatives_out(found: Sequence[Raised]) -> list[AlternativeOut]:
    """Alternatives as they are shown."""
    return [AlternativeOut.model_validate(each) for each in found]


def finding_out(finding: models.Finding, alternatives: Sequence[Raised]) -> FindingOut:
    """A finding as it is shown, its alternatives as the watchlist of now orders them."""
    return FindingOut.model_validate(finding).model_copy(update={"alternatives": alternatives_out(alternatives)})


def reading_out(row: models.Reading, alternatives: Mapping[str, Sequence[Raised]]) -> ReadingOut:
    """The reading as the API shows it; `alternatives` by finding (`api.near.known.raised`)."""
    return ReadingOut(
        id=row.id,
        photo_sha256=row.photo_sha256,
        read_at=row.read_at,
        seconds=row.seconds,
        quarter_turns=row.quarter_turns,
        engine=CardOut.model_validate(row.card),
        stages=[StageOut(name=name, seconds=seconds) for name, seconds in stages_from(row.stages).items()],
        lines=[LineOut.model_validate(line) for line in row.lines],
        findings=[finding_out(finding, alternatives[finding.id]) for finding in row.findings],
    )
