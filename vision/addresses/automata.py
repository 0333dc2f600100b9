"""Which texts may be the value of an address: small automata for decoding a lattice (vision/recognise/beam.py).

They let through what the rules for values would; what needs more than a look at the characters, such as a checksum or
the numbering plan, is asked of the finished text (grammar.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from vision.addresses.endings import COMMON, CYRILLIC
from vision.addresses.names import LONGEST

LONGEST_LABEL = 63
MOST_DIGITS = 15
NO_PLUS = range(10, 12)
WITH_PLUS = range(11, MOST_DIGITS + 1)

Tail: TypeAlias = tuple[int, str]
"""How long a text is, and its last character's class: "" for none, "_" for a joint, "x" for anything else."""


@dataclass(frozen=True, slots=True)
class Name:
    """A Telegram name: `[a-z][a-z0-9_]*`, no trailing `_`, no `__`."""

    least: int = 5

    @property
    def start(self) -> Tail:
        """Nothing yet."""
        return 0, ""

    def step(self, state: Tail, char: str) -> Tail | None:
        """One character more."""
        length, last = state
        if length == LONGEST or (char == "_" and last != "x"):
            return None
        if not length and not ("a" <= char <= "z"):
            return None
        is_legal = char == "_" or (char.isascii() and char.isalnum())
        return (length + 1, "_" if char == "_" else "x") if is_legal else None

    def is_final(self, state: Tail) -> bool:
        """Whether a name may end here."""
        return state[0] >= self.least and state[1] == "x"


@dataclass(frozen=True, slots=True)
class Code:
    """Characters of one alphabet in a number between `least` and `most`: an invite's hash, a group's code, base32."""

    alphabet: frozenset[str]
    least: int
    most: int

    @property
    def start(self) -> int:
        """The number of characters so far."""
        return 0

    def step(self, state: int, char: str) -> int | None:
        """One character more."""
        return state + 1 if state < self.most and char in self.alphabet else None

    def is_final(self, state: int) -> bool:
        """Whether it is long enough."""
        return state >= self.least


@dataclass(frozen=True, slots=True)
class Digits:
    """A phone number as dialled: ten or eleven digits, or a plus and eleven or more."""

    @property
    def start(self) -> tuple[int, bool]:
        """The number of digits so far, and whether a plus came first."""
        return 0, False

    def step(self, state: tuple[int, bool], char: str) -> tuple[int, bool] | None:
        """One character more."""
        count, has_plus = state
        if char == "+":
            return (0, True) if state == (0, False) else None
        if char not in "0123456789" or (count == 0 and not has_plus and char not in "78"):
            return None
        most = WITH_PLUS.stop if has_plus else NO_PLUS.stop
        return (count + 1, has_plus) if count + 1 < most else None

    def is_final(self, state: tuple[int, bool]) -> bool:
        """Whether the number of digits is one that numbers have."""
        return state[0] in (WITH_PLUS if state[1] else NO_PLUS)


HostState: TypeAlias = tuple[int, int, str, str | None]
"""Labels before this one, length of this label, class of its last character, what it may still be as an ending."""


@dataclass(frozen=True, slots=True)
class Host:
    """Labels with dots between, the last one an ending that exists; letters of one script throughout."""

    endings: frozenset[str]
    most_labels: int = 4

    @property
    def start(self) -> HostState:
        """Nothing yet."""
        return 0, 0, "", None

    def step(self, state: HostState, char: str) -> HostState | None:
        """One character more."""
        labels, length, last, begun = state
        if char == ".":
            can_end = length and last != "_" and labels + 1 < self.most_labels
            return (labels + 1, 0, "", "") if can_end else None
        if char == "-":
            return (labels, length + 1, "_", None) if length else None
        if not char.isalnum() or length == LONGEST_LABEL:
            return None
        longer = None if begun is None else begun + char
        if longer is not None and longer not in _beginnings(self.endings):
            longer = None
        return labels, length + 1, "x", longer

    def is_final(self, state: HostState) -> bool:
        """Whether the last label is an ending."""
        return state[0] > 0 and state[3] in self.endings


@lru_cache(maxsize=64)
def _beginnings(endings: frozenset[str]) -> frozenset[str]:
    return frozenset(word[:size] for word in endings for size in range(1, len(word) + 1))


@dataclass(frozen=True, slots=True)
class Mail:
    """`name@host`."""

    host: Host

    @property
    def start(self) -> tuple[int, str] | HostState:
        """Nothing yet."""
        return 0, ""

    def step(self, state: tuple[int, str] | HostState, char: str) -> tuple[int, str] | HostState | None:
        """One character more, before the @ or behind it."""
        if len(state) == 4:
            return self.host.step(state, char)
        length, last = state
        if char == "@":
            return self.host.start if length and last == "x" else None
        if char in "._+-":
            return (length + 1, char) if length and (char != "." or last == "x") else None
        return (length + 1, "x") if char.isascii() and char.isalnum() and length < LONGEST_LABEL else None

    def is_final(self, state: tuple[int, str] | HostState) -> bool:
        """Whether the host may end here."""
        return len(state) == 4 and self.host.is_final(state)


def host(found: str, *, cyrillic: bool) -> Host:
    """Hosts under the usual endings of a script, and under the one that was found."""
    return _host(found, cyrillic)


@lru_cache(maxsize=256)
def _host(found: str, cyrillic: bool) -> Host:  # noqa: FBT001 - the cache's key
    return Host(frozenset((CYRILLIC if cyrillic else _latin(COMMON)) | {found}))


def _latin(endings: Iterable[str]) -> frozenset[str]:
    return frozenset(word for word in endings if word.isascii())
