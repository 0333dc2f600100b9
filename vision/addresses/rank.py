"""How sure a finding is, and which of overlapping candidates stays.

confidence = (mean confidence of the lines) ** WHOLE × factor of the evidence × factor of every repair (a rule counts
once). A finding is accepted when that reaches the threshold and no step was a guess: a step after which another reading
of the same paint is as good as the one chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from vision.addresses.passage import Passage
from vision.addresses.patterns import SIGNS
from vision.types import Alternative, Finding, Kind, Repair

REPAIRS: Mapping[str, float] = MappingProxyType(
    {
        "look-alike letters": 0.97,
        "separator": 0.92,
        "lines joined": 0.93,
        "underscore doubled": 0.90,
        "digits in a number": 0.92,
        "checksum": 0.97,
        "lattice": 1.0,  # what it leaves is in the probability of the value
        "number broken by a line": 0.85,
        # from here on: guesses
        "lines joined unasked": 0.65,
        "host read nearly": 0.74,
        "underscore as dash": 0.70,
        "underscore as space": 0.55,
        "underscore as dot": 0.45,
        "letter as sign": 0.60,
        "capital I": 0.70,
        "first digit": 0.50,
        "@ misread": 0.60,
        "@ guessed": 0.40,
        "slash lost": 0.60,
        "dot lost": 0.50,
        "ending broken": 0.60,
        "ending read nearly": 0.60,
        "ending spoken": 0.50,
        "ending guessed": 0.35,
        "no look-alike letters": 0.30,
        "checksum searched": 0.55,
        "checksum wrong": 0.15,
    }
)
"""What each step leaves of the confidence; judged by eye until the reader's calibration measures it."""

GUESSES = frozenset(list(REPAIRS)[list(REPAIRS).index("lines joined unasked") :])
"""Steps after which a person must look, whatever the confidence."""

EVIDENCE: Mapping[str, float] = MappingProxyType(
    {
        "plain": 1.0,  # @name, a link, a host, a number in full
        "keyword": 0.93,
        "keyword above": 0.85,
        "rare ending": 0.80,
        "keyword read nearly": 0.78,
        "letters only": 0.62,  # a keyword read nearly, then a word without digit or underscore
        "weak keyword": 0.60,
        "bare": 0.45,
        "alone": 0.25,
        "suspected": 0.15,  # no rule finds it: its lattice under a grammar does
    }
)
"""What in the paint says that this is an address at all."""

TRUNCATED = 0.6
"""For a name whose line ends in an underscore: the rest may stand elsewhere."""

WHOLE = 4.0
"""The reader's confidence is a mean over characters; all of them must be right. The power comes from the samples: of
findings that stood at 0.95 to 1 without it, 87 of 100 were exactly right."""

CONFUSED: Mapping[str, str] = MappingProxyType(
    {"0": "o", "o": "0", "1": "li", "l": "1i", "i": "l1", "5": "s", "s": "5", "8": "b", "3": "z", "6": "b", "7": "1",
     "k": "h", "h": "k"}
)  # fmt: skip
"""What a reader most often takes for each other."""

CONFUSED_SHARE = {"k": 0.02, "h": 0.02, "7": 0.03}
USUAL_SHARE = 0.05
MOST_ALTERNATIVES = 5
UNSETTLED_SHARE = 0.3
"""A lower-ranked candidate over the same paint becomes an alternative with this share of the confidence."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a rule found in a passage at [start, end).

    Attributes:
        evidence: a key of `EVIDENCE`.
        others: other values of the kind, each with its share of the confidence.
        core: the part of [start, end) that the value itself was read from, without what leads to it; None where the
            value is not what is painted there, letter for letter.
        is_cut: whether the paint goes on behind it, as if a letter or an underscore had been read as something else.
    """

    kind: Kind
    value: str
    start: int
    end: int
    trail: tuple[Repair, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    others: tuple[tuple[str, float], ...] = ()
    evidence: str = "plain"
    core: tuple[int, int] | None = None
    is_cut: bool = False

    @property
    def factor(self) -> float:
        """What evidence and trail leave of the confidence."""
        product = EVIDENCE[self.evidence]
        for rule in {step.rule for step in self.trail}:
            product *= REPAIRS[rule]
        return product * TRUNCATED if "truncated" in self.facts else product

    @property
    def is_guess(self) -> bool:
        """Whether a person must look: also where a name goes on, or its line ends in the middle of it."""
        return (
            "truncated" in self.facts
            or self.is_cut
            or self.evidence in ("letters only", "weak keyword", "bare", "alone", "suspected")
            or any(step.rule in GUESSES for step in self.trail)
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """A candidate and the painted characters it claims."""

    found: Candidate
    where: Passage

    @property
    def places(self) -> frozenset[tuple[int, int]]:
        """The painted characters, across passages."""
        return self.where.places(self.found.start, self.found.end)

    @property
    def reach(self) -> frozenset[tuple[int, int]]:
        """The same, and what it goes on with behind a letter read as a sign: no name of its own begins there."""
        core, end = self.found.core, self.found.end
        if core is None or core[1] <= end or self.where.text[end] not in SIGNS:
            return self.places
        return self.where.places(self.found.start, core[1])

    @property
    def tier(self) -> int:
        """Joins that the paint asks for, then what needs no guess, then joins nobody asked for, then guesses."""
        rules = {step.rule for step in self.found.trail}
        is_page = self.found.kind in (Kind.INSTAGRAM, Kind.VK) and self.found.evidence == "keyword above"
        if "lines joined" in rules or is_page:
            return 0
        if "lines joined unasked" in rules or "number broken by a line" in rules:
            return 2
        return 1 if self.found.evidence not in ("bare", "alone") and "dot lost" not in rules else 3

    @property
    def weight(self) -> float:
        """How much the candidate explains: painted characters, weighted by how sure it is."""
        painted = sum(not char.isspace() for char in self.where.text[self.found.start : self.found.end])
        return painted * (0.25 + self.found.factor)


def settle(claims: Iterable[Claim]) -> list[tuple[Claim, tuple[tuple[str, float], ...]]]:
    """The claims that stay where several want the same characters, each with the values it was preferred to."""
    kept: list[Claim] = []
    owner: dict[tuple[int, int], int] = {}
    beaten: list[list[tuple[str, float]]] = []
    for claim in sorted(claims, key=lambda claim: (claim.tier, -claim.weight, claim.found.start)):
        places = claim.places
        rivals = {owner[place] for place in places if place in owner}
        if not rivals:
            owner.update(dict.fromkeys(claim.reach, len(kept)))
            kept.append(claim)
            beaten.append([])
        for rival in rivals:
            if kept[rival].found.kind is claim.found.kind:
                share = min(UNSETTLED_SHARE, claim.found.factor / max(kept[rival].found.factor, 0.1))
                beaten[rival].append((claim.found.value, share))
    return [(claim, tuple(values)) for claim, values in zip(kept, beaten, strict=True)]


def finding(claim: Claim, beaten: Sequence[tuple[str, float]], *, threshold: float) -> Finding:
    """The claim as a finding with its confidence, box and alternatives."""
    found, where = claim.found, claim.where
    confidence = min(1.0, max(0.0, where.confidence(found.start, found.end))) ** WHOLE * found.factor
    return Finding(
        kind=found.kind,
        value=found.value,
        confidence=round(confidence, 4),
        accepted=confidence >= threshold and not found.is_guess,
        text=where.as_read(found.start, found.end),
        box=where.box(found.start, found.end),
        alternatives=_alternatives(found, beaten, confidence),
        trail=found.trail,
        facts=MappingProxyType(dict(found.facts)),
    )


def _alternatives(found: Candidate, beaten: Sequence[tuple[str, float]], confidence: float) -> tuple[Alternative, ...]:
    shares: dict[str, float] = {}
    for value, share in (*found.others, *beaten):
        shares[value] = max(share, shares.get(value, 0.0))
    for value, share in _confused(found):
        shares.setdefault(value, share)
    shares.pop(found.value, None)
    ranked = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_ALTERNATIVES]
    return tuple(Alternative(value, round(confidence * share, 4)) for value, share in ranked)


def _confused(found: Candidate) -> Iterable[tuple[str, float]]:
    """Values one misread character away."""
    if found.kind is Kind.TELEGRAM:
        name, rest = found.value, ""
    elif found.kind is Kind.DOMAIN and "/" not in found.value:
        name, dot, ending = found.value.rpartition(".")
        rest = dot + ending
    else:
        return
    for at, char in enumerate(name[:64]):
        for other in CONFUSED.get(char, ""):
            if at or not (found.kind is Kind.TELEGRAM and other.isdigit()):
                yield name[:at] + other + name[at + 1 :] + rest, CONFUSED_SHARE.get(char, USUAL_SHARE)
