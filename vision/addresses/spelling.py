"""Which letters follow each other in names: a prior for letters that the networks can hardly tell apart."""

from __future__ import annotations

import math
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

FILE = "spelling.npz"
LATIN = "abcdefghijklmnopqrstuvwxyz"
CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі"
STEP = 0.06
"""Of the natural logarithm, between two values of the table."""

TRUST = 0.25
"""How much the table counts beside the picture: names are words only in part. Chosen on val (docs/accuracy.md)."""


def likelihood(before: str, char: str) -> float:
    """How much likelier the letter is after the letters before it than one taken at random; 1 for anything else.

    Args:
        before: all that stands before; what is no letter of the same alphabet begins a new word.
        char: one lower-case character.
    """
    for letters, table in _tables():
        if char in letters:
            depth = table.ndim - 1
            context: list[int] = []
            for last in reversed(before):
                if len(context) == depth or last not in letters:
                    break
                context.append(letters.index(last) + 1)
            place: tuple[int, ...] = (
                (0,) * (depth - len(context)) + tuple(reversed(context)) + (letters.index(char) + 1,)
            )
            return math.exp(TRUST * STEP * float(table[place]))
    return 1.0


@lru_cache(maxsize=1)
def _tables() -> tuple[tuple[str, NDArray[np.int8]], ...]:
    with resources.files("vision.addresses").joinpath(FILE).open("rb") as file, np.load(file) as stored:
        return ((LATIN, stored["latin"]), (CYRILLIC, stored["cyrillic"]))
