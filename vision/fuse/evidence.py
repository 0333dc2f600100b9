"""What one photo says of the value of an address: a probability for every value that anybody may propose."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from vision.addresses.measured import measured
from vision.addresses.rank import CONFUSED, CONFUSED_SHARE, GUESSES, USUAL_SHARE
from vision.addresses.spelled import Spelled, spelled
from vision.fuse.seen import Seen
from vision.types import Finding, Kind

Key = tuple[Kind, str]

RARE = 0.003
"""How often a character is read as one that it does not resemble, lost, or read where there is none."""

LEFT = 0.02
"""Of what a photo leaves to values that it does not offer, the share that any one of them may have."""

NEARLY_NEVER = 1e-4
MOST_EDITS = 4
"""Values further apart are not misreadings of each other."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one photo says at one place.

    Attributes:
        sha256: of the photo.
        finding: as the reader made it.
        is_guess: whether a person must look at the finding, whatever its confidence.
        shares: probabilities of the values that the photo offers, the finding's own among them; they add up to 1 at
            most.
        spelled: the lattices behind it, where there are any.
    """

    sha256: str
    finding: Finding
    is_guess: bool
    shares: Mapping[str, float]
    spelled: Spelled | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        """The address as this photo alone reads it."""
        return self.finding.kind, self.finding.value

    @property
    def rest(self) -> float:
        """The probability that it is none of the values offered."""
        return max(NEARLY_NEVER, 1.0 - sum(self.shares.values()))

    def share(self, key: Key) -> float:
        """The probability of a value, also of one that this photo does not offer: never quite 0."""
        kind, value = key
        least = LEFT * self.rest
        if kind is not self.finding.kind:
            return least
        if value in self.shares:
            return max(least, self.shares[value])
        return max(least, min(self.rest, max(self._by_lattice(value), self._by_misreading(value))))

    def _by_lattice(self, value: str) -> float:
        own = self.spelled.log_mass(self.finding.value) if self.spelled else -math.inf
        other = self.spelled.log_mass(value) if self.spelled and own > -math.inf else -math.inf
        return self.finding.confidence * math.exp(min(0.0, other - own)) if other > -math.inf else 0.0

    def _by_misreading(self, value: str) -> float:
        return sum(share * misread(value, read) for read, share in self.shares.items())


def evidence_of(seen: Seen) -> tuple[Evidence, ...]:
    """The evidence of every finding of a photo."""
    return tuple(_evidence(seen, finding) for finding in seen.findings)


def misread(painted: str, read: str) -> float:
    """About how often one value is read where another one is painted: character by character."""
    if Levenshtein.distance(painted, read, score_cutoff=MOST_EDITS) > MOST_EDITS:
        return 0.0
    share = 1.0
    for step in Levenshtein.editops(painted, read):
        share *= _confused(painted[step.src_pos], read[step.dest_pos]) if step.tag == "replace" else RARE
    return share


def _confused(painted: str, read: str) -> float:
    known = dict(measured().confused.get(read, ())).get(painted, 0.0)
    usual = CONFUSED_SHARE.get(read, USUAL_SHARE) if painted in CONFUSED.get(read, "") else 0.0
    return max(RARE, known, usual)


def _evidence(seen: Seen, finding: Finding) -> Evidence:
    where = spelled(seen.lines, finding) if seen.lines and finding.source == "ocr" else None
    known_guess = bool({step.rule for step in finding.trail} & GUESSES) or "truncated" in finding.facts
    is_guess = not finding.accepted and (known_guess or (where is not None and where.is_guess))
    return Evidence(seen.sha256, finding, is_guess, _shares(finding, where), where)


def _shares(finding: Finding, where: Spelled | None) -> Mapping[str, float]:
    """The value with its confidence, the others as likely beside it as lattice or rules say, all of them 1 at most."""
    others: dict[str, float] = {}
    by_lattice = dict(where.values) if where else {}
    own = by_lattice.get(finding.value, 0.0)
    for value, share in by_lattice.items():
        others[value] = finding.confidence * share / own if own > 0 else share * (1 - finding.confidence)
    for each in finding.alternatives:
        others[each.value] = max(each.confidence, others.get(each.value, 0.0))
    for value, share in _by_characters(finding):
        others.setdefault(value, share)
    others.pop(finding.value, None)
    room = (1.0 - finding.confidence) * (1 - LEFT)
    total = sum(others.values())
    scale = min(1.0, room / total) if total > 0 else 0.0
    return {finding.value: finding.confidence, **{value: share * scale for value, share in sorted(others.items())}}


def _by_characters(finding: Finding) -> Iterable[tuple[str, float]]:
    """The values that one uncertain character makes."""
    for each in finding.uncertain:
        for rival, share in each.rivals:
            value = finding.value[: each.position] + rival + finding.value[each.position + 1 :]
            yield value, (1.0 - finding.confidence) * share
