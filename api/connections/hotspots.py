"""Where much was seen: H3 cells with their sightings, walls and addresses (why H3: docs/decisions/0016)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import h3
import numpy as np
from numpy.typing import NDArray

from api.errors import Problem
from api.stats import scope as scopes
from api.stats.pages import CELL_LEVEL
from api.stats.scope import Scope
from api.stats.shelf import Shelf
from api.unit import Unit
from api.watchlist.filters import Region

LEVELS = range(3, CELL_LEVEL + 1)
MOST_CELLS = 50_000
"""Cells that a region may hold at the level asked for: more say nothing that a coarser level does not."""


class RegionTooLarge(Problem):
    """More cells than anybody can look at; `level` is the finest that this region can have."""

    status = 422

    def __init__(self, *, level: int) -> None:
        super().__init__(f"This region is too large for cells so small: ask for level={level} or less, or less of it.")
        self.level = level


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A cell in which something was seen; `cell` is its H3 index."""

    cell: str
    sightings: int
    walls: int
    addresses: int

    @property
    def outline(self) -> list[list[float]]:
        """Its corners as GeoJSON wants a ring: [lon, lat], counter-clockwise, the first one again at the end."""
        corners = [[lon, lat] for lat, lon in h3.cell_to_boundary(self.cell)]
        return [*corners, corners[0]]


def hotspots(unit: Unit, shelf: Shelf, scope: Scope, *, level: int, limit: int) -> tuple[list[Hotspot], int]:
    """The cells with most sightings that count, the most first, and how many cells there are.

    Raises:
        RegionTooLarge: the region would hold more than `MOST_CELLS` cells of this level.
    """
    if scope.region is not None:
        _check(scope.region, level)
    found = scopes.read(unit.session, shelf, scope)
    rows, fine = found.sightings, parents(found.cells, level)
    counted = np.flatnonzero(rows.counts)
    cells, at_fine = np.unique(fine, return_inverse=True)  # of cells that were met, not of sightings
    at = at_fine[rows.place[counted]]
    sightings = np.bincount(at, minlength=len(cells))
    walls, addresses = (different(at, column[counted], len(cells)) for column in (rows.wall, rows.address))
    met = np.flatnonzero(sightings)
    cells, sightings, walls, addresses = cells[met], sightings[met], walls[met], addresses[met]
    order = np.lexsort((cells, -sightings))[:limit]
    shown = [Hotspot(h3.int_to_str(int(cells[n])), int(sightings[n]), int(walls[n]), int(addresses[n])) for n in order]
    return shown, len(cells)


def parents(cells: NDArray[np.uint64], level: int) -> NDArray[np.uint64]:
    """The cells of this level that hold the cells: what `h3.cell_to_parent` gives, for all of them at once.

    An index has its level in bits 52 to 55 and 3 bits for each step down, all set below its own level.
    """
    bits = np.uint64((1 << 3 * (15 - level)) - 1)
    return (cells & np.uint64(~(0xF << 52) & (2**64 - 1))) | np.uint64(level << 52) | bits


def different(at: NDArray[np.intp], values: NDArray[np.uint32], count: int) -> NDArray[np.intp]:
    """How many different values each cell has."""
    key = np.sort(at.astype(np.int64) << 32 | values.astype(np.int64))
    first = np.concatenate([np.ones(min(1, len(key)), np.bool_), key[1:] != key[:-1]])
    return np.bincount(key[first] >> 32, minlength=count)


def _check(region: Region, level: int) -> None:
    height_km = math.radians(region.north - region.south) * 6371
    middle = math.radians((region.north + region.south) / 2)
    width_km = math.radians(region.east - region.west) * 6371 * math.cos(middle)
    fits = [each for each in LEVELS if height_km * width_km / h3.average_hexagon_area(each, "km^2") <= MOST_CELLS]
    if level not in fits:
        raise RegionTooLarge(level=max(fits, default=LEVELS[0]))
