"""What the routes of an address's life-cycle take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from models import AddressNote, AddressStatus, AddressStep, Tlp

LONGEST_NOTE = 10_000
MOST_AT_ONCE = 200


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StepIn(_Body):
    """Where the address goes next, and why; a step to `sent` also says to whom, when and under which reference."""

    version: Annotated[int, Field(ge=1)]
    to: AddressStatus
    reason: Annotated[str, Field(min_length=1, max_length=1000)]
    recipient: Annotated[str | None, Field(max_length=200)] = None
    sent_at: datetime | None = None
    reference: Annotated[str | None, Field(max_length=100)] = None


class EditIn(_Body):
    """What changes; what is not given stays. `assignee` null: nobody."""

    version: Annotated[int, Field(ge=1)]
    assignee: Annotated[str | None, Field(max_length=64)] = None
    tlp: Tlp | None = None
    tags: Annotated[list[Annotated[str, Field(max_length=200)]] | None, Field(max_length=200)] = None


class PickedIn(_Body):
    """An address of several; with `version` only if it is still the one that was seen."""

    id: Annotated[str, Field(min_length=1, max_length=32)]
    version: Annotated[int | None, Field(ge=1)] = None


class BulkIn(_Body):
    """What changes on all of these addresses; `assignee` null: nobody. Whoever assigns gives the versions."""

    addresses: Annotated[list[PickedIn], Field(min_length=1, max_length=MOST_AT_ONCE)]
    add_tags: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)] = []
    remove_tags: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)] = []
    assignee: Annotated[str | None, Field(max_length=64)] = None


class BulkRowOut(BaseModel):
    """What became of one of them; `changed` is false where it had been so already."""

    id: str
    version: int
    changed: bool


class BulkOut(BaseModel):
    """All of them, in the order that they were given in."""

    addresses: list[BulkRowOut]
    changed: int


class NoteIn(_Body):
    """A note, plain text."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)]


class StepOut(BaseModel):
    """One change of status: who, when, why. `by` is empty for what the program did by itself."""

    number: int
    at: datetime
    by: str | None
    is_automatic: bool
    from_status: str
    to_status: str
    reason: str
    recipient: str | None
    sent_at: datetime | None
    reference: str | None
    sighting_id: str | None


class StepPageOut(BaseModel):
    """One page, the oldest first; `next` goes into `after`."""

    steps: list[StepOut]
    next: int | None


class NoteOut(BaseModel):
    """A note: who, when, what."""

    id: str
    at: datetime
    by: str | None
    text: str


class NotePageOut(BaseModel):
    """One page, the newest first; `next` goes into `cursor`."""

    notes: list[NoteOut]
    next: str | None


def step_out(step: AddressStep) -> StepOut:
    """A step as it is shown."""
    return StepOut(
        number=step.number,
        at=step.at,
        by=step.maker.name if step.maker and not step.is_automatic else None,
        is_automatic=step.is_automatic,
        from_status=step.from_status,
        to_status=step.to_status,
        reason=step.reason,
        recipient=step.recipient,
        sent_at=step.sent_at,
        reference=step.reference,
        sighting_id=step.sighting_id,
    )


def note_out(note: AddressNote) -> NoteOut:
    """A note as it is shown."""
    return NoteOut(id=note.id, at=note.written_at, by=note.writer.name if note.writer else None, text=note.text)
