"""Walls too many to show, gathered in squares."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

GRID = 1000
"""They are gathered in squares of 1/1000 degree first, about 111 by 65 metres in the north."""


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


@dataclass(slots=True)
class Square:
    """Sums over the walls of a square."""

    lat: float
    lon: float
    walls: int
    sightings: int
    first: datetime
    last: datetime

    def add(self, other: Square) -> None:
        """Take another square's walls in."""
        self.lat, self.lon = self.lat + other.lat, self.lon + other.lon
        self.walls, self.sightings = self.walls + other.walls, self.sightings + int(other.sightings)
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)

    def place(self) -> Place:
        """The place in the middle of the walls."""
        lat, lon = self.lat / self.walls, self.lon / self.walls
        return Place(lat, lon, self.walls, int(self.sightings), self.first, self.last)


def gathered(squares: Mapping[tuple[int, int], Square], limit: int) -> list[Square]:
    """At most so many squares, as large as it takes, by their row and column."""
    while len(squares) > limit:
        squares = _larger(squares.items())
    return list(squares.values())


def _larger(squares: Iterable[tuple[tuple[int, int], Square]]) -> dict[tuple[int, int], Square]:
    """Four squares become one."""
    merged: dict[tuple[int, int], Square] = {}
    for (row, column), square in squares:
        at = math.floor(row / 2), math.floor(column / 2)
        if at in merged:
            merged[at].add(square)
        else:
            merged[at] = square
    return merged
