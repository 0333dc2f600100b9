"""Readings as the API shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

import models
from api.readings.convert import stages_from


class Shown(BaseModel):
    """What an answer is made of."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")


class AlternativeOut(Shown):
    """Another value that the same paint may mean."""

    value: str
    confidence: float


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
    alternatives: list[AlternativeOut] = Field(description="other values, the most probable first")
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


def reading_out(row: models.Reading) -> ReadingOut:
    """The reading as the API shows it."""
    return ReadingOut(
        id=row.id,
        photo_sha256=row.photo_sha256,
        read_at=row.read_at,
        seconds=row.seconds,
        quarter_turns=row.quarter_turns,
        engine=CardOut.model_validate(row.card),
        stages=[StageOut(name=name, seconds=seconds) for name, seconds in stages_from(row.stages).items()],
        lines=[LineOut.model_validate(line) for line in row.lines],
        findings=[FindingOut.model_validate(finding) for finding in row.findings],
    )
