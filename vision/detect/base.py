"""What a detector is: it finds where lines are painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from vision.frames import as_box
from vision.types import Box, Card, Picture, Points, Ribbon


@dataclass(frozen=True, slots=True)
class Region:
    """Where a line may be.

    Attributes:
        box: in the pixels of the picture handed in; its long side is the reading direction (upright first guess).
        score: 0..1.
        ribbon: of a line that is clearly bent, if the engine can tell: what is to be read along the curve.
    """

    box: Box
    score: float
    ribbon: Ribbon = ()

    def moved(self, move: Callable[[Points], Points]) -> Region:
        """The region in another picture's pixels; `move` carries points there."""
        box, ribbon = as_box(move(np.array(self.box, np.float64))), self.ribbon
        if ribbon:
            flat = move(np.array(ribbon, np.float64).reshape(-1, 2)).reshape(-1, 2, 2).tolist()
            ribbon = tuple(((top[0], top[1]), (bottom[0], bottom[1])) for top, bottom in flat)
        return Region(box, self.score, ribbon)


@runtime_checkable
class Detector(Protocol):
    """Finds lines. One instance serves many threads; a call leaves nothing behind."""

    @property
    def card(self) -> Card:
        """What this engine is."""

    def detect(self, picture: Picture) -> tuple[Region, ...]:
        """Regions in reading order (top to bottom, then left to right); empty when nothing is painted.

        Args:
            picture: (H, W, 3) uint8 BGR; not mutated.
        """
