"""Walls too many to show, gathered in squares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from api.stats.pages import EPOCH

GRID = 1000
"""They are gathered in squares of 1/1000 degree first, about 111 by 65 metres in the north."""

LOW = 2**32 - 1
MICROSECOND = timedelta(microseconds=1)
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """A wall, or several near each other, with the sightings there; `wall` is the inscription's id where it is one."""

    lat: float
    lon: float
    walls: int
    sightings: int
    first_seen_at: datetime
    last_seen_at: datetime
    wall: str | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """Walls, or squares with several, one to a place in each array.

    Attributes:
        row, column: of its square, in `GRID` parts of a degree.
        lat, lon: the sums of its walls' degrees.
        first, last: microseconds since 1970.
    """

    row: Ints
    column: Ints
    lat: Floats
    lon: Floats
    walls: Ints
    sightings: Ints
    first: Ints
    last: Ints


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def gathered(sums: Sums, limit: int) -> list[Place]:
    """At most so many squares, as large as it takes, each as the place in the middle of its walls."""
    row, column = sums.row, sums.column
    keys, at = np.unique(row << 32 | column & LOW, return_inverse=True)
    while len(keys) > limit:  # four squares become one
        row, column = row >> 1, column >> 1
        keys, at = np.unique(row << 32 | column & LOW, return_inverse=True)
    lat, lon, walls, sightings = (
        np.bincount(at, each, len(keys)) for each in (sums.lat, sums.lon, sums.walls, sums.sightings)
    )
    first, last = np.full(len(keys), np.iinfo(np.int64).max), np.full(len(keys), np.iinfo(np.int64).min)
    np.minimum.at(first, at, sums.first)
    np.maximum.at(last, at, sums.last)
    columns = (each.tolist() for each in (lat / walls, lon / walls, walls, sightings, first, last))
    return [
        Place(a, b, round(n), round(seen), EPOCH + begin * MICROSECOND, EPOCH + end * MICROSECOND)
        for a, b, n, seen, begin, end in zip(*columns, strict=True)
    ]
