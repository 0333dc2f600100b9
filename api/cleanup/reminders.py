"""Orders that are not painted in time: the chats are reminded kindly, and investigators get a notice each time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, or_, select

from api.cleanup.holds import holding, is_held
from api.cleanup.letters import remind_chats
from api.cleanup.sending import sending_of
from api.cleanup.settings import CleanupSettings
from api.cleanup.states import WAITING, Action
from api.cleanup.steps import MACHINE, changing, turn
from api.notices.service import notify
from api.settings import Settings
from api.unit import Unit
from models import Address, OrderState, Sighting, SightingState, WorkOrder

OVERDUE = "order.overdue"
CLOSED_AFTER = timedelta(days=14)
"""A verified order on whose wall nothing was seen for so long is closed."""


def overdue(unit: Unit, settings: CleanupSettings, *, limit: int) -> list[str]:
    """Ids of orders whose next reminder is due, the longest due first; held ones are left in peace."""
    now, pause = unit.clock.now(), timedelta(days=settings.remind_every_days)
    due = [
        and_(WorkOrder.reminders == number, WorkOrder.due_at <= now - number * pause)
        for number in range(settings.most_reminders)
    ]
    if not due:
        return []
    asked = select(WorkOrder.id).where(WorkOrder.state.in_(WAITING), WorkOrder.due_at <= now, or_(*due), ~is_held())
    return list(unit.session.scalars(asked.order_by(WorkOrder.due_at, WorkOrder.id).limit(limit)))


def remind(unit: Unit, settings: Settings, order_id: str) -> bool:
    """Remind of an order once more and say so to investigators; False when it is not, or no longer, to be reminded."""
    order = changing(unit, order_id)
    limits, now = settings.cleanup, unit.clock.now()
    if order.state not in WAITING or order.due_at is None or order.reminders >= limits.most_reminders:
        return False
    if order.due_at + order.reminders * timedelta(days=limits.remind_every_days) > now:
        return False
    if holding(unit.session, order.inscription_id) is not None:
        return False
    order.reminders += 1
    turn(unit, order, Action.REMIND, by=MACHINE, reminder=order.reminders, due_at=order.due_at.isoformat())
    remind_chats(unit, settings, order, sending=sending_of(unit, order))
    _notice(unit, order)
    return True


def done(unit: Unit, *, limit: int) -> list[str]:
    """Ids of verified orders that may be closed, the longest verified first."""
    asked = select(WorkOrder.id).where(
        WorkOrder.state == OrderState.VERIFIED, WorkOrder.state_at <= unit.clock.now() - CLOSED_AFTER
    )
    return list(unit.session.scalars(asked.order_by(WorkOrder.state_at, WorkOrder.id).limit(limit)))


def close(unit: Unit, order_id: str) -> bool:
    """Close a verified order; False when something happened to it meanwhile."""
    order = changing(unit, order_id)
    if order.state != OrderState.VERIFIED or order.state_at > unit.clock.now() - CLOSED_AFTER:
        return False
    turn(unit, order, Action.CLOSE, by=MACHINE)
    return True


def _notice(unit: Unit, order: WorkOrder) -> None:
    """Tell investigators, under the address that was seen on the wall last; a wall without any has no notice."""
    asked = select(Sighting).where(
        Sighting.inscription_id == order.inscription_id, Sighting.state != SightingState.REJECTED
    )
    sighting = unit.session.scalar(asked.order_by(Sighting.seen_at.desc(), Sighting.id).limit(1))
    if sighting is None:
        return
    notify(
        unit,
        OVERDUE,
        unit.session.get_one(Address, sighting.address_id),
        sighting_id=sighting.id,
        order=order.id,
        number=order.number,
        reminder=order.reminders,
        state=order.state,
    )
