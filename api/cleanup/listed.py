"""Work orders as the pages list them: the overdue ones by how long they are, others as `orders.page` has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import joinedload

from api.cleanup.states import WAITING
from api.inscriptions.repository import Before
from api.unit import Unit
from models import Territory, WorkOrder


def overdue(unit: Unit, *, territory_id: str | None, after: Before | None, limit: int) -> Sequence[WorkOrder]:
    """Orders that should be painted by now, the longest overdue first; one more than `limit` when there are more.

    Args:
        unit: of whoever looks.
        territory_id: only this territory's.
        after: due time and id of the last one that was seen.
        limit: how many.
    """
    found: list[WorkOrder] = []
    for state in WAITING:  # each from its own end of one index, instead of all of both to be sorted
        wanted = select(WorkOrder).where(WorkOrder.state == state, WorkOrder.due_at <= unit.clock.now())
        if territory_id is not None:
            wanted = wanted.where(WorkOrder.territory_id == territory_id)
        if after is not None:
            wanted = wanted.where(tuple_(WorkOrder.due_at, WorkOrder.id) > tuple_(*after))
        wanted = wanted.options(joinedload(WorkOrder.territory).defer(Territory.area))
        found += unit.session.scalars(wanted.order_by(WorkOrder.due_at, WorkOrder.id).limit(limit + 1))
    found.sort(key=lambda order: (order.due_at or order.opened_at, order.id))
    return found[: limit + 1]


@dataclass(frozen=True, slots=True)
class Named:
    """A territory to choose."""

    id: str
    name_ru: str
    name_kk: str


def named(unit: Unit, *, limit: int) -> list[Named]:
    """Territories by their Russian name, with nothing but their names."""
    asked = select(Territory.id, Territory.name_ru, Territory.name_kk).where(Territory.removed_at.is_(None))
    rows = unit.session.execute(asked.order_by(Territory.name_ru, Territory.id).limit(limit))
    return [Named(row[0], row[1], row[2]) for row in rows]
