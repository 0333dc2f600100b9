"""Who may knock: counts by address, and requests that another site made a browser send."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import Problem
from api.limits import Limits, TooManyRequests
from api.web.problems import problem_response

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PROBES = frozenset({"/healthz", "/readyz"})
SIGNED = "/w/"
"""Pages whose address is what lets in, and no cookie: no other site knows it. They send no referrer, so their own forms
say "null" of where they come from."""
HOOKS = frozenset({"/hooks/telegram", "/hooks/whatsapp"})
"""Calls of messengers, signed: a whole city's from a few addresses. Who signs wrongly is counted by the route."""


class ForeignOrigin(Problem):
    """A browser sent this from another site."""

    status = 403

    def __init__(self) -> None:
        super().__init__("This request came from another site's page: open WallWatch itself and try again there.")


class AddressLimit:
    """Counts requests by network address before anything costly is done for them. Probes and hooks are not counted."""

    def __init__(self, app: ASGIApp, *, limits: Limits, per_minute: Callable[[], int]) -> None:
        self._app = app
        self._limits = limits
        self._per_minute = per_minute

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """429 once an address has used up its minute."""
        if scope["type"] == "http" and scope["path"] not in PROBES and not is_hook(scope):
            try:
                self._limits.spend_here("address", network_of(scope), per_minute=self._per_minute())
            except TooManyRequests as problem:
                await problem_response(problem, scope)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class OriginCheck:
    """Refuses what another site's page makes a browser send.

    A browser adds its cookies to such a request by itself, but it also says where it came from. A request with an
    `Authorization` header cannot be made so, and a program that says nothing of its origin is no browser. Hooks ask
    for a signature, which no page can make a browser send.
    """

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self._app = app
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """403 for an unsafe method from elsewhere."""
        is_asked = scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not is_hook(scope)
        if is_asked and not scope["path"].startswith(SIGNED) and self._is_foreign(scope):
            await problem_response(ForeignOrigin(), scope)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if "authorization" in headers:
            return False
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return True
        origin = headers.get("origin")
        ours = self._origin or f"{scope['scheme']}://{headers.get('host', '')}"
        return origin is not None and _place(origin) != _place(ours)


def is_hook(scope: Scope) -> bool:
    """Whether it is a call of a messenger's, or says so."""
    return scope["method"] == "POST" and scope["path"] in HOOKS


def _place(origin: str) -> tuple[str, str]:
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return ("", origin)
    return (parts.scheme, parts.netloc)


def network_of(scope: Scope) -> str:
    """Whom to count a request against: the client's IPv4 address, or its IPv6 /64, which is one customer's."""
    host: str = (scope.get("client") or ("",))[0]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return host
