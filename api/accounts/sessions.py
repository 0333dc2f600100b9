"""Signing in and out: server-side browser sessions, of whose cookies only digests are kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from api.accounts.service import SEEN_EVERY, find, is_password, set_password
from api.audit.service import record
from api.errors import NotFound, Problem
from api.services import Services
from api.unit import Actor, Unit
from models import Account, Session


class SignInFailed(Problem):
    """Wrong name or password; which of the two is not told."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Name or password is wrong.")


class SessionEnded(Problem):
    """A cookie whose session is over."""

    status = 401

    def __init__(self) -> None:
        super().__init__("You were signed out: sign in again.")


class PasswordWrong(Problem):
    """The present password was not given right."""

    status = 403

    def __init__(self) -> None:
        super().__init__("The present password is wrong.")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new browser session; the token is shown once, to the browser."""

    session: Session
    token: str


def sign_in(services: Services, *, name: str, password: str, request_id: str | None = None) -> SignedIn:
    """A browser session for the right name and password; SignInFailed otherwise, after the same time.

    The slow hash is computed between two transactions: a crowd of wrong passwords must not hold up those who write.
    """
    with services.reading_unit() as unit:
        account = unit.session.scalar(select(Account).where(Account.name == name))
    is_right = is_password(password, account.password_hash if account else None)
    if account is None:
        raise SignInFailed
    if not is_right or account.disabled_at is not None:
        with services.unit(request_id=request_id) as unit:
            record(unit, "session.refused", account.id)
        raise SignInFailed
    longest = services.settings.web.session_longest
    with services.unit(Actor(account.name, account.id), request_id=request_id) as unit:
        secret = services.settings.secret.get_secret_value()
        return start(unit, account.id, password_hash=account.password_hash, longest=longest, secret=secret)


def digest(token: str, *, secret: str) -> str:
    """What is kept of a cookie: without the installation's secret, who can write to the database makes no session."""
    return hmac.new(secret.encode(), b"session\0" + token.encode(), hashlib.sha256).hexdigest()


def start(unit: Unit, account_id: str, *, password_hash: str, longest: timedelta, secret: str) -> SignedIn:
    """A new session, unless the account was changed since its password was looked at. SignInFailed."""
    account = unit.session.get(Account, account_id)
    if account is None or account.password_hash != password_hash or account.disabled_at is not None:
        raise SignInFailed
    now, token = unit.clock.now(), secrets.token_urlsafe(32)
    session = Session(
        token_sha256=digest(token, secret=secret),
        csrf_token=secrets.token_urlsafe(32),
        account=account,
        created_at=now,
        seen_at=now,
        expires_at=now + longest,
    )
    unit.session.add(session)
    unit.session.flush()
    record(unit, "session.start", account.id, session=session.id)
    return SignedIn(session=session, token=token)


def living(unit: Unit, token: str, *, idle: timedelta, secret: str) -> Session:
    """The session of this cookie. SessionEnded when it is unknown, revoked, unused for `idle`, or too old."""
    kept = digest(token, secret=secret)
    session = unit.session.scalar(select(Session).where(Session.token_sha256 == kept))
    now = unit.clock.now()
    if (
        session is None
        or session.revoked_at is not None
        or session.expires_at <= now
        or session.seen_at + idle <= now
        or session.account.disabled_at is not None
    ):
        raise SessionEnded
    return session


def needs_touch(session: Session, now: datetime) -> bool:
    """Whether a session's last use is stale enough to be written down."""
    return now - session.seen_at > SEEN_EVERY


def touch(unit: Unit, session_id: str) -> None:
    """Note that a session was used."""
    unit.session.execute(update(Session).where(Session.id == session_id).values(seen_at=unit.clock.now()))


def end(unit: Unit, session_id: str, *, account_id: str) -> None:
    """End a session of this account; ending it twice is ending it once. NotFound."""
    session = unit.session.get(Session, session_id)
    if session is None or session.account_id != account_id:
        raise NotFound("session")
    if session.revoked_at is None:
        session.revoked_at = unit.clock.now()
        record(unit, "session.end", account_id, session=session_id)


def open_sessions(unit: Unit, account_id: str, *, idle: timedelta) -> list[Session]:
    """The account's living sessions, the newest first."""
    now = unit.clock.now()
    wanted = (
        select(Session)
        .where(
            Session.account_id == account_id,
            Session.revoked_at.is_(None),
            Session.expires_at > now,
            Session.seen_at > now - idle,
        )
        .order_by(Session.created_at.desc(), Session.id)
    )
    return list(unit.session.scalars(wanted))


def change_own_password(unit: Unit, *, present: str, new: str) -> None:
    """A new password for the actor, who is then signed out everywhere. PasswordWrong, PasswordRefused."""
    account = find(unit, unit.actor.name)
    if not is_password(present, account.password_hash):
        raise PasswordWrong
    set_password(unit, account.name, password=new)
