"""An account's inbox, read and unread, and the addresses that it watches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from api.audit.service import record
from api.errors import Problem
from api.unit import Unit
from api.watchlist.repository import address as address_of
from models import Account, Address, InboxEntry, Watch

MOST_COUNTED = 10_000


class TooManyWatches(Problem):
    """An account watches all that it may."""

    status = 409

    def __init__(self, limit: int) -> None:
        super().__init__(f"An account watches at most {limit} addresses: let one go first.")
        self.limit = limit


def entries(
    unit: Unit, *, is_unread_only: bool, before: tuple[datetime, str] | None, limit: int
) -> Sequence[InboxEntry]:
    """The actor's inbox, the newest first; one more than `limit` when there are more."""
    query = select(InboxEntry).where(InboxEntry.account_id == unit.actor.account_id)
    if is_unread_only:
        query = query.where(InboxEntry.read_at.is_(None))
    key = InboxEntry.at, InboxEntry.id
    if before is not None:
        query = query.where(tuple_(*key) < tuple_(*before))
    return unit.session.scalars(query.order_by(*(column.desc() for column in key)).limit(limit + 1)).all()


def unread(unit: Unit) -> int:
    """How many entries of the actor's inbox are unread, counted up to `MOST_COUNTED`."""
    found = select(InboxEntry.id).where(InboxEntry.account_id == unit.actor.account_id, InboxEntry.read_at.is_(None))
    return unit.session.scalar(select(func.count()).select_from(found.limit(MOST_COUNTED).subquery())) or 0


def mark(unit: Unit, ids: Sequence[str] | None, *, is_read: bool, until: datetime | None) -> int:
    """Mark entries of the actor's inbox read or unread, those named or all up to a moment; how many changed.

    Ids of others' entries, and of none, change nothing. What is marked so already keeps its time.
    """
    changed = update(InboxEntry).where(InboxEntry.account_id == unit.actor.account_id)
    changed = changed.where(InboxEntry.read_at.is_(None) if is_read else InboxEntry.read_at.is_not(None))
    if ids is not None:
        changed = changed.where(InboxEntry.id.in_(ids))
    if until is not None:
        changed = changed.where(InboxEntry.at <= until)
    found = changed.values(read_at=unit.clock.now() if is_read else None).returning(InboxEntry.id)
    count = len(unit.session.execute(found, execution_options={"synchronize_session": False}).all())
    if count:
        record(unit, "inbox.mark", unit.actor.account_id or "", read=is_read, entries=count)
    return count


def watch(unit: Unit, address_id: str, *, limit: int) -> None:
    """Let the actor's account watch an address; again changes nothing. NotFound, TooManyWatches."""
    account_id = unit.actor.account_id or ""
    address_of(unit, address_id)
    unit.session.get(Account, account_id, with_for_update=True)  # so that two at once cannot pass the limit
    if unit.session.get(Watch, (account_id, address_id)) is not None:
        return
    if (unit.session.scalar(select(func.count()).where(Watch.account_id == account_id)) or 0) >= limit:
        raise TooManyWatches(limit)
    try:
        with unit.session.begin_nested():
            unit.session.add(Watch(account_id=account_id, address_id=address_id, at=unit.clock.now()))
    except IntegrityError:
        return
    record(unit, "address.watch", address_id, account=account_id)


def unwatch(unit: Unit, address_id: str) -> None:
    """Let the actor's account watch an address no more; when it does not, nothing changes."""
    row = unit.session.get(Watch, (unit.actor.account_id or "", address_id))
    if row is not None:
        unit.session.delete(row)
        unit.session.flush()
        record(unit, "address.unwatch", address_id, account=unit.actor.account_id)


def is_watched(unit: Unit, address_id: str) -> bool:
    """Whether the actor's account watches an address."""
    return unit.session.get(Watch, (unit.actor.account_id or "", address_id)) is not None


def watched(unit: Unit, *, before: tuple[datetime, str] | None, limit: int) -> Sequence[tuple[Watch, Address]]:
    """What the actor's account watches, the latest first; one more than `limit` when there are more."""
    query = select(Watch, Address).join(Address, Address.id == Watch.address_id)
    query = query.where(Watch.account_id == unit.actor.account_id)
    key = Watch.at, Watch.address_id
    if before is not None:
        query = query.where(tuple_(*key) < tuple_(*before))
    rows = unit.session.execute(query.order_by(*(column.desc() for column in key)).limit(limit + 1)).all()
    return [(row[0], row[1]) for row in rows]
