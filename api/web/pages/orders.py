"""Work orders: the list, one of them, a raid list, and what the city asked for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.accounts.roles import Scope
from api.cleanup import listed
from api.cleanup import orders as work_orders
from api.cleanup.after import UNCLEAR, undecided
from api.cleanup.holds import holding
from api.cleanup.letters import chats_of, map_link
from api.cleanup.raid import Raid, raid
from api.cleanup.raid_routes import start_of
from api.cleanup.states import WITH_REASON, next_of
from api.deps import Process, ReadingUnit, needs
from api.errors import Problem
from api.inscriptions import repository as inscriptions
from api.intake.cursors import decode_cursor, encode_cursor
from api.languages.refusals import in_words
from api.open311.service import waiting
from api.unit import Unit
from api.watchlist.query import region_of
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from models import Account, CityRequest, Inscription, OrderState, Territory, TerritoryContact

router = APIRouter(prefix="/orders", include_in_schema=False)
READ = [needs(Scope.ORDERS_READ)]

ORDERS, UNDECIDED, CITY, NEAR = 30, 50, 20, 5
MOST_TERRITORIES = 500
"""In a list to choose from."""

NEAR_M = 150


def _filled(given: Any) -> Any:
    """An empty field of a form is none at all."""
    return given or None


Cursor = Annotated[str | None, Query(max_length=300)]
State = Annotated[OrderState | None, BeforeValidator(_filled), Query()]
Text = Annotated[Annotated[str, Field(max_length=100)] | None, BeforeValidator(_filled), Query()]
Flag = Annotated[bool, BeforeValidator(bool), Query()]


@router.get("", dependencies=READ)
def order_list(
    request: Request,
    viewer: Looking,
    unit: ReadingUnit,
    *,
    state: State = None,
    territory: Text = None,
    overdue: Flag = False,
    unclear: Flag = False,
    cursor: Cursor = None,
) -> Response:
    """Orders, the last opened first; overdue ones the longest first; those whose photo a person has to look at."""
    where = decode_cursor(cursor) if cursor else None
    following = None
    if unclear:
        shown = list({order.id: order for order, _photo in undecided(unit, limit=UNDECIDED)}.values())
    elif overdue:
        found = listed.overdue(unit, territory_id=territory, after=where, limit=ORDERS)
        shown, last = list(found[:ORDERS]), found[ORDERS - 1] if len(found) > ORDERS else None
        following = encode_cursor(last.due_at, last.id) if last and last.due_at else None
    else:
        wanted = work_orders.Asked(state, territory)
        found = work_orders.page(unit, wanted, before=where, limit=ORDERS)
        shown, last = list(found[:ORDERS]), found[ORDERS - 1] if len(found) > ORDERS else None
        following = encode_cursor(last.opened_at, last.id) if last else None
    return pages_of(request).page(
        request,
        viewer,
        "orders/orders.html",
        orders=shown,
        following=following,
        states=list(OrderState),
        territories=listed.named(unit, limit=MOST_TERRITORIES),
        wanted={"state": state, "territory": territory, "overdue": overdue, "unclear": unclear},
        unclear_count=len({order.id for order, _photo in undecided(unit, limit=UNDECIDED)}),
        city_count=len(waiting(unit, before=None, limit=CITY)),
    )


@router.get("/raid", dependencies=READ)
def raid_page(
    request: Request,
    viewer: Looking,
    unit: ReadingUnit,
    *,
    box: Text = None,
    circle: Text = None,
    territory: Text = None,
    start: Text = None,
) -> Response:
    """Walls of an area as a way, to print and tick off."""
    found: Raid | None = None
    wrong = ""
    if box or circle or territory:
        try:
            found = raid(unit, region=region_of(box, circle), territory_id=territory, start=start_of(start))
        except Problem as problem:
            wrong = in_words(problem.as_json(), viewer.language)
    named = unit.session.get(Territory, territory) if territory else None
    return pages_of(request).page(
        request,
        viewer,
        "orders/raid.html",
        raid=found,
        wrong=wrong,
        named=named,
        territories=listed.named(unit, limit=MOST_TERRITORIES),
        wanted={"box": box, "circle": circle, "territory": territory, "start": start},
        status=422 if wrong else 200,
    )


@router.get("/city", dependencies=READ)
def city_page(request: Request, viewer: Looking, unit: ReadingUnit, cursor: Cursor = None) -> Response:
    """What city systems sent without a photo, the longest waiting first, with the walls near each."""
    found = waiting(unit, before=decode_cursor(cursor) if cursor else None, limit=CITY)
    shown = list(found[:CITY])
    near = {row.id: _near(unit, row) for row in shown}
    walls = [wall.id for walls in near.values() for wall in walls]
    return pages_of(request).page(
        request,
        viewer,
        "orders/city.html",
        requests=shown,
        near=near,
        photos=inscriptions.newest_photos(unit, walls),
        metres=NEAR_M,
        following=encode_cursor(shown[-1].received_at, shown[-1].id) if len(found) > CITY else None,
    )


@router.get("/{order_id}", dependencies=READ)
def one_order(order_id: str, request: Request, viewer: Looking, unit: ReadingUnit, services: Process) -> Response:
    """One order: what happened, the wall before and after, and what may be done."""
    order = work_orders.order_of(unit, order_id)
    photos = list(work_orders.photos_of(unit, order.id))
    steps = work_orders.steps_of(unit, order.id)
    return pages_of(request).page(
        request,
        viewer,
        "orders/order.html",
        order=order,
        wall=unit.session.get_one(Inscription, order.inscription_id),
        steps=steps,
        people=_people(unit, [*(step.account_id for step in steps), *(photo.decided_by for photo in photos)]),
        contacts=_contacts(unit, steps),
        photos=photos[::-1],
        unclear=[photo.photo_sha256 for photo in photos if photo.verdict == UNCLEAR]
        if order.state == "painted"
        else [],
        held=holding(unit.session, order.inscription_id),
        chats=chats_of(unit, order.territory_id),
        next_steps=next_of(order.state),
        with_reason=[str(action) for action in WITH_REASON],
        territories=listed.named(unit, limit=MOST_TERRITORIES),
        map_link=map_link(order.lat, order.lon),
        days=services.settings.cleanup.link_days,
    )


def _people(unit: Unit, ids: list[str | None]) -> dict[str, str]:
    """Names of accounts."""
    wanted = sorted({each for each in ids if each})
    return {each: account.name for each in wanted if (account := unit.session.get(Account, each))}


def _contacts(unit: Unit, steps: Any) -> dict[str, str]:
    """Names of contacts that made a step."""
    wanted = sorted({step.contact_id for step in steps if step.contact_id})
    return {each: row.name for each in wanted if (row := unit.session.get(TerritoryContact, each))}


def _near(unit: Unit, row: CityRequest) -> list[Inscription]:
    """Walls around the place of a request."""
    if row.lat is None or row.lon is None:
        return []
    region = region_of(None, f"{row.lat},{row.lon},{NEAR_M}")
    return inscriptions.page(unit, inscriptions.Asked(region), before=None, limit=NEAR)[:NEAR]
