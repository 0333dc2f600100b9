"""Text with its geometry: characters that remember which line they were painted on."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

from vision.addresses.scripts import to_latin
from vision.types import Box, Line, Point

_FOLDED = str.maketrans(
    "‐‑‒–—―−﹘﹣－⁃«»„“”‟‘’‚‛`´。︒․", "-" * 11 + '"' * 6 + "'" * 6 + "." * 3
)  # NFKC leaves these as they are


@dataclass(frozen=True, slots=True)
class Passage:
    """One line, or several that may carry one object, as a single string with the way back.

    Attributes:
        text: NFKC, dashes and quotes folded, invisible characters out, one space between words; case kept.
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
        spans = self.spans(start, end).items()
        return "\n".join(self.lines[number].text[low : high + 1] for number, (low, high) in spans)

    def confidence(self, start: int, end: int) -> float:
        """The mean confidence of the lines behind [start, end), weighted by characters."""
        return fmean(self.lines[number].confidence for number, _ in self.origin[start:end]) if end > start else 0.0

    def box(self, start: int, end: int) -> Box:
        """A quadrilateral around the characters behind [start, end)."""
        spans = self.spans(start, end).items()
        parts = [_part(self.lines[number], low, high) for number, (low, high) in spans]
        return parts[0] if len(parts) == 1 else _around(parts)

    def places(self, start: int, end: int) -> frozenset[tuple[int, int]]:
        """What tells the painted characters behind [start, end) from all others of the photo."""
        return frozenset((id(self.lines[number]), at) for number, at in self.origin[start:end])

    def spans(self, start: int, end: int) -> dict[int, tuple[int, int]]:
        """By line, in reading order, the first and the last of its characters behind [start, end)."""
        spans: dict[int, tuple[int, int]] = {}
        for number, at in self.origin[start:end]:
            if at < 0:
                continue  # the glue between two lines is nobody's
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
            while text and text[-1] == " ":
                text.pop()
                origin.pop()
            joins.append(len(text))
            text += glue
            origin += [(number, -1)] * len(glue)
        for char, at in _plain(line.text):
            if char != " " or (text and text[-1] != " " and len(text) != (joins[-1] if joins else 0)):
                text.append(char)
                origin.append((number, at))
    whole = "".join(text)
    lower = "".join(low if len(low := char.lower()) == 1 else char for char in whole)
    return Passage(whole, to_latin(whole), lower, tuple(origin), tuple(lines), tuple(joins))


def _plain(text: str) -> Iterator[tuple[str, int]]:
    """Plain characters and where they stand in the text; a letter and its mark come as one."""
    at = 0
    while at < len(text):
        width = 1
        if at + 1 < len(text) and unicodedata.combining(text[at + 1]):
            width = 2
        composed = unicodedata.normalize("NFC", text[at : at + width])
        for char in _normal(composed[0]):
            yield char, at
        at += width


@lru_cache(maxsize=4096)
def _normal(char: str) -> str:
    """One painted character as its plain form: one or a few characters, none for invisible ones."""
    category = unicodedata.category(char)
    if category in ("Zs", "Zl", "Zp") or char in "\t\n\r\v\f":
        return " "
    if category in ("Cc", "Cf", "Cs", "Mn", "Me"):
        return ""
    plain = unicodedata.normalize("NFKC", char.translate(_FOLDED)).translate(_FOLDED)
    return "".join(part for part in plain if unicodedata.category(part) not in ("Cc", "Cf", "Cs", "Mn", "Me"))


def _part(line: Line, low: int, high: int) -> Box:
    """The stretch of a line's box that its characters low..high take, were they all of one width."""
    length = max(1, len(line.text))
    left, right = low / length, (high + 1) / length
    tl, tr, br, bl = line.box
    return _along(tl, tr, left), _along(tl, tr, right), _along(bl, br, right), _along(bl, br, left)


def _along(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _around(boxes: Sequence[Box]) -> Box:
    """The upright rectangle around boxes."""
    xs = [x for box in boxes for x, _ in box]
    ys = [y for box in boxes for _, y in box]
    return (min(xs), min(ys)), (max(xs), min(ys)), (max(xs), max(ys)), (min(xs), max(ys))
