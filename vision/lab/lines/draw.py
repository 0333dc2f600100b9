"""One line crop of a seed: what stands there, in which hand, on which ground, seen how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vision.lab.lines.glyphs import SetLine, Setting, ink_of, placed, strokes_of
from vision.lab.lines.grounds import Grounds, Rgb, ground_for
from vision.lab.lines.shot import HEIGHT_PX, as_crop, cut, lit, photographed
from vision.lab.lines.texts import PRINTED, STREET, text_for
from vision.lab.synth.fields import Colour, Field, blurred, chosen, fractal, jittered, mixed
from vision.lab.synth.fonts import Face
from vision.lab.synth.inscription import PAINTS
from vision.lab.synth.letters import Hand
from vision.lab.synth.paint import brush, marker_along, printed, roller_along, runs, spray_along, stencil
from vision.lab.synth.truth import TRAIN_FROM
from vision.types import Picture

LONGEST = 30
STYLES: Mapping[str, float] = {
    "spray": 30, "marker": 9, "roller": 7, "brush": 9, "stencil": 6, "fill": 13, "print": 26,
}  # fmt: skip
"""Ways to write, with weights. "fill" is a mural's lettering: flat colour, often with an outline or a shadow."""

ALONG = {"spray": spray_along, "marker": marker_along, "roller": roller_along}
LUMINANCE = np.array((0.3, 0.59, 0.11), np.float32)
HANDWRITTEN = ("spray", "marker", "roller", "brush")


@dataclass(frozen=True)
class Studio:
    """What lines are drawn with.

    Attributes:
        faces: every face.
        grounds: what they stand on.
        weights: how often a face is taken; those that look written or painted more often than text faces.
    """

    faces: tuple[Face, ...]
    grounds: Grounds = field(default_factory=Grounds)

    @cached_property
    def alike(self) -> tuple[Face, ...]:
        """The faces with letters that are told apart by little: seen more often, because readers mix them up."""
        return tuple(face for face in self.faces if mixes_letters(face))

    def face_for(self, rng: Generator, text: str, *, handwritten: bool) -> Face | None:
        """A face that writes the text; plain text faces are passed over more often for written lines."""
        alike = self.alike if rng.random() < ALIKE_SHARE else ()
        for attempt in range(40):
            face = chosen(rng, alike if alike and attempt < 8 else self.faces)
            if plain(face) and rng.random() < (0.75 if handwritten else 0.4):
                continue
            if face.writes(text):
                return face
        return next((face for face in self.faces if face.writes(text)), None)


ALIKE_SHARE = 0.3
ALIKE_PAIRS = (("a", "o"), ("т", "m"), ("g", "9"))
"""A letter in some faces looks like the other: a without its hood, т as it is written by hand."""

ALIKE_FROM = 0.7
"""Shared ink of the two, as a part of the ink of both."""


def mixes_letters(face: Face) -> bool:
    """Whether one of the pairs looks alike in the face."""
    return any(face.writes(one + two) and shared_ink(face, one, two) > ALIKE_FROM for one, two in ALIKE_PAIRS)


def shared_ink(face: Face, one: str, two: str) -> float:
    """How much two letters cover each other when laid over one another at one size, 0..1."""
    shapes = []
    for letter in (one, two):
        mask = face.font_for(letter, 48).getmask(letter, mode="L")
        shape = np.asarray(mask, np.uint8).reshape(mask.size[::-1])
        shapes.append(cv2.resize(shape, (32, 32), interpolation=cv2.INTER_AREA) > 96)
    return float((shapes[0] & shapes[1]).sum() / max(1, (shapes[0] | shapes[1]).sum()))


PLAIN_FACES = [
    "alegreya",
    "anonymous",
    "arimo",
    "bitter",
    "cormorant",
    "cousine",
    "eb-garamond",
    "fira",
    "ibm-plex",
    "inter",
    "jetbrains",
    "literata",
    "lora",
    "manrope",
    "merriweather",
    "montserrat",
    "mulish",
    "noto",
    "nunito",
    "old-standard",
    "onest",
    "open-sans",
    "piazzolla",
    "playfair",
    "pt-",
    "raleway",
    "sofia",
    "source-",
    "spectral",
    "tinos",
    "ubuntu",
    "victor",
    "vollkorn",
    "wix",
    "golos",
    "commissioner",
    "DejaVu",
    "Liberation",
]


def plain(face: Face) -> bool:
    """Whether the face is one for reading and not for show."""
    return face.name.startswith(tuple(PLAIN_FACES))


@dataclass(frozen=True)
class Crop:
    """A line crop and what it says; 48 pixels tall, (48, W, 3) uint8 BGR."""

    picture: Picture
    text: str
    style: str


def draw_crop(seed: int, studio: Studio) -> Crop:
    """The crop of a seed: the same seed, faces and grounds give the same pixels.

    Raises:
        ValueError: the seed belongs to samples and not to training, or no face can write anything.
    """
    if seed < TRAIN_FROM:
        raise ValueError(f"Seed {seed} belongs to the samples; training has the seeds from {TRAIN_FROM}.")
    for attempt in range(20):
        rng = np.random.default_rng([seed, attempt])
        crop = _drawn(rng, studio)
        if crop is not None:
            return crop
    raise ValueError("None of the faces writes letters and digits.")


def _drawn(rng: Generator, studio: Studio) -> Crop | None:
    names, weights = list(STYLES), np.array(list(STYLES.values()))
    style = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    makers = PRINTED if style in ("print", "fill") and rng.random() < 0.8 else STREET
    longest = LONGEST if rng.random() < 0.15 else 18
    text = text_for(rng, makers, longest)
    face = studio.face_for(rng, text, handwritten=style in HANDWRITTEN)
    if face is None:
        return None
    line = placed(rng, text, face, _setting(rng, style))
    alpha = _painted(rng, line, style)
    box = _ink_box(alpha)
    if box is None:
        return None
    native_px = round(float(np.exp(rng.uniform(np.log(18), np.log(80)))))
    ground = ground_for(rng, studio.grounds, line.shape, printed=style == "print")
    scene = _composed(rng, ground, alpha, style, box)
    scene = _neighboured(rng, scene, line, box)
    seen = cut(rng, lit(rng, _hidden(rng, scene, box)), box, native_px)
    return Crop(as_crop(photographed(rng, seen)), text, style)


def _setting(rng: Generator, style: str) -> Setting:
    size = int(rng.integers(38, 52))
    if style in HANDWRITTEN:
        loose = rng.uniform(0.3, 1.6)
        hand = Hand(3 * loose, 0.035 * loose, 0.06 * loose, 0.05 * loose, rng.normal(0.04, 0.05))
        slant, arc = rng.normal(0, 0.1), rng.normal(0, 0.06)
    else:
        loose = rng.uniform(0, 0.6) if style == "fill" else 0.0
        hand = Hand(2 * loose, 0.02 * loose, 0.04 * loose, 0.02 * loose, max(-0.06, rng.normal(0.03, 0.06)))
        slant, arc = rng.normal(0, 0.08) * (rng.random() < 0.3), rng.normal(0, 0.1) * (rng.random() < 0.12)
    return Setting(size, hand, float(slant), float(arc), float(np.exp(rng.normal(0, 0.14))))


def _painted(rng: Generator, line: SetLine, style: str) -> Field:
    """How much paint lies where, 0..1."""
    size = line.setting.size_px
    if style in ALONG:
        heavy = round(size * float(np.exp(rng.normal(-0.1, 0.25))))
        return ALONG[style](rng, strokes_of(rng, line), heavy)
    ink = ink_of(rng, line, stencil=style == "stencil" and rng.random() < 0.8)
    if style == "stencil":
        return stencil(rng, ink, size)
    if style == "brush":
        return brush(rng, ink, size)
    if style == "fill":
        covered = blurred(ink, rng.uniform(0.4, 1.0))
        if rng.random() < 0.3:
            strokes = np.asarray(ink > 0.6, np.bool_)
            covered = np.maximum(covered, runs(rng, strokes, size, size * 0.05))
        return np.asarray(covered * np.clip(0.97 + 0.1 * fractal(rng, ink.shape, size, 3), 0.5, 1), np.float32)
    return printed(rng, ink, size) if rng.random() < 0.4 else blurred(ink, rng.uniform(0.3, 0.9))


def _ink_box(alpha: Field) -> tuple[float, float, float, float] | None:
    """Left, top, right, bottom of what can be seen of the letters; mist and single drops do not count."""
    solid = alpha > 0.45
    rows, columns = np.flatnonzero(solid.sum(1) > 1), np.flatnonzero(solid.sum(0) > 1)
    if len(rows) < 4 or len(columns) < 2:
        return None
    heavy = np.flatnonzero(solid.sum(1) > max(1.0, 0.004 * solid.shape[1]))
    rows = heavy if len(heavy) > 3 else rows
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _colour(rng: Generator, under: NDArray[np.float32], least: float) -> Colour:
    """A colour whose brightness stands off what is under the letters."""
    tone = float(np.median(under @ LUMINANCE))
    spread = float((under @ LUMINANCE).std())
    wanted = least + 0.6 * spread
    for _ in range(12):
        base: Colour = chosen(rng, PAINTS) if rng.random() < 0.6 else (rng.random(), rng.random(), rng.random())
        colour = jittered(rng, base, 0.1)
        if abs(float(np.asarray(colour) @ LUMINANCE) - tone) >= wanted:
            return colour
    return jittered(rng, (0.93, 0.93, 0.9) if tone < 0.5 else (0.06, 0.06, 0.07), 0.05)


def _composed(rng: Generator, ground: Rgb, alpha: Field, style: str, box: tuple[float, float, float, float]) -> Rgb:
    """The letters on their ground, over older paint, with an outline or a shadow where the style has them."""
    left, top, right, bottom = (int(edge) for edge in box)
    under = ground[top:bottom, left:right].reshape(-1, 3)
    colour = _colour(rng, under, float(rng.uniform(0.13, 0.42)))
    scene = ground
    if rng.random() < 0.12 and style != "print":
        scene = _scribbled(rng, scene)
    if style in ("fill", "print", "brush") and rng.random() < (0.6 if style == "fill" else 0.2):
        wide = int(rng.integers(2, 6))
        around = cv2.dilate(alpha, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * wide + 1, 2 * wide + 1)))
        if rng.random() < 0.5:
            shift = (int(rng.integers(-wide, wide + 1)), int(rng.integers(-wide, wide + 1)))
            around = np.roll(around if rng.random() < 0.5 else alpha, shift, (0, 1))
        edge = _colour(rng, np.asarray(colour, np.float32)[None], 0.3)
        scene = mixed(
            scene, np.asarray(blurred(np.asarray(around, np.float32), 0.7) * rng.uniform(0.5, 1), np.float32), edge
        )
    wear = np.clip(fractal(rng, alpha.shape, 40, 4) + rng.uniform(-0.6, 0.15), 0, 1) * rng.uniform(0, 0.8)
    rough = np.clip(0.5 - (ground @ LUMINANCE - blurred(ground @ LUMINANCE, 6)) * rng.uniform(-6, 6), 0, 1)
    depth = rng.uniform(0, 0.5) if style != "print" else 0.0
    covered = alpha * (1 - wear) * (1 - depth * rough) * rng.uniform(0.75, 1)
    return mixed(scene, covered.astype(np.float32), colour)


def _scribbled(rng: Generator, scene: Rgb) -> Rgb:
    """Older strokes that mean nothing, faint, beneath the letters."""
    canvas = np.zeros(scene.shape[:2], np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        points = rng.uniform(0, 1, (int(rng.integers(2, 6)), 2)) * (scene.shape[1], scene.shape[0])
        cv2.polylines(canvas, [points.astype(np.int32)], False, 255, int(rng.integers(2, 9)), cv2.LINE_AA)
    alpha = blurred((canvas / np.float32(255)).astype(np.float32), rng.uniform(0.5, 2.5)) * np.float32(
        rng.uniform(0.15, 0.5)
    )
    return mixed(scene, alpha, jittered(rng, chosen(rng, PAINTS), 0.1))


def _neighboured(rng: Generator, scene: Rgb, line: SetLine, box: tuple[float, float, float, float]) -> Rgb:
    """Another line above or below whose strokes reach into this one's crop."""
    if rng.random() > 0.2:
        return scene
    size = line.setting.size_px
    text = text_for(rng, STREET, 12)
    if not line.face.writes(text):
        return scene
    other = placed(rng, text, line.face, line.setting)
    alpha = blurred(ink_of(rng, other), 0.8)
    place = _ink_box(alpha)
    if place is None:
        return scene
    gap = size * rng.uniform(0.05, 0.3)
    down = box[3] + gap - place[1] if rng.random() < 0.5 else box[1] - gap - place[3]
    matrix = np.array([[1, 0, rng.uniform(-0.5, 1.0) * size], [0, 1, down]], np.float64)
    moved = cv2.warpAffine(alpha, matrix, (scene.shape[1], scene.shape[0]))
    under = scene[::4, ::4].reshape(-1, 3)
    return mixed(scene, np.asarray(moved * rng.uniform(0.5, 0.95), np.float32), _colour(rng, under, 0.25))


def _hidden(rng: Generator, scene: Rgb, box: tuple[float, float, float, float]) -> Rgb:
    """A cable, a crack or a joint across the line, too thin to take a letter away."""
    if rng.random() > 0.15:
        return scene
    canvas = np.zeros(scene.shape[:2], np.uint8)
    for _ in range(int(rng.integers(1, 3))):
        ends = rng.uniform(-0.3, 1.3, (2, 2)) * (box[2] - box[0], box[3] - box[1]) + (box[0], box[1])
        one, two = (tuple(end.round().astype(int).tolist()) for end in ends)
        cv2.line(canvas, one, two, 255, int(rng.integers(1, 4)), cv2.LINE_AA)
    alpha = blurred((canvas / np.float32(255)).astype(np.float32), 0.6) * np.float32(rng.uniform(0.4, 1))
    return mixed(scene, alpha, jittered(rng, chosen(rng, ((0.1, 0.1, 0.1), (0.4, 0.38, 0.36), (0.8, 0.8, 0.78))), 0.1))


def contact_sheet(crops: Sequence[Crop], columns: int = 4, width_px: int = 420) -> Picture:
    """Crops side by side, to be looked at."""
    cells = []
    for crop in crops:
        cell = np.full((HEIGHT_PX + 4, width_px, 3), 255, np.uint8)
        part = crop.picture[:, : width_px - 4]
        cell[2 : 2 + HEIGHT_PX, 2 : 2 + part.shape[1]] = part
        cells.append(cell)
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[at : at + columns]) for at in range(0, len(cells), columns)])
