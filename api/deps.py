"""What routes ask for: who calls, a transaction, the process's services."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Request, params

from api.accounts import service as accounts
from api.accounts import sessions
from api.errors import Problem
from api.open311.errors import ROOT as OPEN311
from api.open311.keys import offered_key
from api.services import Services
from api.unit import Actor, Unit
from api.web.gates import SAFE_METHODS

COOKIE = "wallwatch"
CSRF_HEADER = "X-CSRF-Token"
TAXII = "/taxii2/"


class SignInNeeded(Problem):
    """Nobody is signed in."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Sign in, or send an API key as `Authorization: Bearer …`.")


class NotAllowed(Problem):
    """The caller's role or key does not allow this."""

    status = 403

    def __init__(self, scopes: list[str]) -> None:
        super().__init__(f"This needs {', '.join(scopes)}, which your role or key does not hold.")
        self.scopes = scopes


class TokenMissing(Problem):
    """A browser's request without the token that only our own pages can read."""

    status = 403

    def __init__(self) -> None:
        super().__init__(f"Send the csrf_token of GET /v1/session as {CSRF_HEADER}, or use an API key.")


def process(request: Request) -> Services:
    """The services of this process."""
    services: Services = request.app.state.services
    return services


Process = Annotated[Services, Depends(process)]


def cookie_name(services: Services) -> str:
    """The session cookie's name: bound to the host by its prefix wherever cookies are secure."""
    return f"__Host-{COOKIE}" if services.settings.cookies_are_secure else COOKIE


def caller(request: Request, services: Process, offered: Annotated[str, Depends(offered_key)]) -> Actor:
    """Who calls, by API key or by session cookie. SignInNeeded, KeyRefused, SessionEnded, TokenMissing."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic" and _may_be_basic(request):
        kind, secret = "bearer", _key_in(secret)
    if offered:
        actor = _of_key(services, offered)
    elif kind.lower() == "bearer" and secret.strip():
        actor = _of_key(services, secret.strip())
    elif token := request.cookies.get(cookie_name(services)):
        actor = _of_cookie(request, services, token)
    else:
        raise SignInNeeded
    request.state.actor = actor
    services.limits.spend("account", str(actor.account_id), per_minute=services.settings.limits.requests_per_minute)
    return actor


def _may_be_basic(request: Request) -> bool:
    """Whether a key may come as a password: TAXII's programs, and Open311's where they only read, know no other way.

    Only where nothing is changed: unlike any other header, a browser sends this one along by itself once it was told.
    """
    return request.url.path.startswith((TAXII, OPEN311)) and request.method in SAFE_METHODS


def _key_in(basic: str) -> str:
    """The password of HTTP Basic credentials, which is an API key; empty for what are none."""
    try:
        return base64.b64decode(basic.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _of_key(services: Services, secret: str) -> Actor:
    with services.reading_unit() as unit:
        actor, is_stale = accounts.actor_of_key(unit, secret)
    if is_stale and actor.key_id:
        with services.unit() as unit:
            accounts.note_key_use(unit, actor.key_id)
    return actor


def _of_cookie(request: Request, services: Services, token: str) -> Actor:
    secret = services.settings.secret.get_secret_value()
    with services.reading_unit() as unit:
        session = sessions.living(unit, token, idle=services.settings.web.session_length, secret=secret)
        is_stale = sessions.needs_touch(session, unit.clock.now())
        actor = accounts.actor_of(session.account, session_id=session.id)
    if request.method not in SAFE_METHODS:
        # Cookies go along with any site's request: the page must show that it is ours.
        offered = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(offered.encode(), session.csrf_token.encode()):
            raise TokenMissing
    if is_stale:
        with services.unit() as unit:
            sessions.touch(unit, session.id)
    return actor


Caller = Annotated[Actor, Depends(caller)]


class Gate:
    """What a route demands of its caller; every route has one, or the matrix test fails."""


class Needs(Gate):
    """Lets callers pass who hold all these scopes; with none, everybody who is signed in."""

    def __init__(self, *scopes: str) -> None:
        self.scopes = tuple(str(scope) for scope in scopes)

    def __call__(self, actor: Caller) -> None:
        """NotAllowed unless the caller holds every scope."""
        if missing := [scope for scope in self.scopes if scope not in actor.scopes]:
            raise NotAllowed(missing)


class ByPerson(Needs):
    """Lets people pass who signed in with a password; API keys may not, whatever they hold."""

    def __call__(self, actor: Caller) -> None:
        """Refuse keys with PersonNeeded, and then as `needs` does."""
        if actor.key_id is not None:
            raise accounts.PersonNeeded
        super().__call__(actor)


class Public(Gate):
    """Lets everybody pass, and says so."""

    async def __call__(self) -> None:
        """Let pass, without a hop to a thread."""


def needs(*scopes: str) -> Any:
    """For `dependencies=[needs("watchlist:read")]`."""
    return params.Depends(Needs(*scopes))


def by_person(*scopes: str) -> Any:
    """For `dependencies=[by_person()]`: as `needs`, but not with an API key."""
    return params.Depends(ByPerson(*scopes))


def public() -> Any:
    """For `dependencies=[public()]`."""
    return params.Depends(Public())


def _request_id(request: Request) -> str | None:
    found: str | None = request.scope.get("state", {}).get("request_id")
    return found


def reading_unit(request: Request, services: Process, actor: Caller) -> Iterator[Unit]:
    """A transaction that only reads."""
    with services.reading_unit(actor, request_id=_request_id(request)) as unit:
        yield unit


def writing_unit(request: Request, services: Process, actor: Caller) -> Iterator[Unit]:
    """A transaction, committed once, before the answer is sent."""
    with services.unit(actor, request_id=_request_id(request)) as unit:
        yield unit


ReadingUnit = Annotated[Unit, Depends(reading_unit, scope="function")]
WritingUnit = Annotated[Unit, Depends(writing_unit, scope="function")]
