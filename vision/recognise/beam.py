"""CTC prefix beam search over a lattice: the likeliest texts that an automaton lets through.

After Hannun, Maas, Jurafsky and Ng, "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional
Recurrent DNNs" (2014): every prefix carries the mass of its paths that end in a blank and of those that do not. Masses
are plain numbers relative to the step's largest, whose logarithms are summed apart: that is log-sum-exp, only faster.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np

from vision.recognise.lattice import Lattice

State = TypeVar("State", bound=Hashable)

Prior: TypeAlias = Callable[[str, str], float]
"""The weight (0..) of a character after the text before it; multiplies a text's mass once for each character."""

BEAM = 24
FLOOR = 1e-4
"""Characters less probable than this at a step are not tried there, unless asked for."""


class Automaton(Protocol[State]):
    """Which texts are let through, character by character."""

    @property
    def start(self) -> State:
        """The state before the first character."""
        ...

    def step(self, state: State, char: str) -> State | None:
        """The state after one more character; None when no text goes on so."""
        ...

    def is_final(self, state: State) -> bool:
        """Whether the text may end here."""
        ...


class Anything:
    """Lets every text through."""

    start: int = 0

    def step(self, state: int, char: str) -> int | None:  # noqa: ARG002 - the protocol's shape
        """The one state."""
        return state

    def is_final(self, state: int) -> bool:  # noqa: ARG002 - the protocol's shape
        """Always."""
        return True


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A text and the logarithm of the probability of all its paths, prior included."""

    text: str
    log_mass: float


@dataclass(slots=True)
class _Beam:
    """The mass of a prefix's paths that end in a blank, and of those that end in its last character."""

    blank: float
    ink: float
    state: Any


def prefix_beam(
    lattice: Lattice,
    automaton: Automaton[State],
    *,
    beam: int = BEAM,
    floor: float = FLOOR,
    prior: Prior | None = None,
) -> tuple[Hypothesis, ...]:
    """The texts that the automaton lets through, the likeliest first; at most `beam`, none when nothing gets through.

    With a beam as wide as there are prefixes and `floor` 0 the masses are exact, else they are lower bounds.

    Args:
        lattice: (T, C); T may be 0.
        automaton: what may be read; its states must be hashable.
        beam: prefixes kept after each step.
        floor: 0..1, the least probability at which a character is tried at a step.
        prior: weights for characters after a prefix; None for none.
    """
    beams: dict[str, _Beam] = {"": _Beam(1.0, 0.0, automaton.start)}
    successors = _Successors(automaton)
    log_scale, rests = 0.0, False
    for blank, chars, log_top in _rows(lattice, floor):
        if not chars and rests:  # one blank more changes nothing but the common factor
            log_scale += log_top + math.log(blank) if blank > 0 else -math.inf
            continue
        rests = not chars
        beams, largest = _best(_longer(beams, blank, chars, successors, prior), beam)
        if largest <= 0.0:
            return ()
        log_scale += log_top + math.log(largest)
    return _finished(beams, automaton, log_scale)


class _Successors(dict[tuple[Any, str], Any]):
    """The automaton's steps, each asked for once."""

    def __init__(self, automaton: Automaton[Any]) -> None:
        super().__init__()
        self._automaton = automaton

    def __missing__(self, key: tuple[Any, str]) -> Any:
        self[key] = self._automaton.step(*key)
        return self[key]


def _longer(
    beams: dict[str, _Beam],
    blank: float,
    chars: list[tuple[str, float]],
    successors: _Successors,
    prior: Prior | None,
) -> dict[str, _Beam]:
    """Every prefix as it is and one character longer, one step later."""
    following: dict[str, _Beam] = {}
    for prefix, one in beams.items():
        total, last = one.blank + one.ink, prefix[-1:]
        stay = following.setdefault(prefix, _Beam(0.0, 0.0, one.state))
        stay.blank += total * blank
        for char, share in chars:
            mass = total * share
            if char == last:
                stay.ink += one.ink * share
                mass = one.blank * share
            if mass <= 0.0 or (state := successors[one.state, char]) is None:
                continue
            if prior is not None:
                mass *= prior(prefix, char)
            longer = following.get(prefix + char)
            if longer is None:
                following[prefix + char] = _Beam(0.0, mass, state)
            else:
                longer.ink += mass
    return following


def _rows(lattice: Lattice, floor: float) -> Iterator[tuple[float, list[tuple[str, float]], float]]:
    """Step by step: the blank, the characters worth trying, and the logarithm that both are relative to."""
    logs = lattice.log_probs.astype(np.float64)
    if not len(logs):
        return
    tops = logs.max(axis=1)
    shares = np.exp(logs - tops[:, None])
    tried = logs >= (math.log(floor) if floor > 0 else -math.inf)
    for row, try_row, top in zip(shares, tried, tops, strict=True):
        columns = np.flatnonzero(try_row[1:])
        yield float(row[0]), [(lattice.alphabet[at], float(row[at + 1])) for at in columns], float(top)


def _best(beams: dict[str, _Beam], width: int) -> tuple[dict[str, _Beam], float]:
    """The widest masses, relative to the largest, and the largest."""
    ranked = sorted(beams.items(), key=lambda item: -(item[1].blank + item[1].ink))[:width]
    largest = ranked[0][1].blank + ranked[0][1].ink if ranked else 0.0
    if largest <= 0.0:
        return {}, 0.0
    for _, one in ranked:
        one.blank /= largest
        one.ink /= largest
    return {prefix: one for prefix, one in ranked if one.blank + one.ink > 0.0}, largest


def _finished(beams: dict[str, _Beam], automaton: Automaton[State], log_scale: float) -> tuple[Hypothesis, ...]:
    done = [
        Hypothesis(prefix, math.log(one.blank + one.ink) + log_scale)
        for prefix, one in beams.items()
        if automaton.is_final(one.state)
    ]
    return tuple(sorted(done, key=lambda one: (-one.log_mass, one.text)))
