"""Who is on the board: one visible table. What a contestant needs is imported in its factory, in its own process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from vision.engines import ReaderOptions
from vision.errors import PhotoError
from vision.lab.score import Found
from vision.recognise.base import Recognised, Recogniser
from vision.types import Card, Line, Picture

OURS, STOCK = "embedded", "no fine-tuning"
PLAIN = "rapidocr + expressions"
CALL = "RapidOCR's call"
"""The name under which the seconds of RapidOCR's default call on the open photo stand: nothing of ours is in them."""

NO_EXTRA_LOOKS: Mapping[str, Any] = {"second_side_px": 0}
"""Every option of the reader that allows a further look at a photo, set to none: a new one goes here."""


@dataclass(frozen=True)
class Said:
    """What a contestant said of one photo.

    Attributes:
        found: entry of the board to its findings.
        seconds: entry of the board to the wall time from the photo's bytes to its findings.
        lines: as read.
    """

    found: Mapping[str, tuple[Found, ...]]
    seconds: Mapping[str, float]
    lines: tuple[str, ...]


class Contestant(Protocol):
    """Reads photos, one at a time."""

    @property
    def about(self) -> str:
        """Versions and weights, for the page."""

    @property
    def children_bytes(self) -> int:
        """The most memory that programs it started and that ended again have held."""

    def read(self, data: bytes) -> Said:
        """What it says of a photo's bytes; photos that it cannot open have no lines."""


@dataclass(frozen=True)
class Place:
    """A row of the table.

    Attributes:
        entries: of the board that it answers for, with a line on each.
        build: the contestant, in the process that calls; EngineError when something it needs is not there.
    """

    entries: Mapping[str, str]
    build: Callable[[], Contestant]


class OurReader:
    """Our reader under some options."""

    children_bytes = 0

    def __init__(self, entry: str, options: ReaderOptions, *, grammar: bool = True) -> None:
        from vision.pipeline import build_reader  # noqa: PLC0415 - heavy

        reader = build_reader(options)
        self._entry = entry
        self._reader = reader if grammar else replace(reader, recogniser=WithoutLattice(reader.recogniser))

    @property
    def about(self) -> str:
        """The reader's card."""
        card = self._reader.card
        return "; ".join((card.version, *(f"{name} {sha256[:12]}" for name, sha256 in card.weights.items())))

    def read(self, data: bytes) -> Said:
        """The reading of a photo."""
        start = time.perf_counter()
        try:
            reading = self._reader.read(data)
        except PhotoError:
            return Said({self._entry: ()}, {self._entry: time.perf_counter() - start}, ())
        seconds = time.perf_counter() - start
        found = tuple(Found.of(finding) for finding in reading.findings)
        return Said({self._entry: found}, {self._entry: seconds}, tuple(line.text for line in reading.lines))


class WithoutLattice:
    """A recogniser whose answers are their text alone: values stay as the rules read them."""

    def __init__(self, inner: Recogniser) -> None:
        self._inner = inner

    @property
    def card(self) -> Card:
        """That of the recogniser, marked."""
        return replace(self._inner.card, name=f"{self._inner.card.name}-textonly")

    def recognise(self, crops: Sequence[Picture]) -> tuple[Recognised, ...]:
        """One answer per crop, in the order given."""
        return tuple(replace(answer, lattice=None) for answer in self._inner.recognise(crops))


class LinesOfOthers:
    """Another program's lines, once with plain expressions and once with our extraction behind them."""

    def __init__(self, name: str, seen: Callable[[Picture], tuple[Line, ...]], about: str, call: str = "") -> None:
        self._name, self._seen, self._call, self.about = name, seen, call, about
        self.children_bytes = 0

    def read(self, data: bytes) -> Said:
        """What both extractions find in the lines; the seconds hold the reading and one extraction."""
        from vision.addresses import extract  # noqa: PLC0415 - the table is read without it
        from vision.lab.baseline import found_in, opened  # noqa: PLC0415 - brings RapidOCR

        start = time.perf_counter()
        picture = opened(data)
        open_at = time.perf_counter()
        lines = self._seen(picture)
        seen_at = time.perf_counter()
        texts = tuple(line.text for line in lines)
        plain = tuple(Found(kind, value) for kind, value in sorted(found_in(texts)))
        plain_at = time.perf_counter()
        extracted = tuple(Found.of(finding) for finding in extract(lines))
        done_at = time.perf_counter()
        seconds = {
            f"{self._name} + expressions": plain_at - start,
            f"{self._name} + our extraction": seen_at - start + done_at - plain_at,
        }
        if self._call:
            seconds[self._call] = seen_at - open_at
        return Said(dict(zip(seconds, (plain, extracted), strict=False)), seconds, texts)


def _ours(entry: str, *, grammar: bool = True, **changes: Any) -> Callable[[], Contestant]:
    return lambda: OurReader(entry, replace(ReaderOptions(), **changes), grammar=grammar)


def _rapidocr() -> Contestant:
    from importlib.metadata import version  # noqa: PLC0415

    from vision.lab.baseline import Baseline  # noqa: PLC0415 - heavy

    return LinesOfOthers("rapidocr", Baseline().seen, f"rapidocr {version('rapidocr')}, default call", CALL)


def _tesseract() -> Contestant:
    from vision.lab.board.tesseract import Tesseract  # noqa: PLC0415

    return Tesseract()


def _both(name: str, what: str) -> dict[str, str]:
    return {
        f"{name} + expressions": f"{what}, then plain regular expressions over each line",
        f"{name} + our extraction": "the same lines with their boxes, then our address rules",
    }


PLACES: Mapping[str, Place] = {
    "embedded": Place({OURS: "our reader as it ships"}, _ours(OURS)),
    "no grammar": Place(
        {"no grammar": "ours, values as the rules read them: nothing is decoded from the recogniser's lattice"},
        _ours("no grammar", grammar=False),
    ),
    "no fine-tuning": Place({STOCK: "ours with the stock recognition network alone"}, _ours(STOCK, recogniser="stock")),
    "trained alone": Place(
        {"trained alone": "ours with the trained recognition network alone"},
        _ours("trained alone", recogniser="trained"),
    ),
    "no extra looks": Place(
        {"no extra looks": "ours, every photo looked at once"}, _ours("no extra looks", **NO_EXTRA_LOOKS)
    ),
    "easyocr": Place(
        {"easyocr + our network": "ours with EasyOCR's recogniser running the trained network"},
        _ours("easyocr + our network", recogniser="easyocr"),
    ),
    "rapidocr": Place(_both("rapidocr", "RapidOCR's default call on the open photo"), _rapidocr),
    "tesseract": Place(_both("tesseract", "Tesseract, sparse text, Russian, English and Kazakh"), _tesseract),
}


def entries_of(names: Iterable[str]) -> dict[str, str]:
    """The entries of contestants, each with its line."""
    return {entry: line for name in names for entry, line in PLACES[name].entries.items()}
