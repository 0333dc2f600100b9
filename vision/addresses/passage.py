"""Text with its geometry: characters that remember which line they were painted on."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from vision.addresses.scripts import to_latin
from vision.types import Box, Line, Point

DROPPED = dict.fromkeys(
    map(ord, "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
)
FOLDED = str.maketrans("‐‑‒–—―−﹘﹣－«»„“”‟‘’‚‛`´", "----------" + '""""""' + "''''''")


@dataclass(frozen=True, slots=True)
class Passage:
    """One line, or several that may carry one object, as a single string with the way back.

    Attributes:
        text: NFKC, dashes and quotes folded, invisible characters out; case kept.
        latin: `text` lower-cased with Cyrillic and Greek look-alikes as Latin letters; same length.
        lower: `text` lower-cased; same length.
        origin: for each character, (index of the line, index of the character in that line's text).
        lines: the lines, in reading order.
        joins: positions where a painted line break was taken out.
    """

    text: str
    latin: str
    lower: str
    origin: tuple[tuple[int, int], ...]
    lines: tuple[Line, ...]
    joins: tuple[int, ...] = ()

    def as_read(self, start: int, end: int) -> str:
        """The lines' own characters behind [start, end), painted line breaks as line breaks."""
        parts = []
        for number, (low, high) in self._spans(start, end).items():
            parts.append(self.lines[number].text[low : high + 1])
        return "\n".join(parts)

    def confidence(self, start: int, end: int) -> float:
        """The mean confidence of the lines behind [start, end), weighted by characters."""
        return fmean(self.lines[number].confidence for number, _ in self.origin[start:end]) if end > start else 0.0

    def box(self, start: int, end: int) -> Box:
        """A quadrilateral around the characters behind [start, end)."""
        parts = [_part(self.lines[number], low, high) for number, (low, high) in self._spans(start, end).items()]
        return parts[0] if len(parts) == 1 else around(parts)

    def _spans(self, start: int, end: int) -> dict[int, tuple[int, int]]:
        spans: dict[int, tuple[int, int]] = {}
        for number, at in self.origin[start:end]:
            low, high = spans.get(number, (at, at))
            spans[number] = (min(low, at), max(high, at))
        return spans


def passage(lines: Sequence[Line], *, glue: str = "") -> Passage:
    """Lines put one after another, `glue` between them."""
    text: list[str] = []
    origin: list[tuple[int, int]] = []
    joins = []
    for number, line in enumerate(lines):
        if number:
            joins.append(len(text))
            text += glue
            origin += [(number, 0)] * len(glue)
        for at, char in enumerate(line.text):
            for part in _normal(char):
                text.append(part)
                origin.append((number, at))
    whole = "".join(text)
    lower = "".join(low if len(low := c.lower()) == 1 else c for c in whole)
    return Passage(whole, to_latin(whole), lower, tuple(origin), tuple(lines), tuple(joins))


def _normal(char: str) -> str:
    """One painted character as its plain form: one or a few characters, none for invisible ones."""
    if char.translate(DROPPED) == "" or unicodedata.category(char) in ("Cc", "Cs"):
        return " " if char in "\t\n\r" else ""
    return unicodedata.normalize("NFKC", char.translate(FOLDED)).translate(DROPPED).translate(FOLDED)


def _part(line: Line, low: int, high: int) -> Box:
    """The stretch of a line's box that its characters low..high take, were they all of one width."""
    length = max(1, len(line.text))
    left, right = low / length, (high + 1) / length
    tl, tr, br, bl = line.box
    return _along(tl, tr, left), _along(tl, tr, right), _along(bl, br, right), _along(bl, br, left)


def _along(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def around(boxes: Sequence[Box]) -> Box:
    """The upright rectangle around boxes."""
    xs = [x for box in boxes for x, _ in box]
    ys = [y for box in boxes for _, y in box]
    return (min(xs), min(ys)), (max(xs), min(ys)), (max(xs), max(ys)), (min(xs), max(ys))
