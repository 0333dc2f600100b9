"""An inscription over time: its photos with what was read on each, gaps, what happened, and the states that follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from api.inscriptions import repository
from api.inscriptions.history import OPEN, PAINTED, REAPPEARED
from api.inscriptions.repository import Before
from api.inscriptions.schemas import EntryOut, ReadOut, StateOut, TimelineOut, event_out, photo_out
from api.intake.cursors import encode_cursor
from api.readings.repository import addresses_of, identity, newest_findings
from api.unit import Unit
from models import UNREAD, Finding, Inscription, InscriptionEvent, InscriptionPhoto, Review
from vision.addresses import defang

DAY = timedelta(days=1)


def timeline(unit: Unit, row: Inscription, *, after: Before | None, limit: int) -> TimelineOut:
    """A page of photos, the oldest first, with the events between them; the last page has all events that follow."""
    found = repository.photos(unit, row.id, beyond=after, limit=limit, is_oldest_first=True)
    shown = found[:limit]
    is_last = len(found) <= limit
    events = repository.events(unit, row.id)
    entries = _photos(unit, shown, before=after[0] if after else None)
    ends_at = None if is_last else shown[-1].seen_at
    entries += [
        EntryOut(at=event.happened_at, event=event_out(event))
        for event in events
        if (after is None or event.happened_at > after[0]) and (ends_at is None or event.happened_at <= ends_at)
    ]
    entries.sort(key=lambda entry: entry.at)  # what happened at the moment of a photo comes behind it
    return TimelineOut(
        states=states(row.first_seen_at, events),
        entries=entries,
        next=None if is_last else encode_cursor(shown[-1].seen_at, shown[-1].photo_sha256),
    )


def states(first_seen_at: datetime | None, events: Sequence[InscriptionEvent]) -> list[StateOut]:
    """Every state and how long it held, from the first photo on; without what was taken back."""
    turns = [(first_seen_at, OPEN)] if first_seen_at else []
    turns += [
        (event.happened_at, event.kind)
        for event in events
        if event.kind in (PAINTED, REAPPEARED) and event.undone_at is None
    ]
    ends = [at for at, _ in turns[1:]]
    return [
        StateOut(state=state, since=at, until=until) for (at, state), until in zip(turns, [*ends, None], strict=True)
    ]


def _photos(unit: Unit, shown: Sequence[InscriptionPhoto], *, before: datetime | None) -> list[EntryOut]:
    rows = newest_findings(unit.session, [photo.photo_sha256 for photo in shown])
    known = addresses_of(unit.session, [row for several in rows.values() for row in several])
    entries = []
    for photo in shown:
        gap = (photo.seen_at - before) / DAY if before else None
        read = [
            _read(row, address.id if (address := known.get(identity(row))) else None)
            for row in rows.get(photo.photo_sha256, [])
            if row.kind != UNREAD or row.decided_kind
        ]
        entries.append(
            EntryOut(
                at=photo.seen_at, photo=photo_out(photo), read=read, gap_days=None if gap is None else round(gap, 2)
            )
        )
        before = photo.seen_at
    return entries


def _read(row: Finding, address_id: str | None) -> ReadOut:
    kind, value = identity(row)
    if row.review == Review.REJECTED:
        standing = "rejected"
    elif row.review != Review.UNREVIEWED:
        standing = "confirmed"
    else:
        standing = "listed" if row.is_listed else "waiting"
    return ReadOut.model_validate(
        {
            "finding_id": row.id,
            "kind": kind,
            "value": value,
            "defanged": defang(kind, value),
            "confidence": row.confidence,
            "standing": standing,
            "fused": row.is_listed and not row.accepted,
            "address_id": address_id,
        }
    )
