"""What was painted where a text was read: the reader's usual confusions, measured, spread over the likeliest readings.

A network is surest where it is wrong: its lattice holds nothing of the 9 that it took for a 7. How often it does so on
photos with known truth stands in measured.toml (made by `make calibrate`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from vision.addresses.measured import measured
from vision.recognise.beam import Automaton, Hypothesis, Prior

MOST_READINGS = 4
"""The likeliest readings that misreadings are tried on."""
WIDTH = 12
LEAST_SHARE = 1e-4


def painted(readings: Sequence[Hypothesis], automaton: Automaton[Any], prior: Prior | None) -> tuple[Hypothesis, ...]:
    """Texts that may have been painted, with the logarithms of their masses, the likeliest first.

    Args:
        readings: what may have been read, the likeliest first; masses without prior.
        automaton: what may be painted.
        prior: weights for characters after what stands before them.
    """
    masses: dict[str, float] = {}
    top = max((one.log_mass for one in readings), default=0.0)
    for number, one in enumerate(readings):
        mass = math.exp(one.log_mass - top)
        found = _spread(one.text, automaton, prior) if number < MOST_READINGS else _as_read(one.text, prior)
        for text, share in found:
            masses[text] = masses.get(text, 0.0) + mass * share
    made = [Hypothesis(text, top + math.log(mass)) for text, mass in masses.items() if mass > 0.0]
    return tuple(sorted(made, key=lambda one: (-one.log_mass, one.text)))


def _as_read(text: str, prior: Prior | None) -> list[tuple[str, float]]:
    share = 1.0
    for at, char in enumerate(text):
        share *= _kept(char) * (prior(text[:at], char) if prior else 1.0)
    return [(text, share)]


def _spread(text: str, automaton: Automaton[Any], prior: Prior | None) -> Iterable[tuple[str, float]]:
    """The likeliest texts behind one reading, each with its share."""
    confused = measured().confused
    beams: list[tuple[str, float, Any]] = [("", 1.0, automaton.start)]
    for char in text:
        following = []
        for option, share in ((char, _kept(char)), *confused.get(char, ())):
            for before, mass, state in beams:
                after = automaton.step(state, option)
                if after is not None:
                    weight = prior(before, option) if prior else 1.0
                    following.append((before + option, mass * share * weight, after))
        following.sort(key=lambda one: -one[1])
        beams = [one for one in following[:WIDTH] if one[1] > LEAST_SHARE * following[0][1]]
    return [(before, mass) for before, mass, state in beams if automaton.is_final(state)]


def _kept(char: str) -> float:
    return 1.0 - sum(share for _, share in measured().confused.get(char, ()))
