"""What the lattices say of a candidate: its likeliest values under the grammar of its kind, each with a probability."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from vision.addresses.grammar import Grammar, grammar_of
from vision.addresses.misread import painted
from vision.addresses.passage import Passage
from vision.addresses.rank import Candidate
from vision.recognise.beam import Hypothesis, prefix_beam
from vision.recognise.lattice import Lattice, joined
from vision.types import Kind, Uncertain

NOT_DECODED = frozenset({"ending guessed", "ending spoken"})
"""Repairs after which the value is not what the network saw: its characters are not in the lattice."""

WORST_FIT = -8.0
"""Below this the grammar had to bend the paint too far: the rules' value stands. Natural logarithm."""

DOUBT = 0.03
"""A rival with less is not worth mentioning."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """The values that the paint may mean.

    Attributes:
        values: canonical values with their probabilities given that one of them is right, the likeliest first.
        fit: logarithm of how probable the likeliest value is beside the network's best path, grammar or not.
        weakest: the probability of the least certain character of the best path, at its surest step.
    """

    values: tuple[tuple[str, float], ...]
    fit: float
    weakest: float


def weigh(found: Candidate, where: Passage) -> Weighed | None:
    """The values of a candidate by its lines' lattices; None where there is none, or the grammar does not fit."""
    if found.core is None or any(step.rule in NOT_DECODED for step in found.trail):
        return None
    grammar = grammar_of(found)
    lattice = lattice_of(where, *found.core) if grammar is not None else None
    if grammar is None or lattice is None:
        return None
    read = prefix_beam(lattice.folded(grammar.fold), grammar.automaton, beam=grammar.beam, prior=grammar.prior)
    bare = [Hypothesis(one.text, _without_prior(one, grammar)) for one in read]
    values = _by_value(painted(bare, grammar.automaton, grammar.prior) if grammar.is_misread else read, grammar)
    if not values:
        return None
    fit = bare[0].log_mass - float(lattice.log_probs.max(axis=1).sum())
    return Weighed(values, fit, _weakest(lattice)) if fit > WORST_FIT else None


def lattice_of(where: Passage, start: int, end: int) -> Lattice | None:
    """The steps that the characters [start, end) of a passage were read from; None if a line has none."""
    parts = []
    for number, (low, high) in where.spans(start, end).items():
        line = where.lines[number]
        runs = line.lattice.runs_of(line.text) if line.lattice is not None else ()
        if line.lattice is None or not runs:
            return None
        first = runs[low - 1].end if low else 0
        last = runs[high + 1].start if high + 1 < len(runs) else len(line.lattice)
        parts.append(line.lattice.part(first, last))
    return joined(parts) if parts else None


def _weakest(lattice: Lattice) -> float:
    peaks = [float(lattice.log_probs[run.start : run.end].max()) for run in lattice.runs()]
    return math.exp(min(peaks, default=0.0))


def _by_value(hypotheses: Iterable[Hypothesis], grammar: Grammar) -> tuple[tuple[str, float], ...]:
    masses: dict[str, float] = {}
    top = -math.inf
    for one in hypotheses:
        value = grammar.value(one.text)
        if value is None:
            continue
        top = max(top, one.log_mass)
        masses[value] = masses.get(value, 0.0) + math.exp(one.log_mass - top)
    total = sum(masses.values())
    return tuple((value, mass / total) for value, mass in sorted(masses.items(), key=lambda pair: (-pair[1], pair[0])))


def _without_prior(one: Hypothesis, grammar: Grammar) -> float:
    if grammar.prior is None:
        return one.log_mass
    return one.log_mass - sum(math.log(grammar.prior(one.text[:at], char)) for at, char in enumerate(one.text))


def uncertain(value: str, values: Sequence[tuple[str, float]]) -> tuple[Uncertain, ...]:
    """Which characters of a value are in doubt, by what stands there in the others."""
    rivals: dict[int, dict[str, float]] = {}
    for other, share in values:
        for step in Levenshtein.editops(value, other):
            if step.tag == "insert" or step.src_pos >= len(value):
                continue
            char = other[step.dest_pos] if step.tag == "replace" else ""
            here = rivals.setdefault(step.src_pos, {})
            here[char] = here.get(char, 0.0) + share
    return tuple(Uncertain(at, value[at], kept) for at, here in sorted(rivals.items()) if (kept := _kept(here)))


def _kept(rivals: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    ranked = sorted(rivals.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple((char, round(share, 4)) for char, share in ranked if share >= DOUBT)


def is_settled(found: Candidate) -> bool:
    """Whether a checksum already says that the value is right."""
    rules = {step.rule for step in found.trail}
    return found.kind is Kind.ONION and not rules & {"checksum wrong", "checksum searched"}
