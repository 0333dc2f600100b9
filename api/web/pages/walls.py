"""Walls: the inscriptions as a list, and one of them over time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.accounts.roles import Scope
from api.cleanup.holds import holding
from api.cleanup.orders import active_order
from api.connections.asked import instants
from api.deps import Process, ReadingUnit, needs
from api.inscriptions import repository
from api.inscriptions.schemas import TimelineOut
from api.inscriptions.timeline import timeline
from api.intake.cursors import decode_cursor, encode_cursor
from api.unit import Unit
from api.watchlist.query import region_of
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from models import Inscription

router = APIRouter(prefix="/walls", include_in_schema=False)
READ = [needs(Scope.WATCHLIST_READ)]

WALLS, ENTRIES, PHOTOS, NEAR = 24, 20, 12, 6
NEAR_M = 150
"""Walls that a person may find to be the same one are looked for so far around."""

Cursor = Annotated[str | None, Query(max_length=300)]


def _filled(given: Any) -> Any:
    """An empty field of a form is none at all."""
    return given or None


Day = Annotated[date | None, BeforeValidator(_filled), Query()]
Place = Annotated[Annotated[str, Field(max_length=100)] | None, BeforeValidator(_filled), Query()]
State = Annotated[Literal["open", "painted", "reappeared"] | None, BeforeValidator(_filled), Query()]


@router.get("", dependencies=READ)
def walls(
    request: Request,
    viewer: Looking,
    unit: ReadingUnit,
    services: Process,
    *,
    box: Place = None,
    circle: Place = None,
    since: Day = None,
    until: Day = None,
    state: State = None,
    cursor: Cursor = None,
) -> Response:
    """Walls that were last seen, narrowed in the way of the API; days are the region's."""
    first, end = instants(services, since, until)
    last = end - timedelta(microseconds=1) if end else None
    wanted = repository.Asked(region_of(box, circle), first, last, state)
    found = repository.page(unit, wanted, before=decode_cursor(cursor) if cursor else None, limit=WALLS)
    shown = found[:WALLS]
    oldest = shown[-1] if len(found) > WALLS else None
    photos = repository.newest_photos(unit, [row.id for row in shown])
    return pages_of(request).page(
        request,
        viewer,
        "walls/walls.html",
        walls=shown,
        photos=photos,
        addresses=repository.addresses_in(unit, photos.values()),
        next=encode_cursor(oldest.last_seen_at, oldest.id) if oldest and oldest.last_seen_at else None,
        wanted={"state": state, "since": since, "until": until, "circle": circle, "box": box},
    )


@router.get("/{inscription_id}", dependencies=READ)
def wall(inscription_id: str, request: Request, viewer: Looking, unit: ReadingUnit) -> Response:
    """One wall: where it is, what stands on it, before and after it was painted over."""
    row = repository.inscription(unit, inscription_id)
    before, after = repository.around(unit, row.id, row.painted_at) if row.painted_at else (None, None)
    return pages_of(request).page(
        request,
        viewer,
        "walls/wall.html",
        wall=row,
        addresses=repository.addresses(unit, row.id),
        before=before,
        after=after,
        order=active_order(unit, row.id) if viewer.may(Scope.ORDERS_READ) else None,
        held=holding(unit.session, row.id),
    )


@router.get("/{inscription_id}/part/timeline", dependencies=READ)
def part_timeline(
    inscription_id: str, request: Request, viewer: Looking, unit: ReadingUnit, cursor: Cursor = None
) -> Response:
    """A page of its time line, the oldest first."""
    row = repository.inscription(unit, inscription_id)
    found: TimelineOut = timeline(unit, row, after=decode_cursor(cursor) if cursor else None, limit=ENTRIES)
    return pages_of(request).page(
        request, viewer, "walls/timeline.html", wall=row, timeline=found, is_first=cursor is None
    )


@router.get("/{inscription_id}/part/photos", dependencies=READ)
def part_photos(
    inscription_id: str, request: Request, viewer: Looking, unit: ReadingUnit, cursor: Cursor = None
) -> Response:
    """A page of its photos, the newest first, to look at and to choose those that show something else."""
    row = repository.inscription(unit, inscription_id)
    found = repository.photos(unit, row.id, beyond=decode_cursor(cursor) if cursor else None, limit=PHOTOS)
    shown = found[:PHOTOS]
    return pages_of(request).page(
        request,
        viewer,
        "walls/photos.html",
        wall=row,
        photos=shown,
        next=encode_cursor(shown[-1].seen_at, shown[-1].photo_sha256) if len(found) > PHOTOS else None,
        is_first=cursor is None,
    )


@router.get("/{inscription_id}/part/near", dependencies=READ)
def part_near(inscription_id: str, request: Request, viewer: Looking, unit: ReadingUnit) -> Response:
    """Walls around it that may be the same one."""
    row = repository.inscription(unit, inscription_id)
    near = _around(unit, row)
    photos = repository.newest_photos(unit, [row.id, *(other.id for other in near)])
    return pages_of(request).page(
        request,
        viewer,
        "walls/near.html",
        wall=row,
        near=near,
        photos=photos,
        addresses=repository.addresses_in(unit, photos.values()),
        metres=NEAR_M,
    )


def _around(unit: Unit, row: Inscription) -> list[Inscription]:
    wanted = repository.Asked(region_of(None, f"{row.lat},{row.lon},{NEAR_M}"))
    found = repository.page(unit, wanted, before=None, limit=NEAR)
    return [other for other in found if other.id != row.id][:NEAR]
