"""Instants that people and cursors name. No database can hold one that UTC has no date for."""

from __future__ import annotations

from datetime import UTC, datetime

from api.errors import Problem


class TimeWithoutZone(Problem):
    """A time that may mean several instants."""

    status = 422

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} needs its time zone, such as 2026-05-04T00:00:00+05:00 (with + as %2B).")
        self.field = name


class TimeOutOfRange(Problem):
    """A time that is before the year 1 or after the year 9999 in UTC."""

    status = 422

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is outside the years 1 to 9999 in UTC: give a time between them.")
        self.field = name


def asked(name: str, moment: datetime | None) -> datetime | None:
    """The instant in UTC that a field of a request names; TimeWithoutZone, TimeOutOfRange."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise TimeWithoutZone(name)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise TimeOutOfRange(name) from None


def written(text: str) -> datetime:
    """The instant in UTC that ISO text with its zone names; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None
