"""An address on very many walls, counted from packed days: the tables would take a quarter of a second and more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from api.connections.squares import GRID, Square
from api.stats.pages import DAY_S, EPOCH, PLACES, seconds
from api.stats.periods import Span
from api.stats.shelf import Shelf
from api.unit import Unit
from models import Address

LOW = 2**32 - 1
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


def squares(found: Seen, limit: int) -> list[Square] | None:
    """The walls gathered in at most so many squares; None where each of them can have a place of its own."""
    order = np.argsort(found.wall, kind="stable")
    wall = found.wall[order]
    starts = np.flatnonzero(np.concatenate([np.ones(min(1, len(wall)), np.bool_), wall[1:] != wall[:-1]]))
    if len(starts) <= limit:
        return None
    sizes = np.diff(np.append(starts, len(wall)))
    lat, lon = (np.add.reduceat(each[order] / PLACES, starts) / sizes for each in (found.lat, found.lon))
    at = found.at[order]
    first, last = at[starts], at[starts + sizes - 1]  # a stable order keeps the earliest of a wall first
    row, column = (np.floor(degrees * GRID).astype(np.int64) for degrees in (lat, lon))
    keys, place = np.unique(row << 32 | column & LOW, return_inverse=True)
    while len(keys) > limit:  # four squares become one
        row, column = row >> 1, column >> 1
        keys, place = np.unique(row << 32 | column & LOW, return_inverse=True)
    sums = [np.bincount(place, each, len(keys)) for each in (lat, lon, np.ones(len(lat)), sizes)]
    earliest, latest = np.full(len(keys), np.iinfo(np.int64).max), np.zeros(len(keys), np.int64)
    np.minimum.at(earliest, place, first)
    np.maximum.at(latest, place, last)
    return [
        Square(a, b, round(walls), round(sightings), _moment(begin), _moment(end))
        for a, b, walls, sightings, begin, end in zip(
            *(each.tolist() for each in (*sums, earliest, latest)), strict=True
        )
    ]


def _moment(second: int) -> datetime:
    return EPOCH + timedelta(seconds=second)
