"""An address's life-cycle over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, WritingUnit, needs
from api.instants import asked
from api.intake.cursors import decode_cursor, encode_cursor
from api.lifecycle import bulk, desk
from api.lifecycle.schemas import (
    BulkIn,
    BulkOut,
    BulkRowOut,
    EditIn,
    NoteIn,
    NoteOut,
    NotePageOut,
    StepIn,
    StepPageOut,
    note_out,
    step_out,
)
from api.lifecycle.service import Sending, step
from api.watchlist.listed import ListedOut, listed

bulk_router = APIRouter(prefix="/v1/watchlist", tags=["watchlist"])
router = APIRouter(prefix="/v1/watchlist/{address_id}", tags=["watchlist"])
READ = [needs(Scope.WATCHLIST_READ)]
WRITE = [needs(Scope.WATCHLIST_WRITE)]


@bulk_router.post("/bulk", dependencies=WRITE, summary="Tags and assignee of several addresses")
def edit_several(body: BulkIn, unit: WritingUnit) -> BulkOut:
    """All of them or none: 409 names those that have changed since the versions that were given.

    Tags are added and taken away beside those that others gave; an assignee takes the place of another, and so needs
    versions.
    """
    done = bulk.edit(
        unit,
        {each.id: each.version for each in body.addresses},
        add=body.add_tags,
        remove=body.remove_tags,
        assignee=body.assignee,
        is_assigning="assignee" in body.model_fields_set,
    )
    rows = [BulkRowOut(id=row.id, version=row.version, changed=is_changed) for row, is_changed in done]
    return BulkOut(addresses=rows, changed=sum(row.changed for row in rows))


@router.post("/steps", dependencies=WRITE, summary="The next step of an address")
def make_step(address_id: str, body: StepIn, unit: WritingUnit, services: Process) -> ListedOut:
    """One step of the life-cycle. 409 when it may not follow, or when the address has changed meanwhile."""
    sending = Sending(body.recipient, asked("sent_at", body.sent_at), body.reference)
    row = step(unit, address_id, version=body.version, to=body.to, reason=body.reason, sending=sending)
    return listed(unit, [row], services.settings.watchlist.half_lives)[0]


@router.get("/steps", dependencies=READ, summary="What was done about an address")
def get_steps(
    address_id: str,
    unit: ReadingUnit,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> StepPageOut:
    """Every change of its status, the oldest first: who, when, why, and to whom it was sent."""
    found = desk.steps(unit, address_id, after=after, limit=limit)
    shown = [step_out(row) for row in found[:limit]]
    return StepPageOut(steps=shown, next=shown[-1].number if len(found) > limit else None)


@router.patch("", dependencies=WRITE, summary="Assignee, TLP and tags of an address")
def edit(address_id: str, body: EditIn, unit: WritingUnit, services: Process) -> ListedOut:
    """Change what is given and leave the rest. 409 when the address has changed meanwhile."""
    row = desk.edit(
        unit,
        address_id,
        version=body.version,
        tlp=body.tlp,
        tags=body.tags,
        assignee=body.assignee,
        is_assigning="assignee" in body.model_fields_set,
    )
    return listed(unit, [row], services.settings.watchlist.half_lives)[0]


@router.post("/notes", status_code=201, dependencies=WRITE, summary="Write a note")
def write_note(address_id: str, body: NoteIn, unit: WritingUnit) -> NoteOut:
    """Kept as it is written, with who and when; nobody can change it afterwards."""
    note = desk.write_note(unit, address_id, body.text)
    return NoteOut(id=note.id, at=note.written_at, by=unit.actor.name, text=note.text)


@router.get("/notes", dependencies=READ, summary="The notes on an address")
def get_notes(
    address_id: str,
    unit: ReadingUnit,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> NotePageOut:
    """Notes, the newest first."""
    found = desk.notes(unit, address_id, before=decode_cursor(cursor) if cursor else None, limit=limit)
    shown = found[:limit]
    following = encode_cursor(shown[-1].written_at, shown[-1].id) if len(found) > limit else None
    return NotePageOut(notes=[note_out(note) for note in shown], next=following)
