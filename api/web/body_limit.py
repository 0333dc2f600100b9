"""How much a request may send, and how long it may take over it."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Problem
from api.web.problems import problem_response

FIELDS_BYTES = 2**20  # enough for any JSON: FastAPI reads it whole, before it knows who sends it
LINGER_S = 2.0
IDLE_S = 30.0


class BodyTooLarge(Problem):
    """A request body over the limit, counted as it comes."""

    status = 413

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(f"This request may be at most {limit_bytes / 2**20:.3g} MiB: send less at once.")
        self.limit_bytes = limit_bytes


class BodyTooSlow(Problem):
    """A request body that stopped coming."""

    status = 408

    def __init__(self, *, idle_s: float) -> None:
        super().__init__(f"Nothing came for {idle_s:g} seconds and the request is not complete: send it again.")


class BodyLimit:
    """Counts the body as it comes. Content-Length is believed only when it already says too much.

    `limit_bytes` is for uploads (multipart); anything else may have a mebibyte.
    """

    def __init__(self, app: ASGIApp, *, limit_bytes: int, idle_s: float = IDLE_S) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._idle_s = idle_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """413 as soon as the limit is passed and 408 when nothing comes; either way the connection is closed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_upload = headers.get("content-type", "").lower().startswith("multipart/")
        limit_bytes = self._limit_bytes if is_upload else min(FIELDS_BYTES, self._limit_bytes)
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > limit_bytes:
            await _refuse(BodyTooLarge(limit_bytes=limit_bytes), scope, receive, send)
            return
        body = _CountedBody(receive, limit_bytes=limit_bytes, idle_s=self._idle_s)
        is_started = False

        async def answer(message: Message) -> None:
            nonlocal is_started
            if body.refusal is None or is_started:
                is_started = True
                await send(message)

        try:
            await self._app(scope, body.receive, answer)
        except Exception:
            if body.refusal is None:
                raise  # otherwise it is only what the application made of a body that broke off
        if body.refusal is not None and not is_started:
            await _refuse(body.refusal, scope, receive, send)


class _CountedBody:
    """A `receive` that counts. When it has had enough it says that the client is gone, and remembers why."""

    def __init__(self, receive: Receive, *, limit_bytes: int, idle_s: float) -> None:
        self._receive = receive
        self._limit_bytes = limit_bytes
        self._idle_s = idle_s
        self._count = 0
        self._is_complete = False
        self.refusal: Problem | None = None

    async def receive(self) -> Message:
        """The next message, unless the body is over."""
        if self.refusal is not None:
            return {"type": "http.disconnect"}
        if self._is_complete:
            return await self._receive()  # from here on it only waits for the client to go away
        try:
            async with asyncio.timeout(self._idle_s):
                message = await self._receive()
        except TimeoutError:
            return self._stop(BodyTooSlow(idle_s=self._idle_s))
        self._count += len(message.get("body", b""))
        self._is_complete = not message.get("more_body", False)
        if self._count > self._limit_bytes:
            return self._stop(BodyTooLarge(limit_bytes=self._limit_bytes))
        return message

    def _stop(self, problem: Problem) -> Message:
        self.refusal = problem
        return {"type": "http.disconnect"}


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, then read on for a moment before the server closes.

    A connection closed with unread bytes is reset, and the reset can overtake the answer: a client that is still
    sending would see a broken pipe instead of the reason.
    """
    response = problem_response(problem, scope)
    response.headers["Connection"] = "close"
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    try:
        async with asyncio.timeout(LINGER_S):
            while (await receive()).get("more_body", False):
                pass
    except TimeoutError:
        pass
    await send({"type": "http.response.body", "body": b""})
