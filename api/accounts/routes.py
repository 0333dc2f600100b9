"""Sign-in, keys and accounts over HTTP."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from api.accounts import service, sessions
from api.accounts.roles import Scope, scopes_of
from api.accounts.schemas import (
    AccountChange,
    AccountMade,
    AccountOut,
    KeyMade,
    KeyOut,
    Me,
    NewAccount,
    NewKey,
    NewPassword,
    OwnPassword,
    PasswordMade,
    SessionOut,
    SignIn,
)
from api.deps import Caller, Process, ReadingUnit, WritingUnit, by_person, cookie_name, needs, public
from api.services import Services
from api.unit import Unit
from api.web.gates import network_of
from models import Account, Session

NAME_SHARE = 5  # guesses at one name from many addresses, in multiples of what one address may try

router = APIRouter(prefix="/v1", tags=["accounts"])


def spend_sign_in(services: Services, request: Request, name: str) -> None:
    """Count an attempt to sign in, by where it comes from and by whose name it names. TooManyRequests."""
    allowed = services.settings.limits.sign_in_per_minute
    services.limits.spend("sign-in from", network_of(request.scope), per_minute=allowed)
    services.limits.spend("sign-in as", name, per_minute=allowed * NAME_SHARE)


def set_session_cookie(response: Response, services: Services, token: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(services),
        token,
        max_age=int(services.settings.web.session_longest.total_seconds()),
        secure=services.settings.cookies_are_secure,
        httponly=True,
        samesite="strict",
        path="/",
    )


@router.post("/session", dependencies=[public()], summary="Sign in")
def sign_in(body: SignIn, request: Request, response: Response, services: Process) -> Me:
    """Start a browser session: sets the cookie, answers the CSRF token that every change must send."""
    spend_sign_in(services, request, body.name)
    request_id = request.state.request_id
    signed_in = sessions.sign_in(services, name=body.name, password=body.password, request_id=request_id)
    set_session_cookie(response, services, signed_in.token)
    account = signed_in.session.account
    return _me(account.name, account.role, scopes_of(account.role), signed_in.session)


@router.get("/session", dependencies=[needs()], summary="Who am I")
def who(unit: ReadingUnit, actor: Caller) -> Me:
    """The caller and what it may do; with the CSRF token when signed in by cookie."""
    session = unit.session.get(Session, actor.session_id) if actor.session_id else None
    return _me(actor.name, actor.role or "", actor.scopes, session)


@router.delete("/session", status_code=204, dependencies=[by_person()], summary="Sign out")
def sign_out(response: Response, unit: WritingUnit, actor: Caller, services: Process) -> None:
    """End the browser session."""
    if actor.session_id and actor.account_id:
        sessions.end(unit, actor.session_id, account_id=actor.account_id)
    response.delete_cookie(cookie_name(services), path="/", secure=services.settings.cookies_are_secure, httponly=True)


@router.put("/session/password", status_code=204, dependencies=[by_person()], summary="Change my password")
def change_password(body: OwnPassword, unit: WritingUnit, actor: Caller, services: Process) -> None:
    """A new password; every browser of the account is signed out, this one too."""
    services.limits.spend("sign-in as", actor.name, per_minute=services.settings.limits.sign_in_per_minute * NAME_SHARE)
    sessions.change_own_password(unit, present=body.present, new=body.new)


@router.get("/sessions", dependencies=[by_person()], summary="Where I am signed in")
def list_sessions(unit: ReadingUnit, actor: Caller, services: Process) -> list[SessionOut]:
    """The caller's living browser sessions, the newest first."""
    return _sessions(unit, services, actor.account_id or "")


@router.delete("/sessions/{session_id}", status_code=204, dependencies=[by_person()], summary="Sign out elsewhere")
def end_session(session_id: str, unit: WritingUnit, actor: Caller) -> None:
    """End one of the caller's browser sessions."""
    sessions.end(unit, session_id, account_id=actor.account_id or "")


@router.get("/keys", dependencies=[needs()], summary="My API keys")
def list_keys(unit: ReadingUnit, actor: Caller) -> list[KeyOut]:
    """The caller's keys, the newest first; never their secrets."""
    return [KeyOut.model_validate(key, from_attributes=True) for key in service.keys_of(unit, actor.account_id or "")]


@router.post("/keys", status_code=201, dependencies=[by_person()], summary="Make an API key")
def make_key(body: NewKey, unit: WritingUnit, actor: Caller) -> KeyMade:
    """A key for the caller's account, never with more than the account holds; the secret is shown this once."""
    scopes = None if body.scopes is None else [scope.value for scope in body.scopes]
    expires_at = unit.clock.now() + timedelta(days=body.days)
    key, secret = service.make_key(unit, actor.name, label=body.label, scopes=scopes, expires_at=expires_at)
    return KeyMade(**KeyOut.model_validate(key, from_attributes=True).model_dump(), secret=secret)


@router.delete("/keys/{key_id}", status_code=204, dependencies=[needs()], summary="Revoke an API key")
def revoke_key(key_id: str, unit: WritingUnit, actor: Caller) -> None:
    """End one of the caller's keys; an admin may end anybody's."""
    may_all = Scope.ACCOUNTS_WRITE in actor.scopes
    service.revoke_key(unit, key_id, account_id=None if may_all else actor.account_id)


@router.get("/accounts", dependencies=[needs(Scope.ACCOUNTS_WRITE)], summary="All accounts")
def list_accounts(unit: ReadingUnit) -> list[AccountOut]:
    """Accounts by name."""
    found = unit.session.scalars(select(Account).order_by(Account.name))
    return [AccountOut.model_validate(account, from_attributes=True) for account in found]


@router.post("/accounts", status_code=201, dependencies=[needs(Scope.ACCOUNTS_WRITE)], summary="Add an account")
def add_account(body: NewAccount, unit: WritingUnit) -> AccountMade | AccountOut:
    """A new account; when no password is sent, one is made and shown this once."""
    made = service.new_password(body.name) if body.password is None else None
    account = service.add_account(unit, body.name, role=body.role, password=body.password or made or "")
    out = AccountOut.model_validate(account, from_attributes=True)
    return AccountMade(**out.model_dump(), password=made) if made else out


@router.patch("/accounts/{account_id}", dependencies=[needs(Scope.ACCOUNTS_WRITE)], summary="Change an account")
def change_account(account_id: str, body: AccountChange, unit: WritingUnit) -> AccountOut:
    """Role, disabled or not; its browsers are signed out, its keys hold no more than the new role."""
    account = service.change_account(unit, account_id, role=body.role, disabled=body.disabled)
    return AccountOut.model_validate(account, from_attributes=True)


@router.post(
    "/accounts/{account_id}/password",
    status_code=204,
    dependencies=[needs(Scope.ACCOUNTS_WRITE)],
    summary="Set a password",
)
def set_password(account_id: str, body: NewPassword, unit: WritingUnit) -> None:
    """A new password for somebody; their browsers are signed out."""
    service.set_password(unit, service.get(unit, account_id).name, password=body.password)


@router.post(
    "/accounts/{account_id}/password/new", dependencies=[needs(Scope.ACCOUNTS_WRITE)], summary="Make a password"
)
def make_password(account_id: str, unit: WritingUnit) -> PasswordMade:
    """A password made for somebody, shown this once; their browsers are signed out."""
    name = service.get(unit, account_id).name
    made = service.new_password(name)
    service.set_password(unit, name, password=made)
    return PasswordMade(password=made)


@router.get("/accounts/{account_id}/keys", dependencies=[needs(Scope.ACCOUNTS_WRITE)], summary="An account's API keys")
def list_keys_of(account_id: str, unit: ReadingUnit) -> list[KeyOut]:
    """Somebody's keys, the newest first; never their secrets. `DELETE /v1/keys/{key_id}` ends one."""
    service.get(unit, account_id)
    return [KeyOut.model_validate(key, from_attributes=True) for key in service.keys_of(unit, account_id)]


@router.get(
    "/accounts/{account_id}/sessions", dependencies=[needs(Scope.ACCOUNTS_WRITE)], summary="Where somebody is signed in"
)
def list_sessions_of(account_id: str, unit: ReadingUnit, services: Process) -> list[SessionOut]:
    """Somebody's living browser sessions, the newest first."""
    service.get(unit, account_id)
    return _sessions(unit, services, account_id)


@router.delete(
    "/accounts/{account_id}/sessions/{session_id}",
    status_code=204,
    dependencies=[needs(Scope.ACCOUNTS_WRITE)],
    summary="End a session of an account",
)
def end_session_of(account_id: str, session_id: str, unit: WritingUnit) -> None:
    """End one of somebody's browser sessions."""
    sessions.end(unit, session_id, account_id=account_id)


@router.delete(
    "/accounts/{account_id}/sessions",
    status_code=204,
    dependencies=[needs(Scope.ACCOUNTS_WRITE)],
    summary="Sign an account out",
)
def sign_out_everywhere(account_id: str, unit: WritingUnit) -> None:
    """End every browser session of somebody."""
    service.sign_out_everywhere(unit, account_id)


def _sessions(unit: Unit, services: Services, account_id: str) -> list[SessionOut]:
    found = sessions.open_sessions(unit, account_id, idle=services.settings.web.session_length)
    return [SessionOut.of(session, is_this_one=session.id == unit.actor.session_id) for session in found]


def _me(name: str, role: str, scopes: frozenset[str], session: Session | None) -> Me:
    return Me(
        name=name,
        role=role,
        scopes=sorted(scopes),
        csrf_token=session.csrf_token if session else None,
        expires_at=session.expires_at if session else None,
    )
