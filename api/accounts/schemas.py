"""What the account routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.accounts.roles import Scope
from models import Role, Session

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$", examples=["a.severny"])]
Password = Annotated[str, Field(min_length=1, max_length=256, examples=["six words nobody says in a row"])]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignIn(_Body):
    """Name and password."""

    name: Name
    password: Password


class OwnPassword(_Body):
    """The present password, so that a browser left open is not enough, and the new one."""

    present: Password
    new: Password


class Me(BaseModel):
    """Who is signed in; the CSRF token goes into `X-CSRF-Token` on every request that changes something."""

    name: str
    role: str
    scopes: list[str]
    csrf_token: str | None = None
    expires_at: datetime | None = None


class SessionOut(BaseModel):
    """A browser that is signed in."""

    id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_this_one: bool

    @classmethod
    def of(cls, session: Session, *, is_this_one: bool) -> SessionOut:
        """A session as it is listed."""
        return cls(
            id=session.id,
            created_at=session.created_at,
            seen_at=session.seen_at,
            expires_at=session.expires_at,
            is_this_one=is_this_one,
        )


class NewKey(_Body):
    """A key for one's own account; without scopes, all that the account holds."""

    label: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$", examples=["nightly import"])]
    scopes: Annotated[list[Scope] | None, Field(max_length=len(Scope))] = None
    days: Annotated[int, Field(ge=1, le=3650, description="how long it works")] = 365


class KeyOut(BaseModel):
    """A key as it is listed; its secret was shown when it was made."""

    id: str
    label: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


class KeyMade(KeyOut):
    """A new key with its secret, shown this once."""

    secret: str


class NewAccount(_Body):
    """A new account; without a password one is made and shown once."""

    name: Name
    role: Role
    password: Password | None = None


class AccountChange(_Body):
    """What may be changed about an account; what is left out stays."""

    role: Role | None = None
    disabled: bool | None = None


class NewPassword(_Body):
    """A new password."""

    password: Password


class AccountOut(BaseModel):
    """An account as it is listed."""

    id: str
    name: str
    role: str
    created_at: datetime
    password_changed_at: datetime
    disabled_at: datetime | None


class AccountMade(AccountOut):
    """A new account with the password that was made for it, shown this once."""

    password: str


class PasswordMade(BaseModel):
    """A new password, shown this once."""

    password: str
