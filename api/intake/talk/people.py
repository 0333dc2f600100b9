"""What people do about conversations: give a place by hand, block a sender, try again what failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from api.audit.service import record
from api.errors import NotFound, Problem
from api.intake.channels.base import Message
from api.intake.channels.outbox import post
from api.intake.channels.sealing import Unsealable, opened
from api.intake.coordinates import Place
from api.intake.talk import reports, words
from api.intake.talk.conversations import SILENT, photos_of
from api.intake.talk.delivery import DEAD, WAITING
from api.intake.talk.turn import LETTERS
from api.intake.text import clean_line, clean_note
from api.photos.visible import own_or_all
from api.settings import Settings
from api.unit import Unit
from models import (
    ArrivalState,
    Arrived,
    Conversation,
    ConversationPhoto,
    ConversationState,
    Outgoing,
    Report,
    Sender,
)


class ConversationChanged(Problem):
    """Somebody, or the sender, went on with the conversation meanwhile."""

    status = 409

    def __init__(self, *, version: int) -> None:
        super().__init__("This conversation has gone on since you loaded it: look again before you change it.")
        self.version = version


class ConversationIsOver(Problem):
    """A place for a conversation that became a report, was cancelled, or has no photo."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This conversation cannot become a report: it is one already, was cancelled, or has no photo.")


class SenderChanged(Problem):
    """Somebody changed the sender meanwhile."""

    status = 409

    def __init__(self, *, version: int) -> None:
        super().__init__("This sender has changed since you loaded it: look again before you change it.")
        self.version = version


class ReasonMissing(Problem):
    """A sender is blocked for a reason that can be read."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Write a few words why: the reason is kept beside it.")


class NotGivenUp(Problem):
    """Something that is not given up needs no other try."""

    status = 409

    def __init__(self) -> None:
        super().__init__("Only what was given up can be tried again, and this was not.")


class ContentsEmptied(Problem):
    """What was kept long enough was emptied, and cannot be tried again."""

    status = 409

    def __init__(self) -> None:
        super().__init__("Its contents were emptied after the retention time: it cannot be tried again.")


def conversations(unit: Unit, *, state: str, before: tuple[datetime, str] | None, limit: int) -> Sequence[Conversation]:
    """Conversations in a state, the longest unchanged last; one more than `limit` when there are more.

    `place` and `confirm` are under way; `silent` ended because nobody answered, and may still be given a place.
    """
    asked = select(Conversation).options(selectinload(Conversation.photos), joinedload(Conversation.sender))
    if state == SILENT:
        asked = asked.where(Conversation.state == ConversationState.ENDED, Conversation.ended_why == SILENT)
    else:
        asked = asked.where(Conversation.state == state)
    key = Conversation.changed_at, Conversation.id
    if before is not None:
        asked = asked.where(tuple_(*key) < tuple_(*before))
    return unit.session.scalars(asked.order_by(*(column.desc() for column in key)).limit(limit + 1)).all()


def conversation(unit: Unit, conversation_id: str) -> Conversation:
    """One conversation; NotFound, also when its report is one that the actor may not see."""
    found = unit.session.scalar(select(Conversation).where(Conversation.id == conversation_id, _may_be_seen(unit)))
    if found is None:
        raise NotFound("conversation")
    return found


def _may_be_seen(unit: Unit) -> ColumnElement[bool]:
    visible = select(Report.id).where(Report.id == Conversation.report_id, own_or_all(unit.actor))
    return Conversation.report_id.is_(None) | visible.exists()


def picture(unit: Unit, conversation_id: str, sha256: str) -> str:
    """The SHA-256 of a picture of a conversation whose report, if there is one, the actor may see; NotFound."""
    asked = (
        select(ConversationPhoto.photo_sha256)
        .join(Conversation, Conversation.id == ConversationPhoto.conversation_id)
        .where(Conversation.id == conversation_id, ConversationPhoto.photo_sha256 == sha256, _may_be_seen(unit))
    )
    found = unit.session.scalar(asked.limit(1))
    if found is None:
        raise NotFound("photo")
    return found


def give_place(
    unit: Unit, settings: Settings, conversation_id: str, place: Place, *, text: str | None, version: int
) -> Conversation:
    """The conversation's report, with a place that an officer gives; its sender is thanked.

    Raises:
        NotFound, ConversationChanged, ConversationIsOver: nothing was changed.
    """
    row = conversation(unit, conversation_id)
    sender = unit.session.get_one(Sender, row.sender_id, with_for_update=True, populate_existing=True)
    row = unit.session.get_one(Conversation, row.id, with_for_update=True, populate_existing=True)
    if row.version != version:
        raise ConversationChanged(version=row.version)
    is_waiting = row.state in {ConversationState.PLACE, ConversationState.CONFIRM} or row.ended_why == SILENT
    if not is_waiting or not photos_of(unit.session, row):
        raise ConversationIsOver
    row.lat, row.lon, row.accuracy_m = place.lat, place.lon, None
    row.place_source, row.place_text = place.source, clean_line(text) if text else None
    sealed_chat = sender.sealed_chat
    report = reports.send_off(unit, settings, row, sender)
    _thank(unit, settings, row, sender, sealed_chat)
    record(unit, "conversation.place", row.id, report=report.id, place=[row.lat, row.lon])
    return row


def _thank(unit: Unit, settings: Settings, row: Conversation, sender: Sender, sealed_chat: bytes | None) -> None:
    """Tell the sender, if it is still known where they are."""
    try:
        chat = opened(settings, sealed_chat) if sealed_chat else None
    except Unsealable:
        chat = None
    if chat is None or sender.blocked_at is not None:
        return
    language = words.language_of(sender.language, row.language, settings.talk.languages)
    subject = words.said("subject", language) if row.channel in LETTERS else ""
    message = Message(text=words.said("thanks", language, receipt=row.receipt), subject=subject)
    key = f"talk:{row.id}:by_hand"
    post(unit, settings, message, channel=row.channel, chat=chat, key=key, conversation_id=row.id)


def senders(unit: Unit, *, is_blocked: bool, before: tuple[datetime, str] | None, limit: int) -> Sequence[Sender]:
    """Senders, those who wrote last first, or the blocked ones, the newest blocked first; one more than `limit`."""
    at = Sender.blocked_at if is_blocked else Sender.last_at
    asked = select(Sender)
    if is_blocked:
        asked = asked.where(Sender.blocked_at.is_not(None))
    if before is not None:
        asked = asked.where(tuple_(at, Sender.id) < tuple_(*before))
    return unit.session.scalars(asked.order_by(at.desc(), Sender.id.desc()).limit(limit + 1)).all()


def block(unit: Unit, sender_id: str, *, reason: str, version: int) -> Sender:
    """What this sender sends is kept and left from now on. NotFound, SenderChanged, ReasonMissing."""
    reason = clean_note(reason)
    if not reason:
        raise ReasonMissing
    row = _changing(unit, sender_id, version=version)
    row.blocked_at, row.blocked_by, row.blocked_reason = unit.clock.now(), unit.actor.account_id, reason
    unit.session.flush()
    record(unit, "sender.block", row.id, channel=row.channel, reason=reason)
    return row


def unblock(unit: Unit, sender_id: str, *, reason: str, version: int) -> Sender:
    """What this sender sends is answered again; what came meanwhile stays left. Errors of `block`."""
    reason = clean_note(reason)
    if not reason:
        raise ReasonMissing
    row = _changing(unit, sender_id, version=version)
    row.blocked_at = row.blocked_by = row.blocked_reason = None
    unit.session.flush()
    record(unit, "sender.unblock", row.id, channel=row.channel, reason=reason)
    return row


def _changing(unit: Unit, sender_id: str, *, version: int) -> Sender:
    row = unit.session.get(Sender, sender_id, with_for_update=True)
    if row is None:
        raise NotFound("sender")
    if row.version != version:
        raise SenderChanged(version=row.version)
    row.version += 1
    return row


def given_up(unit: Unit, table: Any, *, state: str, before: int | None, limit: int) -> Sequence[Any]:
    """Arrivals or messages that were given up, the newest first; one more than `limit` when there are more."""
    asked = select(table).where(table.state == state)
    if before is not None:
        asked = asked.where(table.seq < before)
    return unit.session.scalars(asked.order_by(table.seq.desc()).limit(limit + 1)).all()


def send_again(unit: Unit, seq: int) -> Outgoing:
    """A message that was given up waits again, with all its tries. NotFound, NotGivenUp, ContentsEmptied."""
    row = unit.session.get(Outgoing, seq, with_for_update=True)
    if row is None:
        raise NotFound("message")
    if row.state != DEAD:
        raise NotGivenUp
    if row.sealed_chat is None or row.is_emptied:
        raise ContentsEmptied
    row.state, row.want, row.due_at = WAITING, row.want + 1, unit.clock.now()
    row.tries = row.unknowns = 0
    unit.session.flush()
    record(unit, "outgoing.send_again", str(row.seq), reason=row.error_code)
    return row


def take_again(unit: Unit, seq: int) -> Arrived:
    """An arrival that failed waits again, with all its tries. NotFound, NotGivenUp, ContentsEmptied."""
    row = unit.session.get(Arrived, seq, with_for_update=True)
    if row is None:
        raise NotFound("arrival")
    if row.state != ArrivalState.FAILED:
        raise NotGivenUp
    if row.sealed_who is None:
        raise ContentsEmptied
    row.state, row.due_at, row.tries = ArrivalState.WAITING, unit.clock.now(), 0
    unit.session.flush()
    record(unit, "arrival.take_again", str(row.seq), reason=row.outcome)
    return row
