"""What joins two addresses, and what a source of edges may look at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import chain
from typing import Any

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from models import Sighting, SightingState

NAMED = 5
"""Walls, photos or cases that an edge names; `weight` counts all that were looked at."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What keeps a hub from taking the graph with it.

    Attributes:
        looked_at: newest sightings of an address by which its edges are sought: it may be on 50,000 walls.
        rows: what one source reads for one ring of the graph.
        of_stem: values that are looked at for each spelling of a series' stem.
        of_case: addresses of one case that are looked at.
        fan_out: neighbours that one address gets from one source, those it shares most with.
        expanded: addresses of a ring whose own neighbours are asked for, those with the heaviest edges.
        nodes: addresses in the whole graph.
        merged: addresses merged into one of a ring that are looked at with it, those merged first.
    """

    looked_at: int = 20
    rows: int = 5000
    of_stem: int = 60
    of_case: int = 60
    fan_out: int = 20
    expanded: int = 20
    nodes: int = 300
    merged: int = 20


@dataclass(frozen=True, slots=True)
class Edge:
    """A reason why two addresses belong together; the smaller id comes first.

    Attributes:
        by: the source's name, one of `SOURCES`.
        weight: how many walls, photos or cases they share among those looked at; how alike values or pictures are.
        facts: which ones.
    """

    by: str
    one: str
    other: str
    weight: float
    facts: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Found:
    """Edges from the addresses asked for, and those of them of which there may be more than was looked at."""

    edges: list[Edge]
    truncated: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting: where, on which photo, as which finding."""

    wall: str
    photo: str
    finding: str


class Look:
    """A session with its bounds, and what sources have looked at together."""

    def __init__(self, session: Session, bounds: Bounds) -> None:
        self.session, self.bounds = session, bounds
        self._seen: dict[str, list[Seen]] = {}

    def newest(self, ids: Sequence[str]) -> tuple[dict[str, list[Seen]], set[str]]:
        """The newest counting sightings of each address, and the addresses that have more of them."""
        missing = [each for each in ids if each not in self._seen]
        if missing:
            self._seen |= {each: [] for each in missing}
            for row in self.session.execute(union_all(*(_newest(each, self.bounds.looked_at) for each in missing))):
                self._seen[row[0]].append(Seen(row[1], row[2], row[3]))
        most = self.bounds.looked_at
        more = {each for each in ids if len(self._seen[each]) > most}
        return {each: self._seen[each][:most] for each in ids}, more


Source = Callable[[Look, Sequence[str]], Found]
"""Ids to edges: small, bounded, in an order that does not change."""


def _newest(address_id: str, most: int) -> Any:
    one = (
        select(
            literal(address_id).label("address_id"), Sighting.inscription_id, Sighting.photo_sha256, Sighting.finding_id
        )
        .where(Sighting.address_id == address_id, Sighting.state != SightingState.REJECTED)
        .order_by(Sighting.seen_at.desc(), Sighting.id.desc())
        .limit(most + 1)
    )
    return select(one.subquery())


def sharing(by: str, of: dict[str, set[str]], members: Iterable[tuple[str, str]], *, most: int) -> list[Edge]:
    """An edge for each two addresses that share something, the heaviest of each.

    Args:
        by: the name of the source.
        of: by address, the things (walls, photos, cases) it was asked with.
        members: things with the addresses in them.
        most: edges of one address; one more is given where there are more. Of thousands few are ever looked at.
    """
    within: dict[str, set[str]] = defaultdict(set)
    for thing, address_id in members:
        within[thing].add(address_id)
    pairs: set[tuple[str, str]] = set()
    for one, things in of.items():
        counts = Counter(chain.from_iterable(within.get(thing, ()) for thing in things))
        counts.pop(one, None)
        heaviest = nsmallest(most + 1, counts, key=lambda other: (-counts[other], min(one, other), max(one, other)))
        pairs |= {(min(one, other), max(one, other)) for other in heaviest}
    return [_edge(by, one, other, of, within) for one, other in sorted(pairs)]


def _edge(by: str, one: str, other: str, of: dict[str, set[str]], within: dict[str, set[str]]) -> Edge:
    asked = of.get(one, set()) | of.get(other, set())
    shared = sorted(thing for thing in asked if {one, other} <= within.get(thing, set()))
    return Edge(by, one, other, len(shared), {f"{by}s": shared[:NAMED]})
