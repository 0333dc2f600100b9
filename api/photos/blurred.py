"""Copies of photos for people who are to find a wall and not the shop: whatever was read on them is covered."""

from __future__ import annotations

from api.errors import Problem
from api.photos.blobs import BlobMissing
from api.photos.copies import CopyCache, side_within
from api.readings.convert import reading_from
from api.readings.repository import readings_of
from api.services import Services
from models import Photo
from vision.blur import blur_boxes, boxes_of
from vision.errors import PhotoError
from vision.frames import Frame
from vision.photo import PhotoLimits, encode_jpeg, open_photo
from vision.types import Picture, Reading

VERSION = 1  # raise it when the same copy would look different


class PictureNotReady(Problem):
    """A photo of which nobody knows yet where something is written: it is not shown."""

    status = 404

    def __init__(self) -> None:
        super().__init__("This picture is not ready: the photo has not been read yet, or cannot be shown. Try later.")


def blurred_copy(services: Services, sha256: str, *, max_side_px: int = 1280) -> bytes:
    """The photo as an upright JPEG without EXIF, everything that any reading found on it covered. Call it in a thread.

    Raises:
        PictureNotReady: the photo was not read, so what to cover is not known, or its bytes are gone or no picture.
    """
    side_px = side_within(max_side_px)
    with services.reading_unit() as unit:
        photo = unit.session.get(Photo, sha256)
        rows = readings_of(unit.session, sha256) if photo is not None else []
        if photo is None or not rows:
            raise PictureNotReady
        readings = [reading_from(row, photo) for row in rows]
    cache = CopyCache(services.settings.data_dir / "cache" / "copies")
    return cache.get(
        f"{sha256}-{rows[0].id}-blurred-{side_px}-v{VERSION}.jpg",
        lambda: _made(services, sha256, readings, side_px),
    )


def _made(services: Services, sha256: str, readings: list[Reading], side_px: int) -> bytes:
    try:
        data = services.blobs.get(sha256)
    except BlobMissing as error:
        raise PictureNotReady from error
    limits = PhotoLimits(size_bytes=services.settings.limits.photo_bytes)
    try:
        opened = open_photo(data, limits=limits, working_side_px=side_px)
    except PhotoError as error:
        raise PictureNotReady from error
    return encode_jpeg(covered(opened.pixels, opened.frame, readings), max_side_px=side_px)


def covered(picture: Picture, frame: Frame, readings: list[Reading]) -> Picture:
    """The picture with all boxes of these readings covered; `frame` is the picture's."""
    for reading in readings:
        boxes = boxes_of(reading)
        if len(boxes):
            picture = blur_boxes(picture, frame.forward(boxes.reshape(-1, 2)).reshape(-1, 4, 2))
    return picture
