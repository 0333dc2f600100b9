"""Letters kept ready: the ink and the middle lines of every character of every face, and lines set from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vision.lab.synth.fields import Field, displaced, fractal
from vision.lab.synth.fonts import Face
from vision.lab.synth.letters import Hand, bridged, glyph_mask, skeleton

SIZE_PX = 64
"""Letters are kept at this size; lines are set at about two thirds of it."""

Segments = NDArray[np.float32]
"""(N, 2, 2) float32: ends of short straight strokes, x then y, from the pen's place on the baseline."""


@dataclass(frozen=True)
class Glyph:
    """A character's ink at `SIZE_PX`, its top left corner from the pen's place on the baseline, and its advance."""

    ink: NDArray[np.uint8]
    left: float
    top: float
    advance: float


@lru_cache(maxsize=40_000)
def glyph(face: Face, character: str) -> Glyph:
    """The character cut to its ink; an empty glyph for a space."""
    canvas, advance = glyph_mask(face, character, SIZE_PX)
    rows, columns = np.flatnonzero(canvas.any(1)), np.flatnonzero(canvas.any(0))
    if not len(rows):
        return Glyph(np.zeros((1, 1), np.uint8), 0, 0, advance)
    part = canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Glyph(np.asarray(part * 255, np.uint8), columns[0] - 0.4 * SIZE_PX, rows[0] - 1.4 * SIZE_PX, advance)


@lru_cache(maxsize=40_000)
def segments(face: Face, character: str) -> Segments:
    """The middle lines of the character's strokes, pixel to neighbouring pixel."""
    one = glyph(face, character)
    ink = np.asarray(np.pad(one.ink / np.float32(255), 3), np.float32)
    if ink.max() <= 0.4:
        return np.zeros((0, 2, 2), np.float32)
    thin = skeleton(ink, SIZE_PX)
    pairs = [_neighbours(thin, dy, dx) for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1))]
    found = np.concatenate(pairs)
    if not len(found):  # a dot
        y, x = np.argwhere(ink > 0.4).mean(0)
        found = np.array([[[x, y], [x, y]]], np.float32)
    return np.add(found, (one.left - 3, one.top - 3)).astype(np.float32)


def _neighbours(thin: NDArray[np.bool_], dy: int, dx: int) -> Segments:
    height, width = thin.shape
    here = thin[: height - dy, max(0, -dx) : width - max(0, dx)]
    there = thin[dy:, max(0, dx) : width + min(0, dx)]
    ys, xs = np.nonzero(here & there)
    xs = xs + max(0, -dx)
    return np.stack([np.stack([xs, ys], 1), np.stack([xs + dx, ys + dy], 1)], 1).astype(np.float32)


@dataclass(frozen=True)
class Setting:
    """How a line is set.

    Attributes:
        size_px: of the font.
        hand: how unsteady the letters stand.
        slant: how far letters lean, horizontal per vertical.
        arc: how far the middle of the line rises over its ends, as a part of the size.
        stretch: how wide letters are, as a part of what the face says.
    """

    size_px: int
    hand: Hand
    slant: float = 0.0
    arc: float = 0.0
    stretch: float = 1.0


@dataclass(frozen=True)
class SetLine:
    """Where the letters of a line stand on a canvas.

    Attributes:
        matrices: (N, 2, 3), from a glyph's coordinates at `SIZE_PX` to the canvas.
        shape: of the canvas, a margin of one size and more on every side.
    """

    text: str
    face: Face
    setting: Setting
    matrices: NDArray[np.float32]
    shape: tuple[int, int]


def placed(rng: Generator, text: str, face: Face, setting: Setting) -> SetLine:
    """The places of the letters of a line."""
    size, hand = setting.size_px, setting.hand
    advances = np.array([glyph(face, character).advance for character in text]) * size / SIZE_PX * setting.stretch
    scales = np.exp(rng.normal(0, hand.stretch, len(text)))
    tracking = hand.tracking * size * rng.uniform(0.6, 1.4, len(text))
    steps = np.maximum(advances * scales + tracking, 0.12 * size)
    xs = 1.2 * size + np.concatenate([[0], np.cumsum(steps)[:-1]])
    width = round(float(xs[-1] + steps[-1] + 1.2 * size))
    along = (xs - xs[0]) / max(1.0, float(xs[-1] - xs[0])) * 2 - 1
    drift = np.cumsum(rng.normal(0, hand.bounce * 0.35, len(text)))
    drift -= drift.mean()
    ys = size * (2.1 + rng.normal(0, hand.bounce, len(text)) + np.clip(drift, -0.3, 0.3) - setting.arc * (1 - along**2))
    turns = np.radians(rng.normal(0, hand.tilt_deg, len(text))) + setting.arc * along * size * 2 / max(width / 2, 1.0)
    k = size / SIZE_PX * scales
    cos, sin = np.cos(turns), np.sin(turns)
    matrices = np.zeros((len(text), 2, 3), np.float32)
    matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 0, 2] = k * cos * setting.stretch, -k * (sin + setting.slant), xs
    matrices[:, 1, 0], matrices[:, 1, 1], matrices[:, 1, 2] = k * sin * setting.stretch, k * cos, ys
    return SetLine(text, face, setting, matrices, (round(3.5 * size), width))


def ink_of(rng: Generator, line: SetLine, *, stencil: bool = False) -> Field:
    """The line's ink on its canvas, 0..1, bent by the hand."""
    canvas = np.zeros(line.shape, np.uint8)
    for character, matrix in zip(line.text, line.matrices, strict=True):
        one = glyph(line.face, character)
        if one.ink.size > 1:
            _stamp(canvas, one, matrix, stencil=stencil)
    ink = (canvas / np.float32(255)).astype(np.float32)
    wobble = line.setting.hand.wobble * line.setting.size_px
    if wobble <= 0:
        return ink
    cell = line.setting.size_px * 1.3
    return displaced(ink, wobble * fractal(rng, ink.shape, cell, 2), wobble * fractal(rng, ink.shape, cell, 2))


def _stamp(canvas: NDArray[np.uint8], one: Glyph, matrix: NDArray[np.float32], *, stencil: bool) -> None:
    """Puts a glyph on the part of the canvas that it covers."""
    height, width = one.ink.shape
    ink = (
        np.asarray(bridged(np.asarray(one.ink / np.float32(255), np.float32), SIZE_PX) * 255, np.uint8)
        if stencil
        else one.ink
    )
    corners = np.add([(0, 0), (width, 0), (width, height), (0, height)], (one.left, one.top)).astype(np.float32)
    there = corners @ matrix[:, :2].T + matrix[:, 2]
    low = np.maximum(np.floor(there.min(0)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(there.max(0)).astype(int) + 2, canvas.shape[::-1])
    if (high <= low).any():
        return
    local = matrix.astype(np.float64).copy()
    local[:, 2] += matrix[:, :2] @ np.array((one.left, one.top)) - low
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    part = canvas[low[1] : high[1], low[0] : high[0]]
    np.maximum(part, cv2.warpAffine(ink, local, size, flags=cv2.INTER_LINEAR), out=part)


def strokes_of(rng: Generator, line: SetLine) -> NDArray[np.bool_]:
    """The middle lines of the line's strokes on its canvas, one pixel wide, bent by the hand."""
    canvas = np.zeros(line.shape, np.uint8)
    pieces = [
        segments(line.face, character) @ matrix[:, :2].T + matrix[:, 2]
        for character, matrix in zip(line.text, line.matrices, strict=True)
    ]
    points = np.concatenate(pieces)
    size = line.setting.size_px
    reach = line.setting.hand.wobble * size
    bent = points.copy()
    for cell, share in ((1.5, 1.0), (0.55, 0.35)):
        phase = rng.uniform(0, 2 * np.pi, 4)
        waves = points[..., ::-1] / (cell * size) * 2 * np.pi
        bent += share * reach * 0.7 * np.sin(waves + points / (cell * size * 1.7) * 2 * np.pi + phase[:2])
    if len(bent):
        cv2.polylines(canvas, list((bent * 16).round().astype(np.int32)), False, 255, 1, cv2.LINE_8, 4)
    return canvas > 0
