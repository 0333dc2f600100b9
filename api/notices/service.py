"""Notices: rows that say at once what investigators should hear of. Who is told how is for later; nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from api.audit.service import record
from api.unit import Unit
from models import Address, Notice


def notify(unit: Unit, kind: str, address: Address, *, sighting_id: str | None = None, **facts: Any) -> Notice:
    """Write a notice and the audit entry it takes its number from, in the unit's transaction.

    From here to its end the transaction holds the audit log's lock; whoever gets here holds the watchlist's already.
    """
    said = {"kind": address.kind, "value": address.value, **facts}
    entry = record(unit, kind, address.id, sighting=sighting_id, **said)
    notice = Notice(
        seq=entry.seq, at=entry.at, kind=kind, address_id=address.id, sighting_id=sighting_id, facts=entry.facts
    )
    unit.session.add(notice)
    unit.session.flush()
    return notice


def notices(unit: Unit, *, after: int, kind: str | None, address_id: str | None, limit: int) -> Sequence[Notice]:
    """Notices behind a number, in their order; one more than `limit` when there are more."""
    query = select(Notice).where(Notice.seq > after)
    if kind is not None:
        query = query.where(Notice.kind == kind)
    if address_id is not None:
        query = query.where(Notice.address_id == address_id)
    return unit.session.scalars(query.order_by(Notice.seq).limit(limit + 1)).all()


def latest(unit: Unit, *, before: int | None, limit: int) -> Sequence[Notice]:
    """Notices before a number (None: all), the newest first; one more than `limit` when there are more."""
    query = select(Notice)
    if before is not None:
        query = query.where(Notice.seq < before)
    return unit.session.scalars(query.order_by(Notice.seq.desc()).limit(limit + 1)).all()
