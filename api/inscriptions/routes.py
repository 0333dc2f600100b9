"""Inscriptions over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.accounts.roles import Scope
from api.deps import ReadingUnit, WritingUnit, needs
from api.inscriptions import repository, service
from api.inscriptions.schemas import (
    InscriptionDetailOut,
    InscriptionOut,
    InscriptionPageOut,
    MergeIn,
    PaintedIn,
    PhotoPageOut,
    SplitIn,
    TimelineOut,
    UnpaintedIn,
    inscription_out,
    photo_out,
    seen_out,
)
from api.inscriptions.timeline import timeline
from api.instants import TimeWithoutZone, asked
from api.intake.cursors import decode_cursor, encode_cursor
from api.watchlist.query import region_of

router = APIRouter(prefix="/v1/inscriptions", tags=["inscriptions"])
READ = [needs(Scope.WATCHLIST_READ)]
WRITE = [needs(Scope.WATCHLIST_WRITE)]

Cursor = Annotated[str | None, Query(max_length=300)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("", dependencies=READ, summary="Inscriptions, by place, time and state")
def get_inscriptions(
    unit: ReadingUnit,
    *,
    in_box: Annotated[str | None, Query(alias="box", max_length=100, examples=["54.8,69.0,54.95,69.3"])] = None,
    in_circle: Annotated[str | None, Query(alias="circle", max_length=100, examples=["54.87,69.15,1500"])] = None,
    since: Annotated[datetime | None, Query(description="last seen at or after; with its zone")] = None,
    until: Annotated[datetime | None, Query(description="first seen at or before; with its zone")] = None,
    state: Literal["open", "painted", "reappeared"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> InscriptionPageOut:
    """One page, the last seen first. Those that were merged into others are left out."""
    wanted = repository.Asked(region_of(in_box, in_circle), asked("since", since), asked("until", until), state)
    found = repository.page(unit, wanted, before=decode_cursor(cursor) if cursor else None, limit=limit)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    following = encode_cursor(last.last_seen_at, last.id) if last and last.last_seen_at else None
    return InscriptionPageOut(inscriptions=[inscription_out(row) for row in shown], next=following)


@router.get("/{inscription_id}", dependencies=READ, summary="One inscription with the addresses on it")
def get_inscription(inscription_id: str, unit: ReadingUnit) -> InscriptionDetailOut:
    """Where it is, when it was seen, its state; a merged one says into which."""
    row = repository.inscription(unit, inscription_id)
    return InscriptionDetailOut(
        **inscription_out(row).model_dump(), addresses=[seen_out(*each) for each in repository.addresses(unit, row.id)]
    )


@router.get("/{inscription_id}/timeline", dependencies=READ, summary="An inscription over time")
def get_timeline(inscription_id: str, unit: ReadingUnit, cursor: Cursor = None, limit: Limit = 50) -> TimelineOut:
    """Its photos with what was read on each, the oldest first; what happened between them; every state so far."""
    row = repository.inscription(unit, inscription_id)
    return timeline(unit, row, after=decode_cursor(cursor) if cursor else None, limit=limit)


@router.get("/{inscription_id}/photos", dependencies=READ, summary="The photos of an inscription")
def get_photos(inscription_id: str, unit: ReadingUnit, cursor: Cursor = None, limit: Limit = 50) -> PhotoPageOut:
    """Photos, the newest first, and why each belongs to it."""
    row = repository.inscription(unit, inscription_id)
    found = repository.photos(unit, row.id, beyond=decode_cursor(cursor) if cursor else None, limit=limit)
    shown = found[:limit]
    following = encode_cursor(shown[-1].seen_at, shown[-1].photo_sha256) if len(found) > limit else None
    return PhotoPageOut(photos=[photo_out(photo) for photo in shown], next=following)


@router.post("/{inscription_id}/merge", dependencies=WRITE, summary="Two inscriptions are one")
def merge(inscription_id: str, body: MergeIn, unit: WritingUnit) -> InscriptionOut:
    """The other's photos come here. 409 when either has changed meanwhile; undone by splitting them off."""
    row = service.merge(
        unit,
        inscription_id,
        version=body.version,
        other_id=body.other,
        other_version=body.other_version,
        reason=body.reason,
    )
    return inscription_out(row)


@router.post("/{inscription_id}/split", dependencies=WRITE, summary="These photos show something else")
def split(inscription_id: str, body: SplitIn, unit: WritingUnit) -> InscriptionOut:
    """Answers the inscription that they are of now. 409 when it has changed meanwhile; undone by merging."""
    made = service.split(unit, inscription_id, version=body.version, photos=body.photos, reason=body.reason)
    return inscription_out(made)


@router.post("/{inscription_id}/painted", dependencies=WRITE, summary="It was painted over")
def painted(inscription_id: str, body: PaintedIn, unit: WritingUnit) -> InscriptionOut:
    """Later photos that show writing again are a re-appearance, which is told at once. 409 when it has changed."""
    at = asked("painted_at", body.painted_at)
    if at is None:  # the field is required: there is always one
        raise TimeWithoutZone("painted_at")
    return inscription_out(service.paint(unit, inscription_id, version=body.version, painted_at=at, reason=body.reason))


@router.post("/{inscription_id}/painted/undo", dependencies=WRITE, summary="It was not painted over")
def unpainted(inscription_id: str, body: UnpaintedIn, unit: WritingUnit) -> InscriptionOut:
    """Take the last mark back. 409 when there is none, or when the inscription has changed meanwhile."""
    return inscription_out(service.unpaint(unit, inscription_id, version=body.version, reason=body.reason))
