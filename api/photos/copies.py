"""Pictures for pages: re-encoded copies that carry nothing of the original's bytes, made once and kept on disk.

What is here can be made again from the originals at any time, so it may be deleted while nothing runs.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from vision import types as seen
from vision.annotate import annotate
from vision.photo import PhotoLimits, encode_jpeg, open_photo, upright_copy

SIDES_PX = (320, 640, 1280, 2000, 4000)
VERSION = 2  # raise it when the same copy would look different


def side_within(max_side_px: int) -> int:
    """The largest of our few sizes within the wish, so that nobody can fill the disk with sizes."""
    return max((side for side in SIDES_PX if side <= max_side_px), default=SIDES_PX[0])


def plain_copy(data: bytes, *, side_px: int, limits: PhotoLimits) -> bytes:
    """The photo as an upright JPEG without EXIF; PhotoError when it cannot be decoded."""
    return upright_copy(data, max_side_px=side_px, limits=limits)


def annotated_copy(data: bytes, reading: seen.Reading, *, side_px: int, limits: PhotoLimits) -> bytes:
    """The photo as a JPEG with the reading drawn on it; PhotoError when it cannot be decoded."""
    photo = open_photo(data, limits=limits, working_side_px=side_px)
    return encode_jpeg(annotate(photo.pixels, photo.frame, reading), max_side_px=side_px)


class CopyCache:
    """Copies under a folder, by name; safe for threads and processes, because a file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str, make: Callable[[], bytes]) -> bytes:
        """The copy of this name, made and kept if it is not there; errors of `make` pass through."""
        path = self._folder / name[:2] / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            made = make()
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(made)
            Path(temporary).replace(path)
            return made
