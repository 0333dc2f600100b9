"""What people do with a work order: one function for every step that a person may ask for by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from api.cleanup.holds import must_not_be_held
from api.cleanup.letters import tell_chats
from api.cleanup.orders import active_order, territory_for
from api.cleanup.sending import send
from api.cleanup.states import NOT_BY_NAME, WAITING, WITH_REASON, Action
from api.cleanup.steps import ACCOUNT, By, OrderStepRefused, changing, must_follow, must_say_why, turn
from api.cleanup.verified import unmark, verify
from api.errors import Problem
from api.settings import Settings
from api.unit import Unit
from models import Assigned, OrderState, WorkOrder


class OrderActive(Problem):
    """A closed order of a wall that has another one by now."""

    status = 409

    def __init__(self, order: WorkOrder) -> None:
        super().__init__(f"This wall has work order {order.number} already: go on with that one.")
        self.order_id, self.number = order.id, order.number


class TerritoryMissing(Problem):
    """An order is to go somewhere, and nobody says where."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Say which territory the work order goes to: the step assign needs one.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants done.

    Attributes:
        reason: needed by `paint`, `not_ours`, `not_painted`, `cancel` and `reopen`; by others kept when it is given.
        territory_id: of `assign`.
        is_back: of `reopen`: the wall was painted over and is written on again. Else it never was, and the mark that
            the order made is taken back.
    """

    action: Action
    reason: str | None = None
    territory_id: str | None = None
    is_back: bool = False


def act(
    unit: Unit, settings: Settings, order_id: str, wish: Wish, *, version: int | None = None, by: By = ACCOUNT
) -> WorkOrder:
    """The order after a step; with a version only if it is still the one that was seen.

    Raises:
        NotFound, OrderChanged, OrderStepRefused, OrderReasonMissing, WallHeld, OrderWithoutTerritory,
            TerritoryWithoutChat, TerritoryMissing, OrderActive: each as its name says; nothing was changed.
    """
    if wish.action is Action.SEND:
        return send(unit, settings, order_id, version=version, by=by, reason=wish.reason)
    order = changing(unit, order_id, version=version)
    must_follow(order, wish.action)
    if wish.action in NOT_BY_NAME:
        raise OrderStepRefused(order.state, wish.action)
    if wish.action in WITH_REASON:
        must_say_why(wish.action, wish.reason)
    _DEEDS.get(wish.action, _turn)(unit, settings, order, wish, by)
    return order


def _turn(unit: Unit, _settings: Settings, order: WorkOrder, wish: Wish, by: By) -> None:
    turn(unit, order, wish.action, by=by, reason=wish.reason)


def _accept(unit: Unit, _settings: Settings, order: WorkOrder, wish: Wish, by: By) -> None:
    must_not_be_held(unit.session, order.inscription_id)
    turn(unit, order, Action.ACCEPT, by=by, reason=wish.reason)


def _assign(unit: Unit, _settings: Settings, order: WorkOrder, wish: Wish, by: By) -> None:
    if wish.territory_id is None:
        raise TerritoryMissing
    before, after = order.territory_id, territory_for(unit, wish.territory_id).id
    order.territory_id, order.assigned = after, Assigned.HAND
    turn(unit, order, Action.ASSIGN, by=by, reason=wish.reason, territory=after, territory_before=before)


def _not_ours(unit: Unit, _settings: Settings, order: WorkOrder, wish: Wish, by: By) -> None:
    before, order.territory_id, order.assigned = order.territory_id, None, Assigned.NONE
    order.due_at, order.reminders = None, 0
    turn(unit, order, Action.NOT_OURS, by=by, reason=wish.reason, territory_before=before)


def _verify(unit: Unit, settings: Settings, order: WorkOrder, wish: Wish, by: By) -> None:
    verify(unit, order, by=by, reason=wish.reason)
    if order.state == OrderState.VERIFIED:  # a later photo may have opened it again at once
        _tell(unit, settings, order, "verified")


def _not_painted(unit: Unit, settings: Settings, order: WorkOrder, wish: Wish, by: By) -> None:
    turn(unit, order, Action.NOT_PAINTED, by=by, reason=wish.reason)
    _tell(unit, settings, order, "not_painted")


def _cancel(unit: Unit, settings: Settings, order: WorkOrder, wish: Wish, by: By) -> None:
    was_asked = order.state in WAITING
    turn(unit, order, Action.CANCEL, by=by, reason=wish.reason)
    if was_asked:
        _tell(unit, settings, order, "cancelled")


def _reopen(unit: Unit, _settings: Settings, order: WorkOrder, wish: Wish, by: By) -> None:
    other = active_order(unit, order.inscription_id)
    if other is not None and other.id != order.id:
        raise OrderActive(other)
    if not wish.is_back:
        unmark(unit, order, reason=must_say_why(Action.REOPEN, wish.reason))
    order.reopened += 1
    order.due_at, order.reminders = None, 0
    try:
        with unit.session.begin_nested():
            turn(unit, order, Action.REOPEN, by=by, reason=wish.reason, is_back=wish.is_back)
    except IntegrityError:
        unit.session.refresh(order)
        raise OrderActive(active_order(unit, order.inscription_id) or order) from None


def _tell(unit: Unit, settings: Settings, order: WorkOrder, name: str) -> None:
    """To the chats; the order's version, which this step raised, names the occasion."""
    tell_chats(unit, settings, order, name, key=f"{name}:{order.version}")


_DEEDS: dict[Action, Callable[[Unit, Settings, WorkOrder, Wish, By], None]] = {
    Action.ACCEPT: _accept,
    Action.ASSIGN: _assign,
    Action.NOT_OURS: _not_ours,
    Action.VERIFY: _verify,
    Action.NOT_PAINTED: _not_painted,
    Action.CANCEL: _cancel,
    Action.REOPEN: _reopen,
}
