"""Walls as they stand in yards and garage rows: colour, relief and where paint does not reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vision.lab.synth.fields import (
    Colour,
    Field,
    Shape,
    blurred,
    chosen,
    fractal,
    grain,
    jittered,
    mixed,
    smoothstep,
)


@dataclass
class Wall:
    """A bare wall seen from straight ahead.

    Attributes:
        albedo: (H, W, 3) float32 RGB, 0..1 as a screen shows it.
        relief: how far the surface stands out, in pixels.
        recess: 0..1, where a brush, a roller and less so a spray can leave bare wall.
        name: one of WALLS.
    """

    albedo: NDArray[np.float32]
    relief: Field
    recess: Field
    name: str


def _flat(shape: Shape, colour: Colour) -> NDArray[np.float32]:
    return np.broadcast_to(np.asarray(colour, np.float32), (*shape, 3)).astype(np.float32)


def _grid(shape: Shape) -> tuple[Field, Field]:
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    return ys, xs


def weathered(rng: Generator, albedo: NDArray[np.float32], strength: float) -> NDArray[np.float32]:
    """The wall after some winters: blotches, streaks of rain, and splashed dirt low down."""
    shape = (albedo.shape[0], albedo.shape[1])
    blotch = fractal(rng, shape, shape[1] / 3, 5)
    streak = fractal(rng, shape, (shape[0] * 0.7, shape[1] / 22), 5) * np.clip(0.3 + 1.2 * blotch, 0, 1)
    height = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None]
    splash = smoothstep(0.55, 1.05, (height + 0.12 * blotch).astype(np.float32))
    tone = 1 + strength * (0.16 * blotch + 0.1 * streak)
    worn = albedo * tone[..., None]
    return np.clip(mixed(worn.astype(np.float32), 0.35 * strength * splash, (0.27, 0.24, 0.2)), 0.02, 0.97)


def cracks(rng: Generator, shape: Shape, count: int) -> Field:
    """0..1 lines that wander and fork as plaster cracks do."""
    canvas = np.zeros(shape, np.uint8)
    for _ in range(count):
        start = rng.uniform((0, 0), (shape[1], shape[0]))
        heading = rng.uniform(0, 2 * np.pi)
        steps = int(rng.integers(25, 90))
        turns = heading + np.cumsum(rng.normal(0, 0.35, steps))
        hops = rng.uniform(4, 14, (steps, 1)) * np.stack([np.cos(turns), np.sin(turns)], 1)
        path = (start + np.cumsum(hops, 0)).astype(np.int32)
        cv2.polylines(canvas, [path[:, None]], False, 255, int(rng.integers(1, 3)), cv2.LINE_AA)
    return (canvas / np.float32(255)).astype(np.float32)


PLASTER: tuple[Colour, ...] = (
    (0.78, 0.69, 0.52), (0.72, 0.62, 0.55), (0.66, 0.68, 0.62), (0.62, 0.66, 0.7), (0.8, 0.76, 0.68),
    (0.7, 0.56, 0.44), (0.58, 0.66, 0.58), (0.84, 0.83, 0.8), (0.74, 0.6, 0.56), (0.55, 0.55, 0.53),
)  # fmt: skip


def plaster(rng: Generator, shape: Shape, metre_px: float) -> Wall:
    """Painted render, rough or smooth, cracked and flaking off older coats."""
    coat = jittered(rng, chosen(rng, PLASTER), 0.06)
    rough = rng.uniform(0.3, 1.6)
    relief = rough * fractal(rng, shape, metre_px / 25, 4) + 0.5 * rough * grain(rng, shape, 1.2)
    relief += 2.2 * fractal(rng, shape, metre_px / 2, 3)
    flakes = smoothstep(0.0, 0.03, fractal(rng, shape, metre_px / 1.4, 6) - np.float32(rng.uniform(0.55, 1.1)))
    crack = cracks(rng, shape, int(rng.integers(0, 5)))
    under = jittered(rng, chosen(rng, ((0.6, 0.57, 0.52), (0.5, 0.48, 0.46), (0.76, 0.74, 0.7))), 0.05)
    albedo = mixed(weathered(rng, _flat(shape, coat), rng.uniform(0.5, 1.2)), flakes, under)
    albedo = mixed(albedo, 0.75 * crack, (0.14, 0.13, 0.12))
    relief = (relief - 3 * blurred(flakes, 0.8) - 2.5 * crack).astype(np.float32)
    return Wall(albedo, relief, np.clip(crack + 0.1 * rough * (relief < -1), 0, 1).astype(np.float32), "plaster")


BRICKS: tuple[Colour, ...] = (
    (0.53, 0.27, 0.2), (0.6, 0.36, 0.26), (0.47, 0.29, 0.23), (0.72, 0.68, 0.62), (0.76, 0.62, 0.42), (0.64, 0.6, 0.55),
)  # fmt: skip


def brick(rng: Generator, shape: Shape, metre_px: float) -> Wall:
    """Running bond of red, yellow or silicate bricks, now and then painted over as a whole."""
    tall, wide = metre_px * 0.078, metre_px * 0.262
    ys, xs = _grid(shape)
    ys = ys + 1.6 * fractal(rng, shape, metre_px / 6, 3)
    row = np.floor(ys / tall).astype(np.int32)
    offset = np.where(row % 2 == 0, 0.0, 0.5).astype(np.float32)
    along = xs / wide + offset + 0.012 * fractal(rng, shape, metre_px / 6, 3)
    column = np.floor(along).astype(np.int32)
    edge = np.minimum(
        np.minimum(ys / tall - row, 1 + row - ys / tall) * tall,
        np.minimum(along - column, 1 + column - along) * wide,
    ) + 0.9 * fractal(rng, shape, metre_px / 30, 3)
    mortar = 1 - smoothstep(metre_px * 0.005, metre_px * 0.011, edge.astype(np.float32))
    table = rng.normal(0, 0.1, (int(row.max()) + 2, int(column.max()) + 3, 1)) + rng.normal(0, 0.02, (1, 1, 3))
    tone = (1 + table[row, column]).astype(np.float32)
    bricks = _flat(shape, jittered(rng, chosen(rng, BRICKS), 0.07)) * tone
    bricks = bricks * (1 + 0.09 * fractal(rng, shape, metre_px / 18, 4))[..., None]
    albedo = mixed(bricks.astype(np.float32), 0.85 * mortar, jittered(rng, (0.58, 0.55, 0.5), 0.15))
    if rng.random() < 0.25:
        albedo = mixed(albedo, np.full(shape, 0.82, np.float32), jittered(rng, chosen(rng, PLASTER), 0.06))
    relief = -3.0 * mortar + 0.9 * fractal(rng, shape, metre_px / 40, 3) + 0.35 * grain(rng, shape, 0.8)
    return Wall(weathered(rng, albedo, rng.uniform(0.4, 1.1)), relief.astype(np.float32), mortar, "brick")


def concrete(rng: Generator, shape: Shape, metre_px: float) -> Wall:
    """Cast concrete or panel: pores, form marks, tarred seams between panels."""
    base = jittered(rng, chosen(rng, ((0.6, 0.59, 0.56), (0.52, 0.52, 0.51), (0.66, 0.63, 0.58))), 0.06)
    pores = smoothstep(0.85, 1.0, fractal(rng, shape, metre_px / 70, 2) + 0.25 * fractal(rng, shape, metre_px, 2))
    relief = 0.7 * fractal(rng, shape, metre_px / 12, 5) + 0.4 * grain(rng, shape, 0.9) - 2.2 * pores
    ys, xs = _grid(shape)
    seam = np.zeros(shape, np.float32)
    if rng.random() < 0.7:
        at = rng.uniform(0.05, 0.3) * shape[1] + (0.6 * shape[1] if rng.random() < 0.5 else 0)
        seam = np.maximum(seam, np.exp(-(((xs - at) / (metre_px * 0.012)) ** 2)))
    if rng.random() < 0.5:
        at = rng.uniform(0.02, 0.18) * shape[0]
        seam = np.maximum(seam, np.exp(-(((ys - at) / (metre_px * 0.012)) ** 2)))
    boards = 0.03 * np.sign(np.sin(ys / (metre_px * 0.04) + 2 * fractal(rng, shape, metre_px, 2)))
    albedo = weathered(rng, _flat(shape, base) * (1 + boards * rng.uniform(0, 1))[..., None], rng.uniform(0.7, 1.6))
    albedo = mixed(albedo, 0.55 * pores, (0.22, 0.21, 0.2))
    albedo = mixed(albedo, 0.85 * seam.astype(np.float32), (0.17, 0.16, 0.15))
    relief = relief - 3 * seam
    return Wall(albedo, relief.astype(np.float32), np.clip(pores + seam, 0, 1).astype(np.float32), "concrete")


METALS: tuple[Colour, ...] = (
    (0.32, 0.42, 0.34), (0.42, 0.26, 0.2), (0.3, 0.38, 0.5), (0.6, 0.6, 0.58), (0.5, 0.5, 0.46), (0.72, 0.7, 0.62),
)  # fmt: skip


def ribs(rng: Generator, shape: Shape, metre_px: float) -> Wall:
    """Corrugated sheet of fences and garage doors: trapezoid ribs, screws, rust from the seams."""
    ys, xs = _grid(shape)
    pitch = metre_px * rng.uniform(0.09, 0.2)
    phase = xs / pitch + 0.01 * fractal(rng, shape, metre_px, 2)
    wave = np.abs((phase % 1) - 0.5) * 2
    profile = smoothstep(0.28, 0.5, wave.astype(np.float32))
    rust = smoothstep(
        0.25, 0.8, fractal(rng, shape, (metre_px * 1.3, metre_px / 7), 5) + np.float32(rng.uniform(-0.5, 0))
    )
    paint = weathered(rng, _flat(shape, jittered(rng, chosen(rng, METALS), 0.08)), rng.uniform(0.3, 0.9))
    albedo = mixed(paint, 0.75 * rust, (0.36, 0.2, 0.11))
    across = np.abs((ys / (metre_px * 0.9)) % 1 - 0.5) * metre_px * 0.9
    along = np.abs((phase + 0.5) % 1 - 0.5) * pitch
    screws = (np.hypot(across, along) < metre_px * 0.008).astype(np.float32)
    albedo = mixed(albedo, 0.7 * blurred(screws, 0.7), (0.2, 0.19, 0.18))
    relief = pitch * 0.16 * profile + 0.12 * grain(rng, shape, 1.0) + 0.8 * fractal(rng, shape, metre_px / 3, 2)
    return Wall(albedo, blurred(relief.astype(np.float32), 1.2), (0.2 * rust).astype(np.float32), "ribs")


WOODS: tuple[Colour, ...] = (
    (0.5, 0.45, 0.38), (0.42, 0.33, 0.24), (0.36, 0.44, 0.38), (0.55, 0.38, 0.27), (0.45, 0.47, 0.48),
    (0.62, 0.55, 0.42),
)  # fmt: skip


def planks(rng: Generator, shape: Shape, metre_px: float) -> Wall:
    """A board fence: grain, gaps, nails, every board a little different."""
    ys, xs = _grid(shape)
    wide = metre_px * rng.uniform(0.1, 0.17)
    position = xs / wide + 0.02 * fractal(rng, shape, (metre_px * 2, metre_px * 2), 2)
    board = np.floor(position).astype(np.int32)
    inside = position - board
    edge = (np.minimum(inside, 1 - inside) * wide).astype(np.float32)
    gap = 1 - smoothstep(metre_px * 0.003, metre_px * 0.008, edge)
    count = int(board.max()) + 2
    tone = (1 + rng.normal(0, 0.1, count)).astype(np.float32)[board]
    shift = rng.uniform(0, 900, count).astype(np.float32)[board]
    warp = fractal(rng, shape, (metre_px, metre_px / 8), 3)
    veins = 0.5 * np.sin((xs + shift) / (metre_px * 0.006) + 5 * warp) + fractal(rng, shape, (metre_px * 0.7, 5), 3)
    albedo = _flat(shape, jittered(rng, chosen(rng, WOODS), 0.08)) * (tone * (1 + 0.11 * veins))[..., None]
    albedo = mixed(weathered(rng, albedo.astype(np.float32), 0.7), 0.92 * gap, (0.07, 0.06, 0.05))
    nails = np.hypot((ys % (metre_px * 0.8)) - metre_px * 0.4, (inside - 0.5) * wide) < metre_px * 0.006
    albedo = mixed(albedo, 0.8 * blurred(nails.astype(np.float32), 0.6), (0.2, 0.15, 0.12))
    relief = -4 * gap + 0.5 * veins + 0.2 * grain(rng, shape, 0.8)
    return Wall(albedo, relief.astype(np.float32), gap, "planks")


TILES: tuple[Colour, ...] = (
    (0.78, 0.77, 0.72), (0.62, 0.7, 0.72), (0.74, 0.66, 0.54), (0.55, 0.62, 0.56), (0.68, 0.52, 0.44),
)  # fmt: skip


def tiles(rng: Generator, shape: Shape, metre_px: float) -> Wall:
    """Facing tiles of an entrance or underpass: grout, chips, a few tiles gone."""
    ys, xs = _grid(shape)
    side = metre_px * rng.uniform(0.09, 0.16)
    tall = side * chosen(rng, (1.0, 1.0, 0.5))
    row, column = np.floor(ys / tall).astype(np.int32), np.floor(xs / side).astype(np.int32)
    inside_y, inside_x = ys / tall - row, xs / side - column
    edge = np.minimum(np.minimum(inside_y, 1 - inside_y) * tall, np.minimum(inside_x, 1 - inside_x) * side)
    edge = edge + 0.35 * fractal(rng, shape, metre_px / 30, 2)
    grout = 1 - smoothstep(metre_px * 0.003, metre_px * 0.006, edge.astype(np.float32))
    size = (int(row.max()) + 1, int(column.max()) + 1)
    tone = (1 + rng.normal(0, 0.05, size)).astype(np.float32)[row, column]
    gone = (rng.random(size) < 0.012)[row, column].astype(np.float32)
    tilt = rng.normal(0, 0.6, (2, *size)).astype(np.float32)
    relief = tilt[0][row, column] * inside_y + tilt[1][row, column] * inside_x - 2 * grout - 3 * gone
    albedo = _flat(shape, jittered(rng, chosen(rng, TILES), 0.06)) * tone[..., None]
    albedo = weathered(rng, albedo.astype(np.float32), rng.uniform(0.3, 0.9))
    albedo = mixed(mixed(albedo, gone, (0.5, 0.47, 0.43)), 0.8 * grout, (0.4, 0.38, 0.35))
    return Wall(albedo, relief.astype(np.float32), np.clip(grout + gone, 0, 1).astype(np.float32), "tiles")


WALLS: Mapping[str, Callable[[Generator, Shape, float], Wall]] = {
    "plaster": plaster,
    "brick": brick,
    "concrete": concrete,
    "ribs": ribs,
    "planks": planks,
    "tiles": tiles,
}
