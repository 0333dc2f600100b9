"""The same wall photographed several times: other days, other places to stand, other telephones, things in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vision.lab.synth.camera import LIGHTS, lit, photographed
from vision.lab.synth.fields import Field, Shape, chosen, fractal, jittered, smoothstep
from vision.lab.synth.fonts import Face
from vision.lab.synth.inscription import Inscription, stick_code
from vision.lab.synth.scene import (
    DIFFICULTIES,
    LIGHT_SHARES,
    Drawing,
    Drawn,
    dress,
    finished,
    painted_wall,
    style_for,
    working_shape,
)
from vision.lab.synth.walls import WALLS, Wall
from vision.types import Points

TRIES = 60
"""Places to stand that are tried before the usual one is taken."""

MARGIN = 0.02
"""What is seen around the lettering at least, as a part of the wall's width."""

DISTANCES = (0.5, 0.65, 0.8, 1.0)
"""Pixels of the photo's side to those of the wall's: far away, a letter has half as many."""

IN_THE_WAY = 0.4
"""The chance that something stands before a part of the lettering."""

CALM_SHARES, CALM_IN_THE_WAY = (0.5, 0.35, 0.05, 0.05, 0.05), 0.1
"""The same, and the shares of the lights, where somebody shows work that is done."""


def draw_series(seed: int, faces: Sequence[Face], count: int) -> list[Drawn]:
    """`count` photos of the wall of a seed, none of which is `draw`'s; the first ones are the same for any count.

    The wall and the lettering are those of `draw(seed, faces)`; place, distance, light, blur, noise and what stands in
    the way are each photo's own.
    """
    wall, drawing, full = painted_wall(np.random.default_rng([seed, 20_240]), seed, faces)
    return [photo_of(seed, number, wall, drawing, working_shape(full)) for number in range(count)]


def draw_elsewhere(seed: int, faces: Sequence[Face], count: int) -> list[Drawn]:
    """`count` photos of as many walls that carry the lines of a seed, each written, lit and photographed anew."""
    _, drawing, full = painted_wall(np.random.default_rng([seed, 20_240]), seed, faces)
    photos = []
    for number in range(count):
        rng = np.random.default_rng([seed, number, 20_242])
        wall, anew = repainted(rng, drawing, faces, working_shape(full))
        photos.append(photo_of(seed, number, wall, anew, working_shape(full)))
    return photos


def repainted(rng: Generator, drawing: Drawing, faces: Sequence[Face], work: Shape) -> tuple[Wall, Drawing]:
    """Another wall with the same lines on it, written anew."""
    shape = (round(work[0] * 1.06), round(work[1] * 1.06))
    name, difficulty = chosen(rng, tuple(WALLS)), chosen(rng, DIFFICULTIES)
    wall = WALLS[name](rng, shape, shape[1] / rng.uniform(2.2, 4.2))
    style, subject = style_for(rng, drawing.subject), drawing.subject
    inscription = Inscription.planned(rng, subject, style, faces, shape)
    dress(rng, wall, inscription.space)
    boxes = inscription.painted(rng, wall, difficulty)
    code = stick_code(rng, wall, inscription, subject.code) if subject.code else None
    return wall, replace(
        drawing, style=style, wall=name, difficulty=difficulty, inscription=inscription, boxes=boxes, code=code
    )


def photo_of(seed: int, number: int, wall: Wall, drawing: Drawing, work: Shape, *, is_calm: bool = False) -> Drawn:
    """Photo `number` of a wall and the lettering on it, from anywhere, in any light; neither is changed.

    `is_calm`: by somebody who shows work that is done: mostly by day, with a steady hand, and little in the way.
    """
    rng = np.random.default_rng([seed, number, 20_241])
    light = LIGHTS[int(rng.choice(5, p=CALM_SHARES if is_calm else LIGHT_SHARES))]
    difficulty = chosen(rng, DIFFICULTIES[:2] if is_calm else DIFFICULTIES)
    scale = chosen(rng, DISTANCES)
    size = (round(work[0] * scale), round(work[1] * scale))
    lettering = _lettering(drawing, wall)
    scene = lit(rng, wall, light)
    if rng.random() < (CALM_IN_THE_WAY if is_calm else IN_THE_WAY) and drawing.boxes:
        scene = _before(rng, scene, lettering)
    stand = standing(rng, (scene.shape[0], scene.shape[1]), size, lettering)
    shot = photographed(rng, scene, size, light, difficulty, stand=stand)
    return finished(rng, replace(drawing, light=light), shot, size)


def _lettering(drawing: Drawing, wall: Wall) -> Points:
    """The corners of all that is painted, or the middle of a bare wall."""
    boxes = [*drawing.boxes, *([] if drawing.code is None else [drawing.code])]
    if boxes:
        return np.concatenate(boxes)
    height, width = wall.relief.shape
    return np.array([[width / 2, height / 2]])


def standing(rng: Generator, wall_shape: Shape, picture_shape: Shape, lettering: Points) -> NDArray[np.float64] | None:
    """A homography from wall to picture that shows all of the lettering: nearer, from the side, tilted; None if none.

    Args:
        rng: where chance comes from.
        wall_shape: height and width of the wall.
        picture_shape: height and width of the photo.
        lettering: (N, 2) wall pixels that must be seen.
    """
    height, width = wall_shape
    low = lettering.min(axis=0) - MARGIN * width
    high = lettering.max(axis=0) + MARGIN * width
    must = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    for attempt in range(TRIES):
        quad = _quad(rng, low, high, (width, height), 1 - attempt / TRIES)
        is_inside = (quad >= 0).all() and (quad <= (width - 1, height - 1)).all()
        if is_inside and all(cv2.pointPolygonTest(quad.astype(np.float32), point, False) > 0 for point in must):
            edge = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * (picture_shape[1], picture_shape[0])
            found = cv2.getPerspectiveTransform(quad.astype(np.float32), edge.astype(np.float32))
            return np.asarray(found, np.float64)
    return None


def _quad(rng: Generator, low: Points, high: Points, size: tuple[int, int], strength: float) -> Points:
    """The part of the wall that a camera sees which is that bold about place and angle; it may reach beyond."""
    least = np.clip((high - low) / size, 0.5, 1.0)
    share = rng.uniform(least.max(), 1.0) * rng.uniform((0.9, 0.9), (1.0, 1.0))
    extent = np.minimum(share, 1.0) * size
    at = np.array([rng.uniform(0, max(1e-6, room)) for room in size - extent])
    quad = at + np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * extent
    near = rng.uniform(0, 0.3) * strength
    inward = np.array((0, extent[1] / 2 * near)) if rng.random() < 0.75 else np.array((extent[0] / 2 * near, 0))
    if inward[1]:  # from the left or from the right: the nearer side shows less of the wall
        first, second = chosen(rng, ((0, 3), (1, 2)))
    else:
        first, second = chosen(rng, ((0, 1), (3, 2)))
    quad[first] += inward
    quad[second] -= inward
    angle = np.deg2rad(rng.normal(0, 3.0) * strength)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = quad.mean(axis=0)
    return np.asarray((quad - middle) @ turn.T + middle, np.float64)


def _before(rng: Generator, scene: NDArray[np.float32], lettering: Points) -> NDArray[np.float32]:
    """The scene with a pole, leaves or a dark thing before a part of the lettering."""
    low, high = lettering.min(axis=0), lettering.max(axis=0)
    shape = (scene.shape[0], scene.shape[1])
    cover = chosen(rng, (_pole, _leaves, _thing))(rng, shape, low, high)
    level = float(np.quantile(scene, 0.5))
    colour = np.asarray(jittered(rng, chosen(rng, ((0.2, 0.2, 0.2), (0.2, 0.3, 0.12), (0.35, 0.3, 0.26))), 0.1))
    shade = 1 + 0.3 * fractal(rng, shape, shape[1] / 12, 4)
    front = (colour * level * 2.2 * shade[..., None]).astype(np.float32)
    return (scene + cover[..., None] * (front - scene)).astype(np.float32)


def _grid(shape: Shape) -> tuple[Field, Field]:
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    return ys, xs


def _pole(rng: Generator, shape: Shape, low: Points, high: Points) -> Field:
    """A post that stands a step before the wall."""
    ys, xs = _grid(shape)
    middle = rng.uniform(low[0], high[0]) + rng.normal(0, 0.04) * (ys - shape[0] / 2)
    half = shape[1] * rng.uniform(0.006, 0.016)
    return smoothstep(-1.5, 1.5, (half - np.abs(xs - middle)).astype(np.float32))


def _leaves(rng: Generator, shape: Shape, low: Points, high: Points) -> Field:
    """Twigs that hang into the picture."""
    ys, xs = _grid(shape)
    at, reach = rng.uniform(low, high), shape[1] * rng.uniform(0.06, 0.14)
    near = np.exp(-((xs - at[0]) ** 2 + (ys - at[1]) ** 2) / (2 * reach**2))
    leaves = fractal(rng, shape, shape[1] / 28, 3) + np.float32(1.1) * near
    return smoothstep(0.85, 0.95, leaves.astype(np.float32))


def _thing(rng: Generator, shape: Shape, low: Points, high: Points) -> Field:
    """Something dark with a straight edge (a bin, a car's roof) before one corner of the lettering."""
    ys, xs = _grid(shape)
    part = rng.uniform(0.08, 0.25)
    top = high[1] - part * (high[1] - low[1]) + 3 * np.sin(xs / shape[1] * 9)
    sides = [(-np.inf, low[0] + 2 * part * (high[0] - low[0])), (high[0] - 2 * part * (high[0] - low[0]), np.inf)]
    left, right = chosen(rng, sides)
    inside = np.minimum(ys - top, np.minimum(xs - left, right - xs))
    return smoothstep(-2, 2, inside.astype(np.float32))
