"""Messages of a subscription, for whoever looks after them: what became of them, and sending again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, tuple_

from api.audit.service import record
from api.errors import NotFound, Problem
from api.telling.subscriptions import own
from api.unit import Unit
from models import Channel, Message, MessageState, Subscription


class NothingToSend(Problem):
    """A test of something that is not sent."""

    status = 409

    def __init__(self) -> None:
        super().__init__("Only mail and webhooks are sent: an inbox and a feed are read.")


class SubscriptionIsOff(Problem):
    """A message of a subscription that is switched off."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This subscription is switched off: switch it on first.")


class MessageNotDead(Problem):
    """A message that need not be sent again."""

    status = 409

    def __init__(self, state: str) -> None:
        super().__init__(f"This message is {state}: only one that was given up (dead) can be sent again.")
        self.state = state


def messages(
    unit: Unit, row_id: str, *, state: MessageState | None, before: tuple[datetime, str] | None, limit: int
) -> Sequence[Message]:
    """Messages of the actor's subscription, the newest first; one more than `limit` when there are more. NotFound."""
    query = select(Message).where(Message.subscription_id == own(unit, row_id).id)
    if state is not None:
        query = query.where(Message.state == state)
    key = Message.made_at, Message.id
    if before is not None:
        query = query.where(tuple_(*key) < tuple_(*before))
    return unit.session.scalars(query.order_by(*(column.desc() for column in key)).limit(limit + 1)).all()


def dead_counts(unit: Unit, ids: Sequence[str]) -> dict[str, int]:
    """How many messages of each of these subscriptions were given up; one without any is not in it."""
    query = select(Message.subscription_id, func.count()).where(
        Message.subscription_id.in_(ids), Message.state == MessageState.DEAD
    )
    return {row[0]: row[1] for row in unit.session.execute(query.group_by(Message.subscription_id))}


def send_test(unit: Unit, row_id: str) -> Message:
    """A message that says nothing but that it is one. NotFound, NothingToSend, SubscriptionIsOff."""
    row = _sending(own(unit, row_id))
    now = unit.clock.now()
    message = Message(
        id=secrets.token_hex(16), subscription_id=row.id, made_at=now, due_at=now, is_test=True, notice_count=0
    )
    unit.session.add(message)
    unit.session.flush()
    record(unit, "subscription.test", row.id, message=message.id)
    return message


def send_again(unit: Unit, row_id: str, message_id: str) -> Message:
    """A message that was given up, with all its tries anew and its old id.

    Raises:
        NotFound, NothingToSend, SubscriptionIsOff, MessageNotDead: nothing was changed.
    """
    row = _sending(own(unit, row_id))
    message = unit.session.get(Message, message_id, with_for_update=True)
    if message is None or message.subscription_id != row.id:
        raise NotFound("message")
    if message.state != MessageState.DEAD:
        raise MessageNotDead(message.state)
    message.state, message.due_at = MessageState.WAITING, unit.clock.now()
    message.want, message.tries, message.unknowns = message.want + 1, 0, 0
    unit.session.flush()
    record(unit, "subscription.send_again", row.id, message=message.id)
    return message


def _sending(row: Subscription) -> Subscription:
    if row.channel not in (Channel.MAIL, Channel.WEBHOOK):
        raise NothingToSend
    if row.off_reason:
        raise SubscriptionIsOff
    return row
