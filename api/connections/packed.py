"""An address on very many walls, counted from packed days: the tables would take a quarter of a second and more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from api.connections.squares import GRID, Place, Sums, gathered
from api.stats.pages import DAY_S, EPOCH, PLACES, seconds
from api.stats.periods import Span
from api.stats.shelf import Shelf
from api.unit import Unit
from models import Address

SECOND = 1_000_000  # microseconds
MANY = 20_000
"""Sightings from which on the packed days are quicker."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Sightings of an address that count, the earliest first: seconds since 1970, places as pages have them."""

    at: NDArray[np.int64]
    wall: NDArray[np.uint32]
    lat: NDArray[np.int32]
    lon: NDArray[np.int32]


def seen(unit: Unit, shelf: Shelf, address: Address, since: datetime | None, until: datetime | None) -> Seen:
    """The sightings of an address from `since` and before `until`."""
    first = max(since or EPOCH, address.first_seen_at - timedelta(days=1))
    last = min(until or address.last_seen_at, address.last_seen_at) + timedelta(days=1)
    read = shelf.read(unit.session, seconds(first) // DAY_S, seconds(last) // DAY_S)
    number = read.numbers.get(address.id, read.new.get(address.id, -1))
    rows = read.sightings
    which = rows.counts & (rows.address == number)
    if since is not None:
        which &= rows.at >= seconds(since)
    if until is not None:
        which &= rows.at < seconds(until)
    taken = np.flatnonzero(which)
    return Seen(rows.at[taken], rows.wall[taken], rows.lat[taken], rows.lon[taken])


def beats(found: Seen, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """For each period, which follow one another: its sightings, and the walls that were seen first in it."""
    bounds = np.array([seconds(span.since) for span in spans] + [seconds(spans[-1].until)], np.int64)
    _walls, firsts = np.unique(found.wall, return_index=True)
    counts, new = (np.diff(np.searchsorted(at, bounds)) for at in (found.at, np.sort(found.at[firsts])))
    return [(int(count), int(walls)) for count, walls in zip(counts, new, strict=True)]


def gathered_walls(found: Seen, limit: int) -> list[Place] | None:
    """The walls gathered in at most so many squares; None where each of them can have a place of its own."""
    order = np.argsort(found.wall, kind="stable")
    wall = found.wall[order]
    starts = np.flatnonzero(np.concatenate([np.ones(min(1, len(wall)), np.bool_), wall[1:] != wall[:-1]]))
    if len(starts) <= limit:
        return None
    sizes = np.diff(np.append(starts, len(wall)))
    lat, lon = (np.add.reduceat(each[order] / PLACES, starts) / sizes for each in (found.lat, found.lon))
    row, column = (np.floor(degrees * GRID).astype(np.int64) for degrees in (lat, lon))
    at = found.at[order] * SECOND
    first, last = at[starts], at[starts + sizes - 1]  # a stable order keeps the earliest of a wall first
    return gathered(Sums(row, column, lat, lon, np.ones_like(sizes), sizes, first, last), limit)
