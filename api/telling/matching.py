"""Which notices concern which subscriptions.

Notices are the outbox: rows written with their cause, numbered in the order of commits. A round holds those behind
the subscriptions' cursors against them, writes the matches and moves the cursors in one transaction; a crash before
its end leaves everything to be matched again.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select, text, update

from api.accounts.roles import Scope, scopes_of
from api.telling.kinds import NEAR, NEW
from api.telling.regions import contains, is_seen_in, may_contain, region_of, was_seen_in
from api.unit import Unit
from models import Account, Address, Channel, InboxEntry, Matched, Notice, Sighting, Subscription, Tlp, Watch

BATCH = 25  # notices in a transaction: other writers should not wait long
TELLING_LOCK = 0x54_45_4C_4C  # "TELL": the advisory lock that lets one worker match and bundle at a time on PostgreSQL
WIDTH = {str(each): number for number, each in enumerate(Tlp)}
"""How far a TLP may be passed on: the lower, the further."""


def take_telling_turn(unit: Unit) -> None:
    """Wait for another worker that matches or bundles; on SQLite writers do anyway."""
    if unit.session.get_bind().dialect.name == "postgresql":
        unit.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": TELLING_LOCK})


def newest(unit: Unit) -> int:
    """The number of the last notice; 0 when there is none."""
    return unit.session.scalar(select(func.max(Notice.seq))) or 0


def is_behind(unit: Unit) -> bool:
    """Whether a notice waits to be held against a subscription."""
    cursor = unit.session.scalar(select(func.min(Subscription.cursor_seq)).where(Subscription.off_reason == ""))
    return cursor is not None and cursor < newest(unit)


def match_some(unit: Unit) -> bool:
    """Hold the next notices against the subscriptions, in the unit's transaction; whether more may be left."""
    take_telling_turn(unit)
    session = unit.session
    start = session.scalar(select(func.min(Subscription.cursor_seq)).where(Subscription.off_reason == ""))
    if start is None:
        return False
    found = session.scalars(select(Notice).where(Notice.seq > start).order_by(Notice.seq).limit(BATCH)).all()
    if not found:
        return False
    for notice in found:
        _match(unit, notice)
    end = found[-1].seq
    moved = update(Subscription).where(Subscription.off_reason == "", Subscription.cursor_seq < end)
    session.execute(moved.values(cursor_seq=end), execution_options={"synchronize_session": False})
    return len(found) == BATCH


@dataclass(frozen=True, slots=True)
class _Seen:
    """A notice with what it is about."""

    notice: Notice
    address: Address
    sighting: Sighting | None


def _match(unit: Unit, notice: Notice) -> None:
    session = unit.session
    sighting = session.get(Sighting, notice.sighting_id) if notice.sighting_id else None
    seen = _Seen(notice, session.get_one(Address, notice.address_id), sighting)
    asked = (
        select(Subscription, Account)
        .join(Account, Account.id == Subscription.account_id)
        .where(
            Subscription.about == notice.kind,
            Subscription.off_reason == "",
            Subscription.cursor_seq < notice.seq,
            or_(Subscription.kind.is_(None), Subscription.kind == seen.address.kind),
            or_(Subscription.address_id.is_(None), Subscription.address_id == seen.address.id),
        )
    )
    if sighting is not None:
        asked = asked.where(may_contain(notice.kind, sighting.lat, sighting.lon))
    for row, account in session.execute(asked):
        if may_hear(account) and is_within(seen.address.tlp, row.tlp) and _concerns(unit, row, seen):
            _write(unit, row, seen)


def may_hear(account: Account) -> bool:
    """Whether an account may still be told of the watchlist."""
    return account.disabled_at is None and Scope.SUBSCRIPTIONS_WRITE in scopes_of(account.role)


def is_within(tlp: str, ceiling: str) -> bool:
    """Whether what has this TLP may go where no more than the ceiling may."""
    return WIDTH[tlp] <= WIDTH[ceiling]


def _concerns(unit: Unit, row: Subscription, seen: _Seen) -> bool:
    if row.is_assigned_only and seen.address.assignee_id != row.account_id:
        return False
    if seen.notice.kind == NEAR and not _is_watched(unit, row.account_id, str(seen.notice.facts.get("near_id"))):
        return False
    if seen.notice.kind == NEW:
        return _is_new_to(unit, row, seen)
    region = region_of(row)
    if region is None:
        return True
    if seen.sighting is None:
        return is_seen_in(unit.session, seen.address.id, region)
    return contains(region, seen.sighting.lat, seen.sighting.lon)


def _is_new_to(unit: Unit, row: Subscription, seen: _Seen) -> bool:
    """Whether nobody had told of the address there: new is what no earlier photo shows in the region."""
    region = region_of(row)
    if seen.sighting is None or _was_told(unit, row, seen.address.id):
        return False
    if region is None:
        return bool(seen.notice.facts.get("is_new_everywhere"))
    return contains(region, seen.sighting.lat, seen.sighting.lon) and not was_seen_in(
        unit.session, seen.address.id, region, before=seen.sighting, told_at=seen.notice.at
    )


def _was_told(unit: Unit, row: Subscription, address_id: str) -> bool:
    told = select(Matched.seq).join(Notice, Notice.seq == Matched.seq)
    told = told.where(Matched.subscription_id == row.id, Notice.address_id == address_id, Notice.kind == row.about)
    return unit.session.scalar(told.limit(1)) is not None


def _is_watched(unit: Unit, account_id: str, address_id: str) -> bool:
    return unit.session.get(Watch, (account_id, address_id)) is not None


def _write(unit: Unit, row: Subscription, seen: _Seen) -> None:
    """Keep the match. The key settles that it is kept once; who is told in the house is told by this."""
    notice, now = seen.notice, unit.clock.now()
    is_waiting = row.channel in (Channel.MAIL, Channel.WEBHOOK)
    unit.session.add(Matched(subscription_id=row.id, seq=notice.seq, at=now, is_waiting=is_waiting))
    if row.channel == Channel.INBOX:
        unit.session.add(
            InboxEntry(
                account_id=row.account_id,
                subscription_id=row.id,
                seq=notice.seq,
                kind=notice.kind,
                facts={**notice.facts, "address_id": notice.address_id},
                at=now,
            )
        )
    unit.session.flush()
