"""Work orders: made for a wall, given to the territory that the wall lies in, found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, not_, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from api.audit.service import record
from api.cleanup.holds import is_held, wall_of
from api.cleanup.places import assigned
from api.cleanup.states import WAITING
from api.cleanup.steps import ACCOUNT, By, write
from api.errors import NotFound, Problem
from api.inscriptions import repository as inscriptions
from api.inscriptions.history import PAINTED, family
from api.intake.text import clean_note
from api.settings import Settings
from api.unit import Unit
from api.watchlist.filters import Region
from api.watchlist.repository import inside
from api.watchlist.turn import take_turn
from models import (
    Assigned,
    Inscription,
    OrderState,
    Sighting,
    SightingState,
    Territory,
    WorkOrder,
    WorkOrderPhoto,
    WorkOrderStep,
)

MOST_AT_ONCE = 100
"""Walls looked at when orders are made for an area."""


class WallPainted(Problem):
    """An order for a wall that is painted over."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This wall is painted over: there is nothing to do until writing is seen on it again.")


class WallWithoutPhoto(Problem):
    """A wall that nobody could be shown."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This inscription has no photo, so nobody could be shown what to paint over.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of orders is narrowed to; None leaves it open."""

    state: OrderState | None = None
    territory_id: str | None = None
    inscription_id: str | None = None
    region: Region | None = None
    is_overdue: bool | None = None
    is_held: bool | None = None
    is_active: bool | None = None


def open_order(
    unit: Unit,
    settings: Settings,
    inscription_id: str,
    *,
    territory_id: str | None = None,
    note: str | None = None,
    by: By = ACCOUNT,
) -> tuple[WorkOrder, bool]:
    """The wall's order that is not closed, and whether it is new: there is one at most.

    Without a territory the wall's place decides. What arrives second gets the order that is there, as it is.

    Raises:
        NotFound, WallPainted, WallWithoutPhoto: each as its name says.
    """
    take_turn(unit.session)
    wall = wall_of(unit.session, inscription_id)
    found = active_order(unit, wall.id)
    if found is not None:
        return found, False
    if wall.state == PAINTED:
        raise WallPainted
    order = WorkOrder(
        number=next_number(unit),
        inscription_id=wall.id,
        photo_sha256=_photo_of(unit, wall),
        lat=wall.lat,
        lon=wall.lon,
        note=clean_note(note or "") or None,
        opened_at=unit.clock.now(),
        state_at=unit.clock.now(),
    )
    facts = _give(unit, settings, order, territory_id)
    try:
        with unit.session.begin_nested():
            unit.session.add(order)
    except IntegrityError:
        return unit.session.scalars(_active(unit, wall.id)).one(), False
    write(unit, order, "open", before=None, after=OrderState.OPEN, by=by, reason=order.note, **facts)
    record(unit, "order.open", order.id, number=order.number, inscription=wall.id, photo=order.photo_sha256, **facts)
    return order, True


def open_for(
    unit: Unit, settings: Settings, region: Region, *, before: inscriptions.Before | None = None
) -> tuple[list[tuple[WorkOrder, bool]], Inscription | None]:
    """Orders for the walls of a region with writing on them, the last seen first, each with whether it is new.

    At most 100 walls are looked at; the last one of them when there are more beyond it. Walls without a photo are
    left out.
    """
    found = inscriptions.page(unit, inscriptions.Asked(region), before=before, limit=MOST_AT_ONCE)
    made = []
    for wall in found[:MOST_AT_ONCE]:
        if wall.state == PAINTED:
            continue
        try:
            made.append(open_order(unit, settings, wall.id))
        except WallWithoutPhoto:
            continue
    return made, found[MOST_AT_ONCE - 1] if len(found) > MOST_AT_ONCE else None


def next_number(unit: Unit) -> int:
    """The number of the next order. Call it in your turn: numbers cannot meet then."""
    return (unit.session.scalar(select(func.max(WorkOrder.number))) or 0) + 1


def active_order(unit: Unit, inscription_id: str) -> WorkOrder | None:
    """The order of a wall that is not closed, whichever of the inscriptions that became it has it."""
    return unit.session.scalar(_active(unit, inscription_id).limit(1))


def order_of(unit: Unit, order_id: str) -> WorkOrder:
    """An order by its id, with its territory. NotFound."""
    asked = select(WorkOrder).where(WorkOrder.id == order_id).options(joinedload(WorkOrder.territory))
    found = unit.session.scalar(asked)
    if found is None:
        raise NotFound("work order")
    return found


def order_by_number(unit: Unit, number: int) -> WorkOrder:
    """An order by the number that people call it by. NotFound."""
    found = unit.session.scalar(
        select(WorkOrder).where(WorkOrder.number == number).options(joinedload(WorkOrder.territory))
    )
    if found is None:
        raise NotFound("work order")
    return found


def page(unit: Unit, asked: Asked, *, before: inscriptions.Before | None, limit: int) -> Sequence[WorkOrder]:
    """Orders, the last opened first, with their territories; one more than `limit` when there are more."""
    wanted = _narrowed(unit, select(WorkOrder), asked).options(joinedload(WorkOrder.territory))
    if before is not None:
        wanted = wanted.where(tuple_(WorkOrder.opened_at, WorkOrder.id) < tuple_(*before))
    order = WorkOrder.opened_at.desc(), WorkOrder.id.desc()
    return unit.session.scalars(wanted.order_by(*order).limit(limit + 1)).all()


def steps_of(unit: Unit, order_id: str) -> Sequence[WorkOrderStep]:
    """Every step of an order, the oldest first."""
    asked = select(WorkOrderStep).where(WorkOrderStep.order_id == order_id)
    return unit.session.scalars(asked.order_by(WorkOrderStep.number)).all()


def photos_of(unit: Unit, order_id: str) -> Sequence[WorkOrderPhoto]:
    """The photos after painting, the oldest first."""
    asked = select(WorkOrderPhoto).where(WorkOrderPhoto.order_id == order_id)
    return unit.session.scalars(asked.order_by(WorkOrderPhoto.received_at, WorkOrderPhoto.photo_sha256)).all()


def territory_for(unit: Unit, territory_id: str) -> Territory:
    """A territory that orders may be given to, with its contacts. NotFound when there is none, or it was removed."""
    asked = select(Territory).where(Territory.id == territory_id, Territory.removed_at.is_(None))
    found = unit.session.scalar(asked.options(selectinload(Territory.contacts)))
    if found is None:
        raise NotFound("territory")
    return found


def _give(unit: Unit, settings: Settings, order: WorkOrder, territory_id: str | None) -> dict[str, object]:
    """Put an order into a territory: the one that was named, or the one that its place says; what was found out."""
    if territory_id is not None:
        order.territory_id, order.assigned = territory_for(unit, territory_id).id, Assigned.HAND
        return {"territory": territory_id, "assigned": "hand"}
    found = assigned(unit, order.lat, order.lon, nearest_m=settings.cleanup.nearest_m)
    order.territory_id, order.assigned = found.territory_id, found.how
    return {"territory": found.territory_id, "assigned": str(found.how), "distance_m": found.distance_m}


def _photo_of(unit: Unit, wall: Inscription) -> str:
    """The newest photo on which something counts, or else the newest at all. WallWithoutPhoto."""
    seen = select(Sighting.photo_sha256).where(
        Sighting.inscription_id == wall.id, Sighting.state != SightingState.REJECTED
    )
    found = unit.session.scalar(seen.order_by(Sighting.seen_at.desc(), Sighting.id).limit(1))
    found = found or inscriptions.newest_photos(unit, [wall.id]).get(wall.id)
    if found is None:
        raise WallWithoutPhoto
    return found


def _active(unit: Unit, inscription_id: str) -> Select[WorkOrder]:
    walls = family(unit.session, wall_of(unit.session, inscription_id).id)
    return select(WorkOrder).where(WorkOrder.inscription_id.in_(walls), WorkOrder.is_active)


def _narrowed(unit: Unit, wanted: Select[WorkOrder], asked: Asked) -> Select[WorkOrder]:
    if asked.state is not None:
        wanted = wanted.where(WorkOrder.state == asked.state)
    if asked.territory_id is not None:
        wanted = wanted.where(WorkOrder.territory_id == asked.territory_id)
    if asked.inscription_id is not None:
        wanted = wanted.where(
            WorkOrder.inscription_id.in_(family(unit.session, wall_of(unit.session, asked.inscription_id).id))
        )
    if asked.region is not None:
        wanted = wanted.where(*inside(WorkOrder, asked.region))
    if asked.is_overdue is not None:
        wanted = wanted.where(*_overdue(unit)) if asked.is_overdue else wanted.where(not_(and_(*_overdue(unit))))
    if asked.is_held is not None:
        wanted = wanted.where(is_held() if asked.is_held else ~is_held())
    if asked.is_active is not None:
        wanted = wanted.where(WorkOrder.is_active == asked.is_active)
    return wanted


def _overdue(unit: Unit) -> tuple[ColumnElement[bool], ...]:
    return WorkOrder.state.in_(WAITING), WorkOrder.due_at.is_not(None), WorkOrder.due_at <= unit.clock.now()
