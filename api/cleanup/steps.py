"""Steps of a work order: checked against the table, written down with who, when, why and through what.

Whoever changes a work order takes the watchlist's turn first, so that numbers of orders and of steps cannot meet, and a
verified order may mark its wall in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from api.audit.service import record
from api.cleanup.states import Action, leads_to, may_follow, next_of
from api.errors import NotFound, Problem
from api.intake.text import clean_note
from api.unit import Unit
from api.watchlist.turn import take_turn
from models import OrderState, WorkOrder, WorkOrderStep


class OrderChanged(Problem):
    """Somebody changed the work order meanwhile."""

    status = 409

    def __init__(self, *, version: int, now: str) -> None:
        super().__init__("This work order has changed since you loaded it: look again before you change it.")
        self.version, self.order_state = version, now


class OrderStepRefused(Problem):
    """A step that may not follow where the work order stands."""

    status = 409

    def __init__(self, state: str, action: Action) -> None:
        allowed = next_of(state)
        super().__init__(f"A work order that is {state} allows no {action}: there are {', '.join(allowed)}.")
        self.order_state, self.step, self.next_steps = state, str(action), allowed


class OrderReasonMissing(Problem):
    """A step that needs a reason, without one that can be read."""

    status = 422

    def __init__(self, action: Action) -> None:
        super().__init__(f"Say why: the step {action} needs a reason.")
        self.step = str(action)


@dataclass(frozen=True, slots=True)
class By:
    """Through what a step came: nothing of it for a person at the pages or the API.

    Attributes:
        channel: `telegram`, `whatsapp`, `mail`, `link`, `open311`; None for accounts.
        contact_id: the contact whose chat it came from.
        arrival_seq: what arrived.
        is_machine: the program decided by itself, whoever's transaction it is.
    """

    channel: str | None = None
    contact_id: str | None = None
    arrival_seq: int | None = None
    is_machine: bool = False


ACCOUNT, MACHINE = By(), By(is_machine=True)


def changing(unit: Unit, order_id: str, *, version: int | None = None) -> WorkOrder:
    """The work order, locked, in the watchlist's turn; with a version only if it is still that one.

    Raises:
        NotFound, OrderChanged: each as its name says.
    """
    take_turn(unit.session)
    order = unit.session.get(WorkOrder, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise NotFound("work order")
    if version is not None and order.version != version:
        raise OrderChanged(version=order.version, now=order.state)
    return order


def must_follow(order: WorkOrder, action: Action) -> None:
    """Nothing when the step may be made. OrderStepRefused."""
    if not may_follow(order.state, action):
        raise OrderStepRefused(order.state, action)


def turn(
    unit: Unit, order: WorkOrder, action: Action, *, by: By = ACCOUNT, reason: str | None = None, **facts: Any
) -> WorkOrderStep:
    """Make a step of an order that was taken with `changing`, and write it down.

    Raises:
        OrderStepRefused: the table has no such step from here.
    """
    must_follow(order, action)
    before, after = order.state, leads_to(order.state, action)
    why = clean_note(reason or "") or None
    row = write(unit, order, action, before=before, after=after, by=by, reason=why, **facts)
    if before != after:
        order.state, order.state_at = after, row.at
    order.is_active = after != OrderState.CLOSED
    order.version += 1
    unit.session.flush()
    record(
        unit,
        f"order.{action}",
        order.id,
        number=order.number,
        before=before,
        after=str(after),
        reason=why,
        channel=by.channel,
        contact=by.contact_id,
        **facts,
    )
    return row


def write(
    unit: Unit,
    order: WorkOrder,
    action: str,
    *,
    before: str | None,
    after: str,
    by: By = ACCOUNT,
    reason: str | None = None,
    **facts: Any,
) -> WorkOrderStep:
    """The row of a step, with the next number. Call it in your turn."""
    unit.session.flush()
    row = WorkOrderStep(
        order_id=order.id,
        number=last_number(unit, order.id) + 1,
        action=str(action),
        from_state=before,
        to_state=str(after),
        at=unit.clock.now(),
        account_id=None if by.is_machine or by.contact_id else unit.actor.account_id,
        contact_id=by.contact_id,
        channel=by.channel,
        arrival_seq=by.arrival_seq,
        reason=reason,
        facts=facts,
    )
    unit.session.add(row)
    unit.session.flush()
    return row


def last_number(unit: Unit, order_id: str) -> int:
    """The number of an order's last step; 0 before the first."""
    asked = select(func.max(WorkOrderStep.number)).where(WorkOrderStep.order_id == order_id)
    return unit.session.scalar(asked) or 0


def last_step(unit: Unit, order_id: str) -> WorkOrderStep | None:
    """An order's last step; None before the first."""
    asked = select(WorkOrderStep).where(WorkOrderStep.order_id == order_id)
    return unit.session.scalar(asked.order_by(WorkOrderStep.number.desc()).limit(1))


def last_of(unit: Unit, order_id: str, *actions: Action) -> WorkOrderStep | None:
    """The last step that is one of these; None when there was none."""
    asked = select(WorkOrderStep).where(
        WorkOrderStep.order_id == order_id, WorkOrderStep.action.in_([str(action) for action in actions])
    )
    return unit.session.scalar(asked.order_by(WorkOrderStep.number.desc()).limit(1))


def must_say_why(action: Action, reason: str | None) -> str:
    """The reason, cleaned. OrderReasonMissing when nothing of it can be read."""
    why = clean_note(reason or "")
    if not why:
        raise OrderReasonMissing(action)
    return why
