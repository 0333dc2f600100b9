"""When digests are due, by the clocks of the place."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.telling.windows import next_digest

ZONES = ["Asia/Almaty", "Asia/Oral", "Asia/Kolkata", "Pacific/Kiritimati", "Europe/Berlin", "America/St_Johns", "UTC"]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "pace", "hour", "after", "due"),
    [
        ("Asia/Almaty", "daily", 9, "2026-03-01 03:59", "2026-03-01 04:00"),  # UTC+5, and no summer time
        ("Asia/Almaty", "daily", 9, "2026-03-01 04:00", "2026-03-02 04:00"),
        ("Asia/Almaty", "daily", 0, "2026-03-01 18:59", "2026-03-01 19:00"),  # midnight there is still today in UTC
        ("Asia/Almaty", "daily", 9, "2024-02-28 12:00", "2024-02-29 03:00"),  # it was UTC+6 …
        ("Asia/Almaty", "daily", 9, "2024-02-29 12:00", "2024-03-01 04:00"),  # … until that night
        ("Pacific/Kiritimati", "daily", 7, "2026-03-01 16:59", "2026-03-01 17:00"),  # UTC+14
        ("Asia/Kolkata", "hourly", None, "2026-03-01 09:00", "2026-03-01 09:30"),  # UTC+5:30
        ("Asia/Almaty", "hourly", None, "2026-03-01 09:00", "2026-03-01 10:00"),
        ("Europe/Berlin", "daily", 2, "2026-03-28 12:00", "2026-03-29 01:00"),  # 02:00 is skipped that night
        ("Europe/Berlin", "daily", 2, "2026-10-24 12:00", "2026-10-25 00:00"),  # and comes twice that one
        ("Europe/Berlin", "daily", 2, "2026-10-25 00:00", "2026-10-26 01:00"),
    ],
)
def test_a_digest_is_due_at_its_hour_there(zone, pace, hour, after, due):
    assert next_digest(pace, hour, ZoneInfo(zone), after=at(after)) == at(due)


def test_at_once_has_no_window():
    assert next_digest("at_once", None, ZoneInfo("Asia/Almaty"), after=at("2026-03-01 09:00")) is None


@settings(max_examples=60)
@given(
    st.datetimes(datetime(2023, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - hypothesis wants them so
    st.sampled_from(ZONES),
    st.one_of(st.none(), st.integers(0, 23)),
)
def test_windows_follow_one_another_without_a_gap_or_a_standstill(naive, zone, hour):
    now, pace = naive.replace(tzinfo=UTC), "hourly" if hour is None else "daily"
    due = next_digest(pace, hour, ZoneInfo(zone), after=now)
    assert timedelta() < due - now <= (timedelta(hours=1) if hour is None else timedelta(hours=25))
    local = due.astimezone(ZoneInfo(zone))
    assert local.minute == 0 or hour is not None
    assert next_digest(pace, hour, ZoneInfo(zone), after=due) > due
