"""Signed links given out and ended: for those who are to paint and have no messenger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.audit.service import record
from api.cleanup.holds import must_not_be_held
from api.cleanup.links import address_of
from api.cleanup.states import Action
from api.cleanup.steps import By, changing, must_follow, turn
from api.settings import Settings
from api.unit import Unit
from models import WorkOrder

BY = By(channel="link")


@dataclass(frozen=True, slots=True)
class Given:
    """A link that was given out; it is shown once and not kept."""

    order: WorkOrder
    address: str
    until: datetime


def give_link(
    unit: Unit, settings: Settings, order_id: str, *, version: int, is_handed_over: bool = False, base: str = ""
) -> Given:
    """A link to an order. Handed over to whoever is to paint, an open order counts as sent, and is due from now on.

    Args:
        unit: of whoever gives it.
        settings: the installation's.
        order_id: the order's.
        version: of the order that was seen.
        is_handed_over: somebody will be given it who is to paint the wall over.
        base: scheme and host, where no origin is set.

    Raises:
        NotFound, OrderChanged, OrderStepRefused, WallHeld: each as its name says; nothing was changed.
    """
    order = changing(unit, order_id, version=version)
    now = unit.clock.now()
    if is_handed_over:
        must_follow(order, Action.SEND)
        must_not_be_held(unit.session, order.inscription_id)
        order.due_at, order.reminders = now + timedelta(days=settings.cleanup.due_days), 0
        if order.place_text is None and not settings.cleanup.geocoder:
            order.place_text = ""
        turn(unit, order, Action.SEND, by=BY, territory=order.territory_id, due_at=order.due_at.isoformat(), chats=[])
    else:
        record(unit, "order.link", order.id, number=order.number, link=order.link_number)
    until = now + timedelta(days=settings.cleanup.link_days)
    return Given(order, address_of(settings, order, now, base=base), until)


def end_links(unit: Unit, order_id: str, *, version: int) -> WorkOrder:
    """Make every link that was given out worthless. NotFound, OrderChanged."""
    order = changing(unit, order_id, version=version)
    order.link_number += 1
    order.version += 1
    unit.session.flush()
    record(unit, "order.links_ended", order.id, number=order.number, link=order.link_number)
    return order
