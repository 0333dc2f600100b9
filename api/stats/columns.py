"""Sightings column by column, all days in a row: what a million of them are counted from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.stats.pages import Rows


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A value of each for every sighting, the earliest sighting first.

    Attributes:
        at: seconds since 1970.
        place: number of its finest H3 cell, in `Cells`.
        address, wall, report: numbers of `stat_numbers`.
        lat, lon: whole numbers, `pages.PLACES` to a degree.
        waited_s: seconds from photo to watchlist.
    """

    at: NDArray[np.int64]
    place: NDArray[np.int32]
    address: NDArray[np.uint32]
    wall: NDArray[np.uint32]
    report: NDArray[np.uint32]
    lat: NDArray[np.int32]
    lon: NDArray[np.int32]
    waited_s: NDArray[np.int32]
    kind: NDArray[np.uint8]
    counts: NDArray[np.bool_]
    accepted: NDArray[np.bool_]
    review: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.at)

    def taken(self, which: Any) -> Columns:
        """Some of them: a slice, which copies nothing, or positions."""
        return Columns(*(getattr(self, field.name)[which] for field in fields(self)))

    @property
    def nbytes(self) -> int:
        """What they take up."""
        return sum(getattr(self, field.name).nbytes for field in fields(self))


class Cells:
    """A number for every cell that was met in this process, from 0; shared by threads."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._lock = Lock()

    def columns(self, rows: Rows) -> Columns:
        """A day's packed rows, column by column."""
        cells, at = np.unique(rows["cell"], return_inverse=True)
        with self._lock:
            known = [self._numbers.setdefault(cell, len(self._numbers)) for cell in cells.tolist()]
        place = np.array(known, np.int32)[at] if known else np.zeros(0, np.int32)
        parts: list[Any] = [
            place if field.name == "place" else np.ascontiguousarray(rows[field.name]) for field in fields(Columns)
        ]
        return Columns(*parts)

    def all(self) -> NDArray[np.uint64]:
        """The cells in the order of their numbers."""
        with self._lock:
            return np.fromiter(self._numbers, np.uint64, len(self._numbers))


def joined(parts: Sequence[Columns]) -> Columns:
    """All of them, one after another; there is at least one."""
    if len(parts) == 1:
        return parts[0]
    return Columns(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Columns)))
