"""Drawn walls after somebody was asked to paint them over: well, half, thinly; and what the weather did meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator

from vision.lab.synth import surroundings
from vision.lab.synth.fields import Colour, Field, chosen, displaced, fractal, jittered, mixed
from vision.lab.synth.scene import Drawing
from vision.lab.synth.walls import PLASTER, Wall
from vision.types import Points

PAINTED = ("like", "other", "one patch", "ghost", "like", "other", "one patch", "whole")
"""Patches are the rule; now and then somebody does the whole wall."""

HALF = ("a line left", "a part left", "thin", "shining through")
HIDES = {"ghost": (0.965, 0.985), "thin": (0.3, 0.6), "shining through": (0.72, 0.86)}
"""How much of the writing one cannot see any more, where it is not nearly all. What shines through with a sixth of its
contrast can be read; with a thirtieth one sees that something was there. The paint is like the wall: on paint like the
letters nothing would show."""

GREYS: tuple[Colour, ...] = ((0.62, 0.62, 0.6), (0.5, 0.5, 0.49), (0.82, 0.82, 0.8), (0.4, 0.42, 0.44))


def covered(rng: Generator, wall: Wall, drawing: Drawing, how: str) -> Wall:
    """The wall painted over in one of the ways PAINTED or HALF; the wall given stays as it is."""
    boxes = [*drawing.boxes, *([] if drawing.code is None else [drawing.code])]
    low, high = HIDES.get(how, (0.985, 0.998))
    hides = rng.uniform(low, high)
    painted = Wall(wall.albedo.copy(), wall.relief, wall.recess, wall.name)
    size = drawing.inscription.size_px
    for outline in _outlines(rng, boxes, how, size, wall):
        kind = how if how in ("like", "other") else "like" if how in HIDES else chosen(rng, ("like", "other"))
        layer = _rolled(rng, outline, (wall.relief.shape[0], wall.relief.shape[1]), hides)
        _lay(painted, layer, _colour(rng, wall, outline, kind))
    return painted


def weathered(rng: Generator, wall: Wall, drawing: Drawing) -> Wall:
    """The wall some days later: dirt has moved, it may be wet, a notice may hang there."""
    shape = (wall.relief.shape[0], wall.relief.shape[1])
    later = Wall(wall.albedo.copy(), wall.relief.copy(), wall.recess, wall.name)
    tone = 1 + 0.05 * fractal(rng, shape, shape[1] / 4, 4)
    if rng.random() < 0.2:
        tone = tone * rng.uniform(0.7, 0.9)
    later.albedo = np.clip(later.albedo * tone[..., None], 0.01, 0.98).astype(np.float32)
    if rng.random() < 0.1:
        surroundings.poster_remains(rng, later, drawing.inscription.space)
    return later


def _outlines(rng: Generator, boxes: Sequence[Points], how: str, size_px: int, wall: Wall) -> list[Points]:
    """What is rolled over, each as (4, 2) wall pixels."""
    grow = rng.uniform(0.55, 0.95) * size_px
    if how == "a line left":
        left = int(rng.integers(len(boxes)))
        return [_grown(box, grow * 0.6, grow * 0.6) for number, box in enumerate(boxes) if number != left]
    if how == "a part left":
        share = rng.uniform(0.35, 0.65)
        part = (0.0, share) if rng.random() < 0.5 else (1 - share, 1.0)
        return [_grown(_piece(box, *part), 0.0, grow) for box in boxes]
    corners = np.concatenate(boxes)
    low, high = corners.min(axis=0), corners.max(axis=0)
    height, width = wall.relief.shape
    if how == "whole":
        reach = rng.uniform(0.05, 1.0, 2) * (low[0], width - high[0])
        top = low[1] - rng.uniform(0.3, 1.0) * low[1]
        bottom = max(float(high[1] + grow), rng.uniform(0.8, 0.9) * height)
        return [_rectangle(low[0] - reach[0] - grow, top - grow, high[0] + reach[1] + grow, bottom)]
    if how == "one patch" or rng.random() < 0.3:
        return [_rectangle(*(low - grow), *(high + grow))]
    return [_grown(box, grow, grow) for box in boxes]


def _rectangle(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def _piece(box: Points, start: float, stop: float) -> Points:
    """The part of a line from one share of its length to another."""
    along = [box[a] + share * (box[b] - box[a]) for a, b, share in ((0, 1, start), (0, 1, stop))]
    below = [box[a] + share * (box[b] - box[a]) for a, b, share in ((3, 2, stop), (3, 2, start))]
    return np.array([*along, *below])


def _grown(box: Points, along_px: float, across_px: float) -> Points:
    """A line's box made longer at both ends and higher above and below, in its own directions."""
    along = (box[1] - box[0]) / max(float(np.linalg.norm(box[1] - box[0])), 1e-6)
    down = (box[3] - box[0]) / max(float(np.linalg.norm(box[3] - box[0])), 1e-6)
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    return np.asarray(box + signs[:, :1] * along * along_px + signs[:, 1:] * down * across_px, np.float64)


def _rolled(rng: Generator, outline: Points, shape: tuple[int, int], hides: float) -> Field:
    """0..1, two coats of a roller: streaks within, ragged at the edge."""
    patch: Field = np.zeros(shape, np.float32)
    cv2.fillPoly(patch, [np.round(outline).astype(np.int32)], 1.0)
    ragged = displaced(patch, 7 * fractal(rng, shape, 60, 3), 7 * fractal(rng, shape, (8, 160), 3))
    coat = np.clip(0.93 + 0.1 * fractal(rng, shape, (12, 220), 2), 0.86, 1.0)
    return np.asarray(ragged * hides * (1 - (1 - coat) ** 2), np.float32)


def _colour(rng: Generator, wall: Wall, outline: Points, kind: str) -> Colour:
    """Of the wall around, as near as somebody could mix it; or what was in the shed."""
    if kind == "other":
        return jittered(rng, chosen(rng, (*PLASTER, *GREYS)), 0.06)
    left, top = np.maximum(outline.min(axis=0) - 40, 0).astype(int)
    right, bottom = (outline.max(axis=0) + 40).astype(int)
    tone = np.median(wall.albedo[top:bottom, left:right].reshape(-1, 3), axis=0)
    return jittered(rng, (float(tone[0]), float(tone[1]), float(tone[2])), 0.06)


def _lay(wall: Wall, layer: Field, colour: Colour) -> None:
    alpha = layer * (1 - 0.25 * wall.recess)
    wall.albedo = mixed(wall.albedo, alpha.astype(np.float32), colour)
