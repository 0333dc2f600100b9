"""Evidence of several photos added up, character for character, into one finding."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from vision.addresses import THRESHOLD
from vision.addresses.endings import views
from vision.addresses.measured import measured
from vision.addresses.rank import MOST_ALTERNATIVES
from vision.addresses.weigh import uncertain
from vision.fuse.evidence import Evidence, Key, evidence_of
from vision.fuse.places import Cluster, by_place, over_walls, surest_first
from vision.fuse.seen import Fused, Seen
from vision.types import Alternative, Finding, Kind

SAME_WALL = 0.6
"""Photos of one wall share the letters' shapes, the wear and the network's habits: n of them weigh as much as
n ** (1 - SAME_WALL) that share nothing. 0 would be independence, 1 would be no news at all. Chosen on val series."""

OTHER_WALLS = 0.3
"""The same for walls: only the network's habits are shared."""

MISSED = 0.4
"""What every photo that shows the place and has nothing there adds to the logarithm of "it is none of these"."""

SUREST = 0.995
"""More than this no number of photos can say: what every one of them misreads they agree upon."""


def fuse(photos: Iterable[Seen], *, threshold: float = THRESHOLD) -> tuple[Fused, ...]:
    """The addresses that photos show together, the surest first; each (kind, value) once.

    Photos of one inscription that lie in one frame (`to_wall`) are put together by place, all others by what their
    findings may mean. The order of the photos does not matter; a photo given twice counts once; of one photo alone
    the findings come back as they are.

    Args:
        photos: what each showed.
        threshold: confidence from which a finding needs no person; what was measured for decoded values holds where
            it is higher.
    """
    by_wall: dict[str, list[tuple[Seen, Sequence[Evidence]]]] = defaultdict(list)
    for number, seen in enumerate(_once(photos)):
        by_wall[seen.inscription or f"\0{number}"].append((seen, evidence_of(seen)))
    clusters = over_walls(cluster for wall in sorted(by_wall) for cluster in by_place(by_wall[wall], wall))
    best: dict[Key, Fused] = {}
    for made in (_fused(cluster, threshold) for cluster in clusters):
        key = made.finding.kind, made.finding.value
        best[key] = _both(best[key], made) if key in best else made
    return tuple(sorted(best.values(), key=lambda one: (-one.finding.confidence, one.finding.kind, one.finding.value)))


def posterior(parts: Sequence[Evidence], walls: Sequence[str], misses: int = 0) -> tuple[tuple[Key, float], ...]:
    """The values that the photos may show with their probabilities, the likeliest first; they add up to less than 1.

    Every photo's log-probabilities are added up, weakened for what photos of one wall and walls of one reader share.
    What is left over is the chance that it is none of them, or nothing.
    """
    keys = sorted({(part.finding.kind, value) for part in parts for value in part.shares})
    weights = _weights(walls)
    scores = {
        key: sum(weight * math.log(part.share(key)) for part, weight in zip(parts, weights, strict=True))
        for key in keys
    }
    none = sum(weight * math.log(part.rest) for part, weight in zip(parts, weights, strict=True)) + MISSED * misses
    top = max(*scores.values(), none)
    masses = {key: math.exp(score - top) for key, score in scores.items()}
    total = sum(masses.values()) + math.exp(none - top)
    made = {key: min(SUREST, mass / total) for key, mass in masses.items()}
    return tuple(sorted(made.items(), key=lambda pair: (-pair[1], pair[0])))


def _weights(walls: Sequence[str]) -> list[float]:
    """How much each photo counts: those of one wall less each the more there are, and so with walls."""
    sizes = Counter(walls)
    return [sizes[wall] ** -SAME_WALL * len(sizes) ** -OTHER_WALLS for wall in walls]


def _once(photos: Iterable[Seen]) -> list[Seen]:
    """Each photo once, in the order of their digests; of two readings of one photo the one that says more."""
    kept: dict[str, Seen] = {}
    for seen in photos:
        known = kept.get(seen.sha256)
        if known is None or _says(seen) > _says(known):
            kept[seen.sha256] = seen
    return [kept[sha256] for sha256 in sorted(kept)]


def _says(seen: Seen) -> tuple[bool, bool, int, str]:
    has_lattice = any(line.lattice is not None for line in seen.lines)
    return seen.to_wall is not None, has_lattice, len(seen.findings), repr((seen.inscription, seen.findings))


def _fused(cluster: Cluster, threshold: float) -> Fused:
    order = sorted(range(len(cluster.parts)), key=lambda at: cluster.parts[at].sha256)
    parts = [cluster.parts[at] for at in order]
    seen_in = tuple(part.sha256 for part in parts)
    read_as = tuple((part.sha256, part.finding) for part in parts)
    if len(parts) == 1 and not cluster.misses:
        return Fused(parts[0].finding, parts[0].sha256, seen_in, seen_in, read_as)
    values = posterior(parts, [cluster.walls[at] for at in order], cluster.misses)
    (kind, value), confidence = values[0]
    supporters = [part for part in parts if part.key == (kind, value)]
    base = surest_first(supporters or parts)[0]
    if not supporters:
        base = max(parts, key=lambda part: (part.share((kind, value)), part.sha256))
    least = max(threshold, measured().accepted_from)
    is_sure = confidence >= least and any(not part.is_guess for part in supporters)
    made = replace(
        base.finding,
        kind=kind,
        value=value,
        confidence=round(confidence, 4),
        accepted=is_sure,
        alternatives=_alternatives(base.finding, values),
        facts=_facts(base.finding, kind, value),
        uncertain=uncertain(value, [(other, share) for (other_kind, other), share in values if other_kind is kind]),
    )
    return Fused(made, base.sha256, tuple(part.sha256 for part in supporters), seen_in, read_as)


def _alternatives(base: Finding, values: Sequence[tuple[Key, float]]) -> tuple[Alternative, ...]:
    (kind, value), _ = values[0]
    others = {other: share for (other_kind, other), share in values[1:] if other_kind is kind}
    for each in base.alternatives:
        others.setdefault(each.value, 0.0)
    others.pop(value, None)
    ranked = sorted(others.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_ALTERNATIVES]
    return tuple(Alternative(other, round(share, 4)) for other, share in ranked)


def _facts(base: Finding, kind: Kind, value: str) -> Mapping[str, str]:
    """The views of a value that the photo itself read otherwise."""
    if (base.kind, base.value) == (kind, value):
        return base.facts
    facts = {
        name: fact
        for name, fact in base.facts.items()
        if name not in ("registrable", "registrable_private", "punycode", "bot", "checksum")
    }
    if kind is Kind.DOMAIN:
        facts |= views(value)
    if kind is Kind.TELEGRAM and value.endswith("bot"):
        facts["bot"] = "yes"
    return MappingProxyType(facts)


def _both(one: Fused, other: Fused) -> Fused:
    """One address that stands at two places of a wall: the surer finding, and every photo that shows it."""
    first = max(one, other, key=lambda each: (each.finding.confidence, each.finding.accepted, each.photo))
    return replace(
        first,
        supported_by=tuple(sorted({*one.supported_by, *other.supported_by})),
        seen_in=tuple(sorted({*one.seen_in, *other.seen_in})),
        read_as=(*one.read_as, *other.read_as),
    )
