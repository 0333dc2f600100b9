"""Accounts as somebody who manages them looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from api.unit import Unit
from models import Account, ApiKey, Session

MOST = 500


@dataclass(frozen=True, slots=True)
class Overview:
    """An account, how many browsers and keys of it work, and when one of its browsers was last used."""

    account: Account
    browsers: int
    keys: int
    seen_at: datetime | None


def overview(unit: Unit, *, named: str, idle: timedelta) -> list[Overview]:
    """Accounts whose name holds `named`, by name; five hundred at most."""
    now = unit.clock.now()
    wanted = select(Account).order_by(Account.name).limit(MOST)
    if named:
        wanted = wanted.where(Account.name.contains(named.lower(), autoescape=True))
    accounts = unit.session.scalars(wanted).all()
    ids = [account.id for account in accounts]
    living = (Session.revoked_at.is_(None), Session.expires_at > now, Session.seen_at > now - idle)
    working = (ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now))
    browsers = _by_account(unit, Session.account_id, func.count(), ids, *living)
    keys = _by_account(unit, ApiKey.account_id, func.count(), ids, *working)
    seen = _by_account(unit, Session.account_id, func.max(Session.seen_at), ids)
    return [
        Overview(account, browsers.get(account.id, 0), keys.get(account.id, 0), seen.get(account.id))
        for account in accounts
    ]


def _by_account(
    unit: Unit, owner: InstrumentedAttribute[str], summed: Any, ids: list[str], *rules: ColumnElement[bool]
) -> dict[str, Any]:
    counted = select(owner, summed).where(owner.in_(ids), *rules).group_by(owner)
    return {row[0]: row[1] for row in unit.session.execute(counted)}
