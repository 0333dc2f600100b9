"""Lines of the photo before cut level out of both photos, and how much of their paint is still there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frames import Frame, Matrix
from vision.photo import Photo
from vision.types import Picture

HEIGHT_PX = 40
"""Of a line in its strip: strokes of a felt pen are two pixels wide."""

MARGIN_PX = 32
"""Wall around the line, which tells paint from the wall's own pattern."""

LONGEST_PX = 48 * HEIGHT_PX
WINDOW_PX = 48
"""About a letter and a half: what is left of a name may be no more."""

REACH_PX = 7
"""How far a stroke may lie from where the homography has it: walls have relief."""

SMOOTH = 0.03
"""Spread of a smooth wall's detail, noise and all."""

BINS = 9
DARK = 12.0

MIRRORS = (np.s_[:, ::-1], np.s_[::-1, ::-1])
"""Letters turned to what they are not, while horizontal and vertical joints stay what they are."""

Part = tuple[slice, slice]
"""Rows and columns of a strip."""

Detail = NDArray[np.float32]
"""(H, W, 3) float32: how each pixel differs from its surroundings, as a part of their brightness."""


class Levels:
    """The pixels of a photo at full, half, quarter … size, to be cut from without moiré."""

    def __init__(self, photo: Photo) -> None:
        self.width, self.height = photo.facts.width, photo.facts.height
        self._levels: list[tuple[Picture, Frame]] = [(photo.pixels, photo.frame)]

    def cut(self, to_photo: Matrix, width: int, height: int) -> tuple[Picture, NDArray[np.uint8]]:
        """A (height, width) piece, `to_photo` from its pixels to photo pixels; and 255 where the photo has pixels."""
        level = 0
        while True:
            pixels, frame = self._level(level)
            matrix = np.linalg.inv(frame.matrix) @ to_photo
            if density(matrix, width / 2, height / 2) < 1.5 or min(pixels.shape[:2]) < 64:
                break
            level += 1
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        piece = cv2.warpPerspective(pixels, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        whole = np.full(pixels.shape[:2], 255, np.uint8)
        flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        seen = cv2.warpPerspective(whole, matrix, (width, height), flags=flags, borderValue=0)
        return np.asarray(piece, np.uint8), np.asarray(seen, np.uint8)

    def _level(self, number: int) -> tuple[Picture, Frame]:
        while len(self._levels) <= number:
            pixels, frame = self._levels[-1]
            size = max(1, pixels.shape[1] // 2), max(1, pixels.shape[0] // 2)
            half = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
            self._levels.append((half, frame.resized(*size)))
        return self._levels[number]


@dataclass(frozen=True, slots=True)
class Window:
    """A letter or so of a line, before and after.

    Attributes:
        ink: how much of the paint there is known to be paint, in pixels; little is no evidence.
        likeness: -1..1, correlation of the strokes before with what is there now, at the best place nearby.
        contrast: of these strokes now, beside that before.
        chance: the likeness of the same strokes mirrored: what joints, grain and shadows give to any strokes.
    """

    ink: float
    likeness: float
    contrast: float
    chance: float


@dataclass(frozen=True, slots=True)
class Strip:
    """A line, before and after.

    Attributes:
        windows: along the line.
        line: the same over the line as a whole, searched for farther around.
        seen: the part of the line that lies in the photo after, 0..1.
        level: mean brightness of the line in the photo after, 0..255.
        rough: spread of the detail in the line now, beside that of the wall around it, before or now: what stands in
            the way now is around the line as well.
        texture: how much of the detail in the line before was like that of the wall around, 0..1.
    """

    windows: tuple[Window, ...]
    line: Window
    seen: float
    level: float
    rough: float
    texture: float


def strip(before: Levels, after: Levels, boxes: NDArray[np.float64], at: int, homography: Matrix) -> Strip:
    """The line of `boxes[at]`, (N, 4, 2) in pixels of the photo before, in both photos."""
    width, to_photo = _level_line(boxes[at])
    full = width + 2 * MARGIN_PX, HEIGHT_PX + 2 * MARGIN_PX
    here, _ = before.cut(to_photo, *full)
    there, seen = after.cut(homography @ to_photo, *full)
    inner = slice(MARGIN_PX, MARGIN_PX + HEIGHT_PX), slice(MARGIN_PX, MARGIN_PX + width)
    written = _written(boxes, to_photo, full)
    one, other = detail(here, HEIGHT_PX / 3), detail(there, HEIGHT_PX / 3)
    ink = _ink(one, inner, written == 0)
    weight = np.asarray(cv2.GaussianBlur(ink, (0, 0), 2.0), np.float32)
    weight[written == 0] = 0
    tall, weights = slice(MARGIN_PX - 4, MARGIN_PX + HEIGHT_PX + 4), (ink, weight)
    pieces = [
        _window(one, other, weights, (tall, slice(left, min(left + WINDOW_PX, MARGIN_PX + width))), REACH_PX)
        for left in range(MARGIN_PX, MARGIN_PX + max(1, width - WINDOW_PX // 2), WINDOW_PX // 2)
    ]
    wall = (written == 0) & (seen > 0)
    return Strip(
        tuple(pieces),
        _window(one, other, weights, inner, MARGIN_PX - 4),
        float((seen[inner] > 0).mean()),
        float(there[inner].mean()),
        _spread(other[inner]) / max(min(_spread(one[wall]), _spread(other[wall])), SMOOTH),
        1 - float(ink[inner].mean()),
    )


def _window(
    one: Detail, other: Detail, weights: tuple[NDArray[np.float32], NDArray[np.float32]], part: Part, reach_px: int
) -> Window:
    """A part of a strip: its strokes looked for around their place, and mirrored, for comparison.

    `weights` are how much of each pixel is paint, sharp and softened.
    """
    at, (ink, weight) = (part[1].start, part[0].start), (each[part] for each in weights)
    likeness, contrast = correlation(one[part], other, at, reach_px, weight)
    mirrored = (correlation(one[part][flip], other, at, reach_px, weight[flip])[0] for flip in MIRRORS)
    return Window(float(ink.sum()), likeness, contrast, max(mirrored))


def detail(picture: Picture, reach_px: float, *, soft_px: float = 0.8) -> Detail:
    """How each pixel differs from its surroundings of about `reach_px`, light divided out; `soft_px` against noise."""
    level = picture.astype(np.float32) + DARK
    wide = cv2.GaussianBlur(level, (0, 0), reach_px)
    return np.asarray((cv2.GaussianBlur(level, (0, 0), soft_px) - wide) / wide, np.float32)


def correlation(
    one: Detail, other: Detail, at: tuple[int, int], reach_px: int, weight: NDArray[np.float32] | None = None
) -> tuple[float, float]:
    """How well a piece is found again around its place: correlation -1..1, and contrast there beside its own.

    Args:
        one: the piece.
        other: what it is looked for in.
        at: left and top of its place in `other`.
        reach_px: how far from there it may lie.
        weight: of the piece's pixels; None for all the same.
    """
    height, width = one.shape[:2]
    padded = cv2.copyMakeBorder(other, reach_px, reach_px, reach_px, reach_px, cv2.BORDER_REPLICATE)
    left, top = at
    field = np.ascontiguousarray(padded[top : top + height + 2 * reach_px, left : left + width + 2 * reach_px])
    weights = np.ones((height, width), np.float32) if weight is None else np.ascontiguousarray(weight)
    cover = np.repeat(weights[..., None], 3, axis=2)
    power = float((cover * one**2).sum())
    if power < 1e-9:
        return 0.0, 0.0
    product = cv2.matchTemplate(field, np.ascontiguousarray(cover * one), cv2.TM_CCORR)
    energy = cv2.matchTemplate(field**2, cover, cv2.TM_CCORR)
    ncc = product / np.sqrt(np.maximum(energy * power, 1e-12))
    best = np.unravel_index(int(ncc.argmax()), ncc.shape)
    return float(ncc[best]), float(product[best] / power)


def _level_line(box: NDArray[np.float64]) -> tuple[int, Matrix]:
    """The width of a line's strip without margins, and the matrix from the strip's pixels to photo pixels."""
    top, right, bottom, left = (math.dist(box[i], box[(i + 1) % 4]) for i in range(4))
    aspect = (top + bottom) / max(left + right, 1e-6)
    width = int(np.clip(round(HEIGHT_PX * aspect), WINDOW_PX // 2, LONGEST_PX))
    low, high = (MARGIN_PX, MARGIN_PX), (MARGIN_PX + width - 1, MARGIN_PX + HEIGHT_PX - 1)
    rect = np.array([low, (high[0], low[1]), high, (low[0], high[1])], np.float32)
    return width, np.asarray(cv2.getPerspectiveTransform(rect, box.astype(np.float32)), np.float64)


def _written(boxes: NDArray[np.float64], to_photo: Matrix, size: tuple[int, int]) -> NDArray[np.uint8]:
    """255 where a strip shows any of the boxes."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    corners = cv2.perspectiveTransform(boxes.reshape(-1, 1, 2), np.linalg.inv(to_photo)).reshape(-1, 4, 2)
    for box in np.clip(corners, -4e3, 8e3):
        cv2.fillPoly(mask, [np.round(box).astype(np.int32)], 255)
    return mask


def _ink(one: Detail, inner: tuple[slice, slice], is_wall: NDArray[np.bool_]) -> NDArray[np.float32]:
    """0..1 for each pixel: how surely its detail is paint and not the pattern of the wall around."""
    scale = max(float(np.abs(one[inner]).max()), 1e-3)
    cells = np.clip((one / scale + 1) / 2 * BINS, 0, BINS - 1e-3).astype(np.int64)
    flat = (cells[..., 0] * BINS + cells[..., 1]) * BINS + cells[..., 2]
    here = _shares(flat[inner].ravel())
    wall = _shares(flat[is_wall]) if is_wall.sum() > 200 else np.zeros_like(here)
    return np.asarray(np.clip(1 - 1.2 * wall / np.maximum(here, 1e-9), 0, 1)[flat], np.float32)


def _shares(cells: NDArray[np.int64]) -> NDArray[np.float32]:
    """How often each cell occurs, a little spread to its neighbours."""
    table: NDArray[np.float32] = np.bincount(cells, minlength=BINS**3).astype(np.float32).reshape(BINS, BINS, BINS)
    for axis in range(3):
        padded = np.concatenate([table.take([0], axis), table, table.take([-1], axis)], axis)
        low, high = padded.take(range(BINS), axis), padded.take(range(2, BINS + 2), axis)
        table = (0.25 * low + 0.5 * table + 0.25 * high).astype(np.float32)
    return np.asarray(table.ravel() / max(float(table.sum()), 1.0), np.float32)


def _spread(values: NDArray[np.float32]) -> float:
    return float(values.std()) if values.size else 0.0


def density(matrix: Matrix, x: float, y: float) -> float:
    """How many pixels one pixel at (x, y) becomes under a homography, along a side."""
    corners = np.array([(x, y), (x + 1, y), (x, y + 1)])[:, None, :]
    at, right, down = cv2.perspectiveTransform(corners, matrix)[:, 0]
    return math.sqrt(abs(float(np.linalg.det(np.stack([right - at, down - at])))))
