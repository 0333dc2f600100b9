"""Turns CTC output into text: greedily, and kept small for decoding with a grammar."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vision.recognise.lattice import Lattice

Probabilities: TypeAlias = NDArray[np.float32]
"""(T, C) float32, rows over the network's columns; column 0 is the blank. Rows need not add up to 1."""

COLUMN_FLOOR = 1e-3
PROBABILITY_FLOOR = 1e-8


@dataclass(frozen=True, slots=True)
class Decoded:
    """The most probable text, and the probability of each of its characters before NFC."""

    text: str
    probabilities: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """Mean probability of the characters; 0 for empty text."""
        return float(np.mean(self.probabilities)) if self.probabilities else 0.0


def greedy(probabilities: Probabilities, alphabet: str) -> Decoded:
    """The best path's text: repeats collapsed, blanks removed, outer spaces stripped.

    A character's probability is the highest of its run of steps.

    Args:
        probabilities: (T, C); T may be 0.
        alphabet: the character of each column 1..C-1.
    """
    best = probabilities.argmax(axis=1)
    edges = [*np.flatnonzero(np.diff(best, prepend=-1)), len(best)]
    characters: list[tuple[str, float]] = []
    for start, end in pairwise(edges):
        column = int(best[start])
        if column:
            characters.append((alphabet[column - 1], float(probabilities[start:end, column].max())))
    while characters and characters[0][0].isspace():
        characters.pop(0)
    while characters and characters[-1][0].isspace():
        characters.pop()
    text = unicodedata.normalize("NFC", "".join(character for character, _ in characters))
    return Decoded(text, tuple(probability for _, probability in characters))


def small_lattice(probabilities: Probabilities, alphabet: str, *, floor: float = COLUMN_FLOOR) -> Lattice:
    """The log-probabilities of the blank and of every column that reaches `floor` somewhere.

    Args:
        probabilities: (T, C); T may be 0.
        alphabet: the character of each column 1..C-1.
        floor: 0..1.
    """
    peaks = probabilities.max(axis=0, initial=0.0)
    peaks[0] = 1.0
    kept = np.flatnonzero(peaks >= floor)
    logs = np.log(np.maximum(probabilities[:, kept], PROBABILITY_FLOOR)).astype(np.float32)
    return Lattice(logs, "".join(alphabet[column - 1] for column in kept[1:]))
