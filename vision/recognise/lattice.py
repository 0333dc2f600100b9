"""The log-probabilities that a line of text was decoded from, and what can be cut out of them and made of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

BLANK = ""
"""What a fold makes of a character that says nothing: its mass goes to the blank."""

Fold: TypeAlias = Callable[[str], Sequence[tuple[str, float]]]
"""What a character may stand for, each with its share of the mass: `[("a", 1.0)]`; empty for nothing at all."""

NEVER = -1e4
"""The logarithm of a probability that is none."""


@dataclass(frozen=True, slots=True)
class Run:
    """A character of the best path and its steps [start, end)."""

    char: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lattice:
    """CTC output of one line, kept small: only the columns that are probable somewhere.

    Attributes:
        log_probs: (T, C) float32 natural logarithms; column 0 is the blank.
        alphabet: the character of each column 1..C-1, in order; len(alphabet) == C - 1.
    """

    log_probs: NDArray[np.float32]
    alphabet: str

    def __len__(self) -> int:
        """The number of steps."""
        return len(self.log_probs)

    def runs(self) -> tuple[Run, ...]:
        """The characters of the best path, outer spaces left out: those of the line's greedy text before NFC."""
        best = self.log_probs.argmax(axis=1)
        edges = [*map(int, np.flatnonzero(np.diff(best, prepend=-1))), len(best)]
        found = [Run(self.alphabet[int(best[low]) - 1], low, high) for low, high in pairwise(edges) if best[low]]
        while found and found[0].char.isspace():
            found.pop(0)
        while found and found[-1].char.isspace():
            found.pop()
        return tuple(found)

    def runs_of(self, text: str) -> tuple[Run, ...]:
        """A run for each character of the line's text; empty when text and lattice do not belong together."""
        found = self.runs()
        if "".join(run.char for run in found) == text:
            return found
        merged: list[Run] = []
        for run in found:  # what NFC put together
            pair = unicodedata.normalize("NFC", merged[-1].char + run.char) if merged else ""
            if len(pair) == 1:
                merged[-1] = Run(pair, merged[-1].start, run.end)
            else:
                merged.append(run)
        return tuple(merged) if "".join(run.char for run in merged) == text else ()

    def part(self, start: int, end: int) -> Lattice:
        """The steps [start, end)."""
        return Lattice(self.log_probs[start:end], self.alphabet)

    def folded(self, fold: Fold) -> Lattice:
        """The same steps over what the characters stand for; columns that come to mean the same are added up."""
        targets: dict[str, int] = {BLANK: 0}
        shares: list[tuple[int, int, float]] = [(0, 0, 1.0)]
        for column, char in enumerate(self.alphabet, start=1):
            for meant, share in fold(char):
                shares.append((column, targets.setdefault(meant, len(targets)), share))
        mix = np.zeros((self.log_probs.shape[1], len(targets)))
        for column, target, share in shares:
            mix[column, target] += share
        with np.errstate(divide="ignore"):
            logs = np.log(np.exp(self.log_probs.astype(np.float64)) @ mix)
        return Lattice(np.maximum(logs, NEVER).astype(np.float32), "".join(list(targets)[1:]))


def joined(parts: Sequence[Lattice]) -> Lattice:
    """Lattices one after another, a certain blank between two: no character reaches over a line break."""
    if len(parts) == 1:
        return parts[0]
    alphabet = "".join(dict.fromkeys("".join(part.alphabet for part in parts)))
    rows = []
    for number, part in enumerate(parts):
        wide = np.full((len(part) + (number > 0), len(alphabet) + 1), NEVER, np.float32)
        wide[0, 0] = 0.0
        columns = [0, *(alphabet.index(char) + 1 for char in part.alphabet)]
        wide[int(number > 0) :, columns] = part.log_probs
        rows.append(wide)
    return Lattice(np.concatenate(rows) if rows else np.zeros((0, 1), np.float32), alphabet)
