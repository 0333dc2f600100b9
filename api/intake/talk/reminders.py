"""What is due with time: reminders, the end of conversations that nobody goes on with, looks for news."""

from __future__ import annotations

from sqlalchemy import select

from api.audit.service import record
from api.intake.channels.base import Button, Message
from api.intake.channels.outbox import post
from api.intake.channels.sealing import Unsealable, opened
from api.intake.talk import conversations, news, prompts, words
from api.intake.talk.turn import LETTERS
from api.settings import Settings
from api.unit import Unit
from models import Conversation, ConversationState, Sender

MOST = 100


def due(unit: Unit) -> list[str]:
    """Ids of conversations to look at now, the longest due first."""
    asked = select(Conversation.id).where(Conversation.remind_at <= unit.clock.now())
    return list(unit.session.scalars(asked.order_by(Conversation.remind_at, Conversation.id).limit(MOST)))


def look(unit: Unit, settings: Settings, conversation_id: str) -> None:
    """Remind, end, or tell news of one conversation, if that is still due."""
    owner = unit.session.scalar(select(Conversation.sender_id).where(Conversation.id == conversation_id))
    if owner is None:
        return
    sender = unit.session.get_one(Sender, owner, with_for_update=True)
    row = unit.session.get_one(Conversation, conversation_id, with_for_update=True, populate_existing=True)
    now = unit.clock.now()
    if row.remind_at is None or row.remind_at > now:
        return
    if row.state == ConversationState.SENT:
        news.look(unit, settings, row, sender)
        return
    if row.state not in conversations.OPEN:
        row.remind_at = None
        return
    hours = settings.talk.remind_after_h if row.state != ConversationState.PHOTO else ()
    if row.reminders < len(hours) and sender.blocked_at is None:
        row.reminders += 1
        _remind(unit, settings, row, sender)
        row.remind_at = conversations.next_look(row, settings.talk)
        if row.remind_at > now:
            return
    if (now - row.changed_at).total_seconds() < settings.talk.ends_after_h * 3600 and sender.blocked_at is None:
        return  # the worker slept: the next reminder is due already, and comes with the next look
    conversations.end(row, sender, conversations.SILENT, now)
    record(unit, "conversation.end", row.id, why=row.ended_why, state=row.state)


def _remind(unit: Unit, settings: Settings, row: Conversation, sender: Sender) -> None:
    try:
        chat = opened(settings, sender.sealed_chat or b"")
    except Unsealable:
        return
    language = words.language_of(sender.language, row.language, settings.talk.languages)
    is_letter, buttons = row.channel in LETTERS, tuple[Button, ...]()
    text = words.said("remind_place", language)
    if row.state == ConversationState.CONFIRM:
        photos = len(conversations.photos_of(unit.session, row))
        text = "\n\n".join([words.said("remind_confirm", language), prompts.summary(row, photos, language)])
        buttons = tuple(
            Button(words.label(each, language), f"t:{each}:{row.id}:{row.version}") for each in ("yes", "place", "menu")
        )
    message = Message(
        text=text,
        buttons=buttons,
        asks_for_place=row.state == ConversationState.PLACE,
        subject=words.said("subject", language) if is_letter else "",
    )
    key = f"talk:{row.id}:remind:{row.version}:{row.reminders}"
    post(unit, settings, message, channel=row.channel, chat=chat, key=key, conversation_id=row.id)
