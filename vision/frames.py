"""Coordinates that remember which picture they belong to.

A pixel's centre has whole-number coordinates, as in OpenCV: the top-left pixel is (0, 0) and covers -0.5..0.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.types import Box, Points

Matrix = NDArray[np.float64]
"""(3, 3) float64 homography."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Where a working copy of a photo lies in the photo as received.

    Every method that makes a new frame describes what was done to the picture of this one; this one stays as it is.

    Attributes:
        matrix: (3, 3) float64 homography from this picture's pixels to photo pixels; read-only.
        width, height: of this picture, in its own pixels.
    """

    matrix: Matrix
    width: int
    height: int

    def __post_init__(self) -> None:
        matrix = np.array(self.matrix, dtype=np.float64)
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
            raise ValueError("a frame's matrix is 3 x 3 and finite")
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a frame holds at least one pixel, not {self.width} x {self.height}")
        matrix.flags.writeable = False
        object.__setattr__(self, "matrix", matrix)

    @classmethod
    def of_photo(cls, width: int, height: int) -> Frame:
        """The frame of the photo itself, upright, at full size."""
        return cls(np.eye(3), width, height)

    def resized(self, width: int, height: int) -> Frame:
        """The frame of `cv2.resize(picture, (width, height))`, which keeps the outer edges of the pixels in place."""
        scale_x, scale_y = self.width / width, self.height / height
        to_here = np.array([[scale_x, 0, (scale_x - 1) / 2], [0, scale_y, (scale_y - 1) / 2], [0, 0, 1]])
        return Frame(self.matrix @ to_here, width, height)

    def turned(self, quarter_turns_clockwise: int) -> Frame:
        """The frame of `np.rot90(picture, -quarter_turns_clockwise)`; any whole number, negative ones turn back."""
        right, bottom = self.width - 1, self.height - 1
        to_here = (
            np.eye(3),
            np.array([[0.0, 1, 0], [-1, 0, bottom], [0, 0, 1]]),
            np.array([[-1.0, 0, right], [0, -1, bottom], [0, 0, 1]]),
            np.array([[0.0, -1, right], [1, 0, 0], [0, 0, 1]]),
        )[quarter_turns_clockwise % 4]
        sideways = quarter_turns_clockwise % 2 == 1
        size = (self.height, self.width) if sideways else (self.width, self.height)
        return Frame(self.matrix @ to_here, *size)

    def warped(self, matrix: Matrix, width: int, height: int) -> Frame:
        """The frame of `cv2.warpPerspective(picture, matrix, (width, height))`.

        Args:
            matrix: (3, 3) from this picture's pixels to the new picture's.
            width: of the new picture.
            height: of the new picture.

        Raises:
            ValueError: the matrix squashes the picture flat, so nothing could be carried back.
        """
        try:
            to_here = np.linalg.inv(np.asarray(matrix, dtype=np.float64))
        except np.linalg.LinAlgError as flat:
            raise ValueError("this warp cannot be undone") from flat
        return Frame(self.matrix @ to_here, width, height)

    def back(self, points: Points) -> Points:
        """Carry points of this picture to the photo as received.

        Args:
            points: (N, 2) float64 in this frame's pixels; N may be 0.

        Returns:
            (N, 2) float64 in photo pixels. Values outside the photo are kept, not clipped.
        """
        return _carry(points, self.matrix)

    def forward(self, points: Points) -> Points:
        """Carry points of the photo as received to this picture: `back` undone.

        Args:
            points: (N, 2) float64 in photo pixels; N may be 0.
        """
        return _carry(points, np.asarray(np.linalg.inv(self.matrix), dtype=np.float64))

    def back_box(self, box: Box) -> Box:
        """Carry a box of this picture to photo pixels; the corners keep their order."""
        return as_box(self.back(np.array(box, dtype=np.float64)))

    def forward_box(self, box: Box) -> Box:
        """Carry a box in photo pixels to this picture; the corners keep their order."""
        return as_box(self.forward(np.array(box, dtype=np.float64)))


def as_box(points: Points) -> Box:
    """Four points, in the order given, as a box of plain floats."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points.tolist()
    return (x0, y0), (x1, y1), (x2, y2), (x3, y3)


def _carry(points: Points, matrix: Matrix) -> Points:
    points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if not len(points):
        return points.copy()
    return np.asarray(cv2.perspectiveTransform(points[:, None, :], matrix)[:, 0, :], dtype=np.float64)
