"""Work orders and holds over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from api.accounts.roles import Scope
from api.cleanup import after, holds, orders
from api.cleanup.acting import Wish, act
from api.cleanup.schemas import (
    DecisionIn,
    HoldIn,
    HoldOut,
    HoldsOut,
    OrderDetailOut,
    OrderIn,
    OrderMadeOut,
    OrderOut,
    OrderPageOut,
    OrdersIn,
    OrdersMadeOut,
    OrderStepIn,
    UndecidedOut,
    UndecidedPageOut,
    hold_out,
    order_out,
    photo_out,
    step_out,
)
from api.cleanup.states import Action
from api.deps import Process, ReadingUnit, WritingUnit, needs
from api.errors import Problem
from api.intake.cursors import decode_cursor, encode_cursor
from api.unit import Unit
from api.watchlist.query import region_of
from models import Account, OrderState, TerritoryContact

router = APIRouter(prefix="/v1/orders", tags=["cleanup"])
holds_router = APIRouter(prefix="/v1/inscriptions/{inscription_id}/hold", tags=["cleanup"])
READ, WRITE = [needs(Scope.ORDERS_READ)], [needs(Scope.ORDERS_WRITE)]
HOLD = [needs(Scope.WATCHLIST_WRITE)]
MOST_UNDECIDED = 200

Cursor = Annotated[str | None, Query(max_length=300)]
Limit = Annotated[int, Query(ge=1, le=200)]


class AreaMissing(Problem):
    """Orders for an area that nobody named."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Say which area: send box or circle.")


@router.get("", dependencies=READ, summary="Work orders, the last opened first")
def get_orders(
    unit: ReadingUnit,
    *,
    state: OrderState | None = None,
    territory: Annotated[str | None, Query(max_length=32, description="the id of a territory")] = None,
    inscription: Annotated[str | None, Query(max_length=32, description="the id of an inscription")] = None,
    in_box: Annotated[str | None, Query(alias="box", max_length=100, examples=["54.8,69.0,54.95,69.3"])] = None,
    in_circle: Annotated[str | None, Query(alias="circle", max_length=100, examples=["54.87,69.15,1500"])] = None,
    overdue: Annotated[bool | None, Query(description="not painted in time")] = None,
    held: Annotated[bool | None, Query(description="the wall must not be painted over yet")] = None,
    active: Annotated[bool | None, Query(description="not closed")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> OrderPageOut:
    """One page, narrowed to what is asked for."""
    asked = orders.Asked(
        state, territory, inscription, region_of(in_box, in_circle), is_overdue=overdue, is_held=held, is_active=active
    )
    found = orders.page(unit, asked, before=decode_cursor(cursor) if cursor else None, limit=limit)
    shown, now = found[:limit], unit.clock.now()
    following = encode_cursor(shown[-1].opened_at, shown[-1].id) if len(found) > limit else None
    return OrderPageOut(orders=[order_out(row, now=now) for row in shown], next=following)


@router.post("", dependencies=WRITE, summary="A work order for a wall")
def make_order(body: OrderIn, unit: WritingUnit, services: Process, response: Response) -> OrderMadeOut:
    """201 with a new order, or 200 with the one that the wall has already and that is not closed."""
    row, is_new = orders.open_order(
        unit, services.settings, body.inscription, territory_id=body.territory, note=body.note
    )
    response.status_code = 201 if is_new else 200
    return OrderMadeOut(**_shown(unit, row.id).model_dump(), new=is_new)


@router.post("/area", dependencies=WRITE, summary="Work orders for the walls of an area")
def make_orders(body: OrdersIn, unit: WritingUnit, services: Process) -> OrdersMadeOut:
    """Every wall with writing on it gets one, unless it has one; 100 walls are looked at, `next` goes on."""
    region = region_of(body.box, body.circle)
    if region is None:
        raise AreaMissing
    before = decode_cursor(body.cursor) if body.cursor else None
    made, last = orders.open_for(unit, services.settings, region, before=before)
    now = unit.clock.now()
    return OrdersMadeOut(
        orders=[order_out(row, now=now) for row, _ in made],
        new=sum(is_new for _, is_new in made),
        next=encode_cursor(last.last_seen_at, last.id) if last and last.last_seen_at else None,
    )


@router.get("/undecided", dependencies=READ, summary="Photos after painting that a person has to look at")
def get_undecided(unit: ReadingUnit) -> UndecidedPageOut:
    """The comparison is not sure of these."""
    found, now = after.undecided(unit, limit=MOST_UNDECIDED), unit.clock.now()
    return UndecidedPageOut(
        waiting=[UndecidedOut(order=order_out(order, now=now), photo=photo_out(photo, {})) for order, photo in found]
    )


@router.get("/{order_id}", dependencies=READ, summary="One work order with its steps and photos")
def get_order(order_id: str, unit: ReadingUnit) -> OrderDetailOut:
    """What happened, who did it, through what and why."""
    row = orders.order_of(unit, order_id)
    steps, photos = orders.steps_of(unit, row.id), orders.photos_of(unit, row.id)
    names = _names(
        unit,
        accounts=[*(each.account_id for each in steps), *(each.decided_by for each in photos)],
        contacts=[each.contact_id for each in steps],
    )
    return OrderDetailOut(
        **order_out(row, now=unit.clock.now()).model_dump(),
        is_held=holds.holding(unit.session, row.inscription_id) is not None,
        steps=[step_out(each, names) for each in steps],
        photos=[photo_out(each, names) for each in photos],
    )


@router.post("/{order_id}/steps", dependencies=WRITE, summary="The next step of a work order")
def make_step(order_id: str, body: OrderStepIn, unit: WritingUnit, services: Process) -> OrderOut:
    """One step of the life-cycle. 409 when it may not follow, when the wall is held, or when the order has changed."""
    wish = Wish(Action(body.action), body.reason, body.territory, is_back=body.is_back)
    row = act(unit, services.settings, order_id, wish, version=body.version)
    return _shown(unit, row.id)


@router.post("/{order_id}/photos/{sha256}/decide", dependencies=WRITE, summary="What a photo after painting shows")
def decide_photo(order_id: str, sha256: str, body: DecisionIn, unit: WritingUnit, services: Process) -> OrderOut:
    """A person decides where the comparison is not sure; the order is verified, or goes back to accepted."""
    row = after.decide(
        unit,
        services.settings,
        order_id,
        sha256,
        is_painted=body.verdict == "painted",
        version=body.version,
        reason=body.reason,
    )
    return _shown(unit, row.id)


@holds_router.get("", dependencies=[needs(Scope.WATCHLIST_READ)], summary="Whether a wall is held, and was")
def get_holds(inscription_id: str, unit: ReadingUnit) -> HoldsOut:
    """Every hold, the newest first."""
    found = holds.holds(unit, inscription_id)
    names = _names(unit, accounts=[each for row in found for each in (row.held_by, row.released_by)])
    return HoldsOut(
        is_held=any(row.released_at is None for row in found), holds=[hold_out(row, names) for row in found]
    )


@holds_router.post("", status_code=201, dependencies=HOLD, summary="Hold a wall from being painted over")
def hold(inscription_id: str, body: HoldIn, unit: WritingUnit, services: Process) -> HoldOut:
    """Until it is released no work order of it is sent or accepted; chats that have one are told once to wait."""
    row = holds.hold(unit, services.settings, inscription_id, body.reason)
    return hold_out(row, _names(unit, accounts=[row.held_by]))


@holds_router.post("/release", dependencies=HOLD, summary="Release a wall")
def release(inscription_id: str, body: HoldIn, unit: WritingUnit, services: Process) -> HoldOut:
    """It may be painted over; chats that were told to wait are told to go on."""
    row = holds.release(unit, services.settings, inscription_id, body.reason)
    return hold_out(row, _names(unit, accounts=[row.held_by, row.released_by]))


def _shown(unit: Unit, order_id: str) -> OrderOut:
    """The order as it is now, with its territory as it is now."""
    unit.session.flush()
    row = orders.order_of(unit, order_id)
    unit.session.refresh(row, ["territory"])
    return order_out(row, now=unit.clock.now())


def _names(unit: Unit, *, accounts: Iterable[str | None] = (), contacts: Iterable[str | None] = ()) -> dict[str, str]:
    """Names by id."""
    asked = (
        select(Account.id, Account.name).where(Account.id.in_({each for each in accounts if each})),
        select(TerritoryContact.id, TerritoryContact.name).where(
            TerritoryContact.id.in_({each for each in contacts if each})
        ),
    )
    return {row[0]: row[1] for one in asked for row in unit.session.execute(one)}
