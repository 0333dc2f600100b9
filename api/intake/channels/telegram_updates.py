"""From an Update of the Bot API to what arrived.

Taken: `message` and `callback_query`. Left out: edited messages (what was sent counts; somebody who was wrong says so
in a new message), posts in channels, members who come and go, reactions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from telegram import Message, Update

from api.intake.channels.base import Arrival, Media, MediaKind, Spot
from api.intake.channels.sealing import Unsealable, masked, unmasked
from api.settings import Settings

NAME = "telegram"
TAKEN = ("message", "callback_query")
SERVICE = frozenset({
    "new_chat_members", "new_chat_member", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
    "group_chat_created", "supergroup_chat_created", "channel_chat_created", "message_auto_delete_timer_changed",
    "migrate_from_chat_id", "pinned_message", "users_shared", "chat_shared", "connected_website",
    "write_access_allowed",
    "proximity_alert_triggered", "boost_added", "chat_background_set", "forum_topic_created", "forum_topic_edited",
    "forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
    "giveaway_created", "giveaway", "giveaway_winners", "giveaway_completed", "video_chat_scheduled",
    "video_chat_started", "video_chat_ended", "video_chat_participants_invited", "web_app_data", "chat_owner_left",
    "chat_owner_changed", "passport_data", "successful_payment", "refunded_payment",
})  # fmt: skip
"""Fields of messages that nobody wrote: they say what happened to the chat."""
KINDS: tuple[tuple[str, MediaKind], ...] = (
    ("animation", "video"),  # before `document`, which comes with it
    ("sticker", "sticker"),
    ("video", "video"),
    ("video_note", "video"),
    ("voice", "voice"),
    ("audio", "voice"),
)
log = structlog.get_logger()


def arrival_of(settings: Settings, update: Mapping[str, Any], *, now: datetime) -> Arrival | None:
    """What an update brings; None for what is left out or makes no sense, which is logged.

    A message of a kind that nobody knows yet is something attached of the kind `other`.
    """
    if not any(isinstance(update.get(name), dict) for name in TAKEN):
        return None
    try:
        parsed = Update.de_json(dict(update), None)
        if parsed.callback_query is not None:
            return _press(settings, parsed, now)
        return _message(settings, parsed.message, update["message"]) if parsed.message else None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        return _bare(settings, update, error)


def name_of(settings: Settings, chat: int | str, message_id: int | str) -> str:
    """The one name of a message: Telegram counts messages in each chat, and each bot has chats of its own.

    It is the same by webhook and by polling, and does not begin anew as `update_id` does after a quiet week.
    """
    bot = settings.telegram.token.get_secret_value().partition(":")[0]
    return masked(settings, NAME, f"{bot}:{chat}:{message_id}")


def message_id_in(settings: Settings, chat: str, name: str) -> int | None:
    """The number that Telegram knows a message of this chat by; None for another name."""
    try:
        _, known_chat, message_id = unmasked(settings, NAME, name).split(":")
    except (Unsealable, ValueError):
        return None
    return int(message_id) if known_chat == chat and message_id.isdecimal() else None


def _press(settings: Settings, update: Update, now: datetime) -> Arrival | None:
    press = update.callback_query
    if press is None or press.message is None:  # below a message that was sent through us elsewhere: we send none so
        return None
    chat = press.message.chat
    return Arrival(
        channel=NAME,
        provider_id=masked(settings, NAME, f"press:{press.id}"),
        chat=str(chat.id),
        sender=str(press.from_user.id),
        sent_at=now,  # Telegram does not say when it was pressed
        is_group=chat.type != "private",
        language=press.from_user.language_code,
        button=press.data or "",
        about=name_of(settings, chat.id, press.message.message_id),
        press=press.id,
    )


def _message(settings: Settings, message: Message, raw: Mapping[str, Any]) -> Arrival | None:
    writer = message.sender_chat or message.from_user  # who writes as the group itself is the group
    if writer is None or (SERVICE & raw.keys()):
        return None
    media, spot, text = _media(message), _spot(message), _text(message)
    if not media and spot is None and text is None and message.migrate_to_chat_id is None:
        media = (Media(ref="", kind="other"),)
    about = message.reply_to_message
    return Arrival(
        channel=NAME,
        provider_id=name_of(settings, message.chat.id, message.message_id),
        chat=str(message.chat.id),
        sender=str(writer.id),
        sent_at=message.date,
        is_group=message.chat.type != "private",
        language=message.from_user.language_code if message.from_user else None,
        text=text,
        spot=spot,
        media=media,
        album=(message.media_group_id or "")[:64],
        about=name_of(settings, about.chat.id, about.message_id) if about else None,
        is_forwarded=message.forward_origin is not None,
        moved_to=str(message.migrate_to_chat_id) if message.migrate_to_chat_id else None,
    )


def _media(message: Message) -> tuple[Media, ...]:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return (Media(ref=largest.file_id, kind="photo", media_type="image/jpeg", size_bytes=largest.file_size),)
    for name, kind in KINDS:
        if found := getattr(message, name):
            media_type = getattr(found, "mime_type", None)
            return (Media(ref=found.file_id, kind=kind, media_type=media_type, size_bytes=found.file_size),)
    if document := message.document:
        return (
            Media(
                ref=document.file_id,
                kind="document",
                media_type=document.mime_type,
                size_bytes=document.file_size,
                file_name=document.file_name,
            ),
        )
    if message.contact:
        return (Media(ref="", kind="contact"),)
    return ()


def _spot(message: Message) -> Spot | None:
    place = message.location or (message.venue.location if message.venue else None)
    if place is None:
        return None
    return Spot(lat=place.latitude, lon=place.longitude, accuracy_m=place.horizontal_accuracy)


def _text(message: Message) -> str | None:
    """Text or caption, the addresses that its links hide, and what a shared place is called."""
    said = [message.text or message.caption or ""]
    said += [each.url for each in (*message.entities, *message.caption_entities) if each.url]
    if message.venue:
        said += [message.venue.title, message.venue.address]
    return "\n".join(filter(None, said)) or None


def _bare(settings: Settings, update: Mapping[str, Any], error: Exception) -> Arrival | None:
    """What is left of a message that the library does not understand: that somebody sent something."""
    log.warning("update_not_understood", channel=NAME, fields=sorted(update)[:10], error=type(error).__name__)
    try:
        message = update["message"]
        writer = message.get("sender_chat") or message["from"]
        return Arrival(
            channel=NAME,
            provider_id=name_of(settings, int(message["chat"]["id"]), int(message["message_id"])),
            chat=str(int(message["chat"]["id"])),
            sender=str(int(writer["id"])),
            sent_at=datetime.fromtimestamp(int(message["date"]), UTC),
            is_group=message["chat"].get("type") != "private",
            text=message.get("text") if isinstance(message.get("text"), str) else None,
            media=(Media(ref="", kind="other"),),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        return None
