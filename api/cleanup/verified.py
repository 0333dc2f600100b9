"""What a verified order does to its wall: it is marked as painted over, and the mark is taken back with the order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.cleanup.holds import wall_of
from api.cleanup.states import Action
from api.cleanup.steps import By, last_of, turn
from api.inscriptions.history import PAINTED
from api.inscriptions.service import PaintedAlready, PaintedInTheFuture, paint, unpaint
from api.unit import Unit
from models import WorkOrder


def verify(unit: Unit, order: WorkOrder, *, by: By, reason: str | None = None, **facts: Any) -> None:
    """Make a painted order a verified one, and mark its wall as painted over unless somebody has done so.

    The order was taken with `changing`. A photo from after the painting with writing on it opens it again at once.

    Raises:
        OrderStepRefused: it is not painted.
    """
    wall = wall_of(unit.session, order.inscription_id)
    marks = wall.state != PAINTED
    turn(unit, order, Action.VERIFY, by=by, reason=reason, marks=marks, **facts)
    if not marks:
        return
    painted_at = _painted_at(unit, order)
    if wall.first_seen_at is not None:
        painted_at = max(painted_at, wall.first_seen_at)
    try:
        paint(unit, wall.id, version=wall.version, painted_at=painted_at, reason=f"work order {order.number}")
    except (PaintedAlready, PaintedInTheFuture):  # marked by a person at a later time, or seen by a wrong clock
        return


def unmark(unit: Unit, order: WorkOrder, *, reason: str) -> bool:
    """Take back the mark that a verified order made; False when it made none, or something happened to it since."""
    step = last_of(unit, order.id, Action.VERIFY)
    if step is None or not step.facts.get("marks"):
        return False
    wall = wall_of(unit.session, order.inscription_id)
    if wall.painted_at is None or wall.painted_at != max(
        _painted_at(unit, order), wall.first_seen_at or wall.painted_at
    ):
        return False
    unpaint(unit, wall.id, version=wall.version, reason=reason)
    return True


def _painted_at(unit: Unit, order: WorkOrder) -> datetime:
    """When the association showed that it had painted."""
    step = last_of(unit, order.id, Action.PAINT)
    return step.at if step else unit.clock.now()
