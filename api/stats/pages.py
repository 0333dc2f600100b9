"""Pages: the sightings and reports of a day (UTC), packed into a few bytes each, so that a million can be counted.

Counts of different walls and addresses cannot be added up from day to day, nor can medians: whoever wants them exactly
needs every sighting. A page holds them as numbers; a day that was written to since (`stat_marks`, kept by triggers of
the database in the writer's own transaction) is read from the tables themselves until its page is made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import h3
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from api.unit import Unit
from api.watchlist.turn import take_turn
from models import Address, Finding, Report, Review, Sighting, SightingState, StatMark, StatNumber, StatPage
from vision.types import Kind

DAY_S = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLACES = 1e7
"""Degrees are kept as whole numbers of this part: a centimetre."""

CELL_LEVEL = 9
"""The finest H3 cells that sightings are gathered in: 174 metres a side."""

SEEN = np.dtype([
    ("at", "<i8"), ("cell", "<u8"), ("address", "<u4"), ("wall", "<u4"), ("report", "<u4"), ("lat", "<i4"),
    ("lon", "<i4"), ("waited_s", "<i4"), ("kind", "u1"), ("counts", "?"), ("accepted", "?"), ("review", "u1"),
])  # fmt: skip
"""A sighting: seconds since 1970, H3 cell, numbers of `stat_numbers`, place, seconds from photo to watchlist."""

SENT = np.dtype([("at", "<i8"), ("report", "<u4"), ("lat", "<i4"), ("lon", "<i4")])
"""A report."""

KINDS = {
    Kind.TELEGRAM: 1, Kind.TELEGRAM_INVITE: 2, Kind.DOMAIN: 3, Kind.ONION: 4, Kind.PHONE: 5, Kind.WHATSAPP: 6,
    Kind.INSTAGRAM: 7, Kind.VK: 8, Kind.EMAIL: 9,
}  # fmt: skip
"""Written in pages: a number means the same kind for good."""

REVIEWS = {Review.UNREVIEWED: 0, Review.CONFIRMED: 1, Review.CORRECTED: 2, Review.REJECTED: 3}
NUMBERED = ("address", "wall", "report")
IN_ONE_QUERY = 500
Rows = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on a day, the earliest first."""

    sightings: Rows
    reports: Rows


class Numbers:
    """The numbers of ids; those without one get the next, which are kept only when `keep` is called.

    Args:
        top: the largest number of each kind of thing that the session sees, where the caller knows it.

    Attributes:
        has_used_new: whether anything that was asked for has no number but one of these.
    """

    def __init__(self, session: Session, top: Mapping[str, int] | None = None) -> None:
        self._session = session
        self._known: dict[tuple[str, str], int] = {}
        self._new: dict[str, dict[str, int]] = {}
        self._next = {what: number + 1 for what, number in (top or {}).items()}
        self.has_used_new = False

    def seen_by(self, session: Session) -> Numbers:
        """The same for another session that sees the same numbers: what was given here is given there again."""
        other = Numbers(session)
        other._known, other._new, other._next = self._known, self._new, self._next
        return other

    def of(self, what: str, ids: Iterable[str]) -> dict[str, int]:
        """A number for each id of an "address", a "wall" or a "report"."""
        wanted = sorted(set(ids))
        missing = [each for each in wanted if (what, each) not in self._known]
        for at in range(0, len(missing), IN_ONE_QUERY):
            part = missing[at : at + IN_ONE_QUERY]
            asked = select(StatNumber.id, StatNumber.number).where(StatNumber.of == what, StatNumber.id.in_(part))
            self._known |= {(what, each): number for each, number in self._session.execute(asked)}
        for each in missing:
            if (what, each) not in self._known:
                self._give(what, each)
        self.has_used_new = self.has_used_new or not self._new.get(what, {}).keys().isdisjoint(wanted)
        return {each: self._known[what, each] for each in wanted}

    def _give(self, what: str, each: str) -> None:
        if what not in self._next:
            top = select(func.max(StatNumber.number)).where(StatNumber.of == what)
            self._next[what] = (self._session.scalar(top) or 0) + 1
        self._known[what, each] = self._next[what]
        self._new.setdefault(what, {})[each] = self._next[what]
        self._next[what] += 1

    def without_a_row(self, what: str) -> dict[str, int]:
        """The ids that were given a number here, which no table knows."""
        return dict(self._new.get(what, {}))

    def keep(self) -> None:
        """Write the new ones down; only in the turn of a writer, or two would give one number twice."""
        for what, given in self._new.items():
            rows = [{"of": what, "id": each, "number": number} for each, number in given.items()]
            self._session.execute(insert(StatNumber), rows)
        self._new = {}


def marked(session: Session, first: int, last: int) -> dict[int, tuple[int, int]]:
    """The days from `first` to `last` whose pages do not hold, in order, each with its newest mark and how many it has.

    Whatever is written to a day adds a mark, so the same answer for a page of the same version means the same rows.
    """
    asked = select(StatMark.day, func.max(StatMark.id), func.count()).where(StatMark.day.between(first, last))
    rows = session.execute(asked.group_by(StatMark.day).order_by(StatMark.day))
    return {day: (newest, count) for day, newest, count in rows}


def tops(session: Session) -> dict[str, int]:
    """The largest number that an address, a wall and a report have; 0 where none has one."""
    asked = [select(func.max(StatNumber.number)).where(StatNumber.of == what).scalar_subquery() for what in NUMBERED]
    return {what: number or 0 for what, number in zip(NUMBERED, session.execute(select(*asked)).one(), strict=True)}


def remake(unit: Unit, *, most: int) -> int:
    """Make the pages of at most so many marked days anew; how many those were.

    The marks are read before the rows: a writer who commits in between leaves a mark that stays.
    """
    session = unit.session
    take_turn(session)
    days = sorted(session.scalars(select(StatMark.day).distinct().limit(most)))
    for day in days:
        seen = list(session.scalars(select(StatMark.id).where(StatMark.day == day)))
        numbers = Numbers(session)
        made = from_tables(session, day, numbers)
        numbers.keep()
        page = session.get(StatPage, day)
        if page is None:
            page = StatPage(day=day, version=0)
            session.add(page)
        page.version += 1
        page.sightings, page.reports = made.sightings.tobytes(), made.reports.tobytes()
        for at in range(0, len(seen), IN_ONE_QUERY):
            session.execute(delete(StatMark).where(StatMark.id.in_(seen[at : at + IN_ONE_QUERY])))
        session.flush()
    return len(days)


def unpacked(page: Any) -> Day:
    """The day that a page holds."""
    return Day(np.frombuffer(page.sightings, SEEN), np.frombuffer(page.reports, SENT))


def from_tables(session: Session, day: int, numbers: Numbers) -> Day:
    """The day as the tables have it now."""
    since = EPOCH + timedelta(days=day)
    within = since, since + timedelta(days=1)
    return Day(_sightings(session, within, numbers), _reports(session, within, numbers))


def _sightings(session: Session, within: tuple[datetime, datetime], numbers: Numbers) -> Rows:
    asked = (
        select(
            Sighting.seen_at,
            Sighting.address_id,
            Sighting.inscription_id,
            Sighting.report_id,
            Sighting.lat,
            Sighting.lon,
            Sighting.state,
            Address.kind,
            Report.received_at,
            Finding.accepted,
            Finding.review,
            Finding.created_at,
            Finding.reviewed_at,
        )
        .join(Address, Address.id == Sighting.address_id)
        .join(Report, Report.id == Sighting.report_id)
        .join(Finding, Finding.id == Sighting.finding_id)
        .where(Sighting.seen_at >= within[0], Sighting.seen_at < within[1])
    )
    rows = session.execute(asked).all()
    addresses = numbers.of("address", (row.address_id for row in rows))
    walls = numbers.of("wall", (row.inscription_id for row in rows))
    reports = numbers.of("report", (row.report_id for row in rows))
    packed = np.array(
        [
            (
                seconds(row.seen_at),
                h3.str_to_int(h3.latlng_to_cell(row.lat, row.lon, CELL_LEVEL)),
                addresses[row.address_id],
                walls[row.inscription_id],
                reports[row.report_id],
                whole(row.lat),
                whole(row.lon),
                _waited(row),
                KINDS.get(row.kind, 0),
                row.state != SightingState.REJECTED,
                row.accepted,
                REVIEWS[row.review],
            )
            for row in rows
        ],
        SEEN,
    )
    return packed[np.argsort(packed["at"], kind="stable")]


def _reports(session: Session, within: tuple[datetime, datetime], numbers: Numbers) -> Rows:
    asked = select(Report.seen_at, Report.id, Report.lat, Report.lon)
    rows = session.execute(asked.where(Report.seen_at >= within[0], Report.seen_at < within[1])).all()
    known = numbers.of("report", (row.id for row in rows))
    packed = np.array([(seconds(row.seen_at), known[row.id], whole(row.lat), whole(row.lon)) for row in rows], SENT)
    return packed[np.argsort(packed["at"], kind="stable")]


def _waited(row: Any) -> int:
    """Seconds from the report's arrival until its sighting stood on the watchlist; 0 if the photo had been read."""
    by_itself = row.accepted and row.review != Review.CORRECTED
    listed = row.created_at if by_itself else (row.reviewed_at or row.created_at)
    return max(0, min(int((listed - row.received_at).total_seconds()), 2**31 - 1))


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return (moment - EPOCH) // timedelta(seconds=1)


def whole(degrees: float) -> int:
    """Degrees as they are kept."""
    return round(degrees * PLACES)
