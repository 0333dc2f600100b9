"""Walls with real photos behind them: bytes in the photo store, rows through the services' own functions."""

import hashlib
from datetime import timedelta

from api.readings.service import store_reading
from api.unit import Actor
from api.watchlist.service import sight_report
from models import Photo, PhotoState, Report, ReportPhoto
from tests.api.walls import reading


def photographed(services, account, *found, data, lat=54.87, lon=69.15, hours=0, file_name=None):
    """A report on these bytes, read as these findings; answers their SHA-256."""
    sha256 = hashlib.sha256(data).hexdigest()
    services.blobs.put(iter([data]), limit_bytes=2**30)
    with services.unit(Actor(account.name, account.id)) as unit:
        at = unit.clock.now() + timedelta(hours=hours)
        if unit.session.get(Photo, sha256) is None:
            unit.session.add(
                Photo(
                    sha256=sha256, size_bytes=len(data), media_type="image/jpeg", received_at=at, state=PhotoState.OWED,
                    want=1, failures=0, losses=0,
                )
            )  # fmt: skip
        report = Report(
            account_id=account.id, channel="test", received_at=at, seen_at=at, lat=lat, lon=lon, place_source="typed"
        )
        unit.session.add(report)
        unit.session.flush()
        carried = ReportPhoto(report_id=report.id, position=0, photo_sha256=sha256, file_name=file_name)
        unit.session.add(carried)
        unit.session.flush()
        sight_report(unit, carried)
        store_reading(unit, sha256, reading(sha256, *found))
    return sha256
