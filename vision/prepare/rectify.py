"""Line crops: a quadrilateral, or a ribbon along a curve, on the wall becomes an upright rectangle."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frames import Frame, Matrix, as_box
from vision.types import Box, Picture, Points, Ribbon

NARROWEST_PX, WIDEST_PX = 8, 2400
OVERSAMPLED = 2.0
"""From this many wall pixels to one crop pixel on, bicubic interpolation would skip some; they are averaged first."""


def crop_line(
    picture: Picture, frame: Frame, box: Box, *, height_px: int = 48, margin: float = 0.0
) -> tuple[Picture, Frame]:
    """The line in the box, upright, `height_px` tall and as wide as its shape asks, and the frame of this crop.

    Args:
        picture: (H, W, 3) uint8 BGR; not mutated.
        frame: of the picture.
        box: in the picture's pixels, the outline of the line. What lies outside the picture repeats its edge. A box
            that is no quadrilateral (flat, crossed, not finite) is read as the upright rectangle around it.
        height_px: of the crop.
        margin: how much of the line's height is added on each side.
    """
    corners = _grown(_sound(np.array(box, dtype=np.float64)), margin)
    across, down = _sides(corners)
    width_px = int(np.clip(round(height_px * across / down), NARROWEST_PX, WIDEST_PX))
    shrunk, to_shrunk = picture, np.eye(3)
    if down > OVERSAMPLED * height_px:
        shrunk, to_shrunk = _nearby(picture, corners, OVERSAMPLED * height_px / down / 1.5)
    to_crop = _quad_to_rectangle(corners, width_px, height_px)
    crop = cv2.warpPerspective(
        shrunk,
        to_crop @ np.linalg.inv(to_shrunk),
        (width_px, height_px),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(crop, np.uint8), frame.warped(to_crop, width_px, height_px)


def cut_line(picture: Picture, frame: Frame, box: Box, ribbon: Ribbon, height_px: int) -> Picture:
    """The line, upright: straightened along its ribbon if it has a sound one, else what is in its box."""
    edges = np.array(ribbon, np.float64)
    if len(edges) < 2 or not _is_sound_ribbon(edges):
        return crop_line(picture, frame, box, height_px=height_px)[0]
    return straightened(picture, edges, height_px)


def straightened(picture: Picture, edges: NDArray[np.float64], height_px: int) -> Picture:
    """The strip between two edges, as wide as its middle is long in proportion.

    Args:
        picture: (H, W, 3) uint8 BGR; not mutated. What lies outside repeats its edge.
        edges: (N, 2, 2) points in the picture's pixels: at N places along the line its top and its bottom.
        height_px: of the strip.
    """
    middle = edges.mean(axis=1)
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(middle, axis=0), axis=1))])
    down = max(1.0, float(np.linalg.norm(edges[:, 1] - edges[:, 0], axis=1).mean()))
    width_px = int(np.clip(round(height_px * lengths[-1] / down), NARROWEST_PX, WIDEST_PX))
    source: Picture = picture
    points: Points = edges.reshape(-1, 2)
    if down > OVERSAMPLED * height_px:
        source, to_source = _nearby(picture, points, OVERSAMPLED * height_px / down / 1.5)
        points = np.asarray(cv2.perspectiveTransform(points[:, None, :], to_source)[:, 0, :], np.float64)
    at = (np.arange(width_px) + 0.5) / width_px * lengths[-1]
    top, bottom = (
        np.stack([np.interp(at, lengths, points[side::2, axis]) for axis in (0, 1)], axis=1) for side in (0, 1)
    )
    share = ((np.arange(height_px) + 0.5) / height_px)[:, None, None]
    places = (top * (1 - share) + bottom * share).astype(np.float32)
    strip = cv2.remap(source, places[:, :, 0], places[:, :, 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(strip, np.uint8)


def _is_sound_ribbon(edges: NDArray[np.float64]) -> bool:
    """Whether both edges run forwards and stay a pixel or more apart."""
    if edges.shape[1:] != (2, 2) or not np.isfinite(edges).all():
        return False
    down = edges[:, 1] - edges[:, 0]
    steps = np.diff(edges, axis=0)
    # The top edge goes to the right of the way down: one sign of the cross product everywhere.
    turns = steps[:, :, 0] * down[:-1, None, 1] - steps[:, :, 1] * down[:-1, None, 0]
    return bool((np.linalg.norm(down, axis=1) >= 1).all() and ((turns > 0).all() or (turns < 0).all()))


def _quad_to_rectangle(corners: Points, width_px: int, height_px: int) -> Matrix:
    """The homography that lays the corners on the outer edges of a picture of this size."""
    right, bottom = width_px - 0.5, height_px - 0.5
    edges = np.array([[-0.5, -0.5], [right, -0.5], [right, bottom], [-0.5, bottom]], np.float64)
    # OpenCV takes float32 here; about the first corner, large coordinates lose nothing.
    to_origin = np.array([[1, 0, -corners[0, 0]], [0, 1, -corners[0, 1]], [0, 0, 1]], np.float64)
    homography = cv2.getPerspectiveTransform((corners - corners[0]).astype(np.float32), edges.astype(np.float32))
    return np.asarray(homography @ to_origin, np.float64)


def _nearby(picture: Picture, corners: Points, scale: float) -> tuple[Picture, Matrix]:
    """The part of the picture around the corners, averaged down, and the matrix that leads there."""
    height, width = picture.shape[:2]
    low = np.clip(np.floor(corners.min(axis=0)) - 2, 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + 3, low + 1, (width, height)).astype(int)
    part = picture[low[1] : high[1], low[0] : high[0]]
    size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    moved = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]], np.float64)
    local = Frame.of_photo(width, height).warped(moved, part.shape[1], part.shape[0]).resized(*size)
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, np.asarray(np.linalg.inv(local.matrix), np.float64)


def _sides(corners: Points) -> tuple[float, float]:
    """Mean length along the line and mean height, in pixels; never below one."""
    top_left, top_right, bottom_right, bottom_left = corners
    across = (np.linalg.norm(top_right - top_left) + np.linalg.norm(bottom_right - bottom_left)) / 2
    down = (np.linalg.norm(bottom_left - top_left) + np.linalg.norm(bottom_right - top_right)) / 2
    return max(1.0, float(across)), max(1.0, float(down))


def _sound(corners: Points) -> Points:
    """The corners if they are those of a convex quadrilateral of a pixel or more, else of the rectangle around."""
    corners = np.nan_to_num(corners, nan=0.0, posinf=0.0, neginf=0.0)
    edges = np.roll(corners, -1, axis=0) - corners
    after = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * after[:, 1] - edges[:, 1] * after[:, 0]
    if (turns > 0.5).all() or (turns < -0.5).all():
        return corners
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def _grown(corners: Points, margin: float) -> Points:
    if not margin:
        return corners
    across, down = _sides(corners)
    extra = margin * down
    outline = np.array(as_box(corners))
    wide, tall = extra / across, extra / down
    rectangle = np.array([[-wide, -tall], [1 + wide, -tall], [1 + wide, 1 + tall], [-wide, 1 + tall]], np.float64)
    # Bilinear growth follows the slant of each side; for a margin this small perspective does not matter.
    weights = np.stack(
        [
            (1 - rectangle[:, 0]) * (1 - rectangle[:, 1]),
            rectangle[:, 0] * (1 - rectangle[:, 1]),
            rectangle[:, 0] * rectangle[:, 1],
            (1 - rectangle[:, 0]) * rectangle[:, 1],
        ],
        axis=1,
    )
    return np.asarray(weights @ outline, np.float64)
