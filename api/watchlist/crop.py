"""The picture of one finding."""

from __future__ import annotations

from typing import Any

import numpy as np

from api.errors import NotFound
from api.photos.blobs import BlobMissing
from api.services import Services
from vision.photo import Photo, PhotoLimits, encode_jpeg, open_photo

AROUND = 0.25  # of the box's larger side: enough wall to see what the line stands in
CROP_SIDE_PX = 1200


def crop_jpeg(services: Services, sha256: str, box: list[Any]) -> bytes:
    """A JPEG of the box with some wall around it, cut from the original. NotFound, PhotoError."""
    try:
        data = services.blobs.get(sha256)
    except BlobMissing:
        raise NotFound("photo") from None
    photo = open_photo(data, limits=PhotoLimits(size_bytes=services.settings.limits.photo_bytes))
    return cut(photo, box)


def cut(photo: Photo, box: list[Any]) -> bytes:
    """A JPEG of the box (four corners in photo pixels) with some wall around it, cut from an opened photo."""
    corners = photo.frame.forward(np.asarray(box, dtype=np.float64).reshape(-1, 2))
    height, width = photo.pixels.shape[:2]
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = AROUND * float((high - low).max())
    left, top = np.clip(low - margin, 0, [width - 1, height - 1]).astype(int)
    right, bottom = np.clip(high + margin + 1, [left + 1, top + 1], [width, height]).astype(int)
    return encode_jpeg(np.ascontiguousarray(photo.pixels[top:bottom, left:right]), max_side_px=CROP_SIDE_PX)
