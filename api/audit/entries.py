"""Finding entries of the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, UnaryExpression, select

from api.unit import Unit
from models import AuditEntry

SKEW = timedelta(minutes=5)
"""How far the clocks of two processes that write may be apart: times rise along the chain but for that."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is sought; None: whatever it is. Words match exactly; `since` is in, `until` is not."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def newest_entries(
    unit: Unit, sought: Sought, *, cursor: int | None = None, limit: int
) -> tuple[list[AuditEntry], int | None]:
    """The newest entries that match, and the number from which the next page goes on; None at the end.

    A time is first turned into a place in the chain, so that each search is a walk along one index.
    """
    wanted = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit + 1)
    for column, value in (
        (AuditEntry.actor, sought.actor),
        (AuditEntry.action, sought.action),
        (AuditEntry.subject, sought.subject),
    ):
        if value is not None:
            wanted = wanted.where(column == value)
    if cursor is not None:
        wanted = wanted.where(AuditEntry.seq <= cursor)
    if sought.since is not None:
        first = _place(unit, AuditEntry.at >= _moved(sought.since, -SKEW), AuditEntry.at.asc())
        if first is None:
            return [], None
        wanted = wanted.where(AuditEntry.seq >= first, AuditEntry.at >= sought.since)
    if sought.until is not None:
        last = _place(unit, AuditEntry.at < _moved(sought.until, SKEW), AuditEntry.at.desc())
        if last is None:
            return [], None
        wanted = wanted.where(AuditEntry.seq <= last, AuditEntry.at < sought.until)
    found = list(unit.session.scalars(wanted))
    return found[:limit], found[limit].seq if len(found) > limit else None


def _place(unit: Unit, within: ColumnElement[bool], order: UnaryExpression[datetime]) -> int | None:
    return unit.session.scalar(select(AuditEntry.seq).where(within).order_by(order).limit(1))


def _moved(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment
