"""What a month comes to for the press: sums over the whole region, never an address, a place or a sender.

Everything that says how long one wall stood or what one channel brought is of at least `FEW`: below that a sum is
about somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.errors import Problem
from api.stats.month import Month, month_and_before, month_before
from api.stats.painted import painted_of_seen
from api.stats.periods import Period, Span, day_of, floor
from api.stats.shelf import Shelf
from api.unit import Unit
from models import AddressStatus, Report

FEW = 3
OTHER = "other"
"""What channels are called that are counted together."""


class MonthNotBegun(Problem):
    """A month of which nothing can be told yet."""

    status = 422

    def __init__(self, first: date) -> None:
        super().__init__(f"{first:%Y-%m} has not begun: ask for this month or an earlier one.")
        self.month = f"{first:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Sums:
    """One month.

    Attributes:
        received: reports that arrived in the month, whenever their walls were seen.
        by_channel: the same by channel, the most first; see `folded`.
        walls: different walls that were seen in the month.
        walls_painted: walls that had their first coat in the month, whenever they were seen first.
        walls_seen_and_painted: of `walls`, those that had it by the end of the month.
        hours_to_painted: of `walls_painted`, the median from first photo to first coat; None for fewer than `FEW`.
        addresses_new: addresses that were seen for the first time.
    """

    first: date
    received: int
    by_channel: dict[str, int]
    walls: int
    walls_painted: int
    walls_seen_and_painted: int
    hours_to_painted: float | None
    addresses_new: int
    addresses_sent: int
    addresses_blocked: int
    addresses_reappeared: int

    @property
    def walls_painted_share(self) -> float | None:
        """The part of the walls seen in the month that was painted over by its end; None without a wall."""
        return round(self.walls_seen_and_painted / self.walls, 6) if self.walls else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened at all."""
        addresses = self.addresses_new, self.addresses_sent, self.addresses_blocked, self.addresses_reappeared
        return not any((self.received, self.walls, self.walls_painted, *addresses))


@dataclass(frozen=True, slots=True)
class Press:
    """A month beside the one before it.

    Attributes:
        is_whole: whether the month is over; else its sums are as of `made_at`.
    """

    now: Sums
    before: Sums
    is_whole: bool
    made_at: datetime


def press(unit: Unit, shelf: Shelf, first: date, zone: ZoneInfo) -> Press:
    """The month that begins on a day. MonthNotBegun."""
    if first > day_of(unit.clock.now(), zone):
        raise MonthNotBegun(first)
    return press_of(unit, *month_and_before(unit, shelf, first, zone))


def press_of(unit: Unit, month: Month, before: Month) -> Press:
    """The same from figures that were counted already."""
    now = unit.clock.now()
    return Press(_sums(unit, month), _sums(unit, before), month.span.until <= now, now)


def last_whole(unit: Unit, zone: ZoneInfo) -> date:
    """The first day of the last month that is over."""
    return month_before(floor(day_of(unit.clock.now(), zone), Period.MONTH))


def folded(counts: Mapping[str, int]) -> dict[str, int]:
    """Channels, the most first; those with fewer than `FEW` are counted together as `other`.

    Where these together are fewer than `FEW`, the smallest of the rest goes with them: subtraction from the sum of all
    would give them away. Nothing where that leaves no channel by itself.
    """
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    shown = [row for row in rows if row[1] >= FEW]
    rest = sum(count for _, count in rows[len(shown) :])
    while shown and 0 < rest < FEW:
        rest += shown.pop()[1]
    if not shown:
        return {}
    return dict(shown) | ({OTHER: rest} if rest else {})


def _sums(unit: Unit, month: Month) -> Sums:
    received = _received(unit.session, month.span)
    figures, steps = month.figures, month.steps
    return Sums(
        first=month.span.start,
        received=sum(received.values()),
        by_channel=folded(received),
        walls=figures.walls,
        walls_painted=figures.walls_painted,
        walls_seen_and_painted=painted_of_seen(unit, month.span),
        hours_to_painted=figures.hours_to_painted_median if figures.walls_painted >= FEW else None,
        addresses_new=steps[AddressStatus.NEW],
        addresses_sent=steps[AddressStatus.SENT],
        addresses_blocked=steps[AddressStatus.BLOCKED],
        addresses_reappeared=steps[AddressStatus.REAPPEARED],
    )


def _received(session: Session, span: Span) -> dict[str, int]:
    asked = select(Report.channel, func.count()).where(Report.received_at >= span.since)
    rows = session.execute(asked.where(Report.received_at < span.until).group_by(Report.channel))
    return {str(channel): int(count) for channel, count in rows}
