"""What the routes of connections give."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from api.connections.atlas import Drawn, Spot, Times
from api.connections.graph.edges import Edge
from api.connections.graph.walk import Graph
from api.connections.hotspots import Hotspot
from api.connections.squares import Place
from api.connections.walls import Beat, Spread
from api.stats.periods import day_of
from api.watchlist.schemas import SightingOut
from models import Address
from vision.addresses import defang


class BeatOut(BaseModel):
    """A period: when it begins and ends, sightings that count, and walls that the address was not seen on before."""

    start: date
    since: datetime
    until: datetime
    sightings: int
    new_walls: int


class TimeLineOut(BaseModel):
    """The periods in order, those without sightings too; days begin at midnight in `timezone`."""

    address_id: str
    by: str
    timezone: str
    periods: list[BeatOut]


class SightingsOut(BaseModel):
    """Single sightings, the newest first, rejected ones too; `next` goes into `cursor`."""

    sightings: list[SightingOut]
    next: str | None


class PointOut(BaseModel):
    """A GeoJSON point: [longitude, latitude] (RFC 7946)."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class PolygonOut(BaseModel):
    """A GeoJSON polygon of one ring, counter-clockwise and closed."""

    type: Literal["Polygon"] = "Polygon"
    coordinates: list[list[list[float]]]


class PlaceOut(BaseModel):
    """`wall` is the inscription's id; null where the point stands for several walls."""

    wall: str | None
    walls: int
    sightings: int
    first_seen_at: datetime
    last_seen_at: datetime


class PlaceFeatureOut(BaseModel):
    """A wall, or several, on the map."""

    type: Literal["Feature"] = "Feature"
    geometry: PointOut
    properties: PlaceOut


class SpreadOut(BaseModel):
    """GeoJSON. `gathered`: the walls were more than asked for, and those near each other share a point."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[PlaceFeatureOut]
    address_id: str
    walls: int
    sightings: int
    gathered: bool


class CellOut(BaseModel):
    """An H3 cell, and what was seen in it."""

    cell: str
    sightings: int
    walls: int
    addresses: int


class CellFeatureOut(BaseModel):
    """A cell on the map."""

    type: Literal["Feature"] = "Feature"
    geometry: PolygonOut
    properties: CellOut


class HotspotsOut(BaseModel):
    """GeoJSON, the cell with most sightings first. `truncated`: there are `cells`, of which these have most."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[CellFeatureOut]
    level: int
    cells: int
    truncated: bool
    timezone: str
    since: datetime
    until: datetime


class NamedOut(BaseModel):
    """An address on a wall."""

    id: str
    kind: str
    value: str
    defanged: str
    status: str


class SpotOut(BaseModel):
    """A single `wall` with its `state` and the addresses seen there last, at most three; or a `cell` with several."""

    wall: str | None
    state: str | None
    named: list[NamedOut]
    cell: str | None
    walls: int
    sightings: int
    addresses: int
    first_seen_at: datetime
    last_seen_at: datetime


class SpotFeatureOut(BaseModel):
    """A wall or a cell on the map, at the middle of its sightings; `bbox`: west, south, east, north of them."""

    type: Literal["Feature"] = "Feature"
    bbox: tuple[float, float, float, float]
    geometry: PointOut
    properties: SpotOut


class MapOut(BaseModel):
    """GeoJSON, that with most sightings first. `level`: of the H3 cells, null where there are single walls."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[SpotFeatureOut]
    walls: int
    sightings: int
    level: int | None
    truncated: bool


class BarOut(BaseModel):
    """A period from `start` to `end`, both included, and its sightings that count."""

    start: date
    end: date
    sightings: int


class TimesOut(BaseModel):
    """The periods in order; `box`: west, south, east, north of all places, null without any."""

    by: str
    timezone: str
    box: tuple[float, float, float, float] | None
    periods: list[BarOut]


class NodeOut(BaseModel):
    """An address, `depth` edges away from the one in the middle; `merged_into`: the one that it is shown as."""

    id: str
    depth: int
    kind: str
    value: str
    defanged: str
    status: str
    sightings: int
    first_seen_at: datetime
    last_seen_at: datetime
    merged_into: str | None


class EdgeOut(BaseModel):
    """Why two addresses belong together; `weight`: how many they share of those looked at, or how alike (0..1)."""

    by: str
    one: str
    other: str
    weight: float
    facts: dict[str, Any]


class CutOut(BaseModel):
    """Where there is more: `bound` is what stopped it (docs/connections.md)."""

    address_id: str
    by: str
    bound: str


class GraphOut(BaseModel):
    """`truncated`: something was left out; `cuts` says where and why."""

    address_id: str
    depth: int
    by: list[str]
    nodes: list[NodeOut]
    edges: list[EdgeOut]
    truncated: bool
    cuts: list[CutOut]


def beat_out(beat: Beat) -> BeatOut:
    """A period as it is shown."""
    span = beat.span
    return BeatOut(
        start=span.start, since=span.since, until=span.until, sightings=beat.sightings, new_walls=beat.new_walls
    )


def spread_out(address_id: str, spread: Spread) -> SpreadOut:
    """The map of an address."""
    return SpreadOut(
        features=[_place_out(place) for place in spread.places],
        address_id=address_id,
        walls=spread.walls,
        sightings=spread.sightings,
        gathered=spread.gathered,
    )


def _place_out(place: Place) -> PlaceFeatureOut:
    return PlaceFeatureOut(
        geometry=PointOut(coordinates=(round(place.lon, 7), round(place.lat, 7))),
        properties=PlaceOut(
            wall=place.wall,
            walls=place.walls,
            sightings=place.sightings,
            first_seen_at=place.first_seen_at,
            last_seen_at=place.last_seen_at,
        ),
    )


def cell_out(hotspot: Hotspot) -> CellFeatureOut:
    """A cell of the map."""
    return CellFeatureOut(
        geometry=PolygonOut(coordinates=[hotspot.outline]),
        properties=CellOut(
            cell=hotspot.cell, sightings=hotspot.sightings, walls=hotspot.walls, addresses=hotspot.addresses
        ),
    )


def map_out(drawn: Drawn) -> MapOut:
    """What a map shows."""
    return MapOut(
        features=[_spot_out(spot) for spot in drawn.spots],
        walls=drawn.walls,
        sightings=drawn.sightings,
        level=drawn.level,
        truncated=drawn.is_truncated,
    )


def _spot_out(spot: Spot) -> SpotFeatureOut:
    return SpotFeatureOut(
        bbox=spot.box,
        geometry=PointOut(coordinates=(round(spot.lon, 7), round(spot.lat, 7))),
        properties=SpotOut(
            wall=spot.wall,
            state=spot.state,
            named=[
                NamedOut(
                    id=row.id, kind=row.kind, value=row.value, defanged=defang(row.kind, row.value), status=row.status
                )
                for row in spot.named
            ],
            cell=spot.cell,
            walls=spot.walls,
            sightings=spot.sightings,
            addresses=spot.addresses,
            first_seen_at=spot.first_seen_at,
            last_seen_at=spot.last_seen_at,
        ),
    )


def times_out(times: Times, timezone: str) -> TimesOut:
    """When what a map shows was seen."""
    zone = ZoneInfo(timezone)
    bars = [
        BarOut(start=day_of(span.since, zone), end=day_of(span.until - timedelta(seconds=1), zone), sightings=count)
        for span, count in zip(times.spans, times.counts, strict=True)
    ]
    return TimesOut(by=times.by, timezone=timezone, box=times.box, periods=bars)


def graph_out(depth: int, by: list[str], graph: Graph) -> GraphOut:
    """The graph as JSON; its first node is in the middle."""
    return GraphOut(
        address_id=graph.nodes[0][0].id,
        depth=depth,
        by=by,
        nodes=[_node_out(row, far, graph.merged.get(row.id)) for row, far in graph.nodes],
        edges=[_edge_out(edge) for edge in graph.edges],
        truncated=bool(graph.cuts),
        cuts=[CutOut(address_id=cut.address_id, by=cut.by, bound=cut.bound) for cut in graph.cuts],
    )


def _node_out(row: Address, far: int, merged_into: str | None) -> NodeOut:
    return NodeOut(
        id=row.id,
        depth=far,
        kind=row.kind,
        value=row.value,
        defanged=defang(row.kind, row.value),
        status=row.status,
        sightings=row.sighting_count,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        merged_into=merged_into,
    )


def _edge_out(edge: Edge) -> EdgeOut:
    return EdgeOut(by=edge.by, one=edge.one, other=edge.other, weight=edge.weight, facts=edge.facts)
