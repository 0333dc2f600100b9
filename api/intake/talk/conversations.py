"""Conversations as rows: found, begun, changed, ended. Callers hold the sender's row, so there is one at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from api.intake.channels.base import Arrival
from api.intake.channels.sealing import hashed, sealed
from api.intake.channels.settings import TalkSettings
from api.intake.draft import LONGEST_NOTE
from api.intake.talk.places import Named
from api.intake.talk.turn import Picture, Turn
from api.intake.text import clean_file_name, clean_line, clean_note
from api.photos.service import keep_photo
from models import Arrived, Conversation, ConversationPhoto, ConversationState, Outgoing, Sender

OPEN = (ConversationState.PHOTO, ConversationState.PLACE, ConversationState.CONFIRM)
SILENT, CANCELLED, FORGOTTEN = "silent", "cancelled", "forgotten"
"""Why a conversation ended without a report."""


def open_of(session: Session, sender: Sender) -> Conversation | None:
    """The sender's conversation that is under way."""
    return session.scalar(_newest(sender).where(Conversation.state.in_(OPEN)))


def last_of(session: Session, sender: Sender) -> Conversation | None:
    """The sender's newest conversation."""
    return session.scalar(_newest(sender))


def without_place(session: Session, sender: Sender) -> Conversation | None:
    """The sender's newest conversation that ended because no place came; a place that comes now is its."""
    waiting = Conversation.state == ConversationState.ENDED, Conversation.ended_why == SILENT
    found = session.scalar(_newest(sender).where(*waiting, Conversation.lat.is_(None)))
    return found if found is not None and has_photos(session, found) else None


def answered(session: Session, sender: Sender, arrival: Arrival) -> Conversation | None:
    """The sender's conversation that this answers a message of."""
    if not arrival.about:
        return None
    asked = select(Outgoing.conversation_id).where(
        Outgoing.channel == arrival.channel, Outgoing.provider_id == arrival.about
    )
    return owned(session, sender, session.scalar(asked.limit(1)) or "")


def owned(session: Session, sender: Sender, conversation_id: str) -> Conversation | None:
    """The conversation, if it is this sender's."""
    found = session.get(Conversation, conversation_id)
    return found if found is not None and found.sender_id == sender.id else None


def of_album(turn: Turn, arrival: Arrival) -> Conversation | None:
    """The conversation that earlier pictures of the same album went to."""
    if not arrival.album:
        return None
    asked = select(Arrived.conversation_id).where(
        Arrived.chat_hash == hashed(turn.settings, arrival.channel, arrival.chat),
        Arrived.album == arrival.album[:64],
        Arrived.conversation_id.is_not(None),
    )
    return owned(turn.unit.session, turn.sender, turn.unit.session.scalar(asked.limit(1)) or "")


def _newest(sender: Sender) -> Select[Conversation]:
    mine = select(Conversation).where(Conversation.sender_id == sender.id)
    return mine.order_by(Conversation.opened_at.desc(), Conversation.id.desc()).limit(1)


def begin(turn: Turn) -> Conversation:
    """A new conversation, which the turn is about from now on."""
    now = turn.now
    row = Conversation(
        sender_id=turn.sender.id,
        channel=turn.last.channel,
        state=ConversationState.PHOTO,
        language=turn.language,
        opened_at=now,
        changed_at=now,
        version=1,
        reminders=0,
        wants_status=False,
    )
    turn.unit.session.add(row)
    turn.unit.session.flush()
    turn.conversation = row
    return row


def add_pictures(turn: Turn, row: Conversation, seq: int, pictures: Iterable[Picture]) -> tuple[int, int]:
    """Put pictures into a conversation; how many were new, and how many were there already."""
    session, new, known = turn.unit.session, 0, 0
    mine = ConversationPhoto.conversation_id == row.id
    here = set(session.scalars(select(ConversationPhoto.photo_sha256).where(mine)))
    last = session.scalar(select(func.max(ConversationPhoto.position)).where(mine))
    position = 0 if last is None else last + 1
    for picture in pictures:
        sha256 = keep_photo(turn.unit, picture.original).sha256 if picture.original else None
        if sha256 is not None and sha256 in here:
            known += 1
            continue
        here.add(sha256)
        new += sha256 is not None
        session.add(
            ConversationPhoto(
                conversation_id=row.id,
                position=position,
                arrival_seq=seq,
                media=asdict(picture.media),
                photo_sha256=sha256,
                file_name=clean_file_name(picture.media.file_name or ""),
                error_code=picture.code,
            )
        )
        position += 1
    session.flush()
    return new, known


def photos_of(session: Session, row: Conversation) -> list[str]:
    """The SHA-256 of its pictures, in order."""
    asked = select(ConversationPhoto.photo_sha256).where(
        ConversationPhoto.conversation_id == row.id, ConversationPhoto.photo_sha256.is_not(None)
    )
    return [str(sha256) for sha256 in session.scalars(asked.order_by(ConversationPhoto.position))]


def has_photos(session: Session, row: Conversation) -> bool:
    """Whether there is a picture in it."""
    return bool(photos_of(session, row))


def put_place(row: Conversation, named: Named) -> None:
    """Take a place, instead of the one that there was."""
    row.lat, row.lon, row.place_source = named.place.lat, named.place.lon, named.place.source
    row.accuracy_m = named.accuracy_m
    row.place_text = clean_line(named.text)[:LONGEST_NOTE] if named.text else None


def add_note(row: Conversation, text: str) -> None:
    """Keep what was written; what is too long is cut."""
    joined = "\n".join(part for part in (row.note, clean_note(text)) if part)
    row.note = joined[:LONGEST_NOTE] or None


def changed(turn: Turn, row: Conversation) -> None:
    """What it waits for follows from what it has; its buttons so far are old, its reminders begin anew."""
    photos = has_photos(turn.unit.session, row)
    if photos:
        row.state = ConversationState.PLACE if row.lat is None else ConversationState.CONFIRM
    else:
        row.state = ConversationState.PHOTO
    row.ended_why = None
    row.version += 1
    row.changed_at, row.reminders, row.language = turn.now, 0, turn.language
    row.remind_at = next_look(row, turn.settings.talk) if turn.talks else None
    turn.conversation, turn.is_changed = row, True
    if turn.talks:
        turn.sender.sealed_chat = sealed(turn.settings, turn.chat)


def next_look(row: Conversation, talk: TalkSettings) -> datetime:
    """When to remind its sender, or, after the last reminder or with nothing to remind of, when it ends."""
    ends_at = row.changed_at + timedelta(hours=talk.ends_after_h)
    hours = talk.remind_after_h if row.state != ConversationState.PHOTO else ()
    if row.reminders >= len(hours):
        return ends_at
    return min(ends_at, row.changed_at + timedelta(hours=hours[row.reminders]))


def end(row: Conversation, sender: Sender, why: str, now: datetime) -> None:
    """Ended without a report; its pictures stay. Where its sender is, is forgotten unless they agreed."""
    only_text = row.state == ConversationState.PHOTO and bool(row.note)
    row.state = ConversationState.TEXT if why == SILENT and only_text else ConversationState.ENDED
    row.ended_why, row.remind_at = why, None
    row.changed_at = now
    row.version += 1
    if sender.agreed_at is None:
        sender.sealed_chat = None
