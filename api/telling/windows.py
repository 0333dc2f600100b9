"""When the next digest is due."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models import Pace


def next_digest(pace: str, hour: int | None, zone: ZoneInfo, *, after: datetime) -> datetime | None:
    """The first moment behind `after` at which a digest is due, in UTC; None for one who is told at once.

    Hourly is the full hour on the zone's clocks (they may be half an hour off from ours), daily is `hour`:00 there. An
    hour that clocks skip is the moment at which they skip it; one that they show twice counts the first time.
    """
    local = after.astimezone(zone)
    if pace == Pace.HOURLY:
        # In UTC, because clocks that are set back would otherwise give a moment that has passed.
        start = after.astimezone(UTC) - timedelta(minutes=local.minute, seconds=local.second)
        return start.replace(microsecond=0) + timedelta(hours=1)
    if pace != Pace.DAILY:
        return None
    for days in (0, 1, 2):
        due = datetime.combine(local.date() + timedelta(days=days), time(hour or 0), zone).astimezone(UTC)
        if due > after:
            return due
    raise AssertionError
