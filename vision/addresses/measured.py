"""What was measured on photos with known truth: measured.toml beside this file, made by `make calibrate`."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

FILE = "measured.toml"
NEARLY_NEVER = 1e-4
UNASKED = 0.3
"""Between a second network that reads the same and one that does not."""

STEEPEST = 30.0


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a value.

    Attributes:
        share: its probability among the values that its lattice allows; None where no lattice could say.
        lines: mean confidence of its lines; without a lattice the rules' own confidence.
        fit: how well the grammar fits the lattice, as `Weighed` has it.
        weakest: the least certain character's probability.
        factor: what evidence and repairs leave of it.
        agreed: its probability by the other lattices of its lines; `UNASKED` where there is none that could know.
    """

    share: float | None
    lines: float
    fit: float = 0.0
    weakest: float = 1.0
    factor: float = 1.0
    agreed: float = UNASKED

    @property
    def features(self) -> tuple[float, ...]:
        """The numbers that a probability is made of: it never falls when one of them grows."""
        if self.share is None:
            return (_logit(self.lines),)
        floor = 0.02
        logs = (math.log(max(floor, sign)) for sign in (self.lines, self.weakest, self.factor))
        return (_logit(self.share), min(self.fit, 0.0), *logs, math.log(max(floor, self.agreed)))


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of measured.toml.

    Attributes:
        accepted_from: the least confidence of a decoded finding that needs no person, whatever lower threshold is set.
        decoded: bias, then the weights of the features of a value that a lattice has weighed.
        rules: the same for a value that only the rules know.
        confused: what a character that was read is in truth, where it is something else, and how often.
    """

    accepted_from: float
    decoded: tuple[float, ...]
    rules: tuple[float, ...]
    confused: Mapping[str, tuple[tuple[str, float], ...]]

    def probability(self, signs: Signs) -> float:
        """How often a value with these signs is exactly right, 0..1."""
        bias, *weights = self.rules if signs.share is None else self.decoded
        return _logistic(bias + sum(weight * sign for weight, sign in zip(weights, signs.features, strict=True)))


@lru_cache(maxsize=1)
def measured() -> Measured:
    """The figures in use."""
    kept = tomllib.loads(resources.files("vision.addresses").joinpath(FILE).read_text("utf-8"))
    confused = {read: tuple(shares.items()) for read, shares in kept["confused"].items()}
    return Measured(kept["accepted_from"], _numbers(kept["decoded"]), _numbers(kept["rules"]), confused)


def _numbers(kept: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(number) for number in kept)


def _logistic(total: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-STEEPEST, min(STEEPEST, total))))


def _logit(share: float) -> float:
    share = max(NEARLY_NEVER, min(1.0 - NEARLY_NEVER, share))
    return math.log(share / (1.0 - share))
