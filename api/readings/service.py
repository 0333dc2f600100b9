"""Keeping what was read, and what follows from it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.audit.service import record
from api.inscriptions.fusion import add_up
from api.readings.cards import count_card
from api.readings.convert import card_sha256, reading_row
from api.suggested.service import suggested_before
from api.unit import Unit
from api.watchlist.queue import rank_again
from api.watchlist.review import decided_before
from api.watchlist.service import sight
from api.watchlist.turn import take_turn
from models import Photo, PhotoState, Reading, SightingState
from vision import types as seen


def store_reading(unit: Unit, sha256: str, reading: seen.Reading) -> Reading:
    """Keep a reading, put its accepted findings on the watchlist, and settle the photo.

    The same photo read again by the same reader is the reading that is there already.
    """
    photo = unit.session.get_one(Photo, sha256, with_for_update=True)
    row, is_new = _kept(unit, sha256, reading)
    photo.state = PhotoState.READ
    photo.error_code = photo.error_message = None
    photo.width, photo.height = reading.photo.width, reading.photo.height
    photo.exif_lat, photo.exif_lon = reading.photo.lat, reading.photo.lon
    photo.exif_taken_at = reading.photo.taken_at.isoformat() if reading.photo.taken_at else None
    photo.camera = reading.photo.camera
    if not is_new:
        return row
    take_turn(unit.session)
    for finding in row.findings:
        if not decided_before(unit, finding) and finding.accepted:
            sight(unit, finding, kind=finding.kind, value=finding.value, state=SightingState.UNREVIEWED)
    suggested_before(unit, sha256, row.findings)
    rank_again(unit.session, row.findings)
    add_up(unit, sha256)
    count_card(unit, row)
    record(
        unit,
        "photo.read",
        sha256,
        reading=row.id,
        card=row.card_sha256,
        findings=[[finding.kind, finding.value, round(finding.confidence, 4)] for finding in row.findings],
    )
    return row


def _kept(unit: Unit, sha256: str, reading: seen.Reading) -> tuple[Reading, bool]:
    """The reading's row and whether it is new: insert, catch, read the winner."""
    wanted = select(Reading).where(Reading.photo_sha256 == sha256, Reading.card_sha256 == card_sha256(reading.card))
    known = unit.session.scalar(wanted)
    if known is not None:
        return known, False
    row = reading_row(reading, photo_sha256=sha256, read_at=unit.clock.now())
    try:
        with unit.session.begin_nested():
            unit.session.add(row)
    except IntegrityError:
        return unit.session.scalars(wanted).one(), False
    return row, True
