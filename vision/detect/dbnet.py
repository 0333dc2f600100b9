"""Finds lines with PP-OCRv6's detector: a probability map, and boxes from it (Differentiable Binarization)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detect.base import Region
from vision.detect.merge import Found, merge_cut_lines, reading_order
from vision.detect.rectangle import Rectangle
from vision.detect.ribbon import ribbon_of
from vision.runtime import Floats, Network, open_network
from vision.types import Card, Picture, Point, Ribbon
from vision.weights import Weights

VERSION = "2"
STRIDE_PX = 64
"""The network needs multiples of 32; coarser steps mean fewer sizes for the runtime to compile."""
LARGEST_SIDE_PX = 2048


@dataclass(frozen=True, slots=True)
class DbnetOptions:
    """How boxes are made from the probability map.

    Attributes:
        pixel_threshold: 0..1, where a pixel counts as text.
        box_threshold: 0..1, the least mean probability inside a box.
        unclip: how far the shrunken text kernel is grown back, in areas per perimeter.
        least_side_px: boxes thinner than this in the map are dust.
        limit: the most boxes kept, the best scored.
        merge: join boxes that are one line cut in two.
    """

    pixel_threshold: float = 0.3
    box_threshold: float = 0.5
    unclip: float = 1.6
    least_side_px: float = 3.0
    limit: int = 200
    merge: bool = True


class DbnetDetector:
    """PP-OCRv6's detector."""

    def __init__(
        self,
        weights: Weights,
        *,
        options: DbnetOptions | None = None,
        runtime: str = "auto",
        threads: int | None = None,
    ) -> None:
        self._network: Network = open_network(weights, runtime=runtime, threads=threads)
        self._options = options or DbnetOptions()
        self._card = Card("pp-ocrv6-det", VERSION, {weights.name: weights.sha256})

    @property
    def card(self) -> Card:
        """What this engine is."""
        return self._card

    def detect(self, picture: Picture) -> tuple[Region, ...]:
        """Regions in reading order, in the pixels of the picture; a picture too large is looked at smaller."""
        height, width = picture.shape[:2]
        scale = min(1.0, LARGEST_SIDE_PX / max(height, width))
        if scale < 1.0:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        heat = self._network.run(network_input(picture))[0, 0, : picture.shape[0], : picture.shape[1]]
        found = rectangles(heat, self._options)
        if self._options.merge:
            found = merge_cut_lines(found)
        stretch = (width / picture.shape[1], height / picture.shape[0])
        regions = [Region(one.shape.box(stretch), one.score, stretched(one.ribbon, stretch)) for one in found]
        return reading_order(regions)


def network_input(picture: Picture) -> Floats:
    """A picture as the network wants it: (1, 3, H, W) float32 in -1..1, padded with 0 to multiples of 64."""
    height, width = picture.shape[:2]
    shape = (1, 3, _up(height), _up(width))
    blob = np.zeros(shape, np.float32)
    blob[0, :, :height, :width] = picture.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1.0
    return blob


def rectangles(heat: Floats, options: DbnetOptions) -> list[Found]:
    """Rectangles around the text in a probability map, with scores and the ribbons of bent lines, the best first.

    Args:
        heat: (H, W) float32, 0..1.
        options: thresholds and limits.

    Returns:
        Rectangles in map pixels, grown back over the whole letters. At most `options.limit`.
    """
    mask = cv2.dilate((heat > options.pixel_threshold).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found: list[Found] = []
    for contour in contours:
        outline = contour.reshape(-1, 2).astype(np.float32)
        kernel = Rectangle.around(outline)
        if min(kernel.width, kernel.height) < options.least_side_px:
            continue
        ribbon = ribbon_of(outline, unclip=options.unclip)
        # A box around an arc holds mostly bare wall: an arc is scored by what is inside of it.
        score = mean_inside(heat, outline if ribbon else np.array(kernel.box()))
        if score < options.box_threshold:
            continue
        area, perimeter = kernel.width * kernel.height, 2 * (kernel.width + kernel.height)
        found.append(Found(kernel.grown(options.unclip * area / perimeter), score, ribbon))
    found.sort(key=lambda item: -item.score)
    return found[: options.limit]


def stretched(ribbon: Ribbon, stretch: tuple[float, float]) -> Ribbon:
    """The ribbon in another size of the picture; pixel edges stay in place, as in `Rectangle.box`."""

    def place(point: Point) -> Point:
        return (point[0] + 0.5) * stretch[0] - 0.5, (point[1] + 0.5) * stretch[1] - 0.5

    return tuple((place(top), place(bottom)) for top, bottom in ribbon)


def mean_inside(heat: Floats, corners: NDArray[np.float32] | NDArray[np.float64]) -> float:
    """Mean probability inside a polygon of (N, 2) corners, 0..1; the part outside the map does not count."""
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    high = np.ceil(corners.max(axis=0)).astype(int) + 1
    patch = heat[low[1] : high[1], low[0] : high[0]]
    if not patch.size:
        return 0.0
    mask: NDArray[np.uint8] = np.zeros(patch.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(corners - low).astype(np.int32)], (1,))
    return float(cv2.mean(np.ascontiguousarray(patch), mask)[0])


def _up(side_px: int) -> int:
    return math.ceil(side_px / STRIDE_PX) * STRIDE_PX
