"""The order in which to walk from wall to wall: nearest next, then turned around wherever that shortens the way.

Distances are along the earth's surface (haversine), not along streets. The way does not come back to where it began.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from api.intake.geo import EARTH_RADIUS_M

Point = tuple[float, float]
"""Latitude and longitude in degrees."""

Metres = NDArray[np.float64]

MOST_ROUNDS = 60
SHORTER_M = 1e-6  # what is less than that is rounding, and would turn the way around for ever


def ordered(points: Sequence[Point], *, start: Point | None = None) -> list[int]:
    """The places of `points` in the order of the way, each once; never longer than always going to the nearest next.

    Args:
        points: where the walls are; some hundreds at most, since all are measured against all.
        start: where the way begins; without it at one of the outermost walls, whichever gives the shortest way.
    """
    if not points:
        return []
    if start is not None:
        apart = _apart([start, *points])
        return [place - 1 for place in _shortened(_nearest_next(apart, 0), apart)[1:]]
    apart = _apart(points)
    ways = [_nearest_next(apart, first) for first in _outermost(points)]
    return _shortened(min(ways, key=lambda way: _length_m(way, apart)), apart)


def length_m(points: Sequence[Point], *, start: Point | None = None) -> float:
    """Metres of a way through these points in their order; 0 for none or one."""
    way = [start, *points] if start is not None else list(points)
    return _length_m(list(range(len(way))), _apart(way)) if way else 0.0


def _apart(points: Sequence[Point]) -> Metres:
    """(N, N) metres between all points."""
    lat, lon = np.radians(np.asarray(points, dtype=np.float64)).T
    along = np.sin((lat[:, None] - lat[None, :]) / 2) ** 2
    across = np.cos(lat)[:, None] * np.cos(lat)[None, :] * np.sin((lon[:, None] - lon[None, :]) / 2) ** 2
    found: Metres = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, along + across)))
    return found


def _length_m(way: Sequence[int], apart: Metres) -> float:
    return float(apart[list(way[:-1]), list(way[1:])].sum())


def _nearest_next(apart: Metres, first: int) -> list[int]:
    way, here = [first], first
    left = np.ones(len(apart), dtype=bool)
    left[first] = False
    while left.any():
        here = int(np.argmin(np.where(left, apart[here], np.inf)))
        left[here] = False
        way.append(here)
    return way


def _shortened(way: list[int], apart: Metres) -> list[int]:
    """2-opt: a stretch is walked the other way round as long as that makes the whole shorter. The first stays first."""
    for _round in range(MOST_ROUNDS):
        is_shorter = False
        for place in range(1, len(way) - 1):
            stretch = np.asarray(way)
            before, first = stretch[place - 1], stretch[place]
            lasts = stretch[place + 1 :]
            gain = apart[before, first] - apart[before, lasts]
            gain[:-1] += apart[lasts[:-1], stretch[place + 2 :]] - apart[first, stretch[place + 2 :]]
            best = int(np.argmax(gain))
            if gain[best] > SHORTER_M:
                end = place + 1 + best
                way[place : end + 1] = way[place : end + 1][::-1]
                is_shorter = True
        if not is_shorter:
            break
    return way


def _outermost(points: Sequence[Point]) -> list[int]:
    """The places of the points furthest north, south, east and west, each once."""
    places = range(len(points))
    ends = [choose(places, key=lambda place: points[place][axis]) for choose in (min, max) for axis in (0, 1)]
    return sorted(set(ends))
