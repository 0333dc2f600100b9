"""Onion services, version 3: base32(public key ‖ checksum ‖ version), rend-spec-v3 of the Tor project.

The checksum decides: repair may search, and never mends without it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, product

from vision.addresses.passage import Passage
from vision.addresses.rank import Candidate
from vision.types import Kind, Repair

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
LENGTH = 56
ENDING = re.compile(r"\s?[.,·•:]?\s?[o0q]n[il1|!][o0q]n(?![a-z0-9])")
BARE = re.compile(r"(?<![a-z0-9])[a-z0-9](?:[a-z0-9|!$]\s?){54,57}[a-z0-9](?![a-z0-9])")
CONFUSED = {"0": "o", "1": "li", "8": "b", "9": "gq", "|": "li", "!": "li", "$": "s"}
LOOK_ALIKE = (
    "il",
    "gq",
    "o0q",
    "s5",
    "z2",
    "b6",
    "uv",
    "vy",
    "rn",
    "ce",
    "hk",
    "hb",
    "t7",
    "ij",
    "g6",
    "mn",
    "gy",
    "a4",
)
SEARCHES = 8  # damaged addresses in one passage that are searched; each costs a few thousand checksums
MOST_TRIES = 4000
REACH = 96  # characters before the ending: 56 and the spaces that paint and line breaks put between
OLD_LENGTH = 16


def is_onion(label: str) -> bool:
    """Whether 56 base32 characters carry their own checksum."""
    if len(label) != LENGTH or label[-1] != "d" or label[-2] not in "aiqy" or not set(label) <= set(ALPHABET):
        return False
    # the last two characters of version 3 are known, which spares most of a search
    raw = base64.b32decode(label.upper())
    key, checksum, version = raw[:32], raw[32:34], raw[34:]
    return version == b"\x03" and hashlib.sha3_256(b".onion checksum" + key + version).digest()[:2] == checksum


def find(where: Passage) -> Iterator[Candidate]:
    """Every onion service: as painted or mended when its checksum is right, else as it is, for a person."""
    for match in islice(ENDING.finditer(where.latin), SEARCHES):
        yield from _before(where, match.start(), match.end(), has_ending=True)
    for match in islice(BARE.finditer(where.latin), SEARCHES):
        yield from _before(where, match.end(), match.end(), has_ending=False)


def _before(where: Passage, stop: int, end: int, *, has_ending: bool) -> Iterator[Candidate]:
    low = max(0, stop - REACH)
    run = re.search(r"(?:[a-z0-9|!$][\s.,-]?)*$", where.latin[low:stop])
    places = [
        low + at
        for at in range(run.start() if run else 0, stop - low)
        if re.match(r"[a-z0-9|!$]", where.latin[low + at])
    ]
    for count in (LENGTH, LENGTH + 1, LENGTH - 1):
        if len(places) < count or (count < LENGTH and len(places) != count):
            continue
        chosen = places[-count:]
        painted = "".join(where.latin[at] for at in chosen)
        if (mended := mend(painted)) is not None:
            yield _candidate(where, mended, painted, chosen, end)
            return
    if has_ending:
        yield from _as_it_is(where, places, end)


def _candidate(where: Passage, mended: tuple[str, str], painted: str, places: list[int], end: int) -> Candidate:
    label, rule = mended
    trail = [] if label == painted else [Repair(rule, painted, label)]
    if places[-1] - places[0] + 1 > len(places):
        trail.append(Repair("separator", where.text[places[0] : end], f"{label}.onion"))
    core = (places[0], places[-1] + 1)
    return Candidate(Kind.ONION, f"{label}.onion", places[0], end, tuple(trail), core=core)


def _as_it_is(where: Passage, places: list[int], end: int) -> Iterator[Candidate]:
    """A run that no checksum supports: kept as read, so that a person can look; nothing is corrected."""
    if not places:
        return
    tight = places[-1:]
    for at in reversed(places[:-1]):
        if tight[0] - at > 1:
            break
        tight.insert(0, at)
    label = "".join(where.latin[at] for at in tight)
    if OLD_LENGTH <= len(label) <= LENGTH + 8:
        trail = (Repair("checksum wrong", label, label),)
        facts = {"checksum": "wrong" if len(label) != OLD_LENGTH else "none, version 2"}
        core = (tight[0], tight[-1] + 1)
        yield Candidate(Kind.ONION, f"{label}.onion", tight[0], end, trail, facts, core=core)


@lru_cache(maxsize=256)
def mend(painted: str) -> tuple[str, str] | None:
    """The one address that the paint can mean and the rule that found it; None when no checksum, or several, agree.

    A checksum has 16 bits: a search of thousands finds a wrong address in a few of a hundred hopeless cases, so what
    the wide search finds is left to a person.
    """
    options = ["".join(each) for each in islice(product(*(CONFUSED.get(char, char) for char in painted)), 65)]
    if len(options) > 64:
        return None
    near = ((options, "checksum"), (_likely(options), "checksum"))
    far = ((_wide(options), "checksum searched"), (_two(options), "checksum searched"))
    for tries, rule in (*near, *far):
        right = {label for label in islice(tries, MOST_TRIES) if is_onion(label)}
        if right:
            return (right.pop(), rule) if len(right) == 1 else None
    return None


def _changes(label: str) -> list[tuple[int, str]]:
    groups = [(at, group) for at, char in enumerate(label) for group in LOOK_ALIKE if char in group]
    return [(at, other) for at, group in groups for other in group if other != label[at]]


def _likely(options: Iterable[str]) -> Iterator[str]:
    """Labels with one character changed for one that looks alike."""
    for label in options:
        for at, other in _changes(label):
            yield label[:at] + other + label[at + 1 :]


def _wide(options: Iterable[str]) -> Iterator[str]:
    """Labels with one character changed, taken out or put in, whatever it looks like."""
    for label in options:
        for at in range(len(label)):
            if len(label) == LENGTH + 1:
                yield label[:at] + label[at + 1 :]
            for char in ALPHABET:
                if len(label) == LENGTH:
                    yield label[:at] + char + label[at + 1 :]
                elif len(label) == LENGTH - 1:
                    yield label[:at] + char + label[at:]


def _two(options: Iterable[str]) -> Iterator[str]:
    """Labels with two characters changed for ones that look alike."""
    for label in options:
        changes = _changes(label)
        for number, (at, other) in enumerate(changes):
            for later, another in changes[number + 1 :]:
                if later > at:
                    yield label[:at] + other + label[at + 1 : later] + another + label[later + 1 :]
