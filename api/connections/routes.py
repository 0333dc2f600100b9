"""Connections over HTTP: time line, spread, hotspots, graph."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api.accounts.roles import Scope as Allowed
from api.audit.service import record
from api.connections import atlas, walls
from api.connections.asked import Asked, OnlyThese, Since, Until, dates, instants
from api.connections.buckets import MOST_SPANS
from api.connections.graph.graphml import graphml
from api.connections.graph.sources import SOURCES, USUAL
from api.connections.graph.walk import neighbours
from api.connections.hotspots import LEVELS, hotspots
from api.connections.schemas import (
    GraphOut,
    HotspotsOut,
    MapOut,
    SightingsOut,
    SpreadOut,
    TimeLineOut,
    TimesOut,
    beat_out,
    cell_out,
    graph_out,
    map_out,
    spread_out,
    times_out,
)
from api.deps import Caller, Process, ReadingUnit, needs
from api.errors import Problem
from api.intake.cursors import decode_cursor, encode_cursor
from api.stats.periods import LATEST, Period, day_of
from api.watchlist.schemas import sighting_out

router = APIRouter(prefix="/v1", tags=["connections"])
READ = needs(Allowed.CONNECTIONS_READ)
GRAPHML = "application/graphml+xml"


class SourceUnknown(Problem):
    """A reason for edges that there is not."""

    status = 422

    def __init__(self, name: str) -> None:
        super().__init__(f"There are no edges by {name[:40]!r}: there are {', '.join(SOURCES)}.")
        self.known = list(SOURCES)


def sources(by: Annotated[str | None, Query(max_length=200, examples=["wall,case"])] = None) -> list[str]:
    """The names in `by`, in our order; without it all that are not too unsure. SourceUnknown."""
    if by is None:
        return list(USUAL)
    asked = [name.strip() for name in by.split(",")]
    for name in asked:
        if name not in SOURCES:
            raise SourceUnknown(name)
    return [name for name in SOURCES if name in asked]


By = Annotated[list[str], Depends(sources)]


@router.get(
    "/watchlist/{address_id}/timeline",
    dependencies=[READ, Depends(OnlyThese("by", "since", "until"))],
    summary="When an address was seen",
)
def timeline(  # noqa: PLR0917 - FastAPI fills them by name
    address_id: str,
    unit: ReadingUnit,
    services: Process,
    by: Period = Period.MONTH,
    since: Since = None,
    until: Until = None,
) -> TimeLineOut:
    """Sightings that count and new walls for each day, week or month; without dates from its first to its last."""
    row = walls.known(unit, address_id)
    zone = services.settings.zone
    since = since or (min(day_of(row.first_seen_at, zone), until or LATEST) if row.sighting_count else None)
    until = until or (max(day_of(row.last_seen_at, zone), since) if row.sighting_count and since else None)
    asked = dates(unit, services, since, until, by, most=MOST_SPANS)
    return TimeLineOut(
        address_id=row.id,
        by=by,
        timezone=services.settings.timezone,
        periods=[beat_out(beat) for beat in walls.time_line(unit, services.shelf, row, asked)],
    )


@router.get(
    "/watchlist/{address_id}/sightings",
    dependencies=[READ, Depends(OnlyThese("since", "until", "cursor", "limit"))],
    summary="The single sightings of an address",
)
def sightings(  # noqa: PLR0917 - FastAPI fills them by name
    address_id: str,
    unit: ReadingUnit,
    services: Process,
    since: Since = None,
    until: Until = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SightingsOut:
    """A page of them, the newest first."""
    kept_id = walls.known(unit, address_id).id
    first, last = instants(services, since, until)
    before = decode_cursor(cursor) if cursor else None
    found = walls.sightings(unit, kept_id, since=first, until=last, before=before, limit=limit)
    shown = found[:limit]
    end = shown[-1][0] if len(found) > limit else None
    return SightingsOut(
        sightings=[sighting_out(sighting, finding) for sighting, finding in shown],
        next=encode_cursor(end.seen_at, end.id) if end else None,
    )


@router.get(
    "/watchlist/{address_id}/spread",
    dependencies=[READ, Depends(OnlyThese("since", "until", "limit"))],
    summary="Where an address was seen, as GeoJSON",
)
def spread(  # noqa: PLR0917 - FastAPI fills them by name
    address_id: str,
    unit: ReadingUnit,
    services: Process,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, Query(ge=1, le=5000, description="points; more walls are gathered")] = 1000,
) -> SpreadOut:
    """A point for each wall with its first and last sighting, the earliest first: they tell how it spread."""
    row = walls.known(unit, address_id)
    first, last = instants(services, since, until)
    return spread_out(row.id, walls.spread(unit, services.shelf, row, since=first, until=last, limit=limit))


@router.get(
    "/hotspots",
    dependencies=[
        READ,
        Depends(OnlyThese("since", "until", "kind", "status", "address", "box", "circle", "level", "limit")),
    ],
    summary="Where much was seen, as GeoJSON",
)
def get_hotspots(
    unit: ReadingUnit,
    services: Process,
    scope: Asked,
    level: Annotated[int, Query(ge=LEVELS[0], le=LEVELS[-1], description="of H3: 7 is 5 km², 8 0.7 km²")] = 8,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> HotspotsOut:
    """The H3 cells with most sightings, and how many walls and addresses they were of."""
    found, cells = hotspots(unit, services.shelf, scope, level=level, limit=limit)
    return HotspotsOut(
        features=[cell_out(hotspot) for hotspot in found],
        level=level,
        cells=cells,
        truncated=cells > len(found),
        timezone=services.settings.timezone,
        since=scope.spans[0].since,
        until=scope.spans[-1].until,
    )


@router.get(
    "/map",
    dependencies=[
        READ,
        Depends(OnlyThese("since", "until", "kind", "status", "address", "box", "circle", "zoom", "limit")),
    ],
    summary="What a map shows, as GeoJSON",
)
def get_map(
    unit: ReadingUnit,
    services: Process,
    scope: Asked,
    zoom: Annotated[int, Query(ge=0, le=22, description="of a Mercator map with tiles of 256 pixels")] = 10,
    limit: Annotated[int, Query(ge=1, le=1000, description="walls; more are gathered in cells")] = 300,
) -> MapOut:
    """A point for each wall with the addresses seen there last; where they are more, one for each H3 cell."""
    return map_out(atlas.drawn(unit, services.shelf, scope, zoom=zoom, limit=limit))


@router.get(
    "/map/times",
    dependencies=[READ, Depends(OnlyThese("kind", "status", "address", "box", "circle"))],
    summary="When what a map shows was seen",
)
def get_times(unit: ReadingUnit, services: Process, scope: Asked) -> TimesOut:
    """Counts by day, week, month, quarter or year, fewer than 160, from the first sighting of all to the last."""
    return times_out(atlas.times(unit, services.shelf, scope, services.settings.zone), services.settings.timezone)


@router.get(
    "/watchlist/{address_id}/graph",
    dependencies=[READ, Depends(OnlyThese("depth", "by"))],
    summary="What belongs to an address",
)
def graph(address_id: str, unit: ReadingUnit, by: By, depth: Annotated[int, Query(ge=1, le=2)] = 2) -> GraphOut:
    """Addresses up to two edges away, and why: walls, photos, cases, series and stencils that they share."""
    return graph_out(depth, by, neighbours(unit, address_id, depth=depth, by=by))


@router.get(
    "/watchlist/{address_id}/graph.graphml",
    dependencies=[READ, Depends(OnlyThese("depth", "by"))],
    summary="What belongs to an address, as GraphML",
    response_class=StreamingResponse,
)
def graph_file(
    address_id: str,
    services: Process,
    actor: Caller,
    by: By,
    depth: Annotated[int, Query(ge=1, le=2)] = 2,
) -> StreamingResponse:
    """The same graph for networkx, Gephi, yEd or Maltego; that it was taken is in the audit log."""
    with services.reading_unit(actor) as unit:  # over before anything is written: on SQLite readers hold writers up
        found = neighbours(unit, address_id, depth=depth, by=by)
    with services.unit(actor) as unit:
        record(unit, "graph.export", address_id, depth=depth, by=by, nodes=len(found.nodes))
    name = f'attachment; filename="wallwatch-{address_id}.graphml"'
    return StreamingResponse(graphml(found), media_type=GRAPHML, headers={"Content-Disposition": name})
