"""How much a request may send, and how long it may take over it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Problem
from api.web.gates import is_hook
from api.web.problems import problem_response

FIELDS_BYTES = 2**20  # enough for any JSON: FastAPI reads it whole, before it knows who sends it
HOOK_BYTES = 3 * 2**20  # WhatsApp says that one body, of many messages, may be as large
HEAD_BYTES = 32 * 1024
LINGER_S = 2.0
LINGER_BYTES = 128 * 2**20  # a fast sender fills two seconds with gigabytes
IDLE_S = 30.0
GRACE_S = 60.0  # a phone that loses its network for a moment is not the slow client that is meant


class BodyTooLarge(Problem):
    """A request body over the limit, counted as it comes."""

    status = 413

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(f"This request may be at most {limit_bytes / 2**20:.3g} MiB: send less at once.")
        self.limit_bytes = limit_bytes


class BodyTooSlow(Problem):
    """A request body that stopped coming, or that would hold its connection for hours."""

    status = 408

    def __init__(self, *, idle_s: float | None = None, bytes_per_s: int = 0) -> None:
        if idle_s is not None:
            super().__init__(f"Nothing came for {idle_s:g} seconds and the request is not complete: send it again.")
        else:
            super().__init__(
                f"The request came more slowly than {bytes_per_s} bytes a second:"
                " send it again where the network is better, or with fewer photos at once."
            )


class HeadTooLarge(Problem):
    """An address, cookies or other headers longer than anything real."""

    status = 431

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(f"Address and headers may be at most {limit_bytes // 1024} KiB together.")
        self.limit_bytes = limit_bytes


class BodyLimit:
    """Counts what comes. Content-Length is believed only when it already says too much.

    `limit_bytes` is for uploads (multipart); anything else may have a mebibyte. A body may be waited for `idle_s` at
    once, and altogether `grace_s` and a second more for each `bytes_per_s` bytes of it that have come.
    """

    def __init__(
        self, app: ASGIApp, *, limit_bytes: int, bytes_per_s: int, idle_s: float = IDLE_S, grace_s: float = GRACE_S
    ) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._pace = Pace(idle_s=idle_s, grace_s=grace_s, bytes_per_s=bytes_per_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """413 as soon as the limit is passed, 408 when nothing comes, 431 for a senseless head.

        An answer that was given before the body had ended closes the connection: otherwise the server would go on
        reading what nobody wants, for as long as the client likes to send.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_upload = headers.get("content-type", "").lower().startswith("multipart/")
        fields_bytes = HOOK_BYTES if is_hook(scope) else FIELDS_BYTES
        limit_bytes = self._limit_bytes if is_upload else min(fields_bytes, self._limit_bytes)
        declared = headers.get("content-length", "0")
        has_body = "transfer-encoding" in headers or declared != "0"
        body = _CountedBody(receive, limit_bytes=limit_bytes, pace=self._pace, is_complete=not has_body)
        answer = _Answer(send, receive, body)
        if declared.isdecimal() and int(declared[:20]) > limit_bytes:
            body.refusal = BodyTooLarge(limit_bytes=limit_bytes)
        elif _head_bytes(scope) > HEAD_BYTES:
            body.refusal = HeadTooLarge(limit_bytes=HEAD_BYTES)
        else:
            try:
                await self._app(scope, body.receive, answer.send)
            except Exception:
                if body.refusal is None:
                    raise  # otherwise it is only what the application made of a body that broke off
        if body.refusal is not None and not answer.is_started:
            await problem_response(body.refusal, scope)(scope, receive, answer.send_refusal)


def _head_bytes(scope: Scope) -> int:
    address = len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"")
    return address + sum(len(name) + len(value) for name, value in scope["headers"])


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a body is waited for."""

    idle_s: float
    grace_s: float
    bytes_per_s: int


class _CountedBody:
    """A `receive` that counts. When it has had enough it says that the client is gone, and remembers why."""

    def __init__(self, receive: Receive, *, limit_bytes: int, pace: Pace, is_complete: bool) -> None:
        self._receive = receive
        self._limit_bytes = limit_bytes
        self._pace = pace
        self._count = 0
        self._waited_s = 0.0  # for the client alone: what we do with its bytes meanwhile is not its fault
        self.is_complete = is_complete
        self.refusal: Problem | None = None

    async def receive(self) -> Message:
        """The next message, unless the body is over."""
        if self.refusal is not None:
            return {"type": "http.disconnect"}
        if self.is_complete:
            return await self._receive()  # from here on it only waits for the client to go away
        pace, asked_at_s = self._pace, asyncio.get_running_loop().time()
        left_s = pace.grace_s + self._count / pace.bytes_per_s - self._waited_s
        try:
            async with asyncio.timeout(min(pace.idle_s, left_s)):
                message = await self._receive()
        except TimeoutError:
            is_idle = pace.idle_s <= left_s
            return self._stop(BodyTooSlow(idle_s=pace.idle_s) if is_idle else BodyTooSlow(bytes_per_s=pace.bytes_per_s))
        self._waited_s += asyncio.get_running_loop().time() - asked_at_s
        self._count += len(message.get("body", b""))
        self.is_complete = not message.get("more_body", False)
        if self._count > self._limit_bytes:
            return self._stop(BodyTooLarge(limit_bytes=self._limit_bytes))
        return message

    def _stop(self, problem: Problem) -> Message:
        self.refusal = problem
        return {"type": "http.disconnect"}


class _Answer:
    """A `send` that closes the connection behind an answer to a body that has not ended."""

    def __init__(self, send: Send, receive: Receive, body: _CountedBody) -> None:
        self._send = send
        self._receive = receive
        self._body = body
        self._closes = False
        self.is_started = False

    async def send(self, message: Message) -> None:
        """Pass on what the application says, unless the body was refused: then it speaks of half a body."""
        if self._body.refusal is None or self.is_started:
            await self.send_refusal(message)

    async def send_refusal(self, message: Message) -> None:
        """Pass on an answer, the last of it after a moment.

        A connection closed with unread bytes is reset, and the reset can overtake the answer: a client that is still
        sending would see a broken pipe instead of the reason. So what it sends is read, and dropped, for a while.
        """
        if message["type"] == "http.response.start":
            self.is_started = True
            self._closes = not self._body.is_complete
            if self._closes:
                MutableHeaders(scope=message)["Connection"] = "close"
        elif self._closes and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._linger()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    async def _linger(self) -> None:
        left = LINGER_BYTES
        try:
            async with asyncio.timeout(LINGER_S):
                while left > 0 and (message := await self._receive()).get("more_body", False):
                    left -= len(message.get("body", b""))
        except TimeoutError:
            pass
