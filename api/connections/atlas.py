"""What a map shows: single walls where they are few, and H3 cells with counts where they are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import h3
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.connections.hotspots import different, parents
from api.stats import scope as scopes
from api.stats.columns import Columns
from api.stats.pages import EPOCH, IN_ONE_QUERY, PLACES
from api.stats.periods import Period, Span, day_of, spans
from api.stats.scope import Scope
from api.stats.shelf import Read, Shelf
from api.unit import Unit
from models import Address, Inscription, Sighting, StatNumber

MOST_CELLS = 2000
NAMED = 3
"""Addresses that are named on a single wall: those seen last."""

LEVEL_FROM_ZOOM = ((14, 9), (13, 8), (11, 7), (10, 6), (8, 5), (7, 4), (0, 3))
"""From which zoom which H3 cells: their middles are 50 to 100 pixels apart on a Mercator map at 55 degrees north."""

MOST_BARS = 160


Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A wall, or a cell with several.

    Attributes:
        lat, lon: the middle of its sightings.
        box: west, south, east, north of them.
        cell: its H3 index; None for a single wall.
        wall: the inscription's id, with its `state` and the addresses `named` on it, those seen last first.
    """

    lat: float
    lon: float
    walls: int
    sightings: int
    addresses: int
    first_seen_at: datetime
    last_seen_at: datetime
    box: Box
    cell: str | None = None
    wall: str | None = None
    state: str | None = None
    named: Sequence[Address] = field(default=())


@dataclass(frozen=True, slots=True)
class Drawn:
    """Everything that is to be drawn, that with most sightings first; `level` is None where it is single walls."""

    spots: list[Spot]
    walls: int
    sightings: int
    level: int | None
    is_truncated: bool


@dataclass(frozen=True, slots=True)
class Times:
    """When it was seen: counts of periods from the first sighting of all to the last, and the box of those places.

    `box` is west, south, east, north; None without any.
    """

    by: Period
    spans: list[Span]
    counts: list[int]
    box: Box | None


def level_at(zoom: int) -> int:
    """The level of H3 cells that a map of this zoom gathers walls in."""
    return next(level for least, level in LEVEL_FROM_ZOOM if zoom >= least)


def drawn(unit: Unit, shelf: Shelf, scope: Scope, *, zoom: int, limit: int) -> Drawn:
    """The walls of the scope one by one if they are at most `limit`, else gathered in cells as the zoom asks."""
    found = scopes.read(unit.session, shelf, scope)
    rows = found.sightings
    if not rows.counts.all():
        rows = rows.taken(np.flatnonzero(rows.counts))
    if not len(rows):
        return Drawn([], 0, 0, None, is_truncated=False)
    met = np.zeros(int(rows.wall.max()) + 1, np.bool_)
    met[rows.wall] = True
    numbers = np.flatnonzero(met)
    if len(numbers) <= limit:
        at = (np.cumsum(met) - 1)[rows.wall]
        spots = _singly(unit.session, found, rows, at, numbers)
        return Drawn(spots, len(numbers), len(rows), None, is_truncated=False)
    level = level_at(zoom)
    cells, of_fine = np.unique(parents(found.cells, level), return_inverse=True)
    at = of_fine[rows.place]
    walls = different(at, rows.wall, len(cells))
    spots = [
        replace(spot, cell=h3.int_to_str(int(cells[n])), walls=int(walls[n]))
        for n, spot in _gathered(rows, at, len(cells), most=MOST_CELLS)
    ]
    are_more = int(np.count_nonzero(walls)) > len(spots)
    return Drawn(spots, len(numbers), len(rows), level, is_truncated=are_more)


def times(unit: Unit, shelf: Shelf, scope: Scope, zone: ZoneInfo) -> Times:
    """When and where the scope was seen; its own dates do not matter: the bars reach over everything there is."""
    ends = [unit.session.scalar(select(end(Sighting.seen_at))) for end in (func.min, func.max)]
    today = day_of(unit.clock.now(), zone)
    first, last = (day_of(end, zone) if end else today for end in ends)
    length = last - first
    by = next(
        (each for each, days in _BARS if length <= timedelta(days=days * (MOST_BARS - 2))),
        Period.YEAR,
    )
    asked = spans(first, last, by, zone, most=400)
    scope = replace(scope, spans=tuple(asked))
    rows = scopes.read(unit.session, shelf, scope).sightings
    rows = rows.taken(np.flatnonzero(rows.counts))
    counts = np.diff(np.searchsorted(rows.at, scope.bounds)).tolist()
    box = None
    if len(rows):
        edges = rows.lon.min(), rows.lat.min(), rows.lon.max(), rows.lat.max()
        west, south, east, north = (float(edge) / PLACES for edge in edges)
        box = west, south, east, north
    return Times(by, asked, counts, box)


_BARS = ((Period.DAY, 1), (Period.WEEK, 7), (Period.MONTH, 28), (Period.QUARTER, 90))


def _gathered(rows: Columns, at: NDArray[np.intp], count: int, *, most: int) -> list[tuple[int, Spot]]:
    """The groups with most sightings, the most first, each with its number; `at` is the group of each row."""
    sightings = np.bincount(at, minlength=count)
    lat, lon = (np.bincount(at, weights=column, minlength=count) for column in (rows.lat, rows.lon))
    addresses = different(at, rows.address, count)
    first, last = np.zeros(count, np.int64), np.zeros(count, np.int64)
    edges = [_edge(np.minimum, at, rows.lon, count), _edge(np.minimum, at, rows.lat, count),
             _edge(np.maximum, at, rows.lon, count), _edge(np.maximum, at, rows.lat, count)]  # fmt: skip
    first[at[::-1]] = rows.at[::-1]  # the earliest row is written last, and stays
    last[at] = rows.at
    shown = np.lexsort((np.arange(count), -sightings))[: min(most, int(np.count_nonzero(sightings)))]
    return [
        (
            int(n),
            Spot(
                lat=float(lat[n] / sightings[n] / PLACES),
                lon=float(lon[n] / sightings[n] / PLACES),
                walls=1,
                sightings=int(sightings[n]),
                addresses=int(addresses[n]),
                first_seen_at=EPOCH + timedelta(seconds=int(first[n])),
                last_seen_at=EPOCH + timedelta(seconds=int(last[n])),
                box=(edges[0][n], edges[1][n], edges[2][n], edges[3][n]),
            ),
        )
        for n in shown
    ]


def _edge(of: Any, at: NDArray[np.intp], column: NDArray[np.int32], count: int) -> list[float]:
    """The smallest or largest value of each group, in degrees."""
    info = np.iinfo(np.int32)
    found = np.full(count, info.max if of is np.minimum else info.min, np.int32)
    of.at(found, at, column)
    edges: list[float] = (found / PLACES).tolist()
    return edges


def _singly(
    session: Session, found: Read, rows: Columns, at: NDArray[np.intp], numbers: NDArray[np.intp]
) -> list[Spot]:
    named = _last_seen(rows, at, len(numbers))
    every = sorted({number for several in named for number in several})
    ids = _ids(session, "wall", numbers.tolist(), found.new_walls)
    address_ids = _ids(session, "address", every, found.new)
    addresses = {row.id: row for row in _by_id(session, Address, address_ids.values())}
    states = {row.id: row.state for row in _by_id(session, Inscription, ids.values())}
    return [
        replace(
            spot,
            wall=ids[int(numbers[n])],
            state=states.get(ids[int(numbers[n])]),
            named=[addresses[address_ids[each]] for each in named[n]],
        )
        for n, spot in _gathered(rows, at, len(numbers), most=len(numbers))
    ]


def _last_seen(rows: Columns, at: NDArray[np.intp], count: int) -> list[list[int]]:
    """For each wall the numbers of the addresses that were seen there last, the last one first."""
    key = (at.astype(np.int64) << 32 | rows.address.astype(np.int64))[::-1]
    pairs, since = np.unique(key, return_index=True)
    found: list[list[int]] = [[] for _ in range(count)]
    for n in np.argsort(since):
        wall, number = divmod(int(pairs[n]), 2**32)
        if len(found[wall]) < NAMED:
            found[wall].append(number)
    return found


def _ids(session: Session, of: str, numbers: Sequence[int], new: Mapping[str, int]) -> dict[int, str]:
    """The ids that numbers stand for."""
    found = {number: each for each, number in new.items()}
    asked = select(StatNumber.number, StatNumber.id).where(StatNumber.of == of)
    for start in range(0, len(numbers), IN_ONE_QUERY):
        part = numbers[start : start + IN_ONE_QUERY]
        found |= {row.number: row.id for row in session.execute(asked.where(StatNumber.number.in_(part)))}
    return found


def _by_id(session: Session, table: Any, ids: Any) -> list[Any]:
    several = sorted(ids)
    found: list[Any] = []
    for start in range(0, len(several), IN_ONE_QUERY):
        found += session.scalars(select(table).where(table.id.in_(several[start : start + IN_ONE_QUERY])))
    return found
