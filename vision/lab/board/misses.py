"""The ten worst misses of our reader, as pictures: what is painted, what was read, and how sure it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vision.annotate import FONT, annotate
from vision.lab.board.figures import DIFFICULTIES
from vision.lab.score import Answer, Found, Key
from vision.photo import open_photo
from vision.prepare.scale import shrink
from vision.types import Card, Finding, Reading

MOST = 10
SIDE_PX = 640
LEAST_SURE = 0.5
"""A wrong value that nobody was sure of is no bad miss: it is what review is for."""

TRUTH = (0, 200, 255)
QUALITY = 60
CAPTION_PX, CAPTION_FONT_PX = 21, 15


@dataclass(frozen=True)
class Miss:
    """A photo that was read wrongly.

    Attributes:
        why: "accepted and wrong", "sure and wrong" or "missed".
        wrong: findings that are not painted, the surest first; of a "missed" photo those that nobody was sure of.
        lost: addresses that are painted and were not found.
    """

    answer: Answer
    why: str
    wrong: tuple[Found, ...]
    lost: tuple[Key, ...]


def worst(answers: Sequence[Answer], most: int = MOST) -> list[Miss]:
    """Accepted wrong findings first, then wrong ones by confidence, then addresses missed on the easiest walls."""
    ranked = sorted((_rank(miss), number, miss) for number, miss in enumerate(map(_miss, answers)) if miss.why)
    return [miss for _, _, miss in ranked[:most]]


def _miss(answer: Answer) -> Miss:
    wrong = sorted((one for one in answer.found if one.key not in answer.case.truth), key=lambda one: -one.confidence)
    wrong.sort(key=lambda one: not one.accepted)
    lost = tuple(sorted(answer.case.truth - {one.key for one in answer.found}))
    if wrong and wrong[0].accepted:
        why = "accepted and wrong"
    elif wrong and wrong[0].confidence >= LEAST_SURE:
        why = "sure and wrong"
    else:
        why = "missed" if lost else ""
    return Miss(answer, why, tuple(wrong), lost)


def _rank(miss: Miss) -> tuple[int, float]:
    if miss.why == "missed":
        return 2, DIFFICULTIES.index(miss.answer.case.difficulty)
    return (0 if miss.why.startswith("accepted") else 1), -miss.wrong[0].confidence


def draw_all(folder: Path, misses: Sequence[Miss]) -> list[str]:
    """Writes a JPEG for each miss and gives the file names; older ones go."""
    for path in folder.glob("miss-*.jpg"):
        path.unlink()
    names = [f"miss-{number:02d}.jpg" for number in range(1, len(misses) + 1)]
    for name, miss in zip(names, misses, strict=True):
        pictured(miss).save(folder / name, "JPEG", quality=QUALITY, optimize=True)
    return names


def pictured(miss: Miss) -> Image.Image:
    """The photo with its findings as the program draws them, painted addresses outlined, and two lines below."""
    answer = miss.answer
    photo = open_photo(answer.case.data)
    picture, frame = shrink(photo.pixels, photo.frame, SIDE_PX)
    findings = tuple(
        Finding(one.kind, one.value, one.confidence, one.accepted, one.value, one.box)
        for one in answer.found
        if one.box is not None
    )
    marked = annotate(picture, frame, Reading(photo.facts, findings, (), Card("board", "1"), {}))
    canvas = Image.fromarray(np.ascontiguousarray(marked[:, :, ::-1]))
    draw = ImageDraw.Draw(canvas)
    for address in answer.case.record.get("addresses", ()):
        for box in address["boxes"]:
            corners = [tuple(corner) for corner in frame.forward(np.array(box, np.float64)).tolist()]
            draw.line([*corners, corners[0]], fill=TRUTH, width=2)
    return _captioned(canvas, (f"painted: {painted(answer)}", f"read: {read(answer)}"))


def painted(answer: Answer) -> str:
    """The true addresses of a photo as text."""
    return ", ".join(value for _, value in sorted(answer.case.truth)) or "no address"


def read(answer: Answer) -> str:
    """The findings in a photo as text."""
    return (
        ", ".join(f"{one.value} {one.confidence:.2f}{' accepted' * one.accepted}" for one in answer.found) or "nothing"
    )


def _captioned(picture: Image.Image, rows: Sequence[str]) -> Image.Image:
    """The picture above lines of text, each as small as it takes to fit."""
    whole = Image.new("RGB", (picture.width, picture.height + CAPTION_PX * len(rows) + 4), "white")
    whole.paste(picture, (0, 0))
    draw = ImageDraw.Draw(whole)
    for number, text in enumerate(rows):
        size = CAPTION_FONT_PX
        while size > 7 and _font(size).getlength(text) > picture.width - 8:
            size -= 1
        draw.text((4, picture.height + 3 + number * CAPTION_PX), text, font=_font(size), fill="black")
    return whole


def _font(size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size_px, layout_engine=ImageFont.Layout.BASIC)
