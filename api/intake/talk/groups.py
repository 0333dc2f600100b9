"""What is no conversation: chats of several people, chats of territories, and buttons of work orders."""

from __future__ import annotations

import re

from sqlalchemy import select

from api.intake.channels.base import Arrival
from api.settings import Settings
from api.unit import Unit
from models import Arrived, TerritoryContact

_BIND = re.compile(r"/bind(?:@\w+)?\s+\S", re.IGNORECASE)


def is_for_cleanup(unit: Unit, arrival: Arrival) -> bool:
    """Whether clean-up is asked first."""
    if arrival.is_group or (arrival.button or "").startswith("order:") or _BIND.match(arrival.text or ""):
        return True
    return is_known(unit, arrival)


def taken_by_cleanup(unit: Unit, settings: Settings, arrival: Arrival, row: Arrived) -> bool:
    """Whether it was clean-up's; what it does is done then, in this transaction.

    Pictures of a territory's chat are kept by now: `row.content["kept"]` has their SHA-256.
    """
    from api.cleanup.chats import take  # noqa: PLC0415 - clean-up stands beside this room

    return take(unit, settings, arrival, row)


def is_known(unit: Unit, arrival: Arrival) -> bool:
    """Whether it comes from a chat of a territory: only of those is anything fetched."""
    contact = select(TerritoryContact.id).where(
        TerritoryContact.channel == arrival.channel,
        TerritoryContact.chat == arrival.chat,
        TerritoryContact.removed_at.is_(None),
    )
    return unit.session.scalar(contact.limit(1)) is not None
