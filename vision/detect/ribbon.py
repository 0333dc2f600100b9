"""Curved lines: a blob that bends becomes a ribbon along its middle, with a straight box's margins."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detect.rectangle import Rectangle
from vision.types import Points, Ribbon

LEAST_BEND = 0.5
"""How far the middle of a blob must bow, in its own thicknesses, to be read along the curve and not across a box."""
MOST_ROUGH = 0.35
"""How far the middle may stray from a smooth curve, as a part of the bow: what strays more is no curved line."""
LEAST_LENGTH = 4.0
"""Shorter blobs, in thicknesses, have no middle line to speak of."""
MOST_LENGTH_PX = 4000.0
STATIONS = 48
ROUNDS = 3
DEGREE, SETTLED_DEGREE = 3, 5
"""Of the first curve, over the columns of the box, and of its corrections along itself."""


def ribbon_of(outline: NDArray[np.float32], *, unclip: float) -> Ribbon:
    """The ribbon along a blob that is clearly bent; empty for a straight one and for one that is no line.

    Args:
        outline: (N, 2) float32, x then y, of the text kernel in map pixels.
        unclip: how far the kernel is grown back on every side, in areas per perimeter.
    """
    if len(outline) < 3 or not np.isfinite(outline).all():
        return ()
    kernel = Rectangle.around(outline)
    if not 1.0 <= kernel.width <= MOST_LENGTH_PX or kernel.height < LEAST_BEND:
        return ()
    inside = _inside(outline, kernel)
    middle = _middle(inside)
    if middle is None:
        return ()
    for _ in range(ROUNDS):
        middle = _settled(middle, inside)
    along, across = _unrolled(inside, middle)
    low, high = (float(value) for value in np.quantile(across, (0.04, 0.96)))
    first, last = (float(value) for value in np.quantile(along, (0.002, 0.998)))
    thick, long = high - low, last - first
    if thick <= 0 or long < LEAST_LENGTH * thick or not _is_bent(middle, along, across, thick):
        return ()
    margin = unclip * thick * long / (2 * (thick + long))
    return _ribbon(middle, kernel, (first - margin, last + margin), (low - margin, high + margin))


def _inside(outline: NDArray[np.float32], kernel: Rectangle) -> Points:
    """(N, 2) pixels of the blob, along and across its rectangle, from the rectangle's middle."""
    low = np.floor(outline.min(axis=0)).astype(int)
    size = np.ceil(outline.max(axis=0)).astype(int) - low + 1
    mask: NDArray[np.uint8] = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillPoly(mask, [np.round(outline - low).astype(np.int32)], (1,))
    pixels = np.argwhere(mask)[:, ::-1] + low - (kernel.x, kernel.y)
    return np.asarray(pixels @ np.array(kernel.axes()).T, np.float64)


def _middle(inside: Points) -> Points | None:
    """The smooth curve through the middles of the blob's columns, at `STATIONS` places; None where there is none."""
    columns = np.unique(np.floor(inside[:, 0] - inside[:, 0].min()), return_inverse=True)[1]
    counts = np.bincount(columns)
    if len(counts) <= 2 * DEGREE:
        return None
    middles = np.bincount(columns, inside[:, 1]) / counts
    xs = np.bincount(columns, inside[:, 0]) / counts
    fit = np.polynomial.Polynomial.fit(xs, middles, DEGREE, w=np.sqrt(counts))
    stations = np.linspace(xs[0], xs[-1], STATIONS)
    return np.stack([stations, fit(stations)], axis=1)


def _settled(middle: Points, inside: Points) -> Points:
    """The curve moved to where the pixels across it balance, its stations at even distances again."""
    along, across = _unrolled(inside, middle)
    fit = np.polynomial.Polynomial.fit(along, across, SETTLED_DEGREE)
    at = np.clip(_lengths(middle), along.min(), along.max())
    moved = middle + fit(at)[:, None] * _normals(middle)
    lengths = _lengths(moved)
    even = np.linspace(0, lengths[-1], STATIONS)
    return np.stack([np.interp(even, lengths, moved[:, 0]), np.interp(even, lengths, moved[:, 1])], axis=1)


def _unrolled(inside: Points, middle: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far along the curve (from its start) and across it (downwards) each pixel lies."""
    nearest = np.linalg.norm(inside[:, None, :] - middle[None, :, :], axis=2).argmin(axis=1)
    off, tangents, normals = inside - middle[nearest], _tangents(middle), _normals(middle)
    along = _lengths(middle)[nearest] + (off * tangents[nearest]).sum(axis=1)
    return along, (off * normals[nearest]).sum(axis=1)


def _is_bent(middle: Points, along: NDArray[np.float64], across: NDArray[np.float64], thick: float) -> bool:
    """Whether the curve bows clearly, and bows more than the blob strays from it."""
    chord = middle[-1] - middle[0]
    normal = np.array((-chord[1], chord[0])) / max(1e-9, float(np.linalg.norm(chord)))
    bow = float(np.ptp((middle - middle[0]) @ normal))
    if bow < LEAST_BEND * thick:
        return False
    bins = np.clip(along / max(1e-9, along.max()) * STATIONS, 0, STATIONS - 1).astype(int)
    counts = np.maximum(np.bincount(bins, minlength=STATIONS), 1)
    strays = np.bincount(bins, across, minlength=STATIONS) / counts
    return float(np.sqrt((strays**2).mean())) < MOST_ROUGH * bow


def _ribbon(middle: Points, kernel: Rectangle, ends: tuple[float, float], edges: tuple[float, float]) -> Ribbon:
    """Pairs of points on the two edges; empty where the curve is so tight that an edge would run backwards."""
    lengths, tangents, normals = _lengths(middle), _tangents(middle), _normals(middle)
    at = np.linspace(*ends, STATIONS)
    places = np.stack([np.interp(at, lengths, middle[:, axis]) for axis in (0, 1)], axis=1)
    beyond = at - np.clip(at, 0, lengths[-1])
    turned = np.stack([np.interp(at, lengths, normals[:, axis]) for axis in (0, 1)], axis=1)
    ahead = np.stack([np.interp(at, lengths, tangents[:, axis]) for axis in (0, 1)], axis=1)
    places += beyond[:, None] * ahead
    to_map = np.array(kernel.axes())
    sides = [(places + edge * turned) @ to_map + (kernel.x, kernel.y) for edge in edges]
    steps = [np.diff((places + edge * turned), axis=0) for edge in edges]
    if any(((step * ahead[:-1]).sum(axis=1) <= 0).any() for step in steps):
        return ()
    top, bottom = (side.tolist() for side in sides)
    return tuple(((a[0], a[1]), (b[0], b[1])) for a, b in zip(top, bottom, strict=True))


def _lengths(curve: Points) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])


def _tangents(curve: Points) -> Points:
    steps = np.gradient(curve, axis=0)
    return np.asarray(steps / np.maximum(np.linalg.norm(steps, axis=1, keepdims=True), 1e-9), np.float64)


def _normals(curve: Points) -> Points:
    """Unit vectors from the line's top to its bottom."""
    tangents = _tangents(curve)
    return np.stack([-tangents[:, 1], tangents[:, 0]], axis=1)
