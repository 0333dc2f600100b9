"""A picture of what was read: every finding's outline, value and confidence on the wall it was read from."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vision.frames import Frame
from vision.photo import encode_jpeg
from vision.types import Box, Finding, Picture, Reading

__all__ = ["annotate", "encode_jpeg"]

FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
ACCEPTED, REVIEW, LINE = (0, 122, 61), (255, 176, 0), (235, 235, 235)
ON_ACCEPTED, ON_REVIEW, HALO = (255, 255, 255), (30, 20, 0), (0, 0, 0)
FONT_PART, STROKE_PART = 42, 420
"""The long side of the picture is this many times the font size and the line width."""
SMALLEST_FONT_PX = 8
PLAIN = 20
"""Grey levels by which a bare wall may vary."""

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def annotate(picture: Picture, frame: Frame, reading: Reading) -> Picture:
    """A copy of the picture with the reading drawn on it.

    Accepted findings are green with a tick, those that need a person amber with a question mark, other lines thin
    and grey. Labels stay inside the picture and off every box, also of lines without an address, as far as there is
    room: above, below or beside their own.

    Args:
        picture: (H, W, 3) uint8 BGR; not mutated.
        frame: of the picture; the reading's boxes are in photo pixels.
        reading: of the same photo.
    """
    canvas, wall = Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1])), cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    draw = ImageDraw.Draw(canvas)
    stroke = max(2, round(max(canvas.size) / STROKE_PART))
    lines = [frame.forward_box(line.box) for line in reading.lines]
    for box in lines:
        _outline(draw, box, LINE, max(1, stroke // 2))
    boxes = [frame.forward_box(finding.box) for finding in reading.findings]
    for finding, box in zip(reading.findings, boxes, strict=True):
        _outline(draw, box, ACCEPTED if finding.accepted else REVIEW, stroke)
    taken = [_around(box) for box in (*boxes, *lines)]
    for finding, box in zip(reading.findings, boxes, strict=True):
        taken.append(_label(draw, wall, finding, _around(box), taken))
    return np.asarray(cv2.cvtColor(np.asarray(canvas), cv2.COLOR_RGB2BGR), np.uint8)


def _outline(draw: ImageDraw.ImageDraw, box: Box, colour: tuple[int, int, int], stroke: int) -> None:
    ring = [*box, box[0], box[1]]  # one corner more, so that the last joint is as round as the others
    draw.line(ring, fill=HALO, width=stroke + 2, joint="curve")
    draw.line(ring, fill=colour, width=stroke, joint="curve")


def _label(draw: ImageDraw.ImageDraw, wall: NDArray[Any], finding: Finding, box: Rect, taken: Sequence[Rect]) -> Rect:
    """Draw a finding's plate where it hides least; where that was."""
    size = wall.shape[1], wall.shape[0]
    sign = "✓" if finding.accepted else "?"
    text, font = _fitted(_printable(finding.value), f" {sign} {finding.confidence:.0%}", size)
    pad = max(2.0, font.size / 5)
    left, top, right, bottom = font.getbbox(text)
    plate = right - left + 2 * pad, bottom - top + 2 * pad
    rects = [(x, y, x + plate[0], y + plate[1]) for x, y in _places(box, plate, size)]
    # Paint that no line was read from is seen by its contrast: it is not to be covered either.
    at = min(rects, key=lambda rect: (_hidden(rect, taken), _contrast(wall, rect) // PLAIN))
    x, y = at[:2]
    draw.rectangle(at, fill=ACCEPTED if finding.accepted else REVIEW, outline=HALO)
    draw.text((x + pad - left, y + pad - top), text, font=font, fill=ON_ACCEPTED if finding.accepted else ON_REVIEW)
    return at


def _fitted(value: str, tail: str, size: tuple[int, int]) -> tuple[str, ImageFont.FreeTypeFont]:
    """The label in the largest font that fits the width, the value cut only if the smallest does not."""
    wanted = max(SMALLEST_FONT_PX, round(max(size) / FONT_PART))
    for font_px in range(wanted, SMALLEST_FONT_PX - 1, -1):
        font = _font(font_px)
        room = size[0] - 2 * max(2.0, font_px / 5) - 2
        if font.getlength(value + tail) <= room:
            return value + tail, font
    while value and font.getlength(f"{value}…{tail}") > room:
        value = value[:-1]
    return f"{value}…{tail}", font


def _places(box: Rect, plate: tuple[float, float], size: tuple[int, int]) -> Iterable[tuple[float, float]]:
    """Top-left corners for a plate, the best first, each moved so that the plate is inside the picture."""
    (left, top, right, bottom), (wide, tall), gap = box, plate, 3
    inside_x, inside_y = max(0.0, size[0] - 1 - wide), max(0.0, size[1] - 1 - tall)
    above, below = top - tall - gap, bottom + gap
    sides = [(x, y) for x in (right + gap, left - wide - gap) for y in (top, bottom - tall)]
    far = (above - tall - gap, below + tall + gap)
    near = [(x, y) for x in (left, right - wide) for y in (above, below)]
    best = [*near[:2], *sides, *near[2:], *((x, y) for y in far for x in (left, right - wide))]
    for x, y in best:
        yield min(max(0.0, x), inside_x), min(max(0.0, y), inside_y)


def _hidden(plate: Rect, taken: Iterable[Rect]) -> float:
    """How many pixels of boxes and other plates this one would lie on."""
    return sum(
        max(0.0, min(plate[2], other[2]) - max(plate[0], other[0]))
        * max(0.0, min(plate[3], other[3]) - max(plate[1], other[1]))
        for other in taken
    )


def _contrast(wall: NDArray[Any], rect: Rect) -> float:
    left, top, right, bottom = (round(edge) for edge in rect)
    return float(wall[top : bottom + 1, left : right + 1].std())


def _around(box: Box) -> Rect:
    xs, ys = [x for x, _ in box], [y for _, y in box]
    return min(xs), min(ys), max(xs), max(ys)


def _printable(text: str) -> str:
    return "".join("·" if unicodedata.category(each)[0] == "C" else each for each in unicodedata.normalize("NFC", text))


@lru_cache(maxsize=64)
def _font(size_px: int) -> ImageFont.FreeTypeFont:
    # The basic layout needs no further library; our letters need no shaping.
    return ImageFont.truetype(str(FONT), size_px, layout_engine=ImageFont.Layout.BASIC)
