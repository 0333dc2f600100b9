"""Lines of text as an unsteady hand sets them, as masks of ink or as skeletons."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from vision.lab.synth.fields import Field, blurred, displaced, fractal
from vision.lab.synth.fonts import Face


@dataclass(frozen=True)
class Hand:
    """How unsteady the writing is; 0 everywhere is a printer.

    Attributes:
        tilt_deg: standard deviation of a letter's own turn.
        bounce: standard deviation of a letter's baseline, as a part of the size.
        stretch: standard deviation of a letter's size.
        wobble: how far strokes stray, as a part of the size.
        tracking: space added between letters, as a part of the size.
    """

    tilt_deg: float = 0.0
    bounce: float = 0.0
    stretch: float = 0.0
    wobble: float = 0.0
    tracking: float = 0.0


def glyph_mask(face: Face, character: str, size_px: int) -> tuple[Field, float]:
    """The character on a square of twice the size, its baseline at 1.4 sizes, and its advance in pixels."""
    font = face.font_for(character, size_px)
    canvas = np.zeros((2 * size_px, 2 * size_px), np.float32)
    mask, (left, top) = font.getmask2(character, mode="L", anchor="ls")
    ink = np.asarray(mask, np.float32).reshape(mask.size[::-1]) / 255
    y, x = round(1.4 * size_px) + top, round(0.4 * size_px) + left
    y, x = max(y, 0), max(x, 0)
    part = ink[: canvas.shape[0] - y, : canvas.shape[1] - x]
    canvas[y : y + part.shape[0], x : x + part.shape[1]] = part
    return canvas, float(font.getlength(character))


def bridged(glyph: Field, size_px: int) -> Field:
    """The glyph cut as a stencil: a bridge through every closed counter, or across a tall stem."""
    solid = (glyph > 0.5).astype(np.uint8)
    _, _, stats, centres = cv2.connectedComponentsWithStats(1 - solid, connectivity=4)
    holes = [index for index in range(1, len(stats)) if 8 < stats[index][cv2.CC_STAT_AREA] < size_px**2 / 2]
    cut = glyph.copy()
    half = max(1, round(size_px * 0.028))
    for index in holes:
        x = round(float(centres[index][0]))
        cut[:, x - half : x + half + 1] = 0
    return cut


def set_line(rng: Generator, text: str, face: Face, size_px: int, hand: Hand, *, stencil: bool = False) -> Field:
    """The line's ink, 0..1, cut to its letters with a margin of one size on every side."""
    advances = [face.font_for(character, size_px).getlength(character) for character in text]
    tracking = hand.tracking * size_px
    width = round(sum(advances) * 1.25 + abs(tracking) * len(text) + 4 * size_px)
    canvas = np.zeros((round(3.6 * size_px), width), np.float32)
    drift = np.cumsum(rng.normal(0, hand.bounce * 0.35, len(text)))
    x = 1.5 * size_px
    for index, character in enumerate(text):
        glyph, advance = glyph_mask(face, character, size_px)
        if stencil:
            glyph = bridged(glyph, size_px)
        scale = float(np.exp(rng.normal(0, hand.stretch)))
        y = size_px * (2.0 + rng.normal(0, hand.bounce) + drift[index])
        turn = cv2.getRotationMatrix2D((0.4 * size_px, 1.4 * size_px), rng.normal(0, hand.tilt_deg), scale)
        matrix = np.asarray(turn, np.float64)
        matrix[:, 2] += (x - 0.4 * size_px, y - 1.4 * size_px)
        canvas = np.maximum(canvas, cv2.warpAffine(glyph, matrix, (width, canvas.shape[0]), flags=cv2.INTER_LINEAR))
        x += advance * scale + tracking * rng.uniform(0.6, 1.4)
    return cut_to_ink(wobbled(rng, canvas, size_px, hand.wobble), size_px)


def wobbled(rng: Generator, ink: Field, size_px: int, wobble: float) -> Field:
    """The ink bent as by a hand that strays: slow bends and a faster tremble."""
    if wobble <= 0:
        return ink
    reach = wobble * size_px
    dx = reach * (fractal(rng, ink.shape, size_px * 1.6, 2) + 0.35 * fractal(rng, ink.shape, size_px / 2, 2))
    dy = reach * (fractal(rng, ink.shape, size_px * 1.6, 2) + 0.35 * fractal(rng, ink.shape, size_px / 2, 2))
    return displaced(ink, dx.astype(np.float32), dy.astype(np.float32))


def cut_to_ink(ink: Field, margin_px: int) -> Field:
    """The rows and columns that hold ink, and a margin around."""
    rows, columns = np.flatnonzero((ink > 0.3).any(1)), np.flatnonzero((ink > 0.3).any(0))
    if not len(rows):
        return np.zeros((2 * margin_px + 1, 2 * margin_px + 1), np.float32)
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.pad(part, margin_px).astype(np.float32)


def skeleton(ink: Field, size_px: int) -> NDArray[np.bool_]:
    """The middle line of every stroke, one pixel wide, without the hairs that sharp corners grow."""
    soft = blurred(ink, size_px * 0.012)
    thin = np.asarray(skeletonize(soft > 0.4), np.bool_)  # type: ignore[no-untyped-call]
    return _pruned(thin, max(2, round(size_px * 0.035)))


def _pruned(thin: NDArray[np.bool_], length_px: int) -> NDArray[np.bool_]:
    """Spurs shorter than `length_px` removed: ends are eaten back, then what was no spur grows again."""
    ring = np.ones((3, 3), np.uint8)
    eaten = thin.astype(np.uint8)
    ends_seen = []
    for _ in range(length_px):
        ends = ends_of(eaten.astype(np.bool_))
        ends_seen.append(ends)
        eaten[ends] = 0
    grown = eaten.copy()
    tips = ends_of(grown.astype(np.bool_)).astype(np.uint8)
    for ends in reversed(ends_seen):
        tips = cv2.dilate(tips, ring) & ends.astype(np.uint8)
        grown |= tips
    _, labels = cv2.connectedComponents(thin.astype(np.uint8), connectivity=8)
    kept = np.unique(labels[grown > 0])
    lost = thin & ~np.isin(labels, kept)
    return (grown > 0) | lost


def ends_of(thin: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels where a stroke begins or ends."""
    pixels = thin.astype(np.uint8)
    neighbours = cv2.filter2D(pixels, cv2.CV_8U, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT) - pixels
    return np.asarray(thin & (neighbours <= 1), np.bool_)
