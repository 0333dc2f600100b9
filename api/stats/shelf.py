"""Pages that this process has read already: fetched once, then only asked whether they are still of that version."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import repeat
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.stats import pages
from api.stats.columns import Cells, Columns, joined
from api.stats.drafts import Drafts
from api.stats.pages import SEEN, SENT, Rows
from models import StatNumber, StatPage

MOST_SIGHTINGS = 5_000_000
"""That a process keeps, in about 100 bytes each: a question that needs more reads its pages each time."""

IN_ONE_QUERY = 100


@dataclass(frozen=True, slots=True)
class Read:
    """Days as they are now, the earliest sighting and report first.

    Attributes:
        cells: H3 cells in the order of `sightings.place`.
        numbers: of the addresses that pages number, by id.
        new: ids of addresses that no page numbers yet, with the numbers they have here; `new_walls` those of walls.
    """

    sightings: Columns
    reports: Rows
    cells: NDArray[np.uint64]
    numbers: Mapping[str, int]
    new: Mapping[str, int]
    new_walls: Mapping[str, int]

    def marked(self, ids: Iterable[str]) -> NDArray[np.bool_]:
        """By an address's number, up to the largest that was read: whether its id is among these."""
        top = int(self.sightings.address.max()) if len(self.sightings) else 0
        mask = np.zeros(top + 1, np.bool_)
        several = list(ids)
        given = np.fromiter(map(self.numbers.get, several, repeat(-1)), np.int64, len(several))
        if self.new:
            given = np.append(given, [self.new[each] for each in several if each in self.new]).astype(np.int64)
        mask[given[(given >= 0) & (given <= top)]] = True
        return mask


@dataclass(frozen=True, slots=True)
class _Shown:
    """A day of a version, or several in a row."""

    columns: Columns
    reports: Rows


@dataclass(frozen=True, slots=True)
class _Row:
    """All pages in a row: `starts` says where the sightings and the reports of the n-th day begin."""

    versions: tuple[tuple[int, int], ...]
    whole: _Shown
    starts: tuple[tuple[int, int], ...]

    def between(self, first: int, last: int) -> _Shown:
        """The pages of the days from `first` to before `last`, without copying anything."""
        days = [day for day, _ in self.versions]
        (a, c), (b, d) = self.starts[bisect_left(days, first)], self.starts[bisect_left(days, last)]
        return _Shown(self.whole.columns.taken(slice(a, b)), self.whole.reports[c:d])


class Shelf:
    """Pages by day; used by many threads, each with a transaction of its own."""

    def __init__(self, *, most_sightings: int = MOST_SIGHTINGS) -> None:
        self._most = most_sightings
        self._cells = Cells()
        self._kept: dict[int, tuple[int, _Shown]] = {}
        self._numbers: dict[str, int] = {}
        self._top = 0
        self._row: _Row | None = None
        self._drafts: Drafts[_Shown] = Drafts(self._shown)
        self._lock = Lock()

    def read(self, session: Session, first: int, last: int) -> Read:
        """All sightings and reports of the days (since 1970, UTC) from `first` to `last`, as the transaction sees them.

        Marks are asked for first: a page made meanwhile is not used, its day is counted from the tables.
        """
        marks = pages.marked(session, first, last)
        given = self._given(session)
        row = self._all(session)
        fresh, new, new_walls = self._drafts.read(session, marks, dict(row.versions))
        parts: list[_Shown] = []
        at = first
        for day, shown in fresh.items():
            parts += [row.between(at, day), shown]
            at = day + 1
        parts.append(row.between(at, last + 1))
        reports = np.concatenate([part.reports for part in parts])
        columns = joined([part.columns for part in parts])
        return Read(columns, reports, self._cells.all(), given, new, new_walls)

    @property
    def kept(self) -> int:
        """Sightings that are kept in this process."""
        return sum(len(shown.columns) for _, shown in self._kept.values())

    def _given(self, session: Session) -> Mapping[str, int]:
        """The numbers of addresses; a number is given once and for good, so only those given since are asked for."""
        asked = select(StatNumber.id, StatNumber.number).where(
            StatNumber.of == "address", StatNumber.number > self._top
        )
        found = {row.id: row.number for row in session.execute(asked)}
        with self._lock:
            self._numbers.update(found)
            self._top = max(self._top, *found.values(), 0)
            return self._numbers

    def _all(self, session: Session) -> _Row:
        """Every page there is; those of another version than we have are fetched."""
        asked = select(StatPage.day, StatPage.version).order_by(StatPage.day)
        versions = tuple((day, version) for day, version in session.execute(asked))
        with self._lock:
            row, kept = self._row, dict(self._kept)
        if row is not None and row.versions == versions:
            return row
        found = {day: kept[day][1] for day, version in versions if day in kept and kept[day][0] == version}
        missing = [day for day, _ in versions if day not in found]
        for at in range(0, len(missing), IN_ONE_QUERY):
            part = select(StatPage.day, StatPage.sightings, StatPage.reports)
            for page in session.execute(part.where(StatPage.day.in_(missing[at : at + IN_ONE_QUERY]))):
                found[page.day] = self._shown(pages.unpacked(page))
        made = self._in_a_row(versions, found)
        if len(made.whole.columns) <= self._most:
            with self._lock:
                self._row = made
                self._kept = {day: (version, found[day]) for day, version in versions}
        return made

    def _in_a_row(self, versions: tuple[tuple[int, int], ...], found: dict[int, _Shown]) -> _Row:
        days = [found[day] for day, _ in versions]
        nothing = self._shown(pages.Day(np.zeros(0, SEEN), np.zeros(0, SENT)))
        columns = joined([nothing.columns, *(day.columns for day in days)])
        reports = np.concatenate([nothing.reports, *(day.reports for day in days)])
        ends = np.cumsum([(0, 0), *((len(day.columns), len(day.reports)) for day in days)], axis=0)
        return _Row(versions, _Shown(columns, reports), tuple((int(a), int(b)) for a, b in ends))

    def _shown(self, day: pages.Day) -> _Shown:
        return _Shown(self._cells.columns(day.sightings), day.reports)
