"""How training goes, seen on lines drawn with faces and seeds that training does not have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from vision.lab.batches import VALIDATION_FROM, Batch, Known, Source, batched
from vision.lab.lines.alphabet import CHARACTERS, CYRILLIC
from vision.lab.lines.draw import draw_crop
from vision.recognise.ctc import greedy

LINES = 384
CYRILLIC_LETTERS = frozenset(CYRILLIC + CYRILLIC.upper())


@lru_cache(maxsize=4)
def validation_batches(source: Source, lines: int = LINES) -> tuple[Batch, ...]:
    """The lines that training is watched with."""
    studio = source.studio(validation=bool(source.held_out))
    drawn = [draw_crop(VALIDATION_FROM + index, studio) for index in range(lines)]
    return tuple(batched([Known(crop.picture, crop.text) for crop in drawn]))


def script_of(text: str) -> str:
    """The name of the script: cyrillic if any letter is, else latin."""
    return "cyrillic" if any(character in CYRILLIC_LETTERS for character in text) else "latin"


def report(batches: Sequence[Batch], probabilities: Callable[[Batch], NDArray[np.float32]]) -> str:
    """Lines read exactly and characters read wrong, for each script."""
    right: dict[str, list[bool]] = {"latin": [], "cyrillic": []}
    wrong: dict[str, list[int]] = {"latin": [], "cyrillic": []}
    length: dict[str, int] = {"latin": 0, "cyrillic": 0}
    alphabet = CHARACTERS + " "
    for batch in batches:
        for text, rows in zip(batch.texts, probabilities(batch), strict=True):
            read, script = greedy(rows, alphabet).text, script_of(text)
            right[script].append(read == text)
            wrong[script].append(Levenshtein.distance(read, text))
            length[script] += len(text)
    parts = [
        f"{script} {np.mean(right[script]):.3f} exact, {sum(wrong[script]) / max(length[script], 1):.3f} wrong"
        for script in right
        if right[script]
    ]
    return "validation: " + "; ".join(parts)
