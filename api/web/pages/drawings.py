"""Pictures that pages draw themselves as SVG: the bars of a time line, the rings of a graph, two values compared."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from zoneinfo import ZoneInfo

from api.connections.graph.edges import Edge
from api.connections.graph.walk import Graph
from api.connections.walls import Beat
from api.stats.periods import Period, day_of
from models import Address

MOST_BARS, FEWEST_BARS = 60, 12
DAYS_OF = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30, Period.QUARTER: 91, Period.YEAR: 365}
NEAR_DRAWN, FAR_DRAWN = 24, 36
NEAR_RADIUS, FAR_RADIUS = (250, 150), (430, 275)
MIDDLE = (600.0, 320.0)
NAMED_AT_MOST = 30
LONGEST_NAME = 22


@dataclass(frozen=True, slots=True)
class Bar:
    """A period as a bar: `height` and `new_height` in percent of the highest one."""

    beat: Beat
    height: float
    new_height: float


@dataclass(frozen=True, slots=True)
class Spot:
    """An address in the picture of a graph; `number` is its number in the list beside, 0 the one in the middle."""

    row: Address
    depth: int
    number: int
    x: float
    y: float
    name: str
    edges: tuple[Edge, ...] = ()


@dataclass(frozen=True, slots=True)
class Rings:
    """A graph as it is drawn, the middle first; `left_out` addresses of it had no room."""

    spots: list[Spot]
    lines: list[tuple[Spot, Spot, Edge]]
    left_out: int


def fitting(first: datetime, last: datetime, zone: ZoneInfo) -> tuple[Period, date, date]:
    """The shortest period that shows all of it in `MOST_BARS` bars, with the first day and the last one.

    A short time begins earlier than asked, so that a single day does not fill the picture.
    """
    since, until = day_of(first, zone), day_of(last, zone)
    days = (until - since).days + 1
    period = next((each for each, length in DAYS_OF.items() if days / length <= MOST_BARS - 1), Period.YEAR)
    return period, opened(since, until, period), until


def opened(since: date, until: date, period: Period) -> date:
    """The first day of a picture that is not too narrow."""
    return min(since, until - timedelta(days=DAYS_OF[period] * (FEWEST_BARS - 1)))


def bars(beats: Sequence[Beat]) -> list[Bar]:
    """The time line's bars."""
    most = max((beat.sightings for beat in beats), default=0) or 1
    return [
        Bar(beat, round(100 * beat.sightings / most, 2), round(100 * min(beat.new_walls, beat.sightings) / most, 2))
        for beat in beats
    ]


def compared(one: str, other: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Two values in pieces, each with whether the other one has something else there."""
    ones: list[tuple[str, bool]] = []
    others: list[tuple[str, bool]] = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if i2 > i1:
            ones.append((one[i1:i2], what != "equal"))
        if j2 > j1:
            others.append((other[j1:j2], what != "equal"))
    return ones, others


def rings(graph: Graph) -> Rings:
    """The graph around its middle: neighbours on an inner ring, theirs on an outer one, near those they belong to."""
    middle = graph.nodes[0][0]
    near = _heaviest(graph, 1, {middle.id}, NEAR_DRAWN)
    far = _heaviest(graph, 2, {row.id for row in near}, FAR_DRAWN)
    is_named = len(near) + len(far) <= NAMED_AT_MOST
    of: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        of[edge.one].append(edge)
        of[edge.other].append(edge)
    turns = {row.id: n / max(1, len(near)) for n, row in enumerate(near)}
    far.sort(key=lambda row: min((turns[each] for each in _others(of[row.id], row.id) if each in turns), default=0.0))
    spots = [Spot(middle, 0, 0, MIDDLE[0], MIDDLE[1], _short(middle.value))]
    for depth, rows, radius in ((1, near, NEAR_RADIUS), (2, far, FAR_RADIUS)):
        for place, row in enumerate(rows):
            turn = 2 * math.pi * (place + (0.5 if depth == 2 else 0)) / len(rows) - math.pi / 2
            x, y = MIDDLE[0] + radius[0] * math.cos(turn), MIDDLE[1] + radius[1] * math.sin(turn)
            name = _short(row.value) if is_named else ""
            spots.append(Spot(row, depth, len(spots), round(x, 1), round(y, 1), name, tuple(of[row.id])))
    drawn = {spot.row.id: spot for spot in spots}
    lines = [(drawn[e.one], drawn[e.other], e) for e in graph.edges if e.one in drawn and e.other in drawn]
    return Rings(spots, lines, len(graph.nodes) - len(spots))


def _others(edges: Sequence[Edge], row_id: str) -> list[str]:
    return [edge.other if edge.one == row_id else edge.one for edge in edges]


def _heaviest(graph: Graph, depth: int, inner: set[str], most: int) -> list[Address]:
    """The addresses of a ring with the most weight towards the drawn ones inside it."""
    weights: dict[str, float] = defaultdict(float)
    for edge in graph.edges:
        for here, there in ((edge.one, edge.other), (edge.other, edge.one)):
            if there in inner:
                weights[here] += edge.weight
    ring = [row for row, far in graph.nodes if far == depth and row.id in weights]
    return sorted(ring, key=lambda row: (-weights[row.id], row.kind, row.value))[:most]


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_NAME else f"{value[: LONGEST_NAME - 1]}…"
