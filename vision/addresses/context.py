"""What the words around an address say of it: a drug advertisement, or a shop's sign and the talk of the street?

Pure, and a help only: it orders what people look at, and hides nothing. The score is 1 / (1 + exp(-sum)): each word
that is known adds its weight in log-odds (context.toml), less the further away it stands; a word counts once. Without
any word it is 0.5: nothing is known. Weights are judgement, not statistics: there are no labelled walls to count on.
"""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from rapidfuzz import fuzz, process

from vision.addresses.keywords import sense_of
from vision.addresses.scripts import skeleton, to_latin
from vision.addresses.words import words as listed
from vision.types import Box, Line

CONTEXT_VERSION = "1"
"""Rises when the same words would give another score."""

NOTHING_KNOWN = 0.5
MOST_WORDS = 400
"""Words of one photo that are looked at: more is a newspaper."""

SHORTEST_SHAPE = 4  # shorter words have too many of the same shape
SHORTEST_NEAR = 6
LONGEST_UNIT = 3
LIKENESS = 84.0
NEAR_HEIGHTS = 3.0
"""Lines this close, in heights of the address's own, count in full."""

LEAST_SHARE = 0.3
LONGEST = 32

_GAP = re.compile(r"[^\w/-]+")
_ADDRESS = re.compile(r"[@_\\]|//|\.[^\W\d_]{2}|[^\W_]/\D")
"""What only a piece of an address has: its words were chosen by whoever painted it, and are no words around it."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word that the score rests on: as it was read, what it was taken for, and what it added (log-odds)."""

    text: str
    meant: str
    sense: str
    weight: float


@dataclass(frozen=True, slots=True)
class Context:
    """0..1, 0.5 where nothing is known, with the words it rests on, the weightiest first."""

    score: float
    words: tuple[Word, ...]


def context(lines: Sequence[Line], box: Box | None = None) -> Context:
    """What the words of a photo say of an address in it.

    Args:
        lines: all lines of the photo; those of the address may be among them.
        box: of the address, in the lines' pixels; without it every line counts in full.
    """
    found: dict[str, Word] = {}
    for text, share in _words(lines, box):
        known = meaning(text)
        if known is None:
            continue
        meant, sense, weight = known
        added = round(weight * share, 3)
        if meant not in found or abs(added) > abs(found[meant].weight):
            found[meant] = Word(text, meant, sense, added)
    total = sum(word.weight for word in found.values())
    words = sorted(found.values(), key=lambda word: (-abs(word.weight), word.meant))
    return Context(round(1 / (1 + math.exp(-total)), 4), tuple(words))


@lru_cache(maxsize=8192)
def meaning(word: str) -> tuple[str, str, float] | None:
    """What a word as read is taken for, with its sense and weight; None for a word that says nothing.

    Letter by letter first, then with look-alike letters folded, then by its coarse shape, and long words nearly.
    """
    exact = plain(word)
    if not exact or len(exact) > LONGEST:
        return None
    if " " in exact:
        return _exactly(exact) if exact in _vocabulary().words else None
    if sense_of(exact)[0] == "telegram":
        return "telegram", "contact", _vocabulary().contact
    return _exactly(exact) or _folded(exact) or _nearly(exact)


def plain(word: str) -> str:
    """Lower case, NFKC, ё as е, without dashes and slashes around it."""
    return unicodedata.normalize("NFKC", word).lower().replace("ё", "е").strip("-/")


def _exactly(word: str) -> tuple[str, str, float] | None:
    vocabulary = _vocabulary()
    if word in vocabulary.words:
        return word, *vocabulary.words[word]
    return _stem(word, vocabulary.stems)


def _folded(word: str) -> tuple[str, str, float] | None:
    folded = to_latin(word)
    if folded.isdigit():
        return None
    vocabulary = _vocabulary()
    if folded in vocabulary.latin:
        return vocabulary.meant(vocabulary.latin[folded])
    if len(word) < SHORTEST_SHAPE or word.isascii():
        return None  # an English word is not a Russian one that was misread: both are on walls
    shape = skeleton(word)
    if shape in vocabulary.shapes:
        return vocabulary.meant(vocabulary.shapes[shape])
    stem = next(
        (
            vocabulary.shaped_stems[shape[:end]]
            for end in range(len(shape), 2, -1)
            if shape[:end] in vocabulary.shaped_stems
        ),
        None,
    )
    return vocabulary.meant(stem) if stem else None


def _nearly(word: str) -> tuple[str, str, float] | None:
    """A long word with a letter or two wrong, cut to the length of each stem."""
    if len(word) < SHORTEST_NEAR or word.isascii():
        return None
    vocabulary = _vocabulary()
    best, likeness = "", LIKENESS
    for length, stems in vocabulary.long_stems.items():
        if length > len(word) + 1:
            continue
        near = process.extractOne(skeleton(word)[:length], stems.keys(), scorer=fuzz.ratio, score_cutoff=likeness)
        if near is not None:
            best, likeness = stems[near[0]], near[1]
    return vocabulary.meant(best) if best else None


def _stem(word: str, stems: Mapping[str, tuple[str, float]]) -> tuple[str, str, float] | None:
    for length in range(min(len(word), LONGEST), 2, -1):
        if (found := stems.get(word[:length])) is not None:
            return word[:length], *found
    return None


@dataclass(frozen=True)
class _Vocabulary:
    words: dict[str, tuple[str, float]]
    stems: dict[str, tuple[str, float]]
    latin: dict[str, str]
    shapes: dict[str, str]
    shaped_stems: dict[str, str]
    long_stems: dict[int, dict[str, str]]
    contact: float

    def meant(self, word: str) -> tuple[str, str, float]:
        """A word or stem with its sense and weight."""
        sense, weight = self.words.get(word) or self.stems[word]
        return word, sense, weight


@lru_cache(maxsize=1)
def _vocabulary() -> _Vocabulary:
    said = tomllib.loads(resources.files("vision.addresses").joinpath("context.toml").read_text("utf-8"))
    words: dict[str, tuple[str, float]] = {}
    stems: dict[str, tuple[str, float]] = {}
    for sense, group in said.items():
        for entry in group["words"].split():
            word = plain(entry.replace("_", " "))
            (stems if word.endswith("*") else words)[word.rstrip("*")] = sense, float(group["weight"])
    for word in listed("trade_words"):
        if _stem(word, stems) is None:
            words.setdefault(plain(word), ("drugs", float(said["drugs"]["weight"])))
    long_stems: dict[int, dict[str, str]] = {}
    for word in (*stems, *words):
        if len(word) >= SHORTEST_NEAR:
            long_stems.setdefault(len(word), {})[skeleton(word)] = word
    return _Vocabulary(
        words,
        stems,
        {to_latin(word): word for word in words},
        {skeleton(word): word for word in words if len(word) >= SHORTEST_SHAPE},
        {skeleton(stem): stem for stem in stems if len(stem) >= SHORTEST_SHAPE},
        long_stems,
        float(said["contact"]["weight"]),
    )


def _words(lines: Sequence[Line], box: Box | None) -> Iterator[tuple[str, float]]:
    """Words and pairs of words, each with how much of its weight counts."""
    left = MOST_WORDS
    for line in lines:
        share = 1.0 if box is None else _share(line.box, box)
        pieces = [piece for piece in line.text.split() if not _ADDRESS.search(piece)]
        words = [word for piece in pieces for word in _GAP.split(piece) if plain(word)][:left]
        left -= len(words)
        for before, first, second in zip(("", *words), words, (*words[1:], ""), strict=False):
            if not (before[-1:].isdigit() and len(plain(first)) <= LONGEST_UNIT):  # `180 тг` is a price
                yield first, share
            if second:
                yield f"{first} {second}", share


def _share(of: Box, address: Box) -> float:
    """1 near the address, falling with the gap between the two, measured in the address's height."""
    heights = [math.dist(address[0], address[3]), math.dist(address[1], address[2])]
    gap = math.hypot(*(_apart(of, address, axis) for axis in (0, 1))) / max(1.0, *heights)
    return 1.0 if gap <= NEAR_HEIGHTS else max(LEAST_SHARE, NEAR_HEIGHTS / gap)


def _apart(one: Box, other: Box, axis: int) -> float:
    low, high = min(p[axis] for p in one), max(p[axis] for p in one)
    return max(0.0, min(p[axis] for p in other) - high, low - max(p[axis] for p in other))
