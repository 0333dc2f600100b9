"""Light made even: for a second look at walls in half shadow, in a torch beam, at night or in glare."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.types import Picture

UNEVEN = 0.5
"""Spread of the light, as a part of its mean, from which on it is divided out."""
THUMB_SIDE_PX = 96
BLUR_PART = 0.12
GAIN_LEAST, GAIN_MOST = 0.5, 4.0
CONTRAST_LIMIT, TILES = 2.0, 8


def even_light(picture: Picture) -> Picture:
    """A copy with local contrast raised, and the light divided out if it is uneven; colours keep their hue.

    Meant for a second look: it shows faint paint and noise alike, so what is read well already is better left alone.
    The pixels stay where they are, so the frame is the same.
    """
    lab = cv2.cvtColor(picture, cv2.COLOR_BGR2LAB)
    lightness = np.ascontiguousarray(lab[:, :, 0], np.uint8)
    light = _light(lightness)
    if _spread(light) > UNEVEN:
        lightness = _divided(lightness, light)
    lab[:, :, 0] = cv2.createCLAHE(CONTRAST_LIMIT, (TILES, TILES)).apply(lightness)
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR), np.uint8)


def unevenness(picture: Picture) -> float:
    """How much the light differs over the picture: 0 for an even wall, above 1 for a torch beam at night.

    It is the spread (5th to 95th percentile) of the blurred lightness, as a part of its mean. Paint is thin enough to
    blur away; a wall half white, half brick counts as uneven light too, and dividing it does no harm.
    """
    return _spread(_light(np.ascontiguousarray(cv2.cvtColor(picture, cv2.COLOR_BGR2LAB)[:, :, 0], np.uint8)))


def _light(lightness: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The lightness without its detail, as a thumbnail of at most `THUMB_SIDE_PX` a side."""
    height, width = lightness.shape
    scale = min(1.0, THUMB_SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    thumb = cv2.resize(lightness, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(thumb, (0, 0), max(size) * BLUR_PART), np.float32)


def _spread(light: NDArray[np.float32]) -> float:
    low, high = np.percentile(light, (5, 95))
    return float((high - low) / max(1.0, float(light.mean())))


def _divided(lightness: NDArray[np.uint8], light: NDArray[np.float32]) -> NDArray[np.uint8]:
    gain = np.clip(float(np.median(light)) / np.maximum(light, 1.0), GAIN_LEAST, GAIN_MOST).astype(np.float32)
    height, width = lightness.shape
    wide = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(lightness * wide, 0, 255), np.uint8)
