"""Days, weeks, months, quarters and years of the region's calendar, as instants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from api.errors import Problem

EARLIEST, LATEST = date(1970, 1, 2), date(2199, 12, 31)


class PeriodsReversed(Problem):
    """A period that ends before it begins."""

    status = 422

    def __init__(self, since: date, until: date) -> None:
        super().__init__(f"since ({since}) is after until ({until}): swap them.")


class DateOutOfRange(Problem):
    """A date that no statistics can have."""

    status = 422

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is outside {EARLIEST} to {LATEST}: give a date between them.")
        self.field = name


class PeriodsTooMany(Problem):
    """More periods than one answer has."""

    status = 422

    def __init__(self, *, most: int) -> None:
        super().__init__(f"These are more than {most} periods: ask for longer ones, or for less time.")
        self.most = most


class Period(StrEnum):
    """How long a period is; weeks begin on Monday (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Span:
    """A period: the date its name is taken from, and the instants from which and before which it is.

    The first and the last of a row may be shorter than their kind: no more of them was asked for.
    """

    start: date
    since: datetime
    until: datetime


def spans(since: date, until: date, period: Period, zone: ZoneInfo, *, most: int) -> list[Span]:
    """The periods that hold the dates from `since` to `until`, both included, in order.

    Raises:
        PeriodsReversed, DateOutOfRange, PeriodsTooMany: each as its name says.
    """
    for name, day in (("since", since), ("until", until)):
        if not EARLIEST <= day <= LATEST:
            raise DateOutOfRange(name)
    if since > until:
        raise PeriodsReversed(since, until)
    found: list[Span] = []
    for start, following in _starts(since, period):
        if start > until:
            break
        if len(found) == most:
            raise PeriodsTooMany(most=most)
        first, last = max(start, since), min(following, until + timedelta(days=1))
        found.append(Span(start, midnight(first, zone), midnight(last, zone)))
    return found


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant in UTC at which a day begins."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day on which an instant falls."""
    return moment.astimezone(zone).date()


def _starts(since: date, period: Period) -> Iterator[tuple[date, date]]:
    start = floor(since, period)
    while True:
        following = _next(start, period)
        yield start, following
        start = following


def floor(day: date, period: Period) -> date:
    """The first day of the period that holds a day."""
    if period is Period.DAY:
        return day
    if period is Period.WEEK:
        return day - timedelta(days=day.weekday())
    month = {Period.MONTH: day.month, Period.QUARTER: (day.month - 1) // 3 * 3 + 1, Period.YEAR: 1}[period]
    return date(day.year, month, 1)


def _next(start: date, period: Period) -> date:
    if period in (Period.DAY, Period.WEEK):
        return start + timedelta(days=1 if period is Period.DAY else 7)
    months = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}[period]
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, 1)
