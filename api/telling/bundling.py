"""Matches become messages: one each, or one for many when it is time for a digest or there are too many at once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select, update

from api.telling.matching import take_telling_turn
from api.telling.settings import TellingSettings
from api.telling.windows import next_digest
from api.unit import Unit
from models import Matched, Message, Pace, Subscription

MOST_SUBSCRIPTIONS = 100  # in a transaction
MOST_IN_ONE = 10_000  # notices in one message, which names a few and says how many there are


def is_due(unit: Unit, settings: TellingSettings) -> bool:
    """Whether matches wait to become messages now, or a digest's time has come."""
    digest = select(Subscription.id).where(Subscription.off_reason == "", Subscription.digest_at <= unit.clock.now())
    at_once = _with_matches(unit, settings)
    return any(unit.session.scalar(asked.limit(1)) is not None for asked in (digest, at_once))


def bundle(unit: Unit, settings: TellingSettings, zone: ZoneInfo) -> int:
    """Make messages of what waits, in the unit's transaction; how many. Digests go by the hours of the zone."""
    take_telling_turn(unit)
    now = unit.clock.now()
    due = select(Subscription).where(Subscription.off_reason == "", Subscription.digest_at <= now)
    made = 0
    for row in unit.session.scalars(due.order_by(Subscription.digest_at).limit(MOST_SUBSCRIPTIONS)).all():
        waiting = _waiting(unit, row)
        made += _make(unit, row, waiting, is_digest=True) if waiting else 0
        row.digest_at = next_digest(row.pace, row.hour, zone, after=now)
    ids = unit.session.scalars(_with_matches(unit, settings).limit(MOST_SUBSCRIPTIONS)).all()
    for row in unit.session.scalars(select(Subscription).where(Subscription.id.in_(ids))).all():
        made += _at_once(unit, row, settings)
    return made


def _with_matches(unit: Unit, settings: TellingSettings) -> Select[str]:
    """Subscriptions at once that have matches waiting, but for those whose flood has had its message just now."""
    since = unit.clock.now() - timedelta(minutes=settings.flood_minutes)
    flooded = select(Message.id).where(
        Message.subscription_id == Subscription.id, Message.made_at > since, Message.is_digest.is_(True)
    )
    matched = select(Matched.subscription_id).where(Matched.is_waiting.is_(True))
    return (
        select(Subscription.id)
        .where(Subscription.id.in_(matched), Subscription.off_reason == "", Subscription.pace == Pace.AT_ONCE)
        .where(~flooded.exists())
    )


def _at_once(unit: Unit, row: Subscription, settings: TellingSettings) -> int:
    """A message for each match, but in a flood one for all of them."""
    waiting = _waiting(unit, row)
    since = unit.clock.now() - timedelta(minutes=settings.flood_minutes)
    recent = select(func.count()).where(
        Message.subscription_id == row.id, Message.made_at > since, Message.is_test.is_(False)
    )
    if (unit.session.scalar(recent) or 0) + len(waiting) <= settings.flood:
        return sum(_make(unit, row, [seq], is_digest=False) for seq in waiting)
    return _make(unit, row, waiting, is_digest=True)


def _waiting(unit: Unit, row: Subscription) -> Sequence[int]:
    found = select(Matched.seq).where(Matched.is_waiting.is_(True), Matched.subscription_id == row.id)
    return unit.session.scalars(found.order_by(Matched.seq).limit(MOST_IN_ONE)).all()


def _make(unit: Unit, row: Subscription, seqs: Sequence[int], *, is_digest: bool) -> int:
    now = unit.clock.now()
    message_id = message_id_of(row.id, seqs[0], seqs[-1])
    unit.session.add(
        Message(
            id=message_id,
            subscription_id=row.id,
            made_at=now,
            due_at=now,
            is_digest=is_digest,
            notice_count=len(seqs),
        )
    )
    unit.session.flush()
    taken = update(Matched).where(
        Matched.subscription_id == row.id, Matched.is_waiting.is_(True), Matched.seq.between(seqs[0], seqs[-1])
    )
    unit.session.execute(taken.values(is_waiting=False, message_id=message_id))
    return 1


def message_id_of(subscription_id: str, first: int, last: int) -> str:
    """The id of the message that tells a subscription of these notices: 32 hex digits, the same every time."""
    return hashlib.sha256(f"{subscription_id}:{first}:{last}".encode()).hexdigest()[:32]
