"""What follows for work orders when writing is back on a painted wall, and when it turns out that it was not.

Called by the history of inscriptions in its own transaction, in the watchlist's turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from api.audit.service import record
from api.cleanup.states import Action
from api.cleanup.steps import MACHINE, last_of, last_step, turn, write
from api.unit import Unit
from models import OrderState, Sighting, WorkOrder

REOPENED_WITHIN = timedelta(days=60)
"""An order that was closed longer ago is not opened again: the wall gets a new one, which names it."""


def writing_back(unit: Unit, walls: Sequence[str], sighting: Sighting) -> None:
    """Open the wall's order again, or a new one that refers to it when it was closed long ago.

    An order that is still under way goes on as it is; one that was withdrawn, or a wall that never had any, stays so.

    Args:
        unit: the transaction.
        walls: the inscription and those that were merged into it.
        sighting: what shows the writing.
    """
    order = unit.session.scalar(
        select(WorkOrder)
        .where(WorkOrder.inscription_id.in_(walls))
        .order_by(WorkOrder.is_active.desc(), WorkOrder.number.desc())
        .limit(1)
        .with_for_update()
    )
    if order is None or last_of(unit, order.id, Action.VERIFY) is None:
        return
    if order.state == OrderState.VERIFIED or _was_done_lately(unit, order):
        order.reopened += 1
        order.due_at, order.reminders = None, 0
        before, order.photo_sha256 = order.photo_sha256, sighting.photo_sha256
        turn(unit, order, Action.REOPEN, by=MACHINE, sighting=sighting.id, photo_before=before)
    elif order.state == OrderState.CLOSED and _was_done(unit, order):
        _new_after(unit, order, sighting)


def writing_gone(unit: Unit, walls: Sequence[str], sighting_id: str) -> None:
    """Take back what `writing_back` did because of this sighting, unless somebody has gone on with the order since."""
    asked = select(WorkOrder).where(WorkOrder.inscription_id.in_(walls), WorkOrder.state == OrderState.OPEN)
    for order in unit.session.scalars(asked.with_for_update()):
        step = last_step(unit, order.id)
        if step is None or step.facts.get("sighting") != sighting_id:
            continue
        if step.action == Action.REOPEN:
            order.reopened -= 1
            order.photo_sha256 = step.facts["photo_before"]
            turn(unit, order, Action.STAY_PAINTED, by=MACHINE, sighting=sighting_id)
        else:
            turn(unit, order, Action.CANCEL, by=MACHINE, sighting=sighting_id)


def _was_done(unit: Unit, order: WorkOrder) -> bool:
    """Whether it was closed as done, not withdrawn."""
    step = last_of(unit, order.id, Action.CLOSE, Action.CANCEL)
    return step is not None and step.action == Action.CLOSE


def _was_done_lately(unit: Unit, order: WorkOrder) -> bool:
    is_late = order.state_at + REOPENED_WITHIN < unit.clock.now()
    return order.state == OrderState.CLOSED and not is_late and _was_done(unit, order)


def _new_after(unit: Unit, old: WorkOrder, sighting: Sighting) -> None:
    now = unit.clock.now()
    number = (unit.session.scalar(select(func.max(WorkOrder.number))) or 0) + 1
    order = WorkOrder(
        number=number,
        inscription_id=sighting.inscription_id,
        territory_id=old.territory_id,
        assigned=old.assigned,
        photo_sha256=sighting.photo_sha256,
        lat=old.lat,
        lon=old.lon,
        place_text=old.place_text,
        opened_at=now,
        state_at=now,
    )
    unit.session.add(order)
    unit.session.flush()
    facts: dict[str, Any] = {"earlier": old.number, "sighting": sighting.id, "territory": old.territory_id}
    write(unit, order, "open", before=None, after=OrderState.OPEN, by=MACHINE, **facts)
    record(unit, "order.open", order.id, number=number, inscription=order.inscription_id, **facts)
