"""Pictures for condo chats: the wall without anything on it that can be read.

A picture is made where the reader is, by the worker's round, because the reader has to look at it again before anybody
else does; whoever sends it only takes what was made. It can be made again at any time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from sqlalchemy import select

from api.cleanup.wall_photos import boxes_in, opened
from api.intake.channels.base import ChannelError
from api.intake.channels.outbox import message_of
from api.photos.blobs import BlobMissing
from api.photos.copies import CopyCache
from api.readings.convert import reading_from
from api.readings.repository import readings_of
from api.services import Services
from api.unit import Unit
from models import Outgoing, Photo, PhotoState
from vision.blur import blur_boxes, hide_writing
from vision.errors import PhotoError
from vision.photo import Photo as Opened
from vision.photo import encode_jpeg
from vision.types import Picture, Points

SIDE_PX = 1600
DIM_PX = 48
"""What is left of a picture on which writing could still be read: colours, and no letter."""

VERSION = 1  # raise it when the same picture would look different
AGAIN_S = 5.0
NOT_READY, GONE = "picture_not_ready", "picture_gone"


def blurred(services: Services, sha256: str) -> bytes:
    """The photo for people who are to find the wall and not the shop: a JPEG of at most 1600 pixels a side.

    Raises:
        ChannelError: `picture_not_ready` while it was not read, or the worker has not made the picture yet;
            `picture_gone` (final) when it cannot be made.
    """
    try:
        data = _path(services, sha256).read_bytes()
    except FileNotFoundError:
        message = "the photo was not read yet, or its blurred copy was not made yet: the worker does both"
        raise ChannelError(NOT_READY, message, retry_after_s=AGAIN_S) from None
    if not data:
        raise ChannelError(GONE, "the photo's bytes are missing or are no picture", is_final=True)
    return data


def prepare(services: Services, sha256: str, reader: Any) -> bool:
    """Make the picture that `blurred` gives, unless it is there; False while the photo was not read.

    Takes some seconds; call it where photos are read, outside of any transaction.

    Args:
        services: of the process.
        sha256: of the photo before painting.
        reader: the worker's; with one that cannot look at pixels only what was read before is covered.
    """
    if is_there(services, sha256):
        return True
    with services.reading_unit() as unit:
        photo = unit.session.get(Photo, sha256)
        if photo is None or photo.state == PhotoState.OWED:
            return False
        boxes = boxes_in([reading_from(row, photo) for row in readings_of(unit.session, sha256)])

    def make() -> bytes:
        try:
            shown = opened(services, sha256)
        except (PhotoError, BlobMissing):
            return b""
        return encode_jpeg(_hidden(shown, reader, boxes), max_side_px=SIDE_PX)

    _cache(services).get(_name(sha256), make)
    return True


def is_there(services: Services, sha256: str) -> bool:
    """Whether the picture was made on this machine."""
    return _path(services, sha256).exists()


def wanted(unit: Unit, *, limit: int) -> list[str]:
    """The photos of messages about work orders that wait to be sent, the longest waiting first."""
    asked = select(Outgoing).where(Outgoing.state.in_(("waiting", "sending")), Outgoing.order_id.is_not(None))
    rows = unit.session.scalars(asked.order_by(Outgoing.due_at, Outgoing.seq).limit(limit))
    return list(dict.fromkeys(sha256 for row in rows if (sha256 := message_of(row).photo_sha256)))


def _hidden(photo: Opened, reader: Any, boxes: Points) -> Picture:
    if hasattr(reader, "read_photo"):
        shown = hide_writing(photo, reader, boxes)
        return _dimmed(photo.pixels) if shown is None else shown
    return blur_boxes(photo.pixels, photo.frame.forward(boxes.reshape(-1, 2)).reshape(-1, 4, 2))


def _dimmed(picture: Picture) -> Picture:
    """The picture's colours alone, at its own size."""
    height, width = picture.shape[:2]
    scale = DIM_PX / max(height, width)
    small = cv2.resize(
        picture, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _cache(services: Services) -> CopyCache:
    return CopyCache(services.settings.data_dir / "cache" / "copies")


def _name(sha256: str) -> str:
    return f"{sha256}-hidden-v{VERSION}.jpg"


def _path(services: Services, sha256: str) -> Path:
    return services.settings.data_dir / "cache" / "copies" / sha256[:2] / _name(sha256)
