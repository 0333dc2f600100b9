"""Ways to put a line on a wall: what covers what, how soft, how even, with which accidents."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vision.lab.synth.fields import Field, blurred, clipped, fractal, grain, smoothstep
from vision.lab.synth.letters import ends_of, skeleton


def distance_to(pixels: NDArray[np.bool_]) -> Field:
    """How far every pixel is from the nearest of `pixels`."""
    return np.asarray(cv2.distanceTransform((~pixels).astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def spray(rng: Generator, ink: Field, size_px: int) -> Field:
    """A can's line along the skeleton of the letters."""
    return spray_along(rng, skeleton(ink, size_px), size_px)


def spray_along(rng: Generator, strokes: NDArray[np.bool_], size_px: int) -> Field:
    """A can's line along strokes one pixel wide: soft edge, uneven flow, mist, heavier ends, runs, spatter."""
    shape = (strokes.shape[0], strokes.shape[1])
    far = distance_to(strokes)
    radius = size_px * rng.uniform(0.05, 0.09) * (1 + 0.22 * fractal(rng, shape, size_px * 1.2, 2))
    from_end = np.minimum(distance_to(_some(rng, ends_of(strokes), 0.6)), size_px)
    radius = radius * (1 + 0.35 * np.exp(-((from_end / (size_px * 0.09)) ** 2)))
    softness = rng.uniform(0.4, 1.25)
    core = smoothstep(-softness, softness, ((radius - far) / radius).astype(np.float32))
    flow = np.clip(0.92 + 0.22 * fractal(rng, shape, size_px * 0.9, 3), 0.35, 1)
    mist = rng.uniform(0.12, 0.5) * np.exp(-((far / (radius * rng.uniform(1.7, 3))) ** 2))
    speckled = mist * np.clip(0.55 + 0.8 * grain(rng, shape, 0.7), 0, 2.2)
    covered = 1 - (1 - core * flow) * (1 - np.clip(speckled, 0, 0.9))
    covered = np.maximum(covered, _spatter(rng, far, size_px))
    if rng.random() < 0.6:
        covered = np.maximum(covered, runs(rng, strokes, size_px, float(radius.mean())))
    return clipped(covered, 0, 1)


def _some(rng: Generator, pixels: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    return pixels & (rng.random(pixels.shape) < share)


def _spatter(rng: Generator, far: Field, size_px: int) -> Field:
    """Single drops around the strokes, fewer the farther away."""
    chance = 0.004 * rng.uniform(0, 1) * np.exp(-far / (size_px * 0.18))
    drops = (rng.random(far.shape) < chance).astype(np.float32)
    big = (rng.random(far.shape) < chance * 0.12).astype(np.uint8)
    drops = np.maximum(drops, cv2.dilate(big, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))))
    return np.asarray(0.85 * np.clip(blurred(drops, 0.6) * 1.6, 0, 1), np.float32)


def runs(rng: Generator, strokes: NDArray[np.bool_], size_px: int, radius_px: float) -> Field:
    """Paint that ran down from where there was too much of it."""
    canvas = np.zeros(strokes.shape, np.uint8)
    places = np.argwhere(strokes)
    for _ in range(min(len(places), int(rng.poisson(max(2.0, strokes.shape[1] / size_px * 0.35))))):
        y, x = places[int(rng.integers(len(places)))]
        length = size_px * min(0.95, float(rng.exponential(0.28)))
        wide = max(1.0, radius_px * rng.uniform(0.18, 0.4))
        bend = rng.normal(0, 0.5, 6).cumsum()
        path = np.stack([x + bend, y + np.linspace(0, length, 6)], 1)
        for start, stop, share in zip(path, path[1:], np.linspace(1.15, 0.75, 5), strict=False):
            _segment(canvas, start, stop, wide * share)
        cv2.circle(canvas, tuple(np.round(path[-1] * 8).astype(int).tolist()), round(wide * 9), 255, -1, cv2.LINE_AA, 3)
    return np.asarray(0.93 * blurred((canvas / np.float32(255)).astype(np.float32), 0.6), np.float32)


def _segment(canvas: NDArray[np.uint8], start: NDArray[np.float64], stop: NDArray[np.float64], wide: float) -> None:
    a, b = (tuple(np.round(point * 8).astype(int).tolist()) for point in (start, stop))
    cv2.line(canvas, a, b, 255, max(1, round(2 * wide)), cv2.LINE_AA, 3)


def brush(rng: Generator, ink: Field, size_px: int) -> Field:
    """A loaded brush in the letters' outline: bristle streaks, dry ends, an uneven edge, a run or two."""
    rough = 0.5 + 0.16 * fractal(rng, ink.shape, size_px / 9, 3)
    body = smoothstep(-0.16, 0.16, (blurred(ink, size_px * 0.012) - rough).astype(np.float32))
    angle = rng.uniform(-25, 25)
    bristles = _streaks(rng, ink.shape, size_px, angle)
    dry = np.clip(0.5 + 0.9 * fractal(rng, ink.shape, size_px * 1.5, 2) + rng.uniform(-0.6, 0.15), 0, 1)
    covered = body * (0.97 - 0.75 * dry * smoothstep(0.1, 0.5, bristles))
    if rng.random() < 0.3:
        covered = np.maximum(covered, runs(rng, skeleton(ink, size_px), size_px, size_px * 0.05))
    return clipped(covered, 0, 1)


def _streaks(rng: Generator, shape: tuple[int, int], size_px: int, angle_deg: float) -> Field:
    side = round(float(np.hypot(*shape)))
    field = fractal(rng, (side, side), (max(2.0, size_px / 22), size_px * 1.4), 2)
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), angle_deg, 1)
    turned = cv2.warpAffine(field, matrix, (side, side), borderMode=cv2.BORDER_REFLECT)
    top, left = (side - shape[0]) // 2, (side - shape[1]) // 2
    return np.asarray(turned[top : top + shape[0], left : left + shape[1]], np.float32)


def roller(rng: Generator, ink: Field, size_px: int) -> Field:
    """A narrow roller or flat brush along the skeleton of the letters."""
    return roller_along(rng, skeleton(ink, size_px), size_px)


def roller_along(rng: Generator, strokes: NDArray[np.bool_], size_px: int) -> Field:
    """A narrow roller or flat brush along strokes: square ends, thin where it ran dry."""
    shape = (strokes.shape[0], strokes.shape[1])
    wide = max(3, round(size_px * rng.uniform(0.09, 0.14))) | 1
    tall = max(3, round(wide * rng.uniform(0.6, 1.0))) | 1
    body = cv2.dilate(strokes.astype(np.float32), np.ones((tall, wide), np.uint8))
    edge = 0.5 + 0.22 * fractal(rng, shape, size_px / 10, 3)
    body = smoothstep(-0.2, 0.2, (blurred(np.asarray(body, np.float32), size_px * 0.014) - edge).astype(np.float32))
    thin = smoothstep(0.0, 0.9, fractal(rng, shape, size_px * 1.1, 3) + np.float32(0.1))
    holes = smoothstep(0.1, 0.6, grain(rng, shape, max(0.8, size_px / 60)))
    return clipped(body * (0.96 - 0.6 * thin * holes), 0, 1)


def marker(rng: Generator, ink: Field, size_px: int) -> Field:
    """A felt pen along the skeleton of the letters."""
    return marker_along(rng, skeleton(ink, size_px), size_px)


def marker_along(rng: Generator, strokes: NDArray[np.bool_], size_px: int) -> Field:
    """A felt pen along strokes: one width, hard edge, ink that lets the wall through."""
    shape = (strokes.shape[0], strokes.shape[1])
    radius = max(1.3, size_px * rng.uniform(0.028, 0.055))
    far = distance_to(strokes)
    body = smoothstep(-0.9, 0.9, (radius - far + 0.5 * fractal(rng, shape, size_px / 6, 2)).astype(np.float32))
    fade = np.clip(0.88 + 0.18 * fractal(rng, shape, size_px * 1.5, 3), 0.4, 0.97)
    return np.asarray(body * fade, np.float32)


def stencil(rng: Generator, ink: Field, size_px: int) -> Field:
    """Spray through a cut card: sharp shapes, a little paint crept under, the card's edge in mist."""
    sharp = smoothstep(0.3, 0.7, blurred(ink, max(0.7, size_px * 0.008)))
    crept = 0.35 * blurred(ink, size_px * rng.uniform(0.015, 0.05))
    flow = np.clip(0.9 + 0.3 * fractal(rng, ink.shape, size_px * 2, 3), 0.3, 1)
    covered = np.maximum(sharp * flow, crept)
    if rng.random() < 0.5:
        covered = 1 - (1 - covered) * (1 - _card_mist(rng, ink.shape, size_px))
    return clipped(covered, 0, 1)


def _card_mist(rng: Generator, shape: tuple[int, int], size_px: int) -> Field:
    """Overspray that stops at the straight edge of the card."""
    card = np.zeros(shape, np.float32)
    gap = round(size_px * rng.uniform(0.35, 0.6))
    card[gap:-gap, gap:-gap] = 1
    outside = blurred(card, size_px * 0.2) * (1 - card)
    patchy = np.clip(0.5 + fractal(rng, shape, size_px * 2.5, 2), 0, 1)
    return clipped(0.55 * outside * patchy * (1 + 0.5 * grain(rng, shape, 0.7)), 0, 0.8)


def printed(rng: Generator, ink: Field, size_px: int) -> Field:
    """Ink as a printer or sign maker lays it."""
    worn = smoothstep(0.75, 1.1, fractal(rng, ink.shape, size_px / 3, 4))
    return np.asarray(blurred(ink, 0.6) * (1 - 0.6 * worn), np.float32)


STYLES: Mapping[str, Callable[[Generator, Field, int], Field]] = {
    "spray": spray,
    "brush": brush,
    "roller": roller,
    "marker": marker,
    "stencil": stencil,
    "print": printed,
}

THIN_STYLES = ("spray", "roller", "marker")
"""Styles that follow the skeleton: they want faces with thin strokes."""
