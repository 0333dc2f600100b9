"""Signed links: whoever has one sees one work order and answers it, without an account, until the link expires.

A link says which order, which of its links and until when, and carries a MAC over that with the installation's secret.
So nothing of it is kept: raising `link_number` of the order makes every earlier link worthless, and so does another
secret. A link to the picture alone (for other systems) is signed for that, and opens nothing else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from api.errors import Problem
from api.settings import Settings
from api.unit import Unit
from models import WorkOrder

MAC_BYTES = 16  # 128 bits: 2**127 guesses on average, each of them a request
FACTS = struct.Struct(">16sIQ")
MARK = "wwl_"
"""What tokens begin with: logs leave out whatever begins so."""
LENGTH = 59
"""Characters behind the mark."""


class Purpose(StrEnum):
    """What a link opens."""

    PAGE = "page"
    PICTURE = "picture"


class LinkEnded(Problem):
    """A link that was never ours, has expired or was replaced: nobody is told which."""

    status = 404

    def __init__(self) -> None:
        super().__init__("This link does not work, or does not work any more: ask whoever sent it for a new one.")


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says."""

    order_id: str
    number: int
    until: datetime


def token_of(settings: Settings, order: WorkOrder, now: datetime, purpose: Purpose = Purpose.PAGE) -> str:
    """A token for an order, good for `cleanup.link_days` from now."""
    until = now + timedelta(days=settings.cleanup.link_days)
    facts = FACTS.pack(bytes.fromhex(order.id), order.link_number, int(until.timestamp()))
    return MARK + base64.urlsafe_b64encode(facts + _mac(settings, purpose, facts)).rstrip(b"=").decode()


def address_of(settings: Settings, order: WorkOrder, now: datetime, *, base: str = "") -> str:
    """The page's address for people, such as `https://…/w/TOKEN`.

    Args:
        settings: of the installation; `web.origin` comes before `base`.
        order: the work order.
        now: from when the link is good.
        base: scheme and host that were asked, where no origin is set; with neither it is a path.
    """
    return f"{(settings.web.origin or base).rstrip('/')}/w/{token_of(settings, order, now)}"


def read(settings: Settings, token: str, now: datetime, purpose: Purpose = Purpose.PAGE) -> Link:
    """What a token says; LinkEnded unless it was signed here for this purpose and has not expired.

    The MAC is compared in constant time, before anything of the token is believed.
    """
    signed = token.removeprefix(MARK)
    try:
        data = base64.b64decode(signed + "=", altchars=b"-_", validate=True) if len(signed) == LENGTH else b""
    except (binascii.Error, ValueError):
        data = b""
    facts, mac = data[: FACTS.size], data[FACTS.size :]
    if len(mac) != MAC_BYTES or not hmac.compare_digest(mac, _mac(settings, purpose, facts)):
        raise LinkEnded
    order_id, number, until_s = FACTS.unpack(facts)
    until = datetime.fromtimestamp(until_s, UTC)
    if now >= until:
        raise LinkEnded
    return Link(order_id.hex(), number, until)


def order_of(unit: Unit, settings: Settings, token: str, purpose: Purpose = Purpose.PAGE) -> WorkOrder:
    """The order that a token opens, its territory with it; LinkEnded also when its links were replaced since."""
    link = read(settings, token, unit.clock.now(), purpose)
    order = unit.session.scalar(
        select(WorkOrder).where(WorkOrder.id == link.order_id).options(joinedload(WorkOrder.territory))
    )
    if order is None or order.link_number != link.number:
        raise LinkEnded
    return order


def _mac(settings: Settings, purpose: Purpose, facts: bytes) -> bytes:
    secret = settings.secret.get_secret_value().encode()
    key = hmac.new(secret, f"work-order-link\0{purpose}".encode(), hashlib.sha256).digest()
    return hmac.new(key, facts, hashlib.sha256).digest()[:MAC_BYTES]
