"""Edges between addresses as they are shown: a merged one is the one that it is shown as, so no shop is there twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from api.connections.graph.edges import Edge, Look
from api.connections.graph.sources import BY_NAME, SOURCES
from models import AddressMerge, AddressPair, Verdict

IN_ONE_QUERY = 500
ASKED_AT_ONCE = 50
"""Addresses that a source is asked about at once: of each it makes up to four parts of one query, SQLite takes 500."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Edges between addresses as they are shown, and those of which there may be more: not looked at, not given."""

    edges: list[Edge]
    not_looked_at: set[str] = field(default_factory=set)
    not_given: set[str] = field(default_factory=set)


def shown_by(look: Look, name: str, ring: Sequence[str]) -> Shown:
    """The edges of one source from the addresses of a ring, none of which is merged.

    Sources that know an address by its value or its cases are asked about those merged into it, too; sightings are the
    kept one's already.
    """
    if name == "merged":
        found = SOURCES[name](look, ring)
        return Shown(found.edges, found.truncated)
    asked, more = merged_into(look, ring) if name in BY_NAME else (list(ring), set())
    edges: list[Edge] = []
    truncated: set[str] = set()
    for part in _parts(asked, ASKED_AT_ONCE):
        found = SOURCES[name](look, part)
        edges += found.edges
        truncated |= found.truncated
    kept = kept_of(look.session, {*asked, *truncated, *(each for edge in edges for each in (edge.one, edge.other))})
    full = _full(edges, asked, most=look.bounds.fan_out)
    apart = _apart(look.session, asked) if name == "near" else set()
    return Shown(
        _folded(edges, kept, apart),
        {kept.get(each, each) for each in truncated} | more,
        {kept.get(each, each) for each in full},
    )


def merged_into(look: Look, ids: Sequence[str]) -> tuple[list[str], set[str]]:
    """These addresses and those merged into them; and which of them have more than is looked at."""
    most = look.bounds.merged
    found: list[str] = list(ids)
    more: set[str] = set()
    for part in _parts(ids, ASKED_AT_ONCE):
        each_ones = [
            select(
                select(literal(each).label("kept_id"), AddressMerge.alias_id)
                .where(AddressMerge.kept_id == each)
                .order_by(AddressMerge.alias_id)
                .limit(most + 1)
                .subquery()
            )
            for each in part
        ]
        merged: dict[str, list[str]] = {}
        for kept_id, alias_id in look.session.execute(union_all(*each_ones)):
            merged.setdefault(kept_id, []).append(alias_id)
        found += [alias_id for kept_id in sorted(merged) for alias_id in sorted(merged[kept_id])[:most]]
        more |= {kept_id for kept_id, aliases in merged.items() if len(aliases) > most}
    return found, more


def kept_of(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """By merged address, the one that it is shown as; those that stand alone are not in it."""
    kept: dict[str, str] = {}
    for part in _parts(sorted(ids), IN_ONE_QUERY):
        asked = select(AddressMerge.alias_id, AddressMerge.kept_id).where(AddressMerge.alias_id.in_(part))
        kept |= {row[0]: row[1] for row in session.execute(asked)}
    return kept


def _folded(edges: Iterable[Edge], kept: dict[str, str], apart: set[tuple[str, str]]) -> list[Edge]:
    """The edges between addresses that are shown, of several between two the heaviest; none between those apart."""
    refused = {_pair(kept, *pair) for pair in apart}
    best: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        pair = _pair(kept, edge.one, edge.other)
        known = best.get(pair)
        if pair[0] != pair[1] and pair not in refused and (known is None or edge.weight > known.weight):
            best[pair] = replace(edge, one=pair[0], other=pair[1])
    return [best[pair] for pair in sorted(best)]


def _pair(kept: dict[str, str], one: str, other: str) -> tuple[str, str]:
    first, second = kept.get(one, one), kept.get(other, other)
    return min(first, second), max(first, second)


def _apart(session: Session, ids: Sequence[str]) -> set[tuple[str, str]]:
    """The pairs with one of these that people declared separate."""
    pairs = AddressPair.one_id, AddressPair.other_id
    found: set[tuple[str, str]] = set()
    for column in pairs:
        for part in _parts(ids, IN_ONE_QUERY):
            asked = select(*pairs).where(column.in_(part), AddressPair.verdict == Verdict.SEPARATE)
            found |= {(row[0], row[1]) for row in session.execute(asked)}
    return found


def _parts(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), size):
        yield ids[at : at + size]


def _full(edges: Iterable[Edge], asked: Sequence[str], *, most: int) -> set[str]:
    """The addresses that a source gave more edges than are shown, whatever becomes of these when they are folded."""
    counts = dict.fromkeys(asked, 0)
    for edge in edges:
        for each in (edge.one, edge.other):
            if each in counts:
                counts[each] += 1
    return {each for each, count in counts.items() if count > most}
