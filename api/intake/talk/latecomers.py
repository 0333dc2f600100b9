"""What was sent before something that arrived earlier."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from api.intake.channels.base import Arrival
from api.intake.talk import conversations
from api.intake.talk.turn import Turn
from models import Arrived, Conversation, ConversationState

OVERTAKEN = timedelta(hours=1)


def sent_before(turn: Turn, arrival: Arrival) -> Conversation | None:
    """The report that was sent off before this arrived, although this had been sent before that: it was overtaken."""
    if not turn.confirms or conversations.open_of(turn.unit.session, turn.sender) is not None:
        return None
    album = conversations.of_album(turn, arrival)
    last = album or conversations.last_of(turn.unit.session, turn.sender)
    if last is None or last.state != ConversationState.SENT:
        return None
    is_overtaken = last.opened_at - OVERTAKEN <= arrival.sent_at < last.changed_at
    return last if album is not None or (is_overtaken and turn.now - last.changed_at <= OVERTAKEN) else None


def is_older_place(turn: Turn, row: Conversation, arrival: Arrival) -> bool:
    """Whether a place that was sent later is there already."""
    asked = select(Arrived.sent_at).where(Arrived.conversation_id == row.id, Arrived.outcome == "place")
    newest = turn.unit.session.scalar(asked.order_by(Arrived.sent_at.desc()).limit(1))
    return row.lat is not None and newest is not None and newest > arrival.sent_at
