"""A request's identity, its line in the log and its place in the metrics."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.metrics import Metrics
from api.web.problems import Unexpected, problem_response

SANE_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
log = structlog.get_logger()


class RequestLog:
    """Gives each request an id, logs it when it ends, and counts it.

    The caller's own `X-Request-ID` is kept where it is 8 to 64 letters, digits, dots, dashes or underscores.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with `state.request_id` set and `X-Request-ID` in the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        offered = Headers(scope=scope).get("x-request-id", "")
        request_id = offered if SANE_ID.fullmatch(offered) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        status, started = 0, time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            finally:
                self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        # The template, never the path: anybody may make up paths, and each would be a series of its own.
        self._metrics.request(method, _template(scope), status, seconds)
        actor = scope["state"].get("actor")
        log.info(
            "request",
            method=method,
            path=scope["path"][:200],
            status=status,
            seconds=round(seconds, 4),
            address=(scope.get("client") or ("",))[0],
            actor=actor.name if actor else None,
        )


def _template(scope: Scope) -> str:
    route = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return str(getattr(route, "path", "unmatched"))


class Crash:
    """Turns what nobody foresaw into a 500 without a word about where it happened; the log has the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 500 if the answer had not begun, else break the connection off."""
        is_started = False

        async def answer(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception:
            if scope["type"] != "http":
                raise
            log.exception("unexpected_error", path=scope["path"][:200], is_started=is_started)
            if is_started:
                raise  # half an answer must not look whole: the server cuts the connection
            await problem_response(Unexpected(), scope)(scope, receive, send)
