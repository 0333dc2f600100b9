"""Photos of walls as vision takes them: opened, with the boxes of everything that was ever read on them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from api.services import Services
from vision.blur import boxes_of
from vision.photo import Photo, PhotoLimits, open_photo
from vision.types import Points, Reading


def opened(services: Services, sha256: str) -> Photo:
    """The photo, decoded. PhotoError, BlobMissing, BlobsUnavailable."""
    limits = PhotoLimits(size_bytes=services.settings.limits.photo_bytes)
    return open_photo(services.blobs.get(sha256), limits=limits)


def boxes_in(readings: Iterable[Reading]) -> Points:
    """The boxes of findings, unread lines and lines of all these readings; (N, 4, 2) in photo pixels, N may be 0."""
    return np.concatenate([np.zeros((0, 4, 2)), *(boxes_of(reading) for reading in readings)])
