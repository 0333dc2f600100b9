"""Rectangles that know which way their text runs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.types import Box, Point

SQUARISH = 1.5
"""Up to this ratio of the sides a box is taken to be one short word, read across."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A turned rectangle: `width` runs along the text, `height` across it.

    Attributes:
        angle_deg: direction of reading, clockwise from "to the right" (y grows downwards), -90..90.
    """

    x: float
    y: float
    width: float
    height: float
    angle_deg: float

    @classmethod
    def around(cls, points: NDArray[np.float32]) -> Rectangle:
        """The smallest rectangle around (N, 2) points, N at least 1.

        Text runs along the long side, rightwards or (a steep one) downwards; in a squarish rectangle it runs
        along the side that is more level.
        """
        (x, y), (side, other), angle = cv2.minAreaRect(points)
        level = abs((angle + 90) % 180 - 90)
        steep = level > 45
        longer, shorter = max(side, other), min(side, other)
        along_side = not steep if longer < SQUARISH * max(shorter, 1e-6) else side >= other
        width, height = (side, other) if along_side else (other, side)
        direction = angle if along_side else angle + 90
        direction = (direction + 90) % 180 - 90
        return cls(x, y, width, height, 90.0 if direction <= -89.999 else direction).downwards()

    def downwards(self) -> Rectangle:
        """The same rectangle, a steep one read from top to bottom."""
        return replace(self, angle_deg=self.angle_deg + 180) if self.angle_deg < -45 else self

    def grown(self, margin: float) -> Rectangle:
        """The same rectangle with a margin on every side, in pixels."""
        return replace(self, width=self.width + 2 * margin, height=self.height + 2 * margin)

    def axes(self) -> tuple[Point, Point]:
        """Unit vectors along the text and from its top to its bottom."""
        angle = math.radians(self.angle_deg)
        return (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))

    def box(self, stretch: tuple[float, float] = (1.0, 1.0)) -> Box:
        """Corners top-left, top-right, bottom-right, bottom-left as the text is read.

        Args:
            stretch: factors for x and y, from this picture to another size of it (pixel edges stay in place).
        """
        (ax, ay), (dx, dy) = self.axes()
        half, tall = self.width / 2, self.height / 2

        def corner(along: float, down: float) -> Point:
            x = self.x + along * half * ax + down * tall * dx
            y = self.y + along * half * ay + down * tall * dy
            return (x + 0.5) * stretch[0] - 0.5, (y + 0.5) * stretch[1] - 0.5

        return corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)
