"""What is forgotten with time: what was written, chats, and the consent of those who have not written for long."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import or_, select, update

from api.intake.talk.conversations import OPEN
from api.services import Services
from api.unit import Actor, Unit
from models import ArrivalState, Arrived, Conversation, ConversationPhoto, ConversationState, Outgoing, Sender

EVERY_S = 3600.0
PAGE = 500
SETTLED = ("sent", "dead")
OVER = tuple(state for state in ConversationState if state not in OPEN)


class Retention:
    """Looks once an hour. Pages are transactions of their own, so that nobody waits long."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._services = services
        self._actor = actor
        self._again_at_s = 0.0
        self._emptied_to = 0  # messages are looked through by number, once

    def go(self) -> None:
        """Empty what has been kept long enough, unless that was done within the hour."""
        if time.monotonic() < self._again_at_s:
            return
        self._again_at_s = time.monotonic() + EVERY_S
        self.empty()

    def empty(self) -> int:
        """Empty what has been kept long enough; how many rows that was."""
        emptied = 0
        for find, clear in (
            (_arrivals, _clear_arrivals),
            (_conversations, _clear_conversations),
            (_senders, _clear_senders),
        ):
            while found := self._page(find):
                with self._services.unit(self._actor) as unit:
                    clear(unit, found)
                emptied += len(found)
        while (seqs := self._old_messages()) is not None:
            with self._services.unit(self._actor) as unit:
                _clear_outgoing(unit, seqs)
            emptied += len(seqs)
        return emptied

    def _old_messages(self) -> list[int] | None:
        """Of the next messages those that were settled; None when the next one is not old enough."""
        with self._services.reading_unit(self._actor) as unit:
            before = unit.clock.now() - timedelta(days=self._services.settings.talk.retention_days)
            asked = select(Outgoing.seq, Outgoing.made_at, Outgoing.state, Outgoing.is_emptied)
            page = unit.session.execute(asked.where(Outgoing.seq > self._emptied_to).order_by(Outgoing.seq).limit(PAGE))
            old = list(takewhile(lambda row: row.made_at < before, page))
        if not old:
            return None
        self._emptied_to = old[-1].seq
        return [row.seq for row in old if row.state in SETTLED and not row.is_emptied]

    def _page(self, find: Any) -> list[Any]:
        with self._services.reading_unit(self._actor) as unit:
            before = unit.clock.now() - timedelta(days=self._services.settings.talk.retention_days)
            return list(unit.session.scalars(find(before).limit(PAGE)))


def _arrivals(before: datetime) -> Any:
    old = Arrived.arrived_at < before, Arrived.state != ArrivalState.WAITING, Arrived.sealed_who.is_not(None)
    return select(Arrived.seq).where(*old).order_by(Arrived.arrived_at, Arrived.seq)


def _clear_arrivals(unit: Unit, found: list[Any]) -> None:
    unit.session.execute(update(Arrived).where(Arrived.seq.in_(found)).values(content={}, sealed_who=None))


def _clear_outgoing(unit: Unit, found: list[Any]) -> None:
    emptied: dict[str, Any] = {"content": {}, "sealed_chat": None, "is_emptied": True}
    unit.session.execute(update(Outgoing).where(Outgoing.seq.in_(found)).values(**emptied))


def _conversations(before: datetime) -> Any:
    has_words = or_(Conversation.note.is_not(None), Conversation.place_text.is_not(None))
    old = Conversation.state.in_(OVER), Conversation.changed_at < before, has_words
    return select(Conversation.id).where(*old).order_by(Conversation.changed_at, Conversation.id)


def _clear_conversations(unit: Unit, found: list[Any]) -> None:
    unit.session.execute(update(Conversation).where(Conversation.id.in_(found)).values(note=None, place_text=None))
    named = update(ConversationPhoto).where(ConversationPhoto.conversation_id.in_(found))
    unit.session.execute(named.values(file_name=None))


def _senders(before: datetime) -> Any:
    known = or_(Sender.sealed_chat.is_not(None), Sender.agreed_at.is_not(None), Sender.language.is_not(None))
    return select(Sender.id).where(Sender.last_at < before, known).order_by(Sender.last_at, Sender.id)


def _clear_senders(unit: Unit, found: list[Any]) -> None:
    emptied = {"sealed_chat": None, "agreed_at": None, "language": None}
    unit.session.execute(update(Sender).where(Sender.id.in_(found)).values(**emptied))
