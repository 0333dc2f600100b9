"""A working size: painted letters are large, and fewer pixels are read sooner."""

from __future__ import annotations

import cv2
import numpy as np

from vision.frames import Frame
from vision.types import Picture

WORKING_SIDE_PX = 1280


def shrink(picture: Picture, frame: Frame, side_px: int = WORKING_SIDE_PX) -> tuple[Picture, Frame]:
    """The picture with a long side of at most `side_px`, and its frame; a small one comes back as it is."""
    height, width = picture.shape[:2]
    scale = side_px / max(height, width)
    if scale >= 1:
        return picture, frame
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # Area averaging is the one interpolation that does not turn brick and plaster into moiré.
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, frame.resized(*size)
