"""How likely two addresses are one shop's: misreadings of one name, mirrors of it, the same name elsewhere.

Pure and symmetric: `likeness(one, other)` and `likeness(other, one)` have the same score. `keys_of` says under which
numbers an address is kept so that those near it can be found among very many: near addresses share a key.

A name's outline is what is left of it when characters that look the same are written the same (0 o, 1 i l, 5 s,
Cyrillic twins, rn m, vv w) and separators are dropped. Outlines are compared with an edit distance whose steps cost
what a reader is unlikely to confuse: little for pairs that are measured (measured.toml) or known to be confused, one
for any other letter, more for digits, because shops are numbered.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b

from rapidfuzz.distance import Levenshtein, Postfix, Prefix

from vision.addresses.measured import measured
from vision.addresses.outline import Name, name_of, outline, plain
from vision.addresses.rank import CONFUSED
from vision.addresses.scripts import HAND_NAME_OF

Address = tuple[str, str]
"""Kind and canonical value."""

LEAST = 0.5
"""Below this two addresses have nothing to do with each other."""

COST_OF_KNOWN = 0.3
COST_OF_HAND = 0.4
COST_OF_STROKE = 0.6
COST_OF_DIGIT = 1.5
DIGITS_ALIKE = {
    "17": 0.3,
    "38": 0.4,
    "68": 0.5,
    "56": 0.5,
    "06": 0.5,
    "09": 0.6,
    "49": 0.5,
    "14": 0.6,
    "27": 0.6,
    "89": 0.6,
}
"""Digits that a hand paints alike, with what taking one for the other costs. By judgement."""

LETTERS_ALIKE = {
    "ao": 0.4,
    "gq": 0.4,
    "bh": 0.6,
    "ce": 0.6,
    "hn": 0.6,
    "il": 0.4,
    "it": 0.6,
    "lt": 0.6,
    "mn": 0.7,
    "uv": 0.6,
    "vw": 0.6,
    "vy": 0.7,
}
"""The same for letters: what was measured makes a pair cheaper, and no new measurement makes one strange."""

STROKES = frozenset("ljt7")
SHORT, STEEP = 6, 3.0
"""A cost of one is half of a name of six characters, and less of a longer one."""

OTHER_ENDING, OTHER_PLATFORM, OTHER_WORDS, OTHER_LETTERS = 0.95, 0.9, 0.92, 0.85
BRIEF, BRIEF_LENGTH = 0.85, 5
"""A short name on another platform is easily somebody else's."""

DIGIT_SCORES = ((9, 0.8), (7, 0.7), (5, 0.55))
"""How much a number that both have says, by its length."""

COARSE = str.maketrans(
    {char: to for to, alike in {"o": "aecu", "g": "qy9", "l": "7tfj", "n": "hbmkr", "s": "z", "8": "362"}.items()
     for char in alike}
)  # fmt: skip
"""What outlines are made coarser by, so that names with several misreadings still meet."""

COARSE_LENGTH = 6


class Why(StrEnum):
    """What makes two addresses near."""

    MISREADING = "misreading"
    SAME_NAME = "same_name"
    OTHER_ENDING = "other_ending"
    OTHER_PLATFORM = "other_platform"
    BOT = "bot"
    OTHER_WORDS = "other_words"
    OTHER_LETTERS = "other_letters"
    SAME_DIGITS = "same_digits"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that makes two addresses near.

    Attributes:
        characters: of a misreading, what stands in the one and in the other ("" for nothing); of other words, endings
            and platforms, the words themselves; of the same digits, the digits twice.
    """

    why: Why
    characters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near two addresses are: 0..1, 1 for one name that is painted the same; and why, the name first."""

    score: float
    reasons: tuple[Reason, ...]

    @property
    def is_misreading(self) -> bool:
        """Whether one may be the other, misread; otherwise both may exist."""
        return all(reason.why in (Why.MISREADING, Why.SAME_NAME) for reason in self.reasons)


def likeness(one: Address, other: Address) -> Likeness | None:
    """How near two different addresses are; None where they are not."""
    if one == other:
        return None
    first, second = name_of(*one), name_of(*other)
    found = [each for each in (_by_name(first, second), _by_digits(first, second)) if each is not None]
    best = max(found, key=lambda each: each.score, default=None)
    return best if best is not None and best.score >= LEAST else None


def keys_of(kind: str, value: str) -> frozenset[int]:
    """The numbers that an address is found by: 64 bits, signed. Addresses that are near share one.

    They are of the outline with each character left out in turn, of a coarse outline, of a Cyrillic name in Latin
    letters, and of the long numbers in it. So one character more, less or other is found, and any number of characters
    that are often confused.
    """
    name = name_of(kind, value)
    words = {f"{name.space}:{part}" for whole in {name.stem, name.whole} for part in _shortened(whole)}
    if name.space == "name":
        words |= {f"coarse:{each.translate(COARSE)}" for each in {name.stem, name.whole} if len(each) >= COARSE_LENGTH}
        words |= {f"name:{part}" for part in _shortened(name.latin)}
    words |= {f"digits:{run}" for run in name.digits}
    return frozenset(_number(word) for word in words)


def alike(one: str, other: str, *, least: float = 0.0) -> float:
    """How alike two outlines are painted, 0..1; 1 for equal ones. Below `least` it may be 0."""
    if one == other:
        return 1.0
    longest = max(len(one), len(other), SHORT)
    most = (1.0 - least) * longest / STEEP
    cheapest = min(_least_cost(), COST_OF_STROKE)
    steps = int(most / cheapest)
    if Levenshtein.distance(one, other, score_cutoff=steps) > steps:
        return 0.0
    return max(0.0, 1.0 - STEEP * _distance(one, other) / longest)


def _by_name(one: Name, other: Name) -> Likeness | None:
    if one.space != other.space or not (one.stem and other.stem):
        return None
    is_elsewhere = one.kind != other.kind
    ways = [_as_written(one, other), _as_named(one, other, is_elsewhere=is_elsewhere)]
    if one.latin or other.latin:
        ways.append(_in_latin(one, other))
    best = max((way for way in ways if way is not None), key=lambda way: way.score, default=None)
    if best is None:
        return None
    reasons, score = list(best.reasons), best.score
    if is_elsewhere:
        reasons.append(Reason(Why.OTHER_PLATFORM, ((one.kind, other.kind),)))
        brief = BRIEF if max(len(one.stem), len(other.stem)) <= BRIEF_LENGTH else 1.0
        score *= OTHER_PLATFORM * brief
    elif one.ending != other.ending:
        reasons.append(Reason(Why.OTHER_ENDING, ((one.ending, other.ending),)))
        score *= OTHER_ENDING
    return Likeness(round(score, 4), tuple(reasons))


def _as_written(one: Name, other: Name) -> Likeness | None:
    """The whole names beside each other: bots, words and all."""
    score = alike(one.whole, other.whole, least=LEAST) - _renumbered(one.shown, other.shown)
    return Likeness(score, (_read(one.shown, other.shown),)) if score >= LEAST else None


def _as_named(one: Name, other: Name, *, is_elsewhere: bool) -> Likeness | None:
    """The names without the words that mirrors differ in."""
    if one.words == other.words:
        return None
    score = alike(one.stem, other.stem, least=LEAST) - _renumbered(one.shown_stem, other.shown_stem)
    if score < LEAST:
        return None
    told = _read(one.shown_stem, other.shown_stem)
    only_one, only_other = set(one.words) - set(other.words), set(other.words) - set(one.words)
    is_bot = only_one | only_other == {"bot"}
    why = Why.BOT if is_bot else Why.OTHER_WORDS
    # A bot beside a site is what shops have; a bot beside a name is a little less sure.
    factor = 1.0 if is_bot and is_elsewhere else OTHER_WORDS
    return Likeness(score * factor, (told, Reason(why, ((" ".join(one.words), " ".join(other.words)),))))


def _in_latin(one: Name, other: Name) -> Likeness | None:
    """A Cyrillic name as it sounds, beside a Latin one."""
    score = alike(one.latin or one.stem, other.latin or other.stem, least=LEAST)
    if not score:
        return None
    return Likeness(score * OTHER_LETTERS, (Reason(Why.OTHER_LETTERS, ((one.shown_stem, other.shown_stem),)),))


def _by_digits(one: Name, other: Name) -> Likeness | None:
    """A long number that both have, whatever stands around it."""
    shared = max(set(one.digits) & set(other.digits), key=lambda run: (len(run), run), default="")
    score = next((score for length, score in DIGIT_SCORES if len(shared) >= length), 0.0)
    return Likeness(score, (Reason(Why.SAME_DIGITS, ((shared, shared),)),)) if score else None


def _read(one: str, other: str) -> Reason:
    """Which characters the one has where the other has others."""
    here, there = plain(one), plain(other)
    if here == there:
        return Reason(Why.SAME_NAME)
    pairs: list[tuple[str, str]] = []
    is_apart = False
    for step in Levenshtein.opcodes(here, there):
        if step.tag == "equal":
            is_apart = False
            continue
        pair = (here[step.src_start : step.src_end], there[step.dest_start : step.dest_end])
        if is_apart:  # neighbours are one step: rn for m
            pair = (pairs[-1][0] + pair[0], pairs[-1][1] + pair[1])
            pairs.pop()
        pairs.append(pair)
        is_apart = True
    return Reason(Why.MISREADING, tuple(pairs))


def _renumbered(one: str, other: str) -> float:
    """What is taken off for each digit that another one stands for and nobody confuses: shops are numbered.

    In outlines some digits are letters and do not show this.
    """
    here, there = plain(one), plain(other)
    if len(here) != len(there):
        return 0.0
    pairs = ((a, b) for a, b in zip(here, there, strict=True) if a != b and (outline(a) != a or outline(b) != b))
    wrong = sum(a.isdigit() and b.isdigit() and min(a, b) + max(a, b) not in DIGITS_ALIKE for a, b in pairs)
    return STEEP * (COST_OF_DIGIT - 1.0) * wrong / max(len(here), SHORT)


def _distance(one: str, other: str) -> float:
    """Edit distance whose steps cost what `_cost` and `_lost` say; symmetric. Only what differs is looked at."""
    start = Prefix.similarity(one, other)
    one, other = one[start:], other[start:]
    end = Postfix.similarity(one, other)
    one, other = one[: len(one) - end], other[: len(other) - end]
    row = [0.0]
    for char in other:
        row.append(row[-1] + _lost(char))
    for before in one:
        corner, row[0] = row[0], row[0] + _lost(before)
        for at, char in enumerate(other, 1):
            step = corner + _cost(before, char)
            corner = row[at]
            row[at] = min(step, row[at] + _lost(before), row[at - 1] + _lost(char))
    return row[-1]


def _lost(char: str) -> float:
    """What it costs that a character is there or not."""
    return COST_OF_STROKE if char in STROKES else 1.0


@lru_cache(maxsize=8192)
def _cost(one: str, other: str) -> float:
    """What it costs to take one character of an outline for another."""
    if one == other:
        return 0.0
    costs = [_costs().get(one + other, 1.0), DIGITS_ALIKE.get(min(one, other) + max(one, other), 1.0)]
    best = min(costs)
    return COST_OF_DIGIT if best >= 1.0 and one.isdigit() and other.isdigit() else best


@lru_cache(maxsize=1)
def _least_cost() -> float:
    return min((*_costs().values(), *DIGITS_ALIKE.values()))


@lru_cache(maxsize=1)
def _costs() -> dict[str, float]:
    """Two characters of outlines to their cost, in both orders."""
    costs: dict[str, float] = {}
    known = [(one, other, COST_OF_KNOWN) for one, others in CONFUSED.items() for other in others]
    known += [(one, other, COST_OF_HAND) for one, other in HAND_NAME_OF.items()]
    known += [(pair[0], pair[1], cost) for pair, cost in LETTERS_ALIKE.items()]
    for read, shares in measured().confused.items():
        # One in ten costs a third, one in a thousand the whole.
        known += [(read, other, min(1.0, -math.log10(max(share, 1e-3)) / 3)) for other, share in shares]
    for one, other, cost in known:
        first, second = outline(one), outline(other)
        if len(first) == len(second) == 1 and first != second:
            for pair in (first + second, second + first):
                costs[pair] = min(cost, costs.get(pair, 1.0))
    return costs


def _shortened(text: str) -> Iterable[str]:
    """The text, and the text without each of its characters: texts one edit apart have one of these in common."""
    if not text:
        return ()
    return {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))} if len(text) > 3 else {text}


def _number(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


__all__ = ["LEAST", "Address", "Likeness", "Reason", "Why", "alike", "keys_of", "likeness", "outline"]
