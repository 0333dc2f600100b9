"""Who is shown which picture of a wall: people outside only what the reader has looked at again after covering it.

The worker makes those pictures (`pictures.py`), for orders that are sent by itself, for others when somebody asks: a
file in `cache/wanted`, named for the photo, tells it so. It may be lost with the cache, and is asked for again.
"""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np

from api.cleanup import pictures
from api.intake.channels.base import ChannelError
from api.photos.blurred import PictureNotReady, blurred_copy
from api.photos.copies import CopyCache, side_within
from api.services import Services
from vision.photo import encode_jpeg

MOST_ASKED = 50
"""Photos that the worker is told of at once."""

_DIGEST = re.compile("[0-9a-f]{64}")


def for_outside(services: Services, sha256: str) -> bytes:
    """For people without an account: a JPEG on which nothing can be read. PictureNotReady until the worker made it."""
    try:
        return pictures.blurred(services, sha256)
    except ChannelError as error:
        if not error.is_final:
            ask_for(services, sha256)
        raise PictureNotReady from error


def for_staff(services: Services, sha256: str, *, max_side_px: int = 1280) -> bytes:
    """For people with an account, who may see the wall itself, and for their paper: the same, or what can be made now.

    Raises:
        PictureNotReady: the photo was not read, or is no picture.
    """
    try:
        data = for_outside(services, sha256)
    except PictureNotReady:
        return blurred_copy(services, sha256, max_side_px=max_side_px)
    side_px = side_within(max_side_px)
    cache = CopyCache(services.settings.data_dir / "cache" / "copies")
    return cache.get(f"{sha256}-hidden-{side_px}-v{pictures.VERSION}.jpg", lambda: _smaller(data, side_px))


def ask_for(services: Services, sha256: str) -> None:
    """Have the worker make the picture; again changes nothing."""
    folder = _folder(services)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / sha256).touch()


def asked_for(services: Services) -> list[str]:
    """Photos whose pictures somebody waits for; those that are there by now are forgotten."""
    try:
        names = sorted(path.name for path in _folder(services).iterdir() if _DIGEST.fullmatch(path.name))
    except FileNotFoundError:
        return []
    waiting = []
    for sha256 in names:
        if pictures.is_there(services, sha256):
            (_folder(services) / sha256).unlink(missing_ok=True)
        else:
            waiting.append(sha256)
    return waiting[:MOST_ASKED]


def _folder(services: Services) -> Path:
    return services.settings.data_dir / "cache" / "wanted"


def _smaller(data: bytes, side_px: int) -> bytes:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return encode_jpeg(np.asarray(picture, np.uint8), max_side_px=side_px)
