"""A picture in which painted lines can no longer be read, for people who are to find the wall and not the shop.

What a blur or a mosaic leaves can be tried against a list of names until one fits. So nothing of the writing goes into
the answer but each box's mean colour: the rest of a box is filled in from the wall around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.photo import Photo
from vision.prepare.scale import shrink
from vision.types import Picture, Points, Reading

if TYPE_CHECKING:
    from vision.pipeline import Reader

MARGIN = 0.35
"""Of a box's shorter side: a detector's boxes cut off tails, runs and mist."""

LEAST_MARGIN_PX = 4.0
FILL_SIDE_PX = 160
"""The wall around is looked at this small: no letter survives it, and it is quick for 12 megapixels."""

INK = 0.5
"""How much of the box's mean colour is mixed in, so that one sees where the writing is."""

ROUNDS = 3
"""How often a blurred picture is looked at again for what is still to be read."""

AROUND = np.stack([np.cos(turn := np.linspace(0, 2 * np.pi, 24, endpoint=False)), np.sin(turn)], axis=1)


def blur_boxes(picture: Picture, boxes: NDArray[np.floating]) -> Picture:
    """A copy of the picture in which the boxes, grown by a margin, hold nothing that was painted there.

    `hide_writing` finds the boxes; those of the addresses alone may leave half of a name in the next line.
    Two pictures that differ in the boxes alone, and not in their mean colours, have the same answer.

    Args:
        picture: (H, W, 3) uint8, in either order of colours; not mutated.
        boxes: (N, 4, 2) in pixels of this picture; N may be 0, corners may lie outside.

    Raises:
        ValueError: boxes of another shape, or a corner that is not finite.
    """
    boxes = np.asarray(boxes, np.float64)
    if not boxes.size:
        return picture.copy()
    if boxes.ndim != 3 or boxes.shape[1:] != (4, 2) or not np.isfinite(boxes).all():
        raise ValueError(f"boxes are finite and (N, 4, 2), not {boxes.shape}")
    height, width = picture.shape[:2]
    masks = [_filled(grown, width, height) for grown in map(grown_box, boxes)]
    hidden = np.zeros((height, width), np.uint8)
    for left, top, mask in masks:
        hidden[top : top + mask.shape[0], left : left + mask.shape[1]] |= mask
    wall = _wall_behind(picture, hidden)
    blurred = picture.copy()
    for left, top, mask in masks:
        bottom, right = top + mask.shape[0], left + mask.shape[1]
        if not mask.any():
            continue
        ink = np.array(cv2.mean(picture[top:bottom, left:right], mask)[:3])
        fill = _stretched(wall, (left, top, right, bottom), width, height) * (1 - INK) + ink * INK
        np.copyto(blurred[top:bottom, left:right], (fill + 0.5).astype(np.uint8), where=mask[..., None].astype(bool))
    return blurred


def hide_writing(photo: Photo, reader: Reader, boxes: NDArray[np.floating] | None = None) -> Picture | None:
    """The photo's pixels with everything blurred that looks like writing, whether it was read or not.

    The blurred picture is read again, as often as something is found in it: what was read may be half of a name.

    Args:
        photo: open; its `pixels` may be smaller than the photo.
        reader: takes about half a second here, so call this where photos are read.
        boxes: (N, 4, 2) further boxes in photo pixels, of findings that a person typed or that another photo gave.

    Returns:
        The picture, or None if an address can still be read after `ROUNDS`: do not show this photo.
    """
    picture = photo.pixels
    found = np.zeros((0, 4, 2)) if boxes is None else np.asarray(boxes, np.float64).reshape(-1, 4, 2)
    for number in range(ROUNDS + 1):
        shown = Photo(picture, photo.frame, photo.facts)
        reading = reader.read_photo(shown)
        if number and not reading.findings and not reading.unread:
            return picture
        if number < ROUNDS:
            found = np.concatenate([found, boxes_of(reading), _detected(shown, reader)])
            points = photo.frame.forward(np.asarray(found.reshape(-1, 2), np.float64))
            picture = blur_boxes(photo.pixels, points.reshape(-1, 4, 2))
    return None


def boxes_of(reading: Reading) -> NDArray[np.float64]:
    """The boxes of everything that was read in a photo, addresses or not; (N, 4, 2) in photo pixels, N may be 0."""
    lines = (*reading.lines, *reading.unread)
    boxes = [finding.box for finding in reading.findings] + [line.box for line in lines]
    return np.array(list(dict.fromkeys(boxes)), np.float64).reshape(-1, 4, 2)


def _detected(photo: Photo, reader: Reader) -> NDArray[np.float64]:
    """The boxes of all that the detector takes for a line, in photo pixels."""
    small, frame = shrink(photo.pixels, photo.frame, reader.options.working_side_px)
    boxes = [frame.back_box(region.box) for region in reader.detector.detect(small)]
    return np.array(boxes, np.float64).reshape(-1, 4, 2)


def grown_box(box: NDArray[np.floating]) -> Points:
    """The convex outline that is blurred for a box: its corners in any order, moved out by the margin."""
    corners = np.asarray(box, np.float64)
    _, sides, _ = cv2.minAreaRect((corners - corners.mean(axis=0)).astype(np.float32))
    margin = max(LEAST_MARGIN_PX, MARGIN * min(sides))
    points = (corners[:, None, :] + margin * AROUND).reshape(-1, 2)
    return np.asarray(cv2.convexHull(points.astype(np.float32))[:, 0], np.float64)


def _filled(outline: Points, width: int, height: int) -> tuple[int, int, NDArray[np.uint8]]:
    """Left, top and the mask (255 inside) of the part of an outline that lies in the picture; the mask may be empty."""
    frame = np.array([(-2, -2), (width + 1, -2), (width + 1, height + 1), (-2, height + 1)], np.float32)
    area, part = cv2.intersectConvexConvex(outline.astype(np.float32), frame)
    if area <= 0 or part is None:
        return 0, 0, np.zeros((0, 0), np.uint8)
    points = part[:, 0]
    left, top = np.clip(np.floor(points.min(axis=0)), 0, (width, height)).astype(int).tolist()
    right, bottom = np.clip(np.ceil(points.max(axis=0)) + 1, 0, (width, height)).astype(int).tolist()
    mask = np.zeros((max(0, bottom - top), max(0, right - left)), np.uint8)
    if mask.size:
        cv2.fillConvexPoly(mask, np.round(points - (left, top)).astype(np.int32), 255)
    return left, top, mask


def _wall_behind(picture: Picture, hidden: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the wall may look like where it is hidden, small and smooth, from pixels that are not hidden alone."""
    height, width = hidden.shape
    scale = min(1.0, FILL_SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    seen = (hidden == 0).astype(np.uint8)
    weight = cv2.resize(seen.astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None]
    colour = cv2.resize(picture * seen[..., None], size, interpolation=cv2.INTER_AREA).astype(np.float32)
    fill = (
        np.full_like(colour, 128) if weight.sum() < 1e-3 else np.zeros_like(colour) + colour.sum((0, 1)) / weight.sum()
    )
    # From far to near: what lies close counts more, and where nothing does the farther guess stays.
    for part in (0.3, 0.12, 0.05, 0.02):
        sigma = max(0.8, part * max(size))
        near = cv2.GaussianBlur(weight, (0, 0), sigma)[..., None]
        total = cv2.GaussianBlur(colour, (0, 0), sigma)
        fill = (total + 0.05 * fill) / (near + 0.05)
    return np.asarray(np.clip(fill, 0, 255), np.float32)


def _stretched(
    wall: NDArray[np.float32], part: tuple[int, int, int, int], width: int, height: int
) -> NDArray[np.float32]:
    """A part of the picture (left, top, right, bottom) cut from its small copy and stretched to its own size."""
    left, top, right, bottom = part
    x, y = wall.shape[1] / width, wall.shape[0] / height
    columns = (np.arange(left, right, dtype=np.float32) + 0.5) * x - 0.5
    rows = (np.arange(top, bottom, dtype=np.float32) + 0.5) * y - 0.5
    xs, ys = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    return np.asarray(cv2.remap(wall, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
