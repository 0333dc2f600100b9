"""Who is shown which picture of a wall: people outside only what the reader has looked at again after covering it.

Only a worker has a reader, so it makes those pictures, when somebody asks: a file in `cache/wanted`, named for the
photo, tells it so. Both may be lost with the cache, and are made again when they are asked for again.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import cv2
import numpy as np
import structlog

from api.intake.talk import pictures as covering
from api.photos.blobs import BlobMissing
from api.photos.blurred import PictureNotReady, blurred_copy
from api.photos.copies import CopyCache, side_within
from api.readings.repository import newest_reading
from api.services import Services
from vision.errors import PhotoError
from vision.photo import encode_jpeg

VERSION = 1  # raise it when the same picture would look different
A_ROUND = 2
"""Pictures that a worker makes at once: some seconds each."""

_DIGEST = re.compile("[0-9a-f]{64}")
log = structlog.get_logger()


def for_outside(services: Services, sha256: str) -> bytes:
    """For people without an account: a JPEG on which nothing can be read.

    Raises:
        PictureNotReady: the worker has not made it yet, which it is asked to do; or something can be read on it
            whatever is covered, or it is no picture: then nobody outside is shown it.
    """
    try:
        data = _path(services, sha256).read_bytes()
    except FileNotFoundError:
        ask_for(services, sha256)
        raise PictureNotReady from None
    if not data:
        raise PictureNotReady
    return data


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
    return _cache(services).get(f"{sha256}-hidden-{side_px}-v{VERSION}.jpg", lambda: _smaller(data, side_px))


def ask_for(services: Services, sha256: str) -> None:
    """Have a worker make the picture; again changes nothing."""
    folder = _folder(services)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / sha256).touch()


def asked_for(services: Services) -> list[str]:
    """Photos whose pictures somebody waits for; those that are there by now are forgotten."""
    try:
        names = sorted(path.name for path in _folder(services).iterdir() if _DIGEST.fullmatch(path.name))
    except FileNotFoundError:
        return []
    waiting = [sha256 for sha256 in names if not _path(services, sha256).exists()]
    for sha256 in set(names) - set(waiting):
        (_folder(services) / sha256).unlink(missing_ok=True)
    return waiting


def make_asked(services: Services, reader: object) -> None:
    """A worker's round: make a few of the pictures that somebody waits for. Those of photos not read yet wait on."""
    made = 0
    for sha256 in asked_for(services):
        made += prepare(services, sha256, reader)
        if made >= A_ROUND:
            return


def prepare(services: Services, sha256: str, reader: object) -> bool:
    """Make the picture that people outside are shown, unless it is there; False when it cannot be made now.

    Takes some seconds; call it where photos are read, outside of any transaction. A photo on which something can still
    be read is remembered as one that is not to be shown.
    """
    if _path(services, sha256).exists():
        return False
    with services.reading_unit() as unit:
        if newest_reading(unit.session, sha256) is None:
            return False
    try:
        data = covering.blurred(services, reader, sha256) or b""
    except covering.PictureNotReady:
        return False
    except (PhotoError, BlobMissing) as error:
        log.warning("picture_not_made", photo=sha256, error=str(error))
        data = b""
    _keep(_path(services, sha256), data)
    return True


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(temporary).replace(path)


def _cache(services: Services) -> CopyCache:
    return CopyCache(services.settings.data_dir / "cache" / "copies")


def _path(services: Services, sha256: str) -> Path:
    return services.settings.data_dir / "cache" / "copies" / sha256[:2] / f"{sha256}-outside-v{VERSION}.jpg"


def _folder(services: Services) -> Path:
    return services.settings.data_dir / "cache" / "wanted"


def _smaller(data: bytes, side_px: int) -> bytes:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return encode_jpeg(np.asarray(picture, np.uint8), max_side_px=side_px)
