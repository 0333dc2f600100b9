"""The photo after painting beside the one before: what the reader and the comparison say, outside of transactions."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import select

from api.cleanup.after import UNCLEAR, Checked
from api.cleanup.wall_photos import boxes_in, opened
from api.photos.blobs import BlobMissing
from api.readings.convert import reading_from
from api.readings.repository import readings_of
from api.services import Services
from api.unit import Unit
from models import Address, Photo, PhotoState, Sighting, SightingState, WorkOrder
from vision.after import check, shown_in
from vision.errors import PhotoError
from vision.types import Reading

log = structlog.get_logger()


def compare(services: Services, order_id: str, sha256: str) -> Checked | None:
    """What the after-photo of an order says; None while one of the two photos waits to be read.

    What cannot be compared is unclear: a person decides. BlobsUnavailable when the photo store does not answer.
    """
    with services.reading_unit() as unit:
        order = unit.session.get_one(WorkOrder, order_id)
        before, after = _readings(unit, order.photo_sha256), _readings(unit, sha256)
        known = _known(unit, order.photo_sha256)
    if before is None or after is None:
        return None
    if not after:
        return Checked(UNCLEAR, facts={"reason": "not_read"})
    try:
        photos = opened(services, order.photo_sha256), opened(services, sha256)
        found = check(*photos, boxes_in(before), shown_in(after[0]), known=known)
    except (PhotoError, BlobMissing) as error:
        return Checked(UNCLEAR, facts={"reason": "not_opened", "error": getattr(error, "code", "original_missing")})
    except Exception as error:  # a person looks at what the program stumbles over
        log.exception("after_check_failed", order=order_id, photo=sha256)
        return Checked(UNCLEAR, facts={"reason": "check_failed", "error": type(error).__name__})
    facts: dict[str, Any] = {**found.facts, "reason": str(found.reason), "before": order.photo_sha256}
    return Checked(str(found.verdict), float(found.score), facts)


def _readings(unit: Unit, sha256: str) -> list[Reading] | None:
    """All readings of a photo, the newest first; none for one that cannot be read; None while it is owed one."""
    photo = unit.session.get_one(Photo, sha256)
    if photo.state == PhotoState.OWED:
        return None
    return [reading_from(row, photo) for row in readings_of(unit.session, sha256)]


def _known(unit: Unit, sha256: str) -> list[tuple[str, str]]:
    """The addresses that count in the photo before."""
    asked = (
        select(Address.kind, Address.value)
        .join(Sighting, Sighting.address_id == Address.id)
        .where(Sighting.photo_sha256 == sha256, Sighting.state != SightingState.REJECTED)
        .distinct()
    )
    return [(row[0], row[1]) for row in unit.session.execute(asked)]
