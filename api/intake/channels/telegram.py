"""A Telegram bot as a channel."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, BinaryIO

import structlog
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram import Message as Sent
from telegram.error import ChatMigrated

from api.intake.channels.base import ChannelError, Media, Message
from api.intake.channels.telegram_client import POLL_S, TelegramClient
from api.intake.channels.telegram_updates import NAME, TAKEN, message_id_in, name_of
from api.intake.channels.trouble import too_large
from api.settings import Settings

LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024
BOT_BYTES = 20 * 2**20
"""Telegram gives bots no larger files (core.telegram.org/bots/api#getfile)."""
GET_UPDATES = "get_Updates"
"""The method's name in a spelling that the library passes on: of its own spellings it warns, see `updates`."""
SHARE_PLACE = "📍 Геопозиция · Орын · Location"
"""On the button that shares the place; whoever sends it has said his language to us, but not to the channel."""
Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove
log = structlog.get_logger()


class Telegram:
    """Talks through the Bot API. Messages to one chat are the sender's to keep in order."""

    name = NAME
    talks = True

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = TelegramClient(settings.telegram)

    def fetch(self, media: Media, into: BinaryIO, *, limit_bytes: int) -> None:
        """Write what was attached into a file, as the Protocol says."""
        limit_bytes = min(limit_bytes, BOT_BYTES)
        if media.size_bytes and media.size_bytes > limit_bytes:
            raise too_large(limit_bytes)
        file = self._client.call(lambda bot: bot.get_file(media.ref))
        if file.file_size and file.file_size > limit_bytes:
            raise too_large(limit_bytes)
        if not file.file_path:
            raise ChannelError("media_gone", "Telegram names no place for this file", is_final=True)
        self._client.download(file.file_path, into, limit_bytes=limit_bytes)

    def send(self, chat: str, message: Message, *, picture: bytes | None = None) -> str:
        """Send a message; the name of it. A group that became a supergroup is written to under its new number."""
        try:
            return self._send(chat, message, picture)
        except ChatMigrated as moved:
            log.warning("chat_moved", channel=NAME)
            try:
                return self._send(str(moved.new_chat_id), message, picture)
            except ChatMigrated:
                raise ChannelError("chat_unknown", "Telegram says only that this chat moved", is_final=True) from None

    def _send(self, chat: str, message: Message, picture: bytes | None) -> str:
        options: dict[str, Any] = {"chat_id": chat, "reply_markup": _markup(chat, message)}
        about = message_id_in(self._settings, chat, message.about) if message.about else None
        if about is not None:
            options["reply_parameters"] = ReplyParameters(about, allow_sending_without_reply=True)

        async def say(bot: Bot) -> Sent:
            if picture is None:
                text = _cut(message.text, LONGEST_TEXT) or "…"
                # An address that somebody painted must not be asked for its picture.
                return await bot.send_message(text=text, link_preview_options=LinkPreviewOptions(True), **options)
            caption = _cut(message.text, LONGEST_CAPTION) or None
            return await bot.send_photo(photo=InputFile(picture, filename="wall.jpg"), caption=caption, **options)

        sent = self._client.call(say)
        return name_of(self._settings, sent.chat.id, sent.message_id)

    def pressed(self, press: str) -> None:
        """Stop the little clock on the button; an old press cannot be answered, and need not be."""
        with suppress(ChannelError, ChatMigrated):
            self._client.call(lambda bot: bot.answer_callback_query(press))

    def updates(self, offset: int, *, is_over: Any = lambda: False) -> list[dict[str, Any]]:
        """Updates from this number on, as Telegram sends them; waits for the first of them. ChannelError.

        Not as the library's own objects: one update that it does not understand would hold back all others for ever.
        """
        options = {"offset": offset, "timeout": POLL_S, "allowed_updates": list(TAKEN)}
        found: Any = self._client.call(
            lambda bot: bot.do_api_request(GET_UPDATES, api_kwargs=options), is_over=is_over, wait_s=POLL_S
        )
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    def check(self) -> dict[str, Any]:
        """What Telegram says of the bot and of where its updates go. ChannelError."""
        me = self._client.call(lambda bot: bot.get_me())
        hook = self._client.call(lambda bot: bot.get_webhook_info())
        return {
            "name": me.username,
            "reads_groups": bool(me.can_read_all_group_messages),
            "webhook": hook.url,
            "waiting": hook.pending_update_count,
            "last_error": hook.last_error_message or "",
        }

    def set_webhook(self, url: str) -> None:
        """Have updates sent to this address, with our secret in a header. ChannelError."""
        secret = self._settings.telegram.webhook_secret.get_secret_value()
        self._client.call(
            lambda bot: bot.set_webhook(url, secret_token=secret, allowed_updates=list(TAKEN), max_connections=40)
        )

    def delete_webhook(self) -> None:
        """Have updates wait to be asked for. What waits is kept. ChannelError."""
        self._client.call(lambda bot: bot.delete_webhook(drop_pending_updates=False))

    def close(self) -> None:
        """Give connections back."""
        self._client.close()


def _markup(chat: str, message: Message) -> Markup | None:
    if message.buttons:
        return InlineKeyboardMarkup(
            [[InlineKeyboardButton(each.text, callback_data=each.data)] for each in message.buttons]
        )
    if chat.startswith(("-", "@")):  # only a private chat has a place to share, and a keyboard to put away
        return None
    if message.asks_for_place:
        button = KeyboardButton(SHARE_PLACE, request_location=True)
        return ReplyKeyboardMarkup([[button]], resize_keyboard=True, one_time_keyboard=True)
    return ReplyKeyboardRemove()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
