"""The log-probabilities that a line of text was decoded from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Lattice:
    """CTC output of one line, kept small: only the columns that are probable somewhere.

    Attributes:
        log_probs: (T, C) float32 natural logarithms; column 0 is the blank.
        alphabet: the character of each column 1..C-1, in order; len(alphabet) == C - 1.
    """

    log_probs: NDArray[np.float32]
    alphabet: str
