"""What the routes of connections give."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from api.connections.graph.edges import Edge
from api.connections.graph.walk import Graph
from api.connections.hotspots import Hotspot
from api.connections.squares import Place
from api.connections.walls import Beat, Spread
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
