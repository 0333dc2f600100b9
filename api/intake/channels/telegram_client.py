"""The Bot API through python-telegram-bot: its event loop, what goes wrong in our words, files in pieces.

python-telegram-bot and aiogram were looked at: both are alive and typed. This one needs httpx alone, which we have;
aiogram brings aiohttp and pins pydantic below what the rest of us uses, and its dispatcher is what we have a state
machine for.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, BinaryIO, TypeVar

import httpx
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from api.intake.channels.base import ChannelError
from api.intake.channels.settings import TelegramSettings
from api.intake.channels.trouble import IN_TIME_S, copied, of_the_line, of_the_server, tls

ALTOGETHER = 3  # times the setting: connect, write and read may each take it
OWN_PAUSE_S = 30.0
POLL_S = 25  # that Telegram keeps an empty getUpdates waiting
T = TypeVar("T")


class TooMany(TelegramError):
    """429. The library's own error says the time in a form that it warns of."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("too many requests")
        self.retry_after_s = retry_after_s


class ServerTrouble(NetworkError):
    """A status of 500 and more."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Telegram answers {status}")
        self.status = status


class _Request(HTTPXRequest):
    async def do_request(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        """As the library does, but 429 and 5xx are told apart from refusals."""
        status, payload = await super().do_request(*args, **options)
        if status == httpx.codes.TOO_MANY_REQUESTS:
            raise TooMany(_retry_after_s(payload))
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ServerTrouble(status)
        return status, payload


class TelegramClient:
    """One bot. The library is asynchronous and bound to a loop: ours runs in a thread, made on first use."""

    def __init__(self, settings: TelegramSettings) -> None:
        self._timeout_s = settings.timeout_s
        self._file_base = f"{settings.api}/file/bot{settings.token.get_secret_value()}/"
        self._bot = Bot(
            settings.token.get_secret_value(),
            base_url=f"{settings.api}/bot",
            base_file_url=f"{settings.api}/file/bot",
            request=self._request(8, settings.timeout_s),
            get_updates_request=self._request(1, settings.timeout_s + POLL_S),
        )
        self._files = httpx.Client(verify=tls(), trust_env=False, timeout=settings.timeout_s, follow_redirects=False)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @staticmethod
    def _request(connections: int, read_s: float) -> HTTPXRequest:
        return _Request(
            connection_pool_size=connections,
            read_timeout=read_s,
            write_timeout=read_s,
            media_write_timeout=read_s,
            connect_timeout=min(read_s, 10.0),
            pool_timeout=read_s,
            httpx_kwargs={"trust_env": False, "verify": tls()},
        )

    def call(
        self,
        ask: Callable[[Bot], Awaitable[T]],
        *,
        is_over: Callable[[], bool] = lambda: False,
        wait_s: float = 0.0,
    ) -> T:
        """What the bot answers. ChannelError; ChatMigrated, which says where the chat went.

        Args:
            ask: what is asked of the bot.
            is_over: looked at while waiting: true gives the call up with CancelledError.
            wait_s: that the answer may take by itself.
        """
        future = asyncio.run_coroutine_threadsafe(self._in_time(ask, wait_s), self._running())
        try:
            while True:
                try:
                    return future.result(0.2)
                except TimeoutError:
                    if future.done():
                        raise
                    if is_over():
                        future.cancel()
        except ChatMigrated:
            raise
        except TimeoutError:
            raise ChannelError("timed_out", "Telegram did not answer in time", is_unknown=True) from None
        except TelegramError as error:
            raise in_our_words(error) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ChannelError("answer_not_understood", "Telegram's answer made no sense", is_unknown=True) from error

    async def _in_time(self, ask: Callable[[Bot], Awaitable[T]], wait_s: float) -> T:
        async with asyncio.timeout(self._timeout_s * ALTOGETHER + wait_s):
            return await ask(self._bot)

    def download(self, path: str, into: BinaryIO, *, limit_bytes: int) -> None:
        """Write the file at an address that `getFile` gave into another. ChannelError as `Channel.fetch`."""
        if not path.startswith(self._file_base):
            raise ChannelError("media_refused", "Telegram named a file elsewhere: it was not asked for", is_final=True)
        try:
            with self._files.stream("GET", path) as answer:
                if answer.status_code == httpx.codes.NOT_FOUND:
                    raise ChannelError("media_gone", "Telegram has this file no more", is_final=True)
                if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                    raise ChannelError("rate_limited", "Telegram wants us to wait", retry_after_s=OWN_PAUSE_S)
                if answer.status_code != httpx.codes.OK:
                    raise ChannelError("media_unavailable", f"Telegram answers {answer.status_code} to a file")
                copied(answer, into, limit_bytes=limit_bytes, until_s=time.monotonic() + IN_TIME_S)
        except httpx.HTTPError as error:
            raise of_the_line(error, "Telegram", changes_something=False) from error

    def close(self) -> None:
        """Give connections and the thread back; what is under way is given up."""
        self._files.close()
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            asyncio.run_coroutine_threadsafe(self._shut(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()

    async def _shut(self) -> None:
        for request in self._bot._request:  # noqa: SLF001 - `Bot.shutdown` leaves alone what `initialize` did not open
            await request.shutdown()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="telegram", daemon=True)
                self._thread.start()
            return self._loop


def in_our_words(error: TelegramError) -> ChannelError:  # noqa: PLR0911 - one line for each way to fail
    """What an error of the library means for whoever asked."""
    said = error.message
    match error:
        case TooMany():
            return ChannelError("rate_limited", "Telegram wants us to wait", retry_after_s=error.retry_after_s)
        case ServerTrouble():
            return of_the_server(error.status, "Telegram")
        case InvalidToken():
            return ChannelError("token_refused", "Telegram does not know the token: see WALLWATCH_TELEGRAM__TOKEN")
        case Forbidden():
            return ChannelError("blocked", f"The bot may not write there: {said}", is_final=True)
        case Conflict():
            return ChannelError("conflict", _conflict(said))
        case TimedOut() | NetworkError() if isinstance(error.__cause__, httpx.HTTPError):
            return of_the_line(error.__cause__, "Telegram")
        case BadRequest():
            return _refusal(said)
        case _:
            return ChannelError(
                "answer_not_understood", f"Telegram's answer was not understood: {said}", is_unknown=True
            )


def _refusal(said: str) -> ChannelError:
    words = said.lower()
    if "file is too big" in words:
        return ChannelError("media_too_large", "Telegram gives bots files of up to 20 MB", is_final=True)
    if "temporarily unavailable" in words:
        return ChannelError("media_unavailable", f"Telegram: {said}")
    if "file_id" in words or "file reference" in words:
        return ChannelError("media_gone", f"Telegram has this file no more: {said}", is_final=True)
    if "chat not found" in words:
        return ChannelError("chat_unknown", "Telegram knows no such chat, or the bot never was in it", is_final=True)
    return ChannelError("refused", f"Telegram refuses: {said}", is_final=True)


def _conflict(said: str) -> str:
    if "webhook" in said.lower():
        return (
            "a webhook is set for this bot, so Telegram does not answer polling: run"
            " `wallwatch channels delete-webhook`, or set WALLWATCH_TELEGRAM__MODE=webhook"
        )
    return "another program asks for this bot's updates: stop it, or make a bot of its own for it"


def _retry_after_s(payload: bytes) -> float:
    try:
        return float(json.loads(payload)["parameters"]["retry_after"])
    except (ValueError, KeyError, TypeError):
        return OWN_PAUSE_S
