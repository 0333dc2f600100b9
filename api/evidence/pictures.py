"""The pictures of a pack: a crop for each sighting, and a small copy of each photo with its boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from api.evidence.subjects import Seen
from api.watchlist.crop import cut
from vision.errors import PhotoError
from vision.photo import PhotoLimits, encode_jpeg, open_photo
from vision.types import Picture

INK, HALO = (52, 34, 178), (255, 255, 255)  # BGR


@dataclass(frozen=True, slots=True)
class Pictures:
    """Of one photo: JPEGs, the crops in the order of the sightings."""

    boxed: bytes
    crops: tuple[bytes, ...]


def side_for(photos: int) -> int:
    """How large a photo may be in a report of so many: the report stays near 20 MB however many there are."""
    return 1200 if photos <= 20 else 800 if photos <= 80 else 500


def pictures_of(data: bytes, sightings: Sequence[Seen], *, side_px: int, limits: PhotoLimits) -> Pictures | None:
    """Both kinds from one decoding; None for a photo that cannot be decoded."""
    try:
        photo = open_photo(data, limits=limits)
    except PhotoError:
        return None
    crops = tuple(cut(photo, [list(corner) for corner in each.box]) for each in sightings)
    height, width = photo.pixels.shape[:2]
    scale = min(1.0, side_px / max(height, width))
    small: Picture = np.asarray(
        cv2.resize(
            photo.pixels, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
        ),
        np.uint8,
    )
    for each in sightings:
        corners = photo.frame.forward(np.asarray(each.box, np.float64)) * scale
        _draw(small, corners, str(each.number))
    return Pictures(encode_jpeg(small, max_side_px=side_px, quality=72), crops)


def _draw(picture: Picture, corners: np.ndarray, number: str) -> None:
    stroke = max(2, round(max(picture.shape[:2]) / 300))
    ring = [np.round(corners).astype(np.int32)]
    cv2.polylines(picture, ring, True, HALO, stroke + 2, cv2.LINE_AA)
    cv2.polylines(picture, ring, True, INK, stroke, cv2.LINE_AA)
    size = max(picture.shape[:2]) / 900
    x, y = (float(value) for value in corners.min(axis=0))
    at = (max(2, round(x)), round(y - 4) if y > 40 * size else round(float(corners.max(axis=0)[1]) + 32 * size))
    for colour, thick in ((HALO, stroke + 4), (INK, stroke)):
        cv2.putText(picture, number, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, thick, cv2.LINE_AA)
