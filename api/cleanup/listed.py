"""Work orders as the pages list them: the overdue ones by how long they are, others as `orders.page` has them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import joinedload

from api.cleanup.states import WAITING
from api.inscriptions.repository import Before
from api.unit import Unit
from models import WorkOrder


def overdue(unit: Unit, *, territory_id: str | None, after: Before | None, limit: int) -> Sequence[WorkOrder]:
    """Orders that should be painted by now, the longest overdue first; one more than `limit` when there are more.

    Args:
        unit: of whoever looks.
        territory_id: only this territory's.
        after: due time and id of the last one that was seen.
        limit: how many.
    """
    wanted = select(WorkOrder).where(WorkOrder.state.in_(WAITING), WorkOrder.due_at <= unit.clock.now())
    if territory_id is not None:
        wanted = wanted.where(WorkOrder.territory_id == territory_id)
    if after is not None:
        wanted = wanted.where(tuple_(WorkOrder.due_at, WorkOrder.id) > tuple_(*after))
    order = WorkOrder.due_at, WorkOrder.id
    return unit.session.scalars(wanted.options(joinedload(WorkOrder.territory)).order_by(*order).limit(limit + 1)).all()
