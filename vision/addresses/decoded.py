"""Findings whose value and confidence come from the lattices of their lines, where there are any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from vision.addresses.endings import views
from vision.addresses.measured import UNASKED, Signs, measured
from vision.addresses.patterns import SIGNS
from vision.addresses.rank import MOST_ALTERNATIVES, Claim, finding
from vision.addresses.weigh import Weighed, is_settled, uncertain, weigh
from vision.types import Alternative, Finding, Kind, Repair

RULES_STAND = 0.7
"""The rules' value stands unless another one is this much likelier (a ratio): they saw more than the characters."""

CHECKED = 0.98
"""The confidence of an address with a checksum that is right: one in 65,536 wrong ones has one."""

SPECK, STROKE = "underscore as dot", "letter as sign"
REPAIRED = "lattice"
SEARCHED = "checksum searched"


@dataclass(frozen=True, slots=True)
class Examined:
    """A claim's value by its lattices, and what speaks for it.

    Attributes:
        claim: over all that the value was read from.
        weighed: None where the lattice had nothing to say of the value.
    """

    claim: Claim
    value: str
    signs: Signs
    weighed: Weighed | None = None


def settled(claim: Claim, beaten: Sequence[tuple[str, float]], *, threshold: float) -> Finding:
    """The claim as a finding: decoded if its lines have lattices, else as the rules read it."""
    made = finding(claim, beaten, threshold=threshold)
    if (seen := examined(claim, made)) is None:
        return made
    found, where = seen.claim.found, seen.claim.where
    confidence = round(measured().probability(seen.signs), 4)
    if found.kind is Kind.ONION:
        confidence = CHECKED if seen.weighed or is_settled(found) else min(confidence, made.confidence)
    accepted = confidence >= max(threshold, measured().accepted_from) and not found.is_guess
    if seen.weighed is None:
        return replace(made, confidence=confidence, accepted=accepted)
    values = seen.weighed.values
    return replace(
        made,
        value=seen.value,
        confidence=confidence,
        accepted=accepted,
        text=where.as_read(found.start, found.end),
        box=where.box(found.start, found.end),
        alternatives=_alternatives(made, seen.value, dict(values), confidence),
        trail=found.trail,
        facts=_facts(found.kind, seen.value, made.facts),
        uncertain=uncertain(seen.value, values),
    )


def examined(claim: Claim, made: Finding) -> Examined | None:
    """The value of a claim and what speaks for it; None without any lattice.

    Args:
        claim: what a rule found.
        made: the claim as a finding by the rules alone.
    """
    found, where = claim.found, claim.where
    if all(where.lines[number].lattice is None for number, _ in where.origin[found.start : found.end]):
        return None
    weighed = None if is_settled(found) else weigh(found, where)
    if weighed is None:
        return Examined(claim, found.value, Signs(None, made.confidence))
    shares = dict(weighed.values)
    value = weighed.values[0][0]
    if shares.get(found.value, 0.0) > RULES_STAND * shares[value]:
        value = found.value
    claim = _extended(claim, value)
    found = claim.found
    lines = where.confidence(found.start, found.end)
    agreed = UNASKED if weighed.others is None else weighed.others.get(value, 0.0)
    signs = Signs(shares[value], lines, weighed.fit, weighed.weakest, found.factor, agreed)
    return Examined(claim, value, signs, weighed)


def _extended(claim: Claim, value: str) -> Claim:
    """The claim over all that its value was read from, the steps to the value on its trail.

    A name may go on behind a speck that was read as a dot, or a letter read as a bracket.
    """
    found, trail = claim.found, claim.found.trail
    end = found.end
    if found.core is not None and found.core[1] > end and len(value) > len(found.value):
        end = found.core[1]
        rule = STROKE if claim.where.text[found.end] in SIGNS else SPECK
        if rule not in {step.rule for step in trail}:
            trail = (*trail, Repair(rule, claim.where.text[slice(*found.core)], value))
    if found.kind is Kind.ONION:
        steps = (step for step in trail if step.rule not in ("checksum wrong", SEARCHED))
        trail = (*steps, Repair(SEARCHED, found.value, value))
    elif value != found.value:
        trail = (*trail, Repair(REPAIRED, found.value, value))
    return replace(claim, found=replace(found, end=end, trail=trail))


def _alternatives(made: Finding, value: str, values: Mapping[str, float], confidence: float) -> tuple[Alternative, ...]:
    """The other values: as likely beside the chosen one as the lattice, or a rule, says."""
    shares = {other: share / values[value] for other, share in values.items()}
    rules = made.confidence or 1.0
    for each in made.alternatives:
        shares.setdefault(each.value, each.confidence / rules)
    shares.setdefault(made.value, 0.0)
    shares.pop(value, None)
    ranked = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_ALTERNATIVES]
    rest = 1.0 - confidence
    return tuple(Alternative(other, round(min(rest, confidence * share), 4)) for other, share in ranked)


def _facts(kind: Kind, value: str, known: Mapping[str, str]) -> Mapping[str, str]:
    """The views of a value that may not be the one the rules read."""
    facts = {name: fact for name, fact in known.items() if name != "checksum"}
    if kind is Kind.DOMAIN:
        for name in ("registrable", "registrable_private", "punycode"):
            facts.pop(name, None)
        facts |= views(value)
    if kind is Kind.TELEGRAM:
        facts.pop("bot", None)
        facts |= {"bot": "yes"} if value.endswith("bot") else {}
    return MappingProxyType(facts)
