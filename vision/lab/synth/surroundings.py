"""What stands on, before and beside the wall: pipes, cables, patches of fresh paint, posters, ground, old scribbles."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from vision.lab.synth.fields import (
    Colour,
    Field,
    blurred,
    chosen,
    displaced,
    fractal,
    grain,
    jittered,
    mixed,
    smoothstep,
)
from vision.lab.synth.paint import spray
from vision.lab.synth.walls import PLASTER, Wall


@dataclass(frozen=True)
class Space:
    """The part of the wall that the lettering takes, in wall pixels; things stand outside of it."""

    left: float
    top: float
    right: float
    bottom: float


def painted_over(rng: Generator, wall: Wall, space: Space | None) -> None:
    """Patches where somebody rolled paint over older writing; lettering may stand on them."""
    height, width = wall.relief.shape
    for _ in range(int(rng.integers(1, 3))):
        wide, tall = width * rng.uniform(0.2, 0.55), height * rng.uniform(0.1, 0.3)
        x, y = rng.uniform(0, width - wide), rng.uniform(0, height - tall)
        if space and rng.random() < 0.5:
            x, y = space.left - 0.1 * wide, (space.top + space.bottom - tall) / 2
        patch = np.zeros((height, width), np.float32)
        patch[int(max(y, 0)) : int(y + tall), int(max(x, 0)) : int(x + wide)] = 1
        ragged = displaced(patch, 9 * fractal(rng, patch.shape, 60, 3), 9 * fractal(rng, patch.shape, (8, 160), 3))
        cover = ragged * np.clip(0.85 + 0.25 * fractal(rng, patch.shape, (12, 220), 2), 0.4, 0.97)
        mean = wall.albedo.mean((0, 1))
        tone = jittered(rng, (float(mean[0]), float(mean[1]), float(mean[2])), 0.14)
        colour = tone if rng.random() < 0.6 else jittered(rng, chosen(rng, PLASTER), 0.05)
        wall.albedo = mixed(wall.albedo, (cover * (1 - 0.5 * wall.recess)).astype(np.float32), colour)


def scribble(rng: Generator, wall: Wall, space: Space | None) -> None:
    """An old faded squiggle that nobody can read."""
    height, width = wall.relief.shape
    size = int(rng.uniform(0.05, 0.12) * width)
    ink = np.zeros((3 * size, 4 * size), np.float32)
    steps = np.cumsum(rng.normal((0.25, 0), (0.55, 0.75), (9, 2)), 0)
    steps = (steps - steps.min(0)) / np.maximum(np.ptp(steps, 0), 1e-3) * (2.2 * size, 1.2 * size) + 0.8 * size
    fine = np.stack([np.interp(np.linspace(0, 8, 160), np.arange(9), steps[:, axis]) for axis in (0, 1)], 1)
    kernel = np.hanning(21) / np.hanning(21).sum()
    smooth = np.stack([np.convolve(fine[:, axis], kernel, "valid") for axis in (0, 1)], 1)
    cv2.polylines(ink, [smooth.astype(np.int32)[:, None]], False, 1, max(2, size // 16), cv2.LINE_AA)
    alpha = spray(rng, ink, size) * rng.uniform(0.25, 0.75)
    y = int(rng.uniform(0, max(1, height - ink.shape[0])))
    x = int(rng.uniform(0, max(1, width - ink.shape[1])))
    apart = space is None or y > space.bottom or y + ink.shape[0] < space.top
    if apart:
        _stamp(
            wall, alpha.astype(np.float32), y, x, chosen(rng, ((0.1, 0.1, 0.12), (0.35, 0.12, 0.3), (0.8, 0.8, 0.8)))
        )


def _stamp(wall: Wall, alpha: Field, y: int, x: int, colour: Colour) -> None:
    part = wall.albedo[y : y + alpha.shape[0], x : x + alpha.shape[1]]
    wall.albedo[y : y + alpha.shape[0], x : x + alpha.shape[1]] = mixed(
        part, alpha[: part.shape[0], : part.shape[1]], colour
    )


def poster_remains(rng: Generator, wall: Wall, space: Space | None) -> None:
    """Torn paper and glue where notices hung."""
    height, width = wall.relief.shape
    for _ in range(int(rng.integers(1, 5))):
        wide = width * rng.uniform(0.05, 0.11)
        tall = wide * rng.uniform(0.8, 1.4)
        x, y = rng.uniform(0, width - wide), rng.uniform(0, height - tall)
        if space and y + tall > space.top and y < space.bottom and x + wide > space.left and x < space.right:
            continue
        corners = np.array([(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall)]) + rng.normal(
            0, wide * 0.03, (4, 2)
        )
        sheet = np.zeros((height, width), np.float32)
        cv2.fillPoly(sheet, [corners.astype(np.int32)], 1.0, cv2.LINE_AA)
        torn = smoothstep(-0.05, 0.05, (fractal(rng, sheet.shape, wide, 5) + np.float32(rng.uniform(-0.1, 0.5))))
        alpha = sheet * torn * np.clip(0.85 + 0.15 * grain(rng, sheet.shape, 1.5), 0.3, 1)
        wall.albedo = mixed(wall.albedo, alpha.astype(np.float32), jittered(rng, (0.82, 0.8, 0.74), 0.06))
        wall.relief = (wall.relief + 1.2 * blurred((sheet * torn).astype(np.float32), 0.8)).astype(np.float32)


def ground(rng: Generator, wall: Wall, space: Space | None) -> None:
    """The foot of the wall: a plinth, then asphalt, trodden earth or snow."""
    height, width = wall.relief.shape
    lowest = max(0.87 * height, (space.bottom if space else 0) + 0.03 * height)
    if lowest > 0.97 * height:
        return
    ys = np.mgrid[0:height, 0:width][0].astype(np.float32)
    edge = lowest + 5 * fractal(rng, (height, width), width / 12, 5)
    below = smoothstep(-2, 2, (ys - edge).astype(np.float32))
    colour = jittered(
        rng, chosen(rng, ((0.3, 0.3, 0.3), (0.36, 0.31, 0.25), (0.86, 0.88, 0.9), (0.33, 0.36, 0.22))), 0.08
    )
    texture = (
        1 + 0.22 * fractal(rng, (height, width), (height / 60, width / 18), 5) + 0.05 * grain(rng, (height, width), 0.8)
    )
    floor = np.clip(np.asarray(colour, np.float32) * texture[..., None], 0, 1).astype(np.float32)
    contact = np.exp(-np.abs(ys - edge) / (height * 0.012))
    wall.albedo = mixed(wall.albedo, below, floor)
    wall.albedo = mixed(wall.albedo, (0.55 * contact).astype(np.float32), (0.1, 0.09, 0.08))
    wall.relief = (wall.relief * (1 - below)).astype(np.float32)


PIPES: tuple[Colour, ...] = (
    (0.78, 0.6, 0.12),
    (0.55, 0.55, 0.53),
    (0.4, 0.24, 0.18),
    (0.8, 0.8, 0.78),
    (0.2, 0.2, 0.2),
)


def pipe(rng: Generator, wall: Wall, space: Space | None) -> None:
    """A gas or drain pipe beside the lettering, with its shadow on the wall."""
    height, width = wall.relief.shape
    radius = width * rng.uniform(0.008, 0.02)
    places = [rng.uniform(0.08, 0.92) * width] if space is None else [space.left - 3 * radius, space.right + 3 * radius]
    fitting = [place for place in places if 0.06 * width < place < 0.94 * width]
    if not fitting:
        return
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    off = (xs - chosen(rng, fitting) - rng.normal(0, 0.006) * ys) / radius
    shade = np.clip(0.35 + 0.65 * np.sqrt(np.clip(1 - (off + 0.35) ** 2 / 1.9, 0, 1)), 0, 1)
    body = smoothstep(-0.08, 0.08, (1 - np.abs(off)).astype(np.float32))
    fallen = 0.5 * np.exp(-((np.maximum(np.abs(off - 1.3) - 0.7, 0) / 0.5) ** 2)) * (1 - body)
    clamp = (np.abs((ys / height * 3.1) % 1 - 0.5) < 0.012) & (np.abs(off) < 1.35)
    colour = np.asarray(jittered(rng, chosen(rng, PIPES), 0.06), np.float32)
    worn = 1 + 0.14 * fractal(rng, (height, width), (width / 8, width / 60), 4)
    wall.albedo = mixed(wall.albedo, fallen.astype(np.float32), (0.06, 0.06, 0.07))
    wall.albedo = mixed(wall.albedo, body, np.clip(colour * (shade * worn)[..., None], 0, 1).astype(np.float32))
    wall.albedo = mixed(wall.albedo, 0.85 * clamp.astype(np.float32), (0.25, 0.24, 0.23))
    wall.relief = (wall.relief * (1 - body)).astype(np.float32)


def cable(rng: Generator, wall: Wall, space: Space | None) -> None:
    """A cable hanging along the wall above the lettering."""
    height, width = wall.relief.shape
    y = rng.uniform(0.04, 0.12) * height
    if space and space.top < y + 0.08 * height:
        return
    xs = np.linspace(0, width, 60)
    path = np.stack([xs, y + rng.uniform(0.005, 0.06) * height * np.sin(xs / width * np.pi * rng.uniform(0.8, 2))], 1)
    thick = max(2, round(width * 0.003))
    for offset, colour, share in (((3, 5), (0.05, 0.05, 0.05), 0.35), ((0, 0), (0.12, 0.12, 0.13), 0.95)):
        line = np.zeros((height, width), np.float32)
        cv2.polylines(line, [(path + offset).astype(np.int32)[:, None]], False, 1.0, thick, cv2.LINE_AA)
        wall.albedo = mixed(wall.albedo, share * blurred(line, 0.8), colour)


def opening(rng: Generator, wall: Wall, space: Space | None) -> None:
    """The edge of a metal door or a window at one side, if there is room for it."""
    height, width = wall.relief.shape
    room_left, room_right = (space.left, width - space.right) if space else (0.3 * width, 0.3 * width)
    room = max(room_left, room_right)
    if room < 0.2 * width:
        return
    wide = room - 0.06 * width
    at_left = room_left >= room_right
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    inward = (wide - xs) if at_left else (xs - (width - wide))
    top = rng.uniform(-0.3, 0.25) * height
    depth = np.minimum(inward, ys - top)
    inside = smoothstep(-1, 1, depth.astype(np.float32))
    frame = inside * (1 - smoothstep(-1, 1, (depth - 0.022 * width).astype(np.float32)))
    door = np.asarray(
        jittered(rng, chosen(rng, ((0.3, 0.2, 0.16), (0.35, 0.4, 0.38), (0.16, 0.18, 0.22), (0.5, 0.5, 0.48))), 0.08)
    )
    sheen = 1 + 0.16 * fractal(rng, (height, width), (height, width / 9), 4)
    wall.albedo = mixed(wall.albedo, inside, np.clip(door * sheen[..., None], 0, 1).astype(np.float32))
    wall.albedo = mixed(wall.albedo, 0.8 * frame, jittered(rng, (0.6, 0.58, 0.54), 0.15))
    rim = np.exp(-((depth / (0.005 * width)) ** 2))
    wall.albedo = mixed(wall.albedo, (0.7 * rim).astype(np.float32), (0.08, 0.08, 0.08))
    wall.relief = (wall.relief * (1 - inside)).astype(np.float32)
