"""What the lattices of a finding's lines say of any value of its kind, also of one they do not offer themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vision.addresses.decoded import examined
from vision.addresses.grammar import Grammar, grammar_of
from vision.addresses.painted import claims
from vision.addresses.rank import finding
from vision.addresses.weigh import lattice_of
from vision.recognise.lattice import NEVER, Lattice
from vision.types import Finding, Kind, Line


@dataclass(frozen=True, slots=True)
class Spelled:
    """Where a finding was read, ready to be asked how well other values fit there.

    Attributes:
        is_guess: whether a rule guessed on the way, so that a person must look.
        values: canonical values with their probabilities given that one of them is right; empty without a lattice.
        folded: the steps under the grammar's fold; None without a lattice or a grammar.
    """

    kind: Kind
    is_guess: bool
    values: tuple[tuple[str, float], ...] = ()
    folded: Lattice | None = field(default=None, compare=False, repr=False)
    _known: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def log_mass(self, value: str) -> float:
        """The logarithm of the probability of all paths that spell a value; -inf when none does, or nobody can tell."""
        if self.folded is None:
            return -math.inf
        if value not in self._known:  # series ask for the same values again and again
            self._known[value] = max(log_forward(self.folded, text) for text in texts_of(self.kind, value))
        return self._known[value]


def spelled(lines: Sequence[Line], made: Finding) -> Spelled | None:
    """Where among the lines a finding was read; None if the rules do not find it there.

    Args:
        lines: of the reading that the finding is from, in any order.
        made: as `extract` made it from these lines.
    """
    for claim, beaten in claims(lines):
        plain = finding(claim, beaten, threshold=1.0)
        seen = examined(claim, plain)
        value = plain.value if seen is None else seen.value
        if (claim.found.kind, value) != (made.kind, made.value):
            continue
        found = claim.found if seen is None else seen.claim.found
        if seen is None or seen.weighed is None:
            return Spelled(made.kind, found.is_guess)
        grammar: Grammar | None = grammar_of(found)
        lattice = lattice_of(claim.where, *found.core) if grammar and found.core else None
        folded = lattice.folded(grammar.fold) if grammar and lattice else None
        return Spelled(made.kind, found.is_guess, seen.weighed.values, folded)
    return None


def texts_of(kind: Kind, value: str) -> tuple[str, ...]:
    """The texts that a grammar decodes to a value."""
    if kind is Kind.ONION:
        return (value.removesuffix(".onion"),)
    if kind is Kind.PHONE and value.startswith("+7"):
        return value, "8" + value[2:], value[1:]
    return (value,)


def log_forward(lattice: Lattice, text: str) -> float:
    """The logarithm of the summed probability of all CTC paths that read as the text; -inf when there is none.

    After Graves et al., "Connectionist Temporal Classification" (2006), the forward variable in logarithms.
    """
    columns = [lattice.alphabet.find(char) + 1 for char in text]
    if not all(columns):
        return -math.inf
    labels = np.zeros(2 * len(columns) + 1, np.int64)
    labels[1::2] = columns
    # A blank may be left out between two characters that differ.
    skips = np.zeros(len(labels), bool)
    skips[3::2] = labels[3::2] != labels[1:-2:2]
    if not len(lattice):
        return -math.inf if columns else 0.0
    logs = lattice.log_probs.astype(np.float64)
    ahead = np.full(len(labels), -np.inf)
    ahead[:2] = logs[0, labels[:2]]
    for row in logs[1:]:
        one = np.concatenate(([-np.inf], ahead[:-1]))
        two = np.where(skips, np.concatenate(([-np.inf, -np.inf], ahead))[: len(ahead)], -np.inf)
        ahead = np.logaddexp(np.logaddexp(ahead, one), two) + row[labels]
    total = float(np.logaddexp(ahead[-1], ahead[-2])) if len(labels) > 1 else float(ahead[-1])
    return total if total > NEVER / 2 else -math.inf
