"""What a detector is: it finds where lines are painted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from vision.types import Box, Card, Picture


@dataclass(frozen=True, slots=True)
class Region:
    """Where a line may be.

    Attributes:
        box: in the pixels of the picture handed in; its long side is the reading direction (upright first guess).
        score: 0..1.
    """

    box: Box
    score: float


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
