"""Accounts, sign-in, API keys. Secrets are shown once and kept as digests."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from datetime import datetime, timedelta
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError

from api.accounts.roles import scopes_of
from api.audit.service import record
from api.errors import NotFound, Problem
from api.unit import Actor, Unit
from models import Account, ApiKey, Role, Session

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")
MIN_PASSWORD = 10
MAX_PASSWORD = 256
KEY_PREFIX = "ww_"
UNMISTAKABLE = "abcdefghjkmnpqrstuvwxyz23456789"
SEEN_EVERY = timedelta(minutes=1)  # how stale `used_at` may be: a write for every request would cost a disk sync each

_hashing = threading.BoundedSemaphore(4)
"""A hash takes 19 MiB: a crowd at the door must not take the machine's memory."""


class NameTaken(Problem):
    """An account with this name is there already."""

    status = 409

    def __init__(self, name: str) -> None:
        super().__init__(f"An account named {name} is there already.")


class NameRefused(Problem):
    """A name that could be mistaken or misread."""

    status = 422

    def __init__(self) -> None:
        super().__init__("A name has 3 to 64 small Latin letters, digits, dots, dashes or underscores.")


class PasswordRefused(Problem):
    """A password that is too short, too long or holds the name."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters and does not hold the account's name."
        )


class KeyRefused(Problem):
    """An API key that is unknown, expired or revoked."""

    status = 401

    def __init__(self, reason: str) -> None:
        super().__init__(f"This API key {reason}.")


class ScopeRefused(Problem):
    """A scope that the account itself does not have."""

    status = 422

    def __init__(self, scopes: list[str]) -> None:
        super().__init__(f"The account does not hold {', '.join(scopes)}: a key can hold no more than its account.")
        self.scopes = scopes


class LastAdmin(Problem):
    """A change that would leave nobody to manage accounts."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This is the last admin: make another account an admin first.")


class PersonNeeded(Problem):
    """An API key where only a person signed in by password may act: a leaked key must not make itself a new one."""

    status = 403

    def __init__(self) -> None:
        super().__init__("An API key cannot do this: sign in with name and password.")


@lru_cache
def hasher() -> PasswordHash:
    """Argon2id with OWASP's first choice of costs (19 MiB, 2 passes, 1 lane)."""
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))


def is_password(password: str, hashed: str | None) -> bool:
    """Whether the password is the one that was hashed; for no hash, False after the same time."""
    with _hashing:
        return hasher().verify(password, hashed or _nobody()) and hashed is not None


@lru_cache
def _nobody() -> str:
    """A hash to compare with when the name is unknown, so that the answer takes as long."""
    return hasher().hash(secrets.token_hex(16))


def sha256(secret: str) -> str:
    """What is kept of a secret with 256 random bits: it cannot be guessed, so a plain digest is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def add_account(unit: Unit, name: str, *, role: Role, password: str) -> Account:
    """A new account. NameTaken, NameRefused, PasswordRefused."""
    if not NAME.fullmatch(name):
        raise NameRefused  # look-alike letters of other scripts would make two people seem one
    now = unit.clock.now()
    hashed = _hash(password, name=name)
    account = Account(name=name, role=role, password_hash=hashed, created_at=now, password_changed_at=now)
    try:
        with unit.session.begin_nested():
            unit.session.add(account)
    except IntegrityError:
        raise NameTaken(name) from None
    record(unit, "account.add", account.id, name=name, role=str(role))
    return account


def new_password(name: str) -> str:
    """A password that nobody chose: 99 random bits in letters and digits that are not taken for each other."""
    while True:
        made = "-".join("".join(secrets.choice(UNMISTAKABLE) for _ in range(4)) for _ in range(5))
        if name.casefold() not in made:
            return made


def set_password(unit: Unit, name: str, *, password: str) -> Account:
    """Give an account a new password; its browsers are signed out."""
    account = find(unit, name)
    account.password_hash = _hash(password, name=name)
    account.password_changed_at = unit.clock.now()
    _sign_out_everywhere(unit, account.id)
    record(unit, "account.password", account.id, name=name)
    return account


def change_account(unit: Unit, account_id: str, *, role: Role | None, disabled: bool | None) -> Account:
    """Another role, or disabled or enabled again; either way its browsers are signed out. NotFound, LastAdmin."""
    account = get(unit, account_id)
    if role is not None:
        account.role = role
    if disabled is not None:
        account.disabled_at = unit.clock.now() if disabled else None
    _keep_an_admin(unit)
    _sign_out_everywhere(unit, account.id)
    record(unit, "account.change", account.id, role=str(account.role), disabled=account.disabled_at is not None)
    return account


def get(unit: Unit, account_id: str) -> Account:
    """The account of this id; NotFound."""
    account = unit.session.get(Account, account_id)
    if account is None:
        raise NotFound("account")
    return account


def find(unit: Unit, name: str) -> Account:
    """The account of this name; NotFound."""
    account = unit.session.scalar(select(Account).where(Account.name == name))
    if account is None:
        raise NotFound("account")
    return account


def make_key(
    unit: Unit, name: str, *, label: str, scopes: list[str] | None, expires_at: datetime | None
) -> tuple[ApiKey, str]:
    """A new API key for an account, and its secret, shown once. ScopeRefused, NotFound."""
    account = find(unit, name)
    held = scopes_of(account.role)
    asked = sorted(held) if scopes is None else sorted(set(scopes))
    if wrong := [scope for scope in asked if scope not in held]:
        raise ScopeRefused(wrong)
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        key_sha256=sha256(secret),
        label=label[:64],
        account=account,
        scopes=list(asked),
        created_at=unit.clock.now(),
        expires_at=expires_at,
    )
    unit.session.add(key)
    unit.session.flush()
    record(unit, "key.make", key.id, account=account.id, label=key.label, scopes=asked)
    return key, secret


def keys_of(unit: Unit, account_id: str) -> list[ApiKey]:
    """An account's keys, the newest first."""
    wanted = select(ApiKey).where(ApiKey.account_id == account_id).order_by(ApiKey.created_at.desc(), ApiKey.id)
    return list(unit.session.scalars(wanted))


def revoke_key(unit: Unit, key_id: str, *, account_id: str | None) -> ApiKey:
    """End a key; with `account_id`, only one of that account's. NotFound."""
    key = unit.session.get(ApiKey, key_id)
    if key is None or (account_id is not None and key.account_id != account_id):
        raise NotFound("key")
    if key.revoked_at is None:
        key.revoked_at = unit.clock.now()
        record(unit, "key.revoke", key.id)
    return key


def actor_of_key(unit: Unit, secret: str) -> tuple[Actor, bool]:
    """Who acts with this key, and whether its last use should be written down. KeyRefused.

    The actor holds no more scopes than account and key both do.
    """
    key = unit.session.scalar(select(ApiKey).where(ApiKey.key_sha256 == sha256(secret)))
    if key is None:
        raise KeyRefused("is not known: check that it was copied whole")
    if key.revoked_at is not None:
        raise KeyRefused("was revoked: ask for a new one")
    if key.expires_at is not None and key.expires_at <= unit.clock.now():
        raise KeyRefused("has expired: make a new one")
    if key.account.disabled_at is not None:
        raise KeyRefused("belongs to a disabled account")
    is_stale = key.used_at is None or unit.clock.now() - key.used_at > SEEN_EVERY
    return actor_of(key.account, scopes=frozenset(key.scopes), key_id=key.id), is_stale


def note_key_use(unit: Unit, key_id: str) -> None:
    """Write down that a key was used, once a minute at most."""
    now = unit.clock.now()
    stale = (ApiKey.used_at.is_(None)) | (ApiKey.used_at < now - SEEN_EVERY)
    unit.session.execute(update(ApiKey).where(ApiKey.id == key_id, stale).values(used_at=now))


def actor_of(
    account: Account,
    *,
    scopes: frozenset[str] | None = None,
    key_id: str | None = None,
    session_id: str | None = None,
) -> Actor:
    """The account as an actor; `scopes` narrows what its role allows."""
    held = scopes_of(account.role)
    return Actor(
        name=account.name,
        account_id=account.id,
        role=account.role,
        scopes=held if scopes is None else held & scopes,
        key_id=key_id,
        session_id=session_id,
    )


def _hash(password: str, *, name: str) -> str:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or name.casefold() in password.casefold():
        raise PasswordRefused
    with _hashing:
        return hasher().hash(password)


def _sign_out_everywhere(unit: Unit, account_id: str) -> None:
    unit.session.execute(
        update(Session)
        .where(Session.account_id == account_id, Session.revoked_at.is_(None))
        .values(revoked_at=unit.clock.now())
    )


def sign_out_everywhere(unit: Unit, account_id: str) -> None:
    """End every browser session of an account. NotFound."""
    account = get(unit, account_id)
    _sign_out_everywhere(unit, account.id)
    record(unit, "session.end_all", account.id)


def _keep_an_admin(unit: Unit) -> None:
    unit.session.flush()
    admins = select(exists().where(Account.role == Role.ADMIN, Account.disabled_at.is_(None)))
    if not unit.session.scalar(admins):
        raise LastAdmin
