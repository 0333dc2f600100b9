"""Joins boxes that are one line cut in two, and puts boxes in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vision.detect.base import Region
from vision.detect.rectangle import Rectangle
from vision.types import Ribbon


class Found(NamedTuple):
    """A rectangle around text, its score, and the ribbon of a bent line: in map pixels."""

    shape: Rectangle
    score: float
    ribbon: Ribbon = ()


MOST_GAP = 0.6
MOST_SHIFT = 0.3
MOST_TILT_DEG = 12.0
LEAST_HEIGHT_RATIO = 0.6


def merge_cut_lines(found: Sequence[Found]) -> list[Found]:
    """The same rectangles, neighbours on one line joined; the joined score is the better one's. Bent lines stay.

    Joined are those of like height and direction whose gap along the line is at most `MOST_GAP` heights, and which are
    at most `MOST_SHIFT` heights apart across it.
    """
    kept: list[Found] = []
    for item in sorted((item for item in found if not item.ribbon), key=lambda item: item.shape.x):
        joined = item
        while (partner := next((other for other in kept if are_one_line(other.shape, joined.shape)), None)) is not None:
            kept.remove(partner)
            joined = _join(partner, joined)
        kept.append(joined)
    return kept + [item for item in found if item.ribbon]


def are_one_line(one: Rectangle, two: Rectangle) -> bool:
    """Whether two rectangles look like parts of one painted line."""
    low, high = sorted((one.height, two.height))
    tilt = abs((one.angle_deg - two.angle_deg + 90) % 180 - 90)
    if low < LEAST_HEIGHT_RATIO * high or tilt > MOST_TILT_DEG:
        return False
    (ax, ay), (dx, dy) = (one if one.width >= two.width else two).axes()
    step = (two.x - one.x, two.y - one.y)
    along = abs(step[0] * ax + step[1] * ay)
    across = abs(step[0] * dx + step[1] * dy)
    gap = along - (one.width + two.width) / 2
    return across <= MOST_SHIFT * high and -0.5 * min(one.width, two.width) <= gap <= MOST_GAP * low


def reading_order(regions: Sequence[Region]) -> tuple[Region, ...]:
    """Regions from top to bottom; those whose middles are within half a height of each other, left to right."""
    rows: list[list[Region]] = []
    for region in sorted(regions, key=lambda region: _middle(region)[1]):
        row = rows[-1] if rows else None
        if row and _middle(region)[1] - _middle(row[0])[1] <= 0.5 * min(_height(region), _height(row[0])):
            row.append(region)
        else:
            rows.append([region])
    return tuple(region for row in rows for region in sorted(row, key=lambda region: _middle(region)[0]))


def _join(one: Found, two: Found) -> Found:
    corners = np.array([*one.shape.box(), *two.shape.box()], np.float32)
    return Found(Rectangle.around(corners), max(one.score, two.score))


def _middle(region: Region) -> tuple[float, float]:
    x, y = np.mean(np.array(region.box), axis=0)
    return float(x), float(y)


def _height(region: Region) -> float:
    top_left, _, _, bottom_left = np.array(region.box)
    return float(np.linalg.norm(bottom_left - top_left))
