"""The picture above a message: a copy in which nothing that was painted can be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import select

from api.services import Services
from models import Finding
from vision.photo import PhotoLimits, encode_jpeg, open_photo

SIDE_PX = 1280


class PictureNotReady(Exception):
    """The photo cannot be covered here: this worker has no reader that finds writing."""


def blurred(services: Services, reader: Any, sha256: str) -> bytes | None:
    """The photo as a JPEG with all writing covered; None when an address could still be read: it is not to be shown."""
    from vision.blur import hide_writing  # noqa: PLC0415 - only where a picture is sent

    if not hasattr(reader, "read_photo"):
        raise PictureNotReady("this worker's reader only reads whole photos")
    limits = PhotoLimits(size_bytes=services.settings.limits.photo_bytes)
    photo = open_photo(services.blobs.get(sha256), limits=limits, working_side_px=SIDE_PX)
    picture = hide_writing(photo, reader, np.array(_boxes(services, sha256), np.float64).reshape(-1, 4, 2))
    return None if picture is None else encode_jpeg(picture, max_side_px=SIDE_PX)


def _boxes(services: Services, sha256: str) -> Sequence[Any]:
    """Where something was read, by whatever reader, or by a person."""
    with services.reading_unit() as unit:
        boxes = unit.session.scalars(select(Finding.box).where(Finding.photo_sha256 == sha256))
        return [box for box in boxes if len(box) == 4]
