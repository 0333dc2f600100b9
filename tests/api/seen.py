"""Walls as they stand after a report and a reading, without pictures: rows through the services' own functions."""

import hashlib
from datetime import timedelta

from api.readings.service import store_reading
from api.watchlist.service import sight_report
from models import Photo, PhotoState, Report, ReportPhoto
from tests.api.walls import finding, reading


def see(
    services, account, *found, photo="wall-1", lat=54.87, lon=69.15, hours=0, seen_hours=0, unread=(), lines=None,
    channel="test",
):  # fmt: skip
    """A report on a photo that was read as these findings; answers the reading's findings in order.

    `photo` is its bytes, or a name that stands for some.
    """
    sha256 = hashlib.sha256(photo if isinstance(photo, bytes) else photo.encode()).hexdigest()
    with services.unit() as unit:
        at = unit.clock.now() + timedelta(hours=hours)
        if unit.session.get(Photo, sha256) is None:
            unit.session.add(
                Photo(
                    sha256=sha256, size_bytes=1, media_type="image/jpeg", received_at=at, state=PhotoState.OWED,
                    want=1, failures=0, losses=0,
                )
            )  # fmt: skip
        report = Report(
            account_id=account.id, channel=channel, received_at=at, seen_at=at + timedelta(hours=seen_hours),
            lat=lat, lon=lon, place_source="typed",
        )  # fmt: skip
        unit.session.add(report)
        unit.session.flush()
        carried = ReportPhoto(report_id=report.id, position=0, photo_sha256=sha256)
        unit.session.add(carried)
        unit.session.flush()
        sight_report(unit, carried)
        row = store_reading(unit, sha256, reading(sha256, *found, unread=unread, lines=lines))
        return list(row.findings)


def wall(value, **values):
    return finding(value, **values)
