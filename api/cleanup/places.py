"""Which territory a place lies in: a spatial index of all areas, made once in a process and again when one changes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from shapely.geometry import shape
from sqlalchemy import Engine, func, select

from api.intake.geo import EARTH_RADIUS_M
from api.unit import Unit
from models import Assigned, Territory

DEGREE_M = math.radians(EARTH_RADIUS_M)


@dataclass(frozen=True, slots=True)
class Found:
    """The territory of a place, how it was found, and how far outside of it the place is."""

    territory_id: str | None
    how: Assigned
    distance_m: float = 0.0


class Areas:
    """All areas at one time. Not changed after it was made; used from several threads."""

    def __init__(self, ids: list[str], sizes_m2: list[float], shapes: list[shapely.Geometry]) -> None:
        self._ids, self._sizes = ids, sizes_m2
        self._shapes = np.array(shapes, dtype=object)
        self._tree = shapely.STRtree(self._shapes)
        shapely.prepare(self._shapes)

    def find(self, lat: float, lon: float, *, nearest_m: float) -> Found:
        """The smallest area that holds the place, its edge included; else the nearest one within so many metres."""
        inside = self._tree.query(shapely.Point(lon, lat), predicate="intersects")
        if len(inside):
            smallest = min((int(each) for each in inside), key=lambda each: (self._sizes[each], self._ids[each]))
            return Found(self._ids[smallest], Assigned.INSIDE)
        near = [(self._distance_m(each, lat, lon), self._ids[each]) for each in self._around(lat, lon, nearest_m)]
        distance_m, territory_id = min(near, default=(math.inf, ""))
        if distance_m > nearest_m:
            return Found(None, Assigned.NONE)
        return Found(territory_id, Assigned.NEAREST, round(distance_m, 1))

    def _around(self, lat: float, lon: float, radius_m: float) -> list[int]:
        """Areas whose boxes come so near."""
        high = radius_m / DEGREE_M
        wide = high / math.cos(math.radians(min(89.0, abs(lat) + high)))
        return [int(each) for each in self._tree.query(shapely.box(lon - wide, lat - high, lon + wide, lat + high))]

    def _distance_m(self, number: int, lat: float, lon: float) -> float:
        """Metres from the place to an area, in a plane that touches the earth at the place."""
        east_m = DEGREE_M * math.cos(math.radians(lat))

        def local(points: np.ndarray) -> np.ndarray:
            return (points - (lon, lat)) * (east_m, DEGREE_M)

        return float(shapely.distance(shapely.transform(self._shapes[number], local), shapely.Point(0, 0)))


_kept: WeakKeyDictionary[Engine, tuple[int, Areas]] = WeakKeyDictionary()
_lock = Lock()


def assigned(unit: Unit, lat: float, lon: float, *, nearest_m: float) -> Found:
    """The territory of a place; none when all are further away than `nearest_m` metres."""
    return areas(unit).find(lat, lon, nearest_m=nearest_m)


def areas(unit: Unit) -> Areas:
    """All areas as this transaction sees them. Not for transactions that write territories.

    Every change of a territory raises its version, and rows are never deleted: the sum of all versions tells whether
    anything changed.
    """
    engine = unit.session.get_bind().engine
    state = unit.session.scalar(select(func.coalesce(func.sum(Territory.version), 0))) or 0
    with _lock:
        known = _kept.get(engine)
    if known is not None and known[0] == state:
        return known[1]
    asked = select(Territory.id, Territory.area_m2, Territory.area).where(Territory.removed_at.is_(None))
    rows = unit.session.execute(asked.order_by(Territory.id)).all()
    made = Areas([row[0] for row in rows], [row[1] for row in rows], [shape(row[2]) for row in rows])
    with _lock:
        _kept[engine] = state, made
    return made
