"""One labelled wall photo from a seed: what is painted, how, on what, in which light, and where it ended up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vision.lab.synth import surroundings
from vision.lab.synth.camera import LIGHTS, Shot, carried, lit, photographed
from vision.lab.synth.fields import Shape, chosen
from vision.lab.synth.fonts import Face
from vision.lab.synth.inscription import Inscription, stick_code
from vision.lab.synth.paint import STYLES
from vision.lab.synth.subjects import Address, Subject, subject_for
from vision.lab.synth.surroundings import Space
from vision.lab.synth.walls import WALLS, Wall
from vision.types import Points

DIFFICULTIES = ("easy", "medium", "hard")
LIGHT_SHARES = (0.42, 0.28, 0.12, 0.1, 0.08)


@dataclass(frozen=True)
class DrawnLine:
    """A line that can be read in the photo: corners TL, TR, BR, BL as it is read, in photo pixels."""

    text: str
    box: Points
    address: int | None


@dataclass(frozen=True)
class Drawn:
    """A photo and the truth about it; `picture` is (H, W, 3) uint8 RGB."""

    seed: int
    picture: NDArray[np.uint8]
    subject: Subject
    lines: tuple[DrawnLine, ...]
    code_box: Points | None
    style: str
    wall: str
    light: str
    difficulty: str
    fonts: tuple[str, ...]
    quarter_turns: int

    def boxes_of(self, index: int) -> list[Points]:
        """The boxes of the lines that carry an address, and of the code for the last one."""
        boxes = [line.box for line in self.lines if line.address == index]
        last = index == len(self.subject.addresses) - 1
        return [*boxes, self.code_box] if last and self.code_box is not None else boxes

    @property
    def addresses(self) -> tuple[Address, ...]:
        """What is to be found."""
        return self.subject.addresses


def picture_shape(rng: Generator, seed: int) -> Shape:
    """Height and width; one seed in forty is a 12-megapixel photo."""
    if seed % 40 == 17:
        return (3000, 4000)
    if seed % 40 == 11:  # kept as PNG, which is large
        return (600, 800)
    wide, tall = ((1280, 960), (1440, 1080), (1600, 1200), (1600, 1200))[int(rng.integers(4))]
    return (wide, tall) if rng.random() < 0.3 else (tall, wide)


def draw(seed: int, faces: Sequence[Face]) -> Drawn:
    """The photo of a seed; the same seed, fonts and library versions give the same pixels."""
    rng = np.random.default_rng([seed, 20_240])
    wall, drawing, full = painted_wall(rng, seed, faces)
    work = working_shape(full)
    shot = photographed(rng, lit(rng, wall, drawing.light), work, drawing.light, drawing.difficulty)
    return finished(rng, drawing, shot, full)


def working_shape(full: Shape) -> Shape:
    """The size that a photo is drawn at: half of the largest ones'."""
    return (full[0] // 2, full[1] // 2) if full[0] * full[1] > 4_000_000 else full


def painted_wall(rng: Generator, seed: int, faces: Sequence[Face]) -> tuple[Wall, Drawing, Shape]:
    """The wall with all that stands on it, what is known of it, and the size of its photo."""
    subject = subject_for(seed, rng)
    difficulty = chosen(rng, ("easy", "easy", "easy", "medium", "medium", "medium", "medium", "hard", "hard", "hard"))
    style = style_for(rng, subject)
    light = LIGHTS[int(rng.choice(5, p=LIGHT_SHARES))]
    full = picture_shape(rng, seed)
    work = working_shape(full)
    shape = (round(work[0] * 1.06), round(work[1] * 1.06))
    name = chosen(rng, tuple(WALLS))
    wall = WALLS[name](rng, shape, shape[1] / rng.uniform(2.2, 4.2))
    inscription = Inscription.planned(rng, subject, style, faces, shape)
    dress(rng, wall, inscription.space)
    boxes = inscription.painted(rng, wall, difficulty)
    code = stick_code(rng, wall, inscription, subject.code) if subject.code else None
    return wall, Drawing(seed, subject, style, name, light, difficulty, inscription, boxes, code), full


@dataclass(frozen=True)
class Drawing:
    """What is known of a scene before the photo is finished; boxes in wall pixels."""

    seed: int
    subject: Subject
    style: str
    wall: str
    light: str
    difficulty: str
    inscription: Inscription
    boxes: list[Points]
    code: Points | None


def style_for(rng: Generator, subject: Subject) -> str:
    """How a subject is written: codes and long codes are printed, the rest mostly sprayed."""
    if subject.code or subject.name == "whatsapp":
        return "print"
    if subject.name == "onion":
        return chosen(rng, ("stencil", "print"))
    return tuple(STYLES)[int(rng.choice(6, p=(0.5, 0.12, 0.08, 0.1, 0.13, 0.07)))]


def dress(rng: Generator, wall: Wall, space: Space | None) -> None:
    """Some of the things that stand around; the chances are by eye."""
    for chance, thing in (
        (0.3, surroundings.painted_over),
        (0.35, surroundings.scribble),
        (0.25, surroundings.scribble),
        (0.3, surroundings.poster_remains),
        (0.25, surroundings.opening),
        (0.55, surroundings.ground),
        (0.25, surroundings.pipe),
        (0.2, surroundings.cable),
    ):
        if rng.random() < chance:
            thing(rng, wall, space)


def finished(rng: Generator, drawing: Drawing, shot: Shot, full: Shape) -> Drawn:
    """The photo at its full size, perhaps lying on its side or on its head, with boxes to match."""
    factor = full[0] / shot.picture.shape[0]
    picture = shot.picture
    if factor != 1:
        grown = cv2.resize(picture, (full[1], full[0]), interpolation=cv2.INTER_CUBIC).astype(np.float32)
        picture = np.clip(grown + 2.2 * rng.standard_normal((*full, 1), np.float32), 0, 255).astype(np.uint8)
    turns = int(rng.integers(1, 4)) if rng.random() < 0.05 and drawing.boxes else 0
    boxes = [_turned(carried(box, shot.homography) * factor, picture.shape, turns) for box in drawing.boxes]
    code = None
    if drawing.code is not None:
        code = _turned(carried(drawing.code, shot.homography) * factor, picture.shape, turns)
    lines = tuple(
        DrawnLine(line.text, box, line.address) for line, box in zip(drawing.subject.lines, boxes, strict=True)
    )
    return Drawn(
        seed=drawing.seed,
        picture=np.ascontiguousarray(np.rot90(picture, turns)),
        subject=drawing.subject,
        lines=lines,
        code_box=code,
        style="qr" if drawing.subject.code else drawing.style,
        wall=drawing.wall,
        light=drawing.light,
        difficulty=drawing.difficulty,
        fonts=tuple(dict.fromkeys(drawing.inscription.fonts)),
        quarter_turns=turns,
    )


def _turned(points: Points, shape: tuple[int, ...], turns: int) -> Points:
    """Points of a picture that np.rot90 turned counter-clockwise `turns` times."""
    height, width = shape[0], shape[1]
    for _ in range(turns):
        points = np.stack([points[:, 1], width - points[:, 0]], 1)
        height, width = width, height
    return points
