"""Which painted lines may carry one object together: decided by geometry and by how a line ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vision.addresses.keywords import keywords
from vision.addresses.passage import Passage, passage
from vision.types import Line

HANGING = re.compile(
    r"[/\\._@+:-]$|(?:^|[^a-z0-9])(?:https?|www|t\s?\.?\s?me\s?[il|]?"
    r"|telegram\s?\.?\s?me|t|wa\.me|vk\.com|instagram\.com|chat\.?)$"
)
"""How a line ends that goes on, in `latin`."""

GOING_ON = re.compile(r"^(?:[/\\_@]|\.\s?[^\W\d_]{2,}|\.)")
"""How a line begins that goes on from the one above."""

HINT = re.compile(r"[@/\\_+.,:;·•-]|\d\D*\d")
"""Without any of these two lines carry nothing that only both of them say."""

BASE32 = re.compile(r"[a-z0-9|!$](?:[a-z0-9|!$-]\s?){5,60}(?:[.,]?\s?[o0]n[il1]on)?[.,]?")
ONION_CHARACTERS = range(54, 72)
LOOK_AHEAD = 12
MOST_IN_CHAIN = 6
LONGEST_JOINED = 160
"""Characters of two lines together: what is longer is prose."""

NOT_LEADING = frozenset({"email", "web"})


@dataclass(frozen=True, slots=True)
class Spot:
    """A line, what it says by itself, and where it lies, in photo pixels."""

    line: Line
    alone: Passage
    left: float
    right: float
    x: float
    y: float
    height: float


def passages(lines: Sequence[Line]) -> Iterator[Passage]:
    """Each line by itself, then each run of lines that may be one object."""
    spots = sorted(map(_spot, lines), key=lambda spot: (spot.y, spot.x))
    for spot in spots:
        yield spot.alone
    for number, spot in enumerate(spots):
        following = spots[number + 1 : number + 1 + LOOK_AHEAD]
        for follower in _followers(spot, following):
            yield from _pair(spot, follower)
        if BASE32.fullmatch(spot.alone.latin):
            yield from _chain(spot, spots[number + 1 : number + 1 + 2 * LOOK_AHEAD])


def is_hanging(where: Passage) -> bool:
    """Whether the lines of a passage ask to be read as one: an end that goes on, or a beginning from above."""
    return any(
        HANGING.search(where.latin[:join].rstrip()) or GOING_ON.match(where.latin[join:].lstrip())
        for join in where.joins
    )


def _pair(upper: Spot, lower: Spot) -> Iterator[Passage]:
    if len(upper.line.text) + len(lower.line.text) > LONGEST_JOINED:
        return
    pair = [upper.line, lower.line]
    if HINT.search(upper.alone.text) or HINT.search(lower.alone.text) or HANGING.search(upper.alone.latin):
        yield passage(pair)
    known = keywords(upper.alone)
    if known and known[-1].sense not in NOT_LEADING and not re.search(r"\w", upper.alone.text[known[-1].end :]):
        yield passage(pair, glue=" ")


def _chain(first: Spot, rest: Sequence[Spot]) -> Iterator[Passage]:
    """An onion address painted over more than two lines: every run of base32 lines from this one."""
    chain = [first]
    while len(chain) < MOST_IN_CHAIN:
        followers = _followers(chain[-1], [spot for spot in rest if spot not in chain])
        if not followers or not BASE32.fullmatch(followers[0].alone.latin):
            return
        chain.append(followers[0])
        length = sum(len(spot.alone.text) for spot in chain)
        if length > ONION_CHARACTERS.stop:
            return
        if len(chain) > 2 and length in ONION_CHARACTERS:
            yield passage([spot.line for spot in chain])


def _followers(spot: Spot, others: Sequence[Spot]) -> list[Spot]:
    """The lines that may go on from this one: the next to the right on the same baseline, and the next below."""
    right = [other for other in others if _is_right_of(spot, other)]
    below = [other for other in others if _is_below(spot, other)]
    nearest = [min(right, key=lambda other: other.left)] if right else []
    return nearest + ([min(below, key=lambda other: other.y)] if below else [])


def _is_right_of(spot: Spot, other: Spot) -> bool:
    gap = other.left - spot.right
    is_level = abs(other.y - spot.y) < 0.5 * max(spot.height, other.height)
    return is_level and -0.5 * spot.height < gap < 3 * spot.height and 0.5 < other.height / spot.height < 2


def _is_below(spot: Spot, other: Spot) -> bool:
    overlap = min(spot.right, other.right) - max(spot.left, other.left)
    is_near = 0.4 * spot.height < other.y - spot.y < 3.2 * max(spot.height, other.height)
    return is_near and overlap > 0 and 0.4 < other.height / spot.height < 2.5


def _spot(line: Line) -> Spot:
    (tl_x, tl_y), (tr_x, tr_y), (br_x, br_y), (bl_x, bl_y) = line.box
    return Spot(
        line,
        passage([line]),
        left=min(tl_x, bl_x),
        right=max(tr_x, br_x),
        x=(tl_x + tr_x + br_x + bl_x) / 4,
        y=(tl_y + tr_y + br_y + bl_y) / 4,
        height=max(1e-6, abs((bl_y - tl_y + br_y - tr_y) / 2)),
    )
