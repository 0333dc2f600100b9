"""Lettering on a wall: which face and colour, where the lines go, the sheet and the code on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.random import Generator
from numpy.typing import NDArray

from vision.lab.synth.fields import Colour, Field, Shape, chosen, fractal, jittered, mixed
from vision.lab.synth.fonts import Face
from vision.lab.synth.letters import Hand, set_line
from vision.lab.synth.paint import STYLES, THIN_STYLES
from vision.lab.synth.subjects import Subject
from vision.lab.synth.surroundings import Space
from vision.lab.synth.walls import Wall
from vision.types import Points

PAINTS: tuple[Colour, ...] = (
    (0.05, 0.05, 0.06), (0.07, 0.06, 0.06), (0.08, 0.09, 0.2), (0.62, 0.06, 0.07), (0.08, 0.2, 0.5), (0.05, 0.34, 0.16),
    (0.9, 0.9, 0.88), (0.86, 0.84, 0.8), (0.93, 0.75, 0.1), (0.45, 0.1, 0.42), (0.85, 0.36, 0.08), (0.55, 0.57, 0.6),
)  # fmt: skip


HANDS = {
    "spray": Hand(3.5, 0.035, 0.06, 0.05, 0.05),
    "brush": Hand(2.5, 0.03, 0.05, 0.035, 0.03),
    "roller": Hand(3.0, 0.035, 0.05, 0.045, 0.08),
    "marker": Hand(3.0, 0.03, 0.05, 0.04, 0.04),
    "stencil": Hand(0.7, 0.006, 0.0, 0.0, 0.06),
    "print": Hand(),
}


@dataclass
class Inscription:
    """Lines laid out on the wall, not yet painted.

    Attributes:
        inks: one a line, with a margin of one `size_px` on every side.
        places: where each ink's top left corner goes, before the whole is turned.
        angle_deg: counter-clockwise turn around the space's middle.
        fonts: names of the faces used, one a line.
    """

    subject: Subject
    style: str
    size_px: int
    inks: list[Field]
    places: list[tuple[float, float]]
    angle_deg: float
    fonts: tuple[str, ...]
    space: Space | None

    @classmethod
    def planned(cls, rng: Generator, subject: Subject, style: str, faces: Sequence[Face], shape: Shape) -> Inscription:
        """A layout within the middle of the wall, which every camera sees."""
        chosen_faces = [face_for(rng, line.text, style, faces) for line in subject.lines]
        if chosen_faces and all(face.writes("".join(line.text for line in subject.lines)) for face in chosen_faces[:1]):
            chosen_faces = [chosen_faces[0]] * len(chosen_faces)
        size = _size_for(rng, subject, chosen_faces, shape)
        inks = [
            set_line(rng, line.text, face, size, HANDS[style], stencil=style == "stencil")
            for line, face in zip(subject.lines, chosen_faces, strict=True)
        ]
        places, space = _placed(rng, inks, size, shape, code=bool(subject.code))
        angle = 0.0 if space is None else float(np.clip(rng.normal(0, 2.2), -5, 5))
        names = tuple(face.name for face in chosen_faces)
        return cls(subject, style, size, inks, places, angle, names, space)

    def painted(self, rng: Generator, wall: Wall, difficulty: str) -> list[Points]:
        """Puts the lines on the wall and answers with their boxes in wall pixels."""
        if self.space is None:
            return []
        if self.style == "print":
            _sheet(rng, wall, self)
        colour = _paint_for(rng, wall, self, difficulty)
        boxes = []
        for ink, (x, y) in zip(self.inks, self.places, strict=True):
            alpha = STYLES[self.style](rng, ink, self.size_px)
            matrix = self._turned(x, y)
            shape = (wall.relief.shape[1], wall.relief.shape[0])
            layer = np.asarray(cv2.warpAffine(alpha, matrix, shape, flags=cv2.INTER_LINEAR), np.float32)
            _lay_on(rng, wall, layer, colour, style=self.style, difficulty=difficulty)
            margin = self.size_px
            left, top, right, bottom = margin, margin, ink.shape[1] - margin, ink.shape[0] - margin
            corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)
            boxes.append(corners @ matrix[:, :2].T + matrix[:, 2])
        return boxes

    def _turned(self, x: float, y: float) -> NDArray[np.float64]:
        """Ink pixels to wall pixels."""
        assert self.space is not None  # noqa: S101  # only called for inscriptions with lines
        middle = ((self.space.left + self.space.right) / 2, (self.space.top + self.space.bottom) / 2)
        matrix = np.asarray(cv2.getRotationMatrix2D(middle, self.angle_deg, 1), np.float64)
        matrix[:, 2] += matrix[:, :2] @ np.array((x, y))
        return matrix


def face_for(rng: Generator, text: str, style: str, faces: Sequence[Face]) -> Face:
    """A face that can write the text and suits the style; any that can write it if none suits."""
    able = [face for face in faces if face.writes(text)] or list(faces)
    if style in THIN_STYLES:
        fitting = [face for face in able if face.stroke < 0.125]
    else:
        fitting = [face for face in able if face.stroke > (0.1 if style == "brush" else 0.08)]
    return chosen(rng, fitting or able)


def _size_for(rng: Generator, subject: Subject, faces: Sequence[Face], shape: Shape) -> int:
    """Letters that fill a good part of the visible width, within bounds of height."""
    if not subject.lines:
        return 40
    widest = max(
        sum(face.font_for(character, 100).getlength(character) for character in line.text) / 100 + 0.05 * len(line.text)
        for line, face in zip(subject.lines, faces, strict=True)
    )
    share = rng.uniform(0.3, 0.45) if subject.code else rng.uniform(0.68, 1.0)
    room = 0.73 * shape[1] * share / max(widest, 1e-3)
    tallest = 0.6 * shape[0] / (1.35 * len(subject.lines))
    return int(np.clip(min(room, tallest, shape[1] * 0.13), 26, 260))


def _placed(
    rng: Generator, inks: Sequence[Field], size: int, shape: Shape, *, code: bool
) -> tuple[list[tuple[float, float]], Space | None]:
    """Top left corners of the inks, and the space that their letters take."""
    if not inks:
        return [], None
    widths = [ink.shape[1] - 2 * size for ink in inks]
    heights = [ink.shape[0] - 2 * size for ink in inks]
    gap = size * rng.uniform(0.25, 0.5)
    total = sum(heights) + gap * (len(inks) - 1)
    left = rng.uniform(0.14, max(0.141, 0.86 - max(widths) / shape[1])) * shape[1]
    top = rng.uniform(0.16, max(0.161, (0.4 if code else 0.82) - total / shape[0])) * shape[0]
    centred = rng.random() < 0.4
    places, y = [], top
    for width, height in zip(widths, heights, strict=True):
        shift = (max(widths) - width) * (0.5 if centred else rng.uniform(0, 0.35))
        places.append((left + shift - size, y - size))
        y += height + gap
    return places, Space(left, top, left + max(widths), top + total)


def _paint_for(rng: Generator, wall: Wall, inscription: Inscription, difficulty: str) -> Colour:
    """A colour that stands off the wall: well on easy photos, barely on hard ones."""
    if inscription.style == "print":
        return jittered(rng, chosen(rng, ((0.06, 0.06, 0.07), (0.1, 0.1, 0.35), (0.6, 0.08, 0.08))), 0.05)
    assert inscription.space is not None  # noqa: S101  # painted() has seen to it
    s = inscription.space
    part = wall.albedo[int(s.top) : int(s.bottom) + 1, int(s.left) : int(s.right) + 1]
    weights = np.array((0.3, 0.59, 0.11))
    dark, light = np.quantile(part.reshape(-1, 3) @ weights, (0.15, 0.85))
    tones = np.asarray(PAINTS) @ weights
    contrast = np.where((tones > dark) & (tones < light), 0, np.minimum(abs(tones - dark), abs(tones - light)))
    least = {"easy": 0.34, "medium": 0.24, "hard": 0.15}[difficulty]
    able = [paint for paint, gap in zip(PAINTS, contrast, strict=True) if gap >= least]
    return jittered(rng, chosen(rng, able or [PAINTS[int(contrast.argmax())]]), 0.08)


def _lay_on(rng: Generator, wall: Wall, layer: Field, colour: Colour, *, style: str, difficulty: str) -> None:
    """Paint takes less in joints and pores, and wears off with time."""
    reach = {"spray": 0.25, "stencil": 0.4, "print": 0.1}.get(style, 0.75)
    worn = {"easy": 0.0, "medium": 0.25, "hard": 0.5}[difficulty] * rng.uniform(0.2, 1)
    wear = np.clip(fractal(rng, layer.shape, layer.shape[1] / 9, 6) + 0.25, 0, 1) * worn
    faint = rng.uniform(0.6, 0.85) if difficulty == "hard" and rng.random() < 0.4 else 1.0
    alpha = layer * (1 - reach * wall.recess) * (1 - wear) * faint
    wall.albedo = mixed(wall.albedo, alpha.astype(np.float32), colour)


def _sheet(rng: Generator, wall: Wall, inscription: Inscription) -> None:
    """The board or paper under printed lines (and under the code that goes below them)."""
    assert inscription.space is not None  # noqa: S101  # painted() has seen to it
    s, pad = inscription.space, 0.55 * inscription.size_px
    below = 0.9 * (s.right - s.left) if inscription.subject.code else 0.0
    corners = np.array(
        [
            (s.left - pad, s.top - pad),
            (s.right + pad, s.top - pad),
            (s.right + pad, s.bottom + pad + below),
            (s.left - pad, s.bottom + pad + below),
        ]
    )
    matrix = cv2.getRotationMatrix2D(((s.left + s.right) / 2, (s.top + s.bottom) / 2), inscription.angle_deg, 1)
    corners = corners @ matrix[:, :2].T + matrix[:, 2] + rng.normal(0, 1.5, (4, 2))
    sheet: Field = np.zeros(wall.relief.shape, np.float32)
    cv2.fillPoly(sheet, [(corners * 16).round().astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    colour = jittered(rng, chosen(rng, ((0.9, 0.9, 0.87), (0.92, 0.86, 0.5), (0.8, 0.84, 0.86))), 0.04)
    creases = 1 + 0.05 * fractal(rng, sheet.shape, sheet.shape[1] / 12, 4)
    paper = np.clip(np.asarray(colour, np.float32) * creases[..., None], 0, 1).astype(np.float32)
    shadow = np.asarray(cv2.GaussianBlur(np.roll(sheet, (4, 4), (0, 1)), (0, 0), 3), np.float32)
    wall.albedo = mixed(wall.albedo, (0.5 * shadow * (1 - sheet)).astype(np.float32), (0.05, 0.05, 0.05))
    wall.albedo = mixed(wall.albedo, 0.97 * sheet, paper)
    wall.relief = (wall.relief * (1 - 0.8 * sheet)).astype(np.float32)
    wall.recess = (wall.recess * (1 - sheet)).astype(np.float32)


def stick_code(rng: Generator, wall: Wall, inscription: Inscription, content: str) -> Points:
    """Prints the QR code below the line and answers with its box in wall pixels."""
    assert inscription.space is not None  # noqa: S101  # a code always has a line above
    code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode)
    modules = np.asarray(code.to_image(scale=1, add_quiet_zones=False), np.float32) / 255
    s = inscription.space
    side = 0.85 * (s.right - s.left)
    scale = max(2, round(side / len(modules)))
    black = 1 - np.kron(modules, np.ones((scale, scale), np.float32))
    left, top = (s.left + s.right - black.shape[1]) / 2, s.bottom + 0.4 * inscription.size_px
    matrix = np.asarray(
        cv2.getRotationMatrix2D(((s.left + s.right) / 2, (s.top + s.bottom) / 2), inscription.angle_deg, 1), np.float64
    )
    matrix[:, 2] += matrix[:, :2] @ np.array((left, top))
    layer = cv2.warpAffine(black, matrix, (wall.relief.shape[1], wall.relief.shape[0]), flags=cv2.INTER_LINEAR)
    wall.albedo = mixed(wall.albedo, 0.95 * np.asarray(layer, np.float32), jittered(rng, (0.08, 0.08, 0.09), 0.05))
    size = float(black.shape[0])
    return np.array([(0, 0), (size, 0), (size, size), (0, size)]) @ matrix[:, :2].T + matrix[:, 2]
