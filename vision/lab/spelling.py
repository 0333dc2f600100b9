"""`python -m vision.lab.spelling`: how letters follow each other in names, counted in dictionaries.

Writes the table that `vision/addresses/spelling.py` reads. Russian and Kazakh words are counted as they stand and as
people type them in Latin letters, English ones as they stand. The words that samples are made of are left out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vision.addresses import spelling
from vision.addresses.spelling import CYRILLIC, FILE, LATIN, STEP
from vision.lab.lines.words import dictionary, spellings, use_dictionaries

Counts = NDArray[np.float64]


def counted(words: Iterable[str], letters: str, order: int) -> list[Counts]:
    """How often each letter follows each run of 0, 1, … `order` - 1 letters; index 0 is a word's edge.

    The tables have shape (n, …, n) with n = len(letters) + 1, one axis more each.
    """
    size = len(letters) + 1
    column = {letter: at for at, letter in enumerate(letters, start=1)}
    tables = [np.zeros((size,) * axes) for axes in range(1, order + 1)]
    for word in words:
        if not all(letter in column for letter in word):
            continue
        path = [0] * (order - 1) + [column[letter] for letter in word] + [0]
        for end in range(order - 1, len(path)):
            for axes, table in enumerate(tables, start=1):
                table[tuple(path[end + 1 - axes : end + 1])] += 1
    return tables


def smoothed(tables: Sequence[Counts]) -> Counts:
    """Probabilities of the last letter after the ones before it, shorter runs helping out (Witten and Bell, 1991)."""
    size = tables[0].shape[-1]
    below: Counts = np.full((size,), 1.0 / size)
    for table in tables:
        total = table.sum(axis=-1, keepdims=True)
        kinds = (table > 0).sum(axis=-1, keepdims=True)
        below = (table + kinds * below) / np.maximum(total + kinds, 1e-9) + (total + kinds == 0) * below
    return below


def written(chances: Counts) -> NDArray[np.int8]:
    """How much likelier than by chance, in steps of `STEP` of the natural logarithm."""
    ratio = np.log(np.maximum(chances * chances.shape[-1], 1e-9))
    return np.asarray(np.clip(np.round(ratio / STEP), -127, 127), np.int8)


def main() -> int:
    """Writes the file; 0 when done."""
    parser = argparse.ArgumentParser(prog="vision.lab.spelling", description="Count how letters follow each other.")
    parser.add_argument("--dictionaries", type=Path, required=True, help="folder of hunspell's word lists")
    parser.add_argument("--out", type=Path, default=Path(spelling.__file__).with_name(FILE))
    options = parser.parse_args()
    use_dictionaries(options.dictionaries)
    cyrillic = [*dictionary("russian"), *dictionary("kazakh")]
    if not cyrillic or not dictionary("english"):
        print(
            f"{options.dictionaries} lacks a dictionary: apt install hunspell-ru hunspell-kk hunspell-en-us",
            file=sys.stderr,
        )
        return 2
    latin = [*dictionary("english"), *(way for word in cyrillic for way in spellings(word))]
    np.savez_compressed(
        options.out,
        allow_pickle=False,
        latin=written(smoothed(counted(latin, LATIN, 4))),
        cyrillic=written(smoothed(counted(cyrillic, CYRILLIC, 3))),
    )
    print(f"{len(latin)} Latin and {len(cyrillic)} Cyrillic words, {options.out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
