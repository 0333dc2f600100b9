"""Everything that is measured of two photos before anything is decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.after.align import Around, aligned, around, is_same_view
from vision.after.strips import Levels, Strip, density, strip
from vision.after.words import LINE, UNREAD, Shown, has_letters
from vision.frames import as_box
from vision.fuse.match import Match, overlap
from vision.photo import Photo

TOUCHES = 0.1
"""Shared part of the smaller of two boxes from which on what was read lies where the writing was."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the reader saw, beside the place of the writing; without an alignment everything counts as `here`.

    Attributes:
        is_known: an address that was on the wall before is read in the photo after.
        address_here, unread_here, line_here: highest confidence of such a thing where the writing was; 0 for none.
            Lines of one or two letters do not count.
        address_elsewhere: the same for addresses (and unread ones) elsewhere in the photo.
    """

    is_known: bool
    address_here: float
    unread_here: float
    line_here: float
    address_elsewhere: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured.

    Attributes:
        boxes: how many lines were to be painted over.
        found: what the reader saw.
        match: how the photos lie upon each other; None if nobody can tell. What follows is empty then.
        around: the wall outside of the writing.
        strips: the lines.
        height_px: of the lowest line, in pixels of the photo after.
        is_same_view: whether both were taken from the very same place.
    """

    boxes: int
    found: Found
    match: Match | None
    around: Around | None
    strips: tuple[Strip, ...]
    height_px: float
    is_same_view: bool


def measure(
    before: Photo,
    after: Photo,
    boxes: NDArray[np.float64],
    shown: Sequence[Shown],
    *,
    known: Collection[tuple[str, str]],
) -> Measured:
    """All that is measured; arguments as those of `check`."""
    match = aligned(before, after) if len(boxes) else None
    found = _found(boxes, shown, match, known)
    if match is None:
        return Measured(len(boxes), found, None, None, (), 0.0, is_same_view=False)
    one, other = Levels(before), Levels(after)
    strips = tuple(strip(one, other, boxes, at, match.homography) for at in range(len(boxes)))
    heights = [min(np.linalg.norm(box[3] - box[0]), np.linalg.norm(box[2] - box[1])) for box in boxes]
    scaled = [height * density(match.homography, *box.mean(axis=0)) for height, box in zip(heights, boxes, strict=True)]
    wall = around(one, other, boxes, match)
    is_same = is_same_view(match, before)
    return Measured(len(boxes), found, match, wall, strips, float(min(scaled)), is_same_view=is_same)


def _found(
    boxes: NDArray[np.float64], shown: Sequence[Shown], match: Match | None, known: Collection[tuple[str, str]]
) -> Found:
    places = [] if match is None else [match.carried(as_box(box)) for box in boxes]
    most = {"address": 0.0, UNREAD: 0.0, LINE: 0.0, "elsewhere": 0.0}
    for one in shown:
        is_here = match is None or any(overlap(place, one.box) >= TOUCHES for place in places)
        kind = one.kind if one.kind in (UNREAD, LINE) else "address"
        if kind == LINE and not has_letters(one.value):
            continue
        if is_here:
            most[kind] = max(most[kind], one.confidence)
        elif kind != LINE:
            most["elsewhere"] = max(most["elsewhere"], one.confidence)
    is_known = any((one.kind, one.value) in set(known) for one in shown)
    return Found(is_known, most["address"], most[UNREAD], most[LINE], most["elsewhere"])
