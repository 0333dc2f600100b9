"""Sending a work order to the chats of its territory."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from api.cleanup.holds import must_not_be_held
from api.cleanup.letters import ask_chats, chats_of
from api.cleanup.states import WAITING, Action
from api.cleanup.steps import ACCOUNT, By, changing, last_of, must_follow, turn
from api.errors import Problem
from api.settings import Settings
from api.unit import Unit
from models import OrderState, WorkOrder


class OrderWithoutTerritory(Problem):
    """An order that nobody could be sent."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This work order has no territory: assign one, then send it.")


class TerritoryWithoutChat(Problem):
    """A territory whose contacts no message can reach."""

    status = 409

    def __init__(self, territory_id: str) -> None:
        super().__init__(
            "This territory has no contact with a chat: add one, or have its code written into the group, then send."
        )
        self.territory = territory_id


def send(
    unit: Unit,
    settings: Settings,
    order_id: str,
    *,
    version: int | None = None,
    by: By = ACCOUNT,
    reason: str | None = None,
) -> WorkOrder:
    """The order, sent to every chat of its territory and due from now on.

    With a geocoder, an order whose street address nobody has asked for yet is sent by the worker once it has asked.

    Raises:
        NotFound, OrderChanged, OrderStepRefused, WallHeld, OrderWithoutTerritory, TerritoryWithoutChat: each as its
            name says; nothing was changed.
    """
    order = changing(unit, order_id, version=version)
    must_follow(order, Action.SEND)
    must_not_be_held(unit.session, order.inscription_id)
    if order.territory_id is None:
        raise OrderWithoutTerritory
    chats = chats_of(unit, order.territory_id)
    if not chats:
        raise TerritoryWithoutChat(order.territory_id)
    if order.place_text is None and not settings.cleanup.geocoder:
        order.place_text = ""
    order.due_at, order.reminders = unit.clock.now() + timedelta(days=settings.cleanup.due_days), 0
    facts = {"territory": order.territory_id, "due_at": order.due_at.isoformat(), "chats": [each.id for each in chats]}
    step = turn(unit, order, Action.SEND, by=by, reason=reason, **facts)
    if order.place_text is not None:
        ask_chats(unit, settings, order, sending=step.number)
    return order


def sending_of(unit: Unit, order: WorkOrder) -> int:
    """The number of the step that sent an order last; 0 when nothing ever did."""
    step = last_of(unit, order.id, Action.SEND)
    return step.number if step else 0


def unplaced(unit: Unit, *, limit: int, with_open: bool) -> list[WorkOrder]:
    """Orders whose street address nobody has asked for yet, those that wait to be sent first; if wished, open ones."""
    asked = select(WorkOrder).where(WorkOrder.is_active, WorkOrder.place_text.is_(None))
    order = WorkOrder.opened_at, WorkOrder.id
    found = list(unit.session.scalars(asked.where(WorkOrder.state.in_(WAITING)).order_by(*order).limit(limit)))
    if with_open and len(found) < limit:
        still_open = asked.where(WorkOrder.state == OrderState.OPEN).order_by(*order)
        found += unit.session.scalars(still_open.limit(limit - len(found)))
    return found


def place(unit: Unit, settings: Settings, order_id: str, text: str) -> bool:
    """Keep what a geocoder said of an order's place, and send it if it waits for that; False when it is known already.

    Empty: nothing is known, the coordinates must do.
    """
    order = changing(unit, order_id)
    if order.place_text is not None:
        return False
    order.place_text = text
    unit.session.flush()
    if order.state in WAITING:
        ask_chats(unit, settings, order, sending=sending_of(unit, order))
    return True
