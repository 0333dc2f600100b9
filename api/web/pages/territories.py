"""Territories: their areas on a map, who speaks for them, and taking them in from a file."""

from __future__ import annotations

from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from shapely.geometry import mapping, shape
from sqlalchemy import select

from api.accounts.roles import Scope
from api.cleanup import orders as work_orders
from api.cleanup import territories as areas
from api.cleanup.contacts import CHANNELS
from api.deps import Process, ReadingUnit, needs
from api.unit import Unit
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from models import Territory

router = APIRouter(prefix="/territories", include_in_schema=False)
READ = [needs(Scope.ORDERS_READ)]

TERRITORIES, ORDERS = 50, 10
COARSE_DEG = 0.00003
"""Corners that move an area's edge by less than two to three metres are not drawn."""

Cursor = Annotated[str | None, Query(max_length=2000)]
Text = Annotated[str, Query(max_length=100)]


@router.get("", dependencies=READ)
def territory_list(
    request: Request, viewer: Looking, unit: ReadingUnit, services: Process, *, q: Text = "", cursor: Cursor = None
) -> Response:
    """Territories by name with their contacts; their areas come after the page."""
    shown, following = _page(unit, q, cursor)
    return pages_of(request).page(
        request,
        viewer,
        "territories/territories.html",
        territories=shown,
        following=following,
        text=q,
        mib=services.settings.cleanup.geojson_bytes // 2**20,
    )


@router.get("/areas", dependencies=READ)
def area_list(unit: ReadingUnit, q: Text = "", cursor: Cursor = None) -> JSONResponse:
    """The areas of one page of the list as GeoJSON, coarse enough to be drawn."""
    shown, _following = _page(unit, q, cursor)
    ids = [row.id for row in shown]
    rows = unit.session.execute(select(Territory.id, Territory.name_ru, Territory.area).where(Territory.id.in_(ids)))
    features = [_feature(row[0], row[1], row[2]) for row in rows]
    return JSONResponse({"type": "FeatureCollection", "features": features})


@router.get("/{territory_id}", dependencies=READ)
def one_territory(territory_id: str, request: Request, viewer: Looking, unit: ReadingUnit) -> Response:
    """One territory: its area, its contacts and their chats, its newest work orders."""
    row = areas.territory(unit, territory_id)
    found = work_orders.page(unit, work_orders.Asked(territory_id=row.id), before=None, limit=ORDERS)
    return pages_of(request).page(
        request,
        viewer,
        "territories/territory.html",
        territory=row,
        contacts=[each for each in row.contacts if each.removed_at is None],
        channels=CHANNELS,
        orders=found[:ORDERS],
        area=_feature(row.id, row.name_ru, row.area),
    )


def _page(unit: Unit, text: str, cursor: str | None) -> tuple[list[Territory], str | None]:
    after = areas.decode_place(cursor) if cursor else None
    found = areas.page(unit, text=text.strip(), after=after, limit=TERRITORIES)
    shown = list(found[:TERRITORIES])
    return shown, areas.encode_place(shown[-1]) if len(found) > TERRITORIES else None


def _feature(territory_id: str, name: str, area: dict[str, Any]) -> dict[str, Any]:
    coarse = shapely.simplify(shape(area), COARSE_DEG, preserve_topology=True)
    return {"type": "Feature", "id": territory_id, "properties": {"name": name}, "geometry": mapping(coarse)}
