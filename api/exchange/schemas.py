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


class ImportRunOut(BaseModel):
    """How far an import is. `told` names the first thousand of each fate but `known`, once it has ended."""

    id: str
    import_id: str | None = Field(description="its row; another id where it finishes an import that was cut off")
    state: str = Field(description="waiting, reading, writing, finished, refused, or unfinished: it was cut off")
    file_name: str
    sender: str
    dry_run: bool
    format: str | None
    began_at: datetime
    ended_at: datetime | None
    entries: int | None = Field(description="of the file, as far as it was read")
    of: int | None = Field(description="addresses and refused entries to decide on; null until the file was read")
    done: int = Field(description="how many of those were decided on")
    added: int
    merged: int
    known: int
    refused: int
    resumed: bool = Field(description="an import of this file had been cut off: this one finishes it")
    problem: dict[str, Any] | None = Field(description="why nothing was taken in, as problem JSON")
    told: list[ToldOut]


class ImportRowOut(BaseModel):
    """An earlier import. Where it is `unfinished` the counts are of the part that was written."""

    id: str
    state: str
    file_name: str
    file_sha256: str
    sender: str
    format: str
    began_at: datetime
    ended_at: datetime | None
    added: int
    merged: int
    known: int
    refused: int


class ImportPageOut(BaseModel):
    """Some imports, the newest first; `next` continues them and is null at the end."""

    imports: list[ImportRowOut]
    next: str | None


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
