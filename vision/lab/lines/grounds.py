"""What lines stand on: drawn walls, photographed textures where a folder of them is given, boards and paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vision.lab.synth.camera import LIGHTS, relief_shade
from vision.lab.synth.fields import Shape, chosen, fractal, jittered
from vision.lab.synth.truth import TRAIN_FROM
from vision.lab.synth.walls import WALLS

Rgb = NDArray[np.float32]
"""(H, W, 3) float32, 0..1."""

WALL_SHAPE = (420, 900)
DRAWN_WALLS = 96
TILED_SIDE_PX = 256
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True)
class Grounds:
    """Where grounds come from.

    Attributes:
        patches: paths of photographed walls; those below `TILED_SIDE_PX` are taken to tile.
        walls: how many walls are drawn; each is drawn when first asked for.
    """

    patches: tuple[Path, ...] = field(default=())
    walls: int = DRAWN_WALLS

    @classmethod
    def found(cls, folder: Path | None, walls: int = DRAWN_WALLS) -> Grounds:
        """The pictures below a folder; drawn walls alone where there is no folder."""
        if folder is None or not folder.is_dir():
            return cls(walls=walls)
        return cls(tuple(sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)), walls)


@lru_cache(maxsize=512)
def _patch(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path))
    if picture is None:
        raise ValueError(f"{path} is no picture that can be read.")
    return np.ascontiguousarray(picture[..., ::-1].astype(np.uint8))


@lru_cache(maxsize=DRAWN_WALLS)
def _drawn_wall(index: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng([TRAIN_FROM, index])
    wall = WALLS[list(WALLS)[index % len(WALLS)]](rng, WALL_SHAPE, rng.uniform(240, 700))
    lit = np.clip(wall.albedo, 0, 1) * relief_shade(rng, wall.relief, chosen(rng, LIGHTS))[..., None]
    return np.asarray(np.clip(lit, 0, 1) * 255, np.uint8)


def _piece(rng: Generator, picture: NDArray[np.uint8], shape: Shape, scale: float) -> Rgb:
    """A place of the picture, enlarged by the scale, as a ground of the shape; small pictures are repeated."""
    height, width = picture.shape[:2]
    if max(height, width) >= TILED_SIDE_PX:
        scale = max(scale, shape[0] / height, shape[1] / width)
        border = cv2.BORDER_REFLECT
    else:
        border = cv2.BORDER_WRAP
    room_x, room_y = max(0.0, width - shape[1] / scale), max(0.0, height - shape[0] / scale)
    matrix = np.array([[1 / scale, 0, rng.uniform(0, room_x)], [0, 1 / scale, rng.uniform(0, room_y)]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(picture, matrix, (shape[1], shape[0]), flags=flags, borderMode=border)
    return np.asarray(seen, np.float32) / np.float32(255)


def _board(rng: Generator, shape: Shape) -> Rgb:
    """A sheet or board of one colour, or of two that run into each other."""
    one = np.clip(rng.normal(chosen(rng, (0.9, 0.75, 0.4, 0.15)), 0.12, 3), 0.02, 0.98)
    if rng.random() < 0.55:
        one = np.clip(rng.random() + rng.normal(0, 0.06, 3), 0.03, 0.97)
    ground = np.ones((*shape, 1), np.float32) * one.astype(np.float32)
    if rng.random() < 0.3:
        other = np.clip(one + rng.normal(0, 0.2, 3), 0, 1).astype(np.float32)
        t = np.linspace(0, 1, shape[int(rng.random() < 0.6)], dtype=np.float32)
        t = t[:, None, None] if len(t) == shape[0] else t[None, :, None]
        ground = ground * (1 - t) + other * t
    return np.asarray(ground * (1 + 0.03 * fractal(rng, shape, 60, 3))[..., None], np.float32)


def ground_for(rng: Generator, grounds: Grounds, shape: Shape, *, printed: bool) -> Rgb:
    """A ground for a line: walls for painted lines, boards more often for printed ones."""
    roll = rng.random()
    if roll < (0.5 if printed else 0.12):
        return _tinted(rng, _board(rng, shape), 0.03)
    if grounds.patches and roll < 0.75:
        small = rng.random() < 0.6
        path = chosen(rng, grounds.patches)
        return _tinted(rng, _piece(rng, _patch(path), shape, rng.uniform(0.7, 2.4 if small else 1.4)), 0.12)
    wall = _drawn_wall(int(rng.integers(grounds.walls)))
    return _tinted(rng, _piece(rng, wall, shape, rng.uniform(0.45, 1.1)), 0.08)


def _tinted(rng: Generator, ground: Rgb, spread: float) -> Rgb:
    """The ground a little lighter, darker or of another hue, with more or less contrast of its own."""
    mean = ground.mean((0, 1))
    calm = rng.uniform(0.3, 1.1)
    factor = np.asarray(jittered(rng, (0.5, 0.5, 0.5), spread), np.float32) * 2
    return np.asarray(np.clip((mean + calm * (ground - mean)) * factor, 0.01, 1), np.float32)
