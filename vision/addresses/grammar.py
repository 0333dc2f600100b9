"""How the value of each kind is decoded from a lattice: what may stand for what, which texts are let through."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from vision.addresses import automata
from vision.addresses.endings import is_host, unicode_host
from vision.addresses.names import is_name
from vision.addresses.onion import ALPHABET, LENGTH, is_onion
from vision.addresses.phone import DIGIT_OF, number_of
from vision.addresses.rank import Candidate
from vision.addresses.scripts import CYRILLIC_OF, HAND_NAME_OF, LATIN_OF, is_cyrillic, latin
from vision.addresses.spelling import likelihood
from vision.addresses.web import is_platform
from vision.recognise.beam import BEAM, Automaton, Prior
from vision.recognise.lattice import BLANK, Fold
from vision.types import Kind

ASCII = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
CODE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ") | ASCII | frozenset("_-")
NEARLY = 0.3
"""The share that a character keeps when it is taken for another one that it only resembles."""

STROKES = {
    "|": "li1", "!": "li1", "[": "lc", "]": "l1", "(": "cl", ")": "l1", "{": "lc", "}": "l1", "\\": "l1",
    "$": "s", "@": "a", "&": "8", "€": "e",
}  # fmt: skip
"""Letters that a sign may be."""

SHARPS = frozenset("0123456789")

MASSIVE = 96
"""The beam for values that a final check picks from: a checksum, the numbering plan."""

SEARCHED = 400
"""The beam for onion addresses: rare, and of a thousand readings at most one has a checksum that is right."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """How the values of a kind are decoded.

    Attributes:
        value: the canonical value of a decoded text; None when it is none.
        prior: weights for characters after what stands before them.
        is_misread: whether the reader's usual confusions are spread over what was read.
        is_cyrillic: whether the values are written in Cyrillic.
    """

    automaton: Automaton[Any]
    fold: Fold
    value: Callable[[str], str | None]
    prior: Prior | None = None
    beam: int = BEAM
    is_misread: bool = True
    is_cyrillic: bool = False


def grammar_of(found: Candidate) -> Grammar | None:  # noqa: PLR0911 - one kind a line
    """The grammar of a candidate's kind; None where a lattice cannot add to what the rules know."""
    match found.kind:
        case Kind.TELEGRAM:
            return _name(len(found.value) == 4)
        case Kind.TELEGRAM_INVITE:
            return _code(10, 64)
        case Kind.WHATSAPP:
            return _code(10, 40)
        case Kind.INSTAGRAM | Kind.VK:
            return _page()
        case Kind.PHONE:
            return _phone()
        case Kind.ONION:
            return _onion()
        case Kind.DOMAIN:
            ending = found.value.rpartition(".")[2]
            return _host(ending, is_cyrillic(ending[0]))
        case Kind.EMAIL:
            ending = found.value.rpartition(".")[2]
            return _mail(ending) if ending.isascii() else None


def spelt(before: str, char: str) -> float:
    """The prior of names and labels: digits stand together, and letters follow each other as they do in words."""
    last = before[-1:]
    if char in SHARPS:
        return 1.0 if not last or last in SHARPS else 0.5 if not last.isalnum() else 0.15
    if not char.isalpha():
        return 1.0
    return likelihood(before, char) * (0.08 if last and last in SHARPS else 1.0)


@lru_cache(maxsize=2)
def _name(is_short: bool) -> Grammar:  # noqa: FBT001 - the cache's key
    def value(text: str) -> str | None:
        return text if is_name(text, explicit=is_short) else None

    return Grammar(automata.Name(4 if is_short else 5), _to_name, value, spelt)


@lru_cache(maxsize=4)
def _code(least: int, most: int) -> Grammar:
    return Grammar(automata.Code(CODE, least, most), _to_code, str, is_misread=False)


@lru_cache(maxsize=1)
def _page() -> Grammar:
    def value(text: str) -> str | None:
        return text if re.fullmatch(r"(?!.*\.\.)[a-z0-9_][a-z0-9_.]{1,30}[a-z0-9_]", text) else None

    return Grammar(automata.Code(ASCII | {"_", "."}, 3, 32), _to_page, value, spelt)


@lru_cache(maxsize=1)
def _phone() -> Grammar:
    return Grammar(automata.Digits(), _to_digits, number_of, beam=MASSIVE)


@lru_cache(maxsize=1)
def _onion() -> Grammar:
    def value(text: str) -> str | None:
        return f"{text}.onion" if is_onion(text) else None

    return Grammar(
        automata.Code(frozenset(ALPHABET), LENGTH, LENGTH), _to_latin, value, beam=SEARCHED, is_misread=False
    )


@lru_cache(maxsize=256)
def _host(ending: str, cyrillic: bool) -> Grammar:  # noqa: FBT001 - the cache's key
    def value(text: str) -> str | None:
        host = unicode_host(text)
        return host if is_host(host) and not is_platform(host) else None

    fold = _to_cyrillic_host if cyrillic else _to_latin_host
    return Grammar(automata.host(ending, cyrillic=cyrillic), fold, value, spelt, is_cyrillic=cyrillic)


@lru_cache(maxsize=64)
def _mail(ending: str) -> Grammar:
    def value(text: str) -> str | None:
        return text if is_host(text.rpartition("@")[2]) else None

    return Grammar(automata.Mail(automata.host(ending, cyrillic=False)), _to_mail, value, spelt)


def _to_latin(char: str) -> Sequence[tuple[str, float]]:
    """The Latin letter or digit that a character is or resembles."""
    plain = latin(char)
    if plain in ASCII:
        return [(plain, 1.0)]
    if (nearly := HAND_NAME_OF.get(plain)) is not None:
        return [(nearly, NEARLY)]
    return [(each, NEARLY / len(STROKES[char])) for each in STROKES.get(char, "")]


def _to_name(char: str) -> Sequence[tuple[str, float]]:
    if char == "_":
        return [("_", 1.0)]
    if char.isspace():
        return [("_", NEARLY), (BLANK, NEARLY)]
    return [("_", NEARLY)] if char in "-–—.~" else _to_latin(char)


def _to_page(char: str) -> Sequence[tuple[str, float]]:
    return [(char, 1.0)] if char in "_." else [("_", NEARLY)] if char in "-–— " else _to_latin(char)


def _to_code(char: str) -> Sequence[tuple[str, float]]:
    """The same character, its case kept."""
    if char in CODE:
        return [(char, 1.0)]
    folded = LATIN_OF.get(char)
    if folded is None:
        return []
    return [(folded.upper() if char.isupper() else folded, 1.0)]


def _to_digits(char: str) -> Sequence[tuple[str, float]]:
    """Digits; what stands between them says nothing."""
    if char in SHARPS or char == "+":
        return [(char, 1.0)]
    if (digit := DIGIT_OF.get(char.lower())) is not None:
        return [(digit, NEARLY)]
    if char in "Jj":
        return [("7", NEARLY)]
    return [(BLANK, 1.0)] if char in " -–—().,/_*" else []


def _to_latin_host(char: str) -> Sequence[tuple[str, float]]:
    return _between(char) or _to_latin(char)


def _to_cyrillic_host(char: str) -> Sequence[tuple[str, float]]:
    """The Cyrillic letter that a character is, or that a Latin one resembles."""
    if (between := _between(char)) or char in SHARPS:
        return between or [(char, 1.0)]
    lower = char.lower()
    if is_cyrillic(lower):
        return [(lower, 1.0)]
    return [(CYRILLIC_OF[lower], 1.0)] if lower in CYRILLIC_OF else []


def _between(char: str) -> Sequence[tuple[str, float]]:
    """What may be a dot or a dash of a host."""
    if char == ".":
        return [(".", 1.0)]
    if char in "-–—_~":
        return [("-", 1.0 if char in "-–—" else NEARLY)]
    if char in ",·•:;'*°":
        return [(".", NEARLY)]
    return [(".", NEARLY), (BLANK, NEARLY)] if char.isspace() else []


def _to_mail(char: str) -> Sequence[tuple[str, float]]:
    return [(char, 1.0)] if char in "@_+" else _to_latin_host(char)
