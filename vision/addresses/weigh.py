"""What the lattices say of a candidate: its likeliest values under the grammar of its kind, each with a probability."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rapidfuzz.distance import Levenshtein

from vision.addresses.grammar import Grammar, grammar_of
from vision.addresses.misread import painted
from vision.addresses.passage import Passage
from vision.addresses.rank import Candidate
from vision.addresses.scripts import is_cyrillic
from vision.recognise.beam import Hypothesis, prefix_beam
from vision.recognise.lattice import Lattice, joined
from vision.types import Kind, Uncertain

NOT_DECODED = frozenset({"ending guessed", "ending spoken"})
"""Repairs after which the value is not what the network saw: its characters are not in the lattice."""

WORST_FIT = -8.0
"""Below this the grammar had to bend the paint too far: the rules' value stands. Natural logarithm."""

DOUBT = 0.03
"""A rival with less is not worth mentioning."""


Values: TypeAlias = tuple[tuple[str, float], ...]
"""Canonical values with their probabilities given that one of them is right, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """The values that the paint may mean.

    Attributes:
        values: by all lattices.
        fit: logarithm of how probable the likeliest value is beside the network's best path, grammar or not.
        weakest: the probability of the least certain character of the best path, at its surest step.
        others: the mean probability of each value by the lattices beside the kept one; None where there are none.
    """

    values: Values
    fit: float
    weakest: float
    others: Mapping[str, float] | None = None


OTHERS_TRUST = 0.6
"""How much another lattice of the same steps counts beside the one whose text was kept. Chosen on val photos."""

LEAST_SHARE = 1e-5
"""What a value keeps in a lattice that does not have it among its likeliest."""


def weigh(found: Candidate, where: Passage) -> Weighed | None:
    """The values of a candidate by its lines' lattices; None where there is none, or the grammar does not fit."""
    if found.core is None or any(step.rule in NOT_DECODED for step in found.trail):
        return None
    grammar = grammar_of(found)
    lattices = lattices_of(where, *found.core) if grammar is not None else ()
    if grammar is None or not lattices:
        return None
    lattice = lattices[0]
    read = prefix_beam(lattice.folded(grammar.fold), grammar.automaton, beam=grammar.beam, prior=grammar.prior)
    bare = [Hypothesis(one.text, _without_prior(one, grammar)) for one in read]
    values = _by_value(painted(bare, grammar.automaton, grammar.prior) if grammar.is_misread else read, grammar)
    if not values:
        return None
    fit = bare[0].log_mass - float(lattice.log_probs.max(axis=1).sum())
    if fit <= WORST_FIT:
        return None
    others = [_by_value(_beam(other, grammar), grammar) for other in lattices[1:] if _speaks(other, grammar)]
    return Weighed(_together(values, others), fit, _weakest(lattice), _mean(others))


def _beam(lattice: Lattice, grammar: Grammar) -> tuple[Hypothesis, ...]:
    read = prefix_beam(lattice.folded(grammar.fold), grammar.automaton, beam=grammar.beam, prior=grammar.prior)
    if not grammar.is_misread:
        return read
    bare = [Hypothesis(one.text, _without_prior(one, grammar)) for one in read]
    return tuple(painted(bare, grammar.automaton, grammar.prior))


def _together(values: Values, others: Sequence[Values]) -> Values:
    """The values by all lattices: logarithms add up, those of the others in part."""
    known = {value for one in (values, *others) for value, _ in one}
    scores = dict.fromkeys(known, 0.0)
    for shares, trust in ((dict(values), 1.0), *((dict(other), OTHERS_TRUST) for other in others if other)):
        for value in known:
            scores[value] += trust * math.log(max(shares.get(value, 0.0), LEAST_SHARE))
    top = max(scores.values())
    masses = {value: math.exp(score - top) for value, score in scores.items()}
    total = sum(masses.values())
    return tuple((value, mass / total) for value, mass in sorted(masses.items(), key=lambda pair: (-pair[1], pair[0])))


def _mean(others: Sequence[Values]) -> Mapping[str, float] | None:
    if not others:
        return None
    shares: dict[str, float] = {}
    for value, share in (pair for one in others for pair in one):
        shares[value] = shares.get(value, 0.0) + share / len(others)
    return shares


def _speaks(lattice: Lattice, grammar: Grammar) -> bool:
    """Whether the lattice's network knows the letters of the grammar: the stock one has no Cyrillic."""
    return not grammar.is_cyrillic or any(is_cyrillic(char) for char in lattice.alphabet)


def lattice_of(where: Passage, start: int, end: int) -> Lattice | None:
    """The steps that the characters [start, end) of a passage were read from; None if a line has none."""
    return next(iter(lattices_of(where, start, end)), None)


def lattices_of(where: Passage, start: int, end: int) -> tuple[Lattice, ...]:
    """The steps that the characters [start, end) of a passage were read from, then the same steps in other lattices.

    Empty if a line has no lattice. Others are left out where a line of the passage lacks them.
    """
    parts: list[list[Lattice]] = []
    for number, (low, high) in where.spans(start, end).items():
        line = where.lines[number]
        runs = line.lattice.runs_of(line.text) if line.lattice is not None else ()
        if line.lattice is None or not runs:
            return ()
        first = runs[low - 1].end if low else 0
        last = runs[high + 1].start if high + 1 < len(runs) else len(line.lattice)
        parts.append([one.part(first, last) for one in (line.lattice, *line.others)])
    return tuple(joined(list(same)) for same in zip(*parts, strict=False)) if parts else ()


def _weakest(lattice: Lattice) -> float:
    peaks = [float(lattice.log_probs[run.start : run.end].max()) for run in lattice.runs()]
    return math.exp(min(peaks, default=0.0))


def _by_value(hypotheses: Iterable[Hypothesis], grammar: Grammar) -> Values:
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
