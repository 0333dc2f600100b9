"""What a recogniser is: it reads rectified crops of one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from vision.recognise.lattice import Lattice
from vision.types import Card, Picture


@dataclass(frozen=True, slots=True)
class Recognised:
    """What one crop says.

    Attributes:
        text: NFC; empty when nothing could be read.
        confidence: 0..1, mean probability of the emitted characters; 0 for empty text.
        lattice: log-probabilities behind the text; None for engines that do not give them.
        others: what another network, or another look at the crop, gave for the same steps.
    """

    text: str
    confidence: float
    lattice: Lattice | None = field(default=None, compare=False, repr=False)
    others: tuple[Lattice, ...] = field(default=(), compare=False, repr=False)


@runtime_checkable
class Recogniser(Protocol):
    """Reads crops. One instance serves many threads; a call leaves nothing behind.

    A crop's answer does not depend on the other crops of the same call.
    """

    @property
    def card(self) -> Card:
        """What this engine is."""

    def recognise(self, crops: Sequence[Picture]) -> tuple[Recognised, ...]:
        """One answer per crop, in the order given; crops are upright, (h, w, 3) uint8 BGR, not mutated."""
