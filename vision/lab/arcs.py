"""How well curved and leaning lines are read: `python -m vision.lab.arcs --fonts FOLDER`.

Draws one name a photo, the same names and walls for every shape of the line, with the letters set along an arc or
leaning more and more, and prints how many are read exactly, or with at most one character wrong.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from vision.engines import ReaderOptions
from vision.lab.synth.camera import lit, photographed
from vision.lab.synth.fields import Field, mixed
from vision.lab.synth.fonts import Face, find_faces
from vision.lab.synth.inscription import face_for
from vision.lab.synth.letters import glyph_mask
from vision.lab.synth.paint import STYLES
from vision.lab.synth.subjects import username
from vision.lab.synth.walls import WALLS
from vision.photo import encode_jpeg
from vision.pipeline import build_reader
from vision.types import Kind, Picture

WALL = (954, 1272)
PHOTO = (900, 1200)
STYLE_NAMES = ("spray", "brush", "marker", "stencil")
Spot: TypeAlias = tuple[float, float, NDArray[np.float64]]
Place: TypeAlias = Callable[[float], Spot]
"""From -0.5..0.5 along the line: x and y of the baseline in line lengths, and what becomes of a letter there."""


def along_arc(degrees: float, way: float, at: float) -> Spot:
    """A place on an arc of so many degrees; way 1: the middle is highest, -1: lowest."""
    if abs(degrees) < 1e-3:
        return at, 0.0, np.eye(2)
    radius, turn = 1 / np.radians(degrees), at * np.radians(degrees)
    cos, sin = np.cos(turn), way * np.sin(turn)
    return radius * np.sin(turn), way * radius * (1 - cos), np.array([[cos, -sin], [sin, cos]])


def leaning(degrees: float, way: float, at: float) -> Spot:
    """A place on a level baseline, under letters that lean to the right (way 1) or to the left."""
    return at, 0.0, np.array([[1.0, -way * np.tan(np.radians(degrees))], [0.0, 1.0]])


SHAPES: dict[str, tuple[Callable[[float, float, float], Spot], tuple[int, ...]]] = {
    "arc": (along_arc, (0, 30, 60, 90, 120, 150)),
    "leaning": (leaning, (15, 30, 45)),
}


@dataclass(frozen=True)
class Drawn:
    """A photo with one name on it."""

    name: str
    photo: bytes


def set_letters(text: str, face: Face, place: Place, shape: tuple[int, int]) -> tuple[Field, int]:
    """The ink of a text along a line that fills most of a wall's width, and the size of its letters."""
    probe = [face.font_for(character, 100).getlength(character) / 100 + 0.06 for character in text]
    ends = np.array([place(at)[:2] for at in (-0.5, -0.25, 0.0, 0.25, 0.5)])
    room = np.array((0.66 * shape[1], 0.5 * shape[0])) / np.maximum(np.ptp(ends, axis=0) + 1e-6, (0.3, 0.1))
    length = float(min(room))
    size = round(length / sum(probe))
    middle = (ends.min(axis=0) + ends.max(axis=0)) / 2
    ink = np.zeros(shape, np.float32)
    start = 0.0
    for character, advance in zip(text, probe, strict=True):
        x, y, form = place((start + advance / 2) / sum(probe) - 0.5)
        centre = np.array((shape[1], shape[0])) / 2 + ((x, y) - middle) * length
        # The letter turns about the middle of its height on the line.
        pivot = np.array((0.4 * size + advance * size / 2, 1.4 * size - 0.35 * size))
        matrix = np.column_stack([form, centre - form @ pivot])
        glyph, _ = glyph_mask(face, character, size)
        ink = np.maximum(ink, cv2.warpAffine(glyph, matrix, shape[::-1], flags=cv2.INTER_LINEAR))
        start += advance
    return ink, size


def draw(
    seed: int, faces: Sequence[Face], form: Callable[[float, float], tuple[float, float, NDArray[np.float64]]]
) -> Drawn:
    """The photo of a seed with its name along a line of a form; the name, wall and light are the seed's alone."""
    rng = np.random.default_rng([seed, 1])
    name = username(rng)
    way = 1.0 if seed % 2 else -1.0
    style = STYLE_NAMES[seed % len(STYLE_NAMES)]
    face = face_for(rng, "@" + name, style, faces)
    kind = tuple(WALLS)[seed % len(WALLS)]
    wall = WALLS[kind](np.random.default_rng([seed, 2]), WALL, WALL[1] / 3)
    ink, size = set_letters("@" + name, face, partial(form, way), WALL)
    alpha = STYLES[style](np.random.default_rng([seed, 3]), ink, size)
    tone = float(wall.albedo.mean())
    colour = (0.06, 0.06, 0.08) if tone > 0.45 else (0.9, 0.9, 0.88)
    wall.albedo = mixed(wall.albedo, (alpha * (1 - 0.25 * wall.recess)).astype(np.float32), colour)
    camera = np.random.default_rng([seed, 4])
    shot = photographed(camera, lit(camera, wall, "overcast"), PHOTO, "overcast", "medium")
    picture: Picture = np.ascontiguousarray(shot.picture[:, :, ::-1])
    return Drawn(name, encode_jpeg(picture, quality=90))


@dataclass
class Tally:
    """How many of how many names were read, exactly and with at most one character wrong."""

    photos: int = 0
    exact: int = 0
    near: int = 0

    def count(self, name: str, values: Sequence[str]) -> None:
        """One photo more, with the values found in it."""
        self.photos += 1
        self.exact += name in values
        self.near += any(Levenshtein.distance(name, value, score_cutoff=1) <= 1 for value in values)


def drawn(seeds: Sequence[int], faces: Sequence[Face]) -> Iterator[tuple[str, Drawn]]:
    """Every shape of line with the photos of it."""
    for shape, (form, degrees) in SHAPES.items():
        for angle in degrees:
            for seed in seeds:
                yield f"{shape} {angle}", draw(seed, faces, partial(form, angle))


def main() -> None:
    """Draw, read, and print a line for each shape."""
    parser = argparse.ArgumentParser(
        prog="vision.lab.arcs", description="Score the reader on curved and leaning lines."
    )
    parser.add_argument("--fonts", type=Path, help="folder of fonts (default: the system's)")
    parser.add_argument("--seed", type=int, default=1500, help="first seed")
    parser.add_argument("--count", type=int, default=24, help="names, each drawn in every shape")
    parser.add_argument("--out", type=Path, help="keep the photos in this folder")
    options = parser.parse_args()
    reader = build_reader(ReaderOptions())
    tallies: dict[str, Tally] = {}
    for shape, photo in drawn(range(options.seed, options.seed + options.count), find_faces(options.fonts)):
        tally = tallies.setdefault(shape, Tally())
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
            (options.out / f"{shape.replace(' ', '-')}-{tally.photos:03}-{photo.name}.jpg").write_bytes(photo.photo)
        found = reader.read(photo.photo).findings
        tally.count(photo.name, [one.value for one in found if one.kind is Kind.TELEGRAM])
    print(f"{'line':14}{'photos':>8}{'exact':>8}{'within 1':>10}")
    for shape, tally in tallies.items():
        print(f"{shape:14}{tally.photos:8}{tally.exact:8}{tally.near:10}")


if __name__ == "__main__":
    main()
