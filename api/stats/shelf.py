"""Pages that this process has read already: fetched once, then only asked whether they are still of that version."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.stats import pages
from api.stats.pages import SEEN, SENT, Day, Numbers, Rows
from models import StatPage

MOST_BYTES = 256 * 2**20
"""Of pages kept: 5 million sightings; the longest unused go first."""

IN_ONE_QUERY = 100


@dataclass(frozen=True, slots=True)
class Read:
    """Days as they are now.

    Attributes:
        new: ids of addresses that no page numbers yet, with the numbers they have here.
    """

    sightings: Rows
    reports: Rows
    new: dict[str, int]


class Shelf:
    """Pages by day; used by many threads, each with a transaction of its own."""

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[int, tuple[int, Day]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def read(self, session: Session, first: int, last: int) -> Read:
        """All sightings and reports of the days (since 1970, UTC) from `first` to `last`, as the transaction sees them.

        Marks are asked for first: a page made meanwhile is not used, its day is counted from the tables.
        """
        fresh = set(pages.marked(session, first, last))
        numbers = Numbers(session)
        days = list(self._pages(session, first, last, leave_out=fresh))
        days += [pages.from_tables(session, day, numbers) for day in sorted(fresh)]
        return Read(
            pages.joined([day.sightings for day in days], SEEN),
            pages.joined([day.reports for day in days], SENT),
            numbers.without_a_row("address"),
        )

    def _pages(self, session: Session, first: int, last: int, *, leave_out: set[int]) -> Iterator[Day]:
        asked = select(StatPage.day, StatPage.version).where(StatPage.day.between(first, last)).order_by(StatPage.day)
        wanted = [(day, version) for day, version in session.execute(asked) if day not in leave_out]
        have = {day: found for day, version in wanted if (found := self._have(day, version)) is not None}
        missing = [day for day, _ in wanted if day not in have]
        for at in range(0, len(missing), IN_ONE_QUERY):
            part = select(StatPage.day, StatPage.version, StatPage.sightings, StatPage.reports)
            for row in session.execute(part.where(StatPage.day.in_(missing[at : at + IN_ONE_QUERY]))):
                have[row.day] = pages.unpacked(row)
                self._keep(row.day, row.version, have[row.day])
        yield from (have[day] for day, _ in wanted)

    def _have(self, day: int, version: int) -> Day | None:
        with self._lock:
            kept = self._kept.get(day)
            if kept is None or kept[0] != version:
                return None
            self._kept.move_to_end(day)
            return kept[1]

    def _keep(self, day: int, version: int, made: Day) -> None:
        with self._lock:
            self._forget(day)
            self._kept[day] = version, made
            self._bytes += _size(made)
            while self._bytes > self._most_bytes:
                self._forget(next(iter(self._kept)))

    def _forget(self, day: int) -> None:
        if day in self._kept:
            self._bytes -= _size(self._kept.pop(day)[1])


def _size(day: Day) -> int:
    return day.sightings.nbytes + day.reports.nbytes
