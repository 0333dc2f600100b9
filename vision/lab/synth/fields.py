"""Smooth random fields: the stuff that dirt, wear, uneven paint and shaking hands are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

T = TypeVar("T")

Field: TypeAlias = NDArray[np.float32]
"""(height, width) float32."""

Colour: TypeAlias = tuple[float, float, float]
"""Red, green, blue, each 0..1 as a screen shows them."""

Shape: TypeAlias = tuple[int, int]
"""Height, width in pixels."""


def fractal(rng: Generator, shape: Shape, cell_px: float | tuple[float, float], octaves: int = 4) -> Field:
    """Noise around 0, nearly all of it within -1..1, whose largest lumps are `cell_px` wide.

    Args:
        rng: where the noise comes from.
        shape: of the result.
        cell_px: one number, or (vertical, horizontal) for streaks.
        octaves: how many finer layers are added, each half as strong.
    """
    down, across = cell_px if isinstance(cell_px, tuple) else (cell_px, cell_px)
    total = np.zeros(shape, np.float32)
    amplitude, power = 1.0, 0.0
    for octave in range(octaves):
        rows = max(2, round(shape[0] * 2**octave / down) + 1)
        columns = max(2, round(shape[1] * 2**octave / across) + 1)
        grid = rng.standard_normal((min(rows, shape[0]), min(columns, shape[1])), dtype=np.float32)
        total += amplitude * resized(grid, shape)
        power += amplitude**2
        amplitude *= 0.5
    return (total / np.float32(2.0 * power**0.5)).astype(np.float32)


def resized(field: Field, shape: Shape) -> Field:
    """The field stretched to a shape with smooth interpolation."""
    return np.asarray(cv2.resize(field, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def grain(rng: Generator, shape: Shape, blur_px: float = 0.0) -> Field:
    """Noise of single pixels, standard deviation 1, softened by a Gaussian and scaled back to 1."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    if blur_px <= 0:
        return noise
    soft = blurred(noise, blur_px)
    return (soft / max(float(soft.std()), 1e-6)).astype(np.float32)


def blurred(field: Field, sigma_px: float) -> Field:
    """The field softened by a Gaussian; wide ones are done on a smaller copy, which nobody can see."""
    if sigma_px > 8:
        factor = sigma_px / 4
        small = (max(2, round(field.shape[0] / factor)), max(2, round(field.shape[1] / factor)))
        shrunk = cv2.resize(field, (small[1], small[0]), interpolation=cv2.INTER_AREA)
        return resized(np.asarray(cv2.GaussianBlur(shrunk, (0, 0), 4), np.float32), (field.shape[0], field.shape[1]))
    return np.asarray(cv2.GaussianBlur(field, (0, 0), max(sigma_px, 0.1)), np.float32)


def clipped(field: NDArray[np.floating], low: float = 0.0, high: float = 1.0) -> Field:
    """The field with what is beyond the limits set to them."""
    return np.asarray(np.clip(field, low, high), np.float32)


def smoothstep(low: float, high: float, field: Field) -> Field:
    """0 below `low`, 1 above `high`, a smooth rise between."""
    t = np.clip((field - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def displaced(field: Field, dx: Field, dy: Field) -> Field:
    """The field looked at through wavy glass: what was at (x + dx, y + dy) is now at (x, y)."""
    ys, xs = np.mgrid[0 : field.shape[0], 0 : field.shape[1]].astype(np.float32)
    return np.asarray(cv2.remap(field, xs + dx, ys + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT), np.float32)


def mixed(below: NDArray[np.float32], alpha: Field, colour: Colour | NDArray[np.float32]) -> NDArray[np.float32]:
    """A colour laid over a picture (height, width, 3) where `alpha` says so."""
    above = np.asarray(colour, np.float32)
    return (below + alpha[..., None] * (above - below)).astype(np.float32)


def jittered(rng: Generator, colour: Colour, spread: float) -> Colour:
    """The colour made a little lighter or darker and a little off in hue."""
    values = np.asarray(colour) * (1 + rng.normal(0, spread)) + rng.normal(0, spread / 7, 3)
    red, green, blue = np.clip(values, 0.01, 0.99).tolist()
    return (red, green, blue)


def chosen(rng: Generator, options: Sequence[T]) -> T:
    """One of the options, all equally likely."""
    return options[int(rng.integers(len(options)))]
