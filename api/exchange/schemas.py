"""What the exchange routes give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class ToldOut(BaseModel):
    """One address or one refused entry of a file; `where` is its row or object, `reason` why it is not simply added."""

    fate: str
    where: str
    kind: str | None
    value: str
    reason: str


class ImportOut(BaseModel):
    """What an import did, or would do. `told` names the first thousand of each fate but `known`."""

    id: str | None
    dry_run: bool
    format: str
    file_sha256: str
    entries: int
    added: int
    merged: int
    known: int
    refused: int
    resumed: bool = Field(description="an import of this file had been cut off: this one finished it")
    told: list[ToldOut]


class PlaceOut(BaseModel):
    """A sighting that a file claims: no photo of ours shows it."""

    external_id: str
    seen_at: datetime | None
    lat: float | None
    lon: float | None


class MentionOut(BaseModel):
    """What one file said of an address; `places` are the first hundred of its sightings."""

    import_id: str
    made_at: datetime
    format: str
    file_name: str | None
    file_sha256: str
    is_new: bool
    given: str
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    facts: dict[str, Any]
    places: list[PlaceOut]


class MentionsOut(BaseModel):
    """The files that told something of an address, the newest first."""

    mentions: list[MentionOut]
