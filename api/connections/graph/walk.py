"""The neighbours of an address, ring by ring, with bounds on everything that a hub could blow up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from api.connections.graph.edges import Bounds, Edge, Look
from api.connections.graph.shown import kept_of, shown_by
from api.connections.walls import known
from api.unit import Unit
from models import Address

BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Cut:
    """That there is more than the graph shows: at this address, from this source ("" for any), because of a bound."""

    address_id: str
    by: str
    bound: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Addresses with how far they are from the first one, the edges between them, and what was left out.

    `merged`: by address that is merged into another one, which that is.
    """

    nodes: list[tuple[Address, int]]
    edges: list[Edge]
    cuts: list[Cut]
    merged: dict[str, str]


def neighbours(unit: Unit, address_id: str, *, depth: int, by: Sequence[str], bounds: Bounds = BOUNDS) -> Graph:
    """The graph around an address; edges between two addresses of the outermost ring are not looked for.

    What is merged is the address that it is shown as, here in the middle as well; it is a node of its own only at the
    end of a "merged" edge, which leads no further.

    Args:
        unit: the transaction.
        address_id: in the middle.
        depth: 1 or 2 edges away.
        by: names of sources.
        bounds: where it stops.

    Raises:
        NotFound: no such address.
    """
    address_id = known(unit, address_id).id
    look = Look(unit.session, bounds)
    rings: dict[str, int] = {address_id: 0}
    edges: dict[tuple[str, str, str], Edge] = {}
    cuts: list[Cut] = []
    merged: dict[str, str] = {}
    ring = [address_id]
    for far in range(1, depth + 1):
        found = _edges_from(look, ring, by, cuts)
        merged |= kept_of(
            unit.session, {each for edge in found if edge.by == "merged" for each in (edge.one, edge.other)}
        )
        weights = _weights(found, rings)
        room = bounds.nodes - len(rings)
        chosen = sorted(weights, key=lambda each: (-weights[each], each))[: max(room, 0)]
        if len(chosen) < len(weights):
            cuts.append(Cut(address_id, "", "nodes"))
        rings |= dict.fromkeys(chosen, far)
        edges |= {(edge.by, edge.one, edge.other): edge for edge in found if edge.one in rings and edge.other in rings}
        alone = [each for each in chosen if each not in merged]
        ring = alone[: bounds.expanded]
        if far < depth:
            cuts += [Cut(each, "", "expanded") for each in alone[bounds.expanded :]]
    return Graph(_nodes(unit, rings), [edges[key] for key in sorted(edges)], cuts, merged)


def _edges_from(look: Look, ring: Sequence[str], by: Sequence[str], cuts: list[Cut]) -> list[Edge]:
    """The heaviest edges of each address of a ring, source by source."""
    given: list[Edge] = []
    for name in by if ring else ():
        found = shown_by(look, name, ring)
        cuts += [Cut(each, name, "looked_at") for each in sorted(found.not_looked_at)]
        of: dict[str, list[Edge]] = defaultdict(list)
        for edge in found.edges:
            of[edge.one].append(edge)
            of[edge.other].append(edge)
        for each in ring:
            heaviest = sorted(of[each], key=lambda edge: (-edge.weight, edge.one, edge.other))
            given += heaviest[: look.bounds.fan_out]
            if len(heaviest) > look.bounds.fan_out or each in found.not_given:
                cuts.append(Cut(each, name, "fan_out"))
    return given


def _weights(edges: Sequence[Edge], rings: dict[str, int]) -> dict[str, float]:
    """By new address, the weight of all that leads there."""
    weights: dict[str, float] = defaultdict(float)
    for edge in edges:
        for each in (edge.one, edge.other):
            if each not in rings:
                weights[each] += edge.weight
    return weights


def _nodes(unit: Unit, rings: dict[str, int]) -> list[tuple[Address, int]]:
    rows = unit.session.scalars(select(Address).where(Address.id.in_(rings)))
    return sorted(((row, rings[row.id]) for row in rows), key=lambda each: (each[1], each[0].kind, each[0].value))
