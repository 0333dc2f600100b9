"""What is told of two photos: the words of the answer, and of what the reader saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from vision.types import Box, Reading

UNREAD, LINE = "unread", "line"
LEAST_LETTERS = 3
"""Letters and digits of a line; with fewer it is a drop, an edge or a shadow as often as not."""

NEAR = 1.0
"""Lines this near to an address, in heights of the lower one, belong to its inscription."""


class Verdict(StrEnum):
    """What the comparison says."""

    PAINTED = "painted"
    NOT_PAINTED = "not_painted"
    UNCLEAR = "unclear"


class Reason(StrEnum):
    """Why; one for each way to a verdict."""

    GONE = "gone"
    STILL_THERE = "still_there"
    PARTLY_THERE = "partly_there"
    ADDRESS_READ = "address_read"
    SAME_PHOTO = "same_photo"
    RETOUCHED = "retouched"
    NOT_ALIGNED = "not_aligned"
    NOT_SEEN = "not_seen"
    TOO_BLURRED = "too_blurred"
    SOMETHING_IN_THE_WAY = "something_in_the_way"
    LINE_READ = "line_read"
    NO_WRITING_BEFORE = "no_writing_before"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that the reader saw in the photo after.

    Attributes:
        kind: of an address; "unread" for paint that looks like one, "line" for any other line.
        value: canonical for an address, the text otherwise.
        box: in pixels of the photo after.
        confidence: 0..1, of the finding or the line.
    """

    kind: str
    value: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Check:
    """What two photos say.

    Attributes:
        verdict: `painted` only where it is sure.
        score: 0..1, how much speaks for painted; what was measured for it is in docs/after.md.
        reason: the first that decided.
        facts: what was measured, ready for JSON.
    """

    verdict: Verdict
    score: float
    reason: Reason
    facts: Mapping[str, bool | int | float | str | None] = field(default_factory=dict)


def shown_in(reading: Reading) -> tuple[Shown, ...]:
    """What a reading of the photo after says."""
    found = [Shown(one.kind, one.value, one.box, one.confidence) for one in reading.findings]
    unread = [Shown(UNREAD, one.text, one.box, one.confidence) for one in reading.unread]
    lines = [Shown(LINE, one.text, one.box, one.confidence) for one in reading.lines]
    return (*found, *unread, *lines)


def writing_of(reading: Reading) -> NDArray[np.float64]:
    """The boxes of the inscription in a reading of the photo before: (N, 4, 2) in photo pixels, N may be 0.

    They are those of the addresses and of lines painted like one, and of the lines next to them: house numbers, notices
    and shadows that were read as letters stay on the wall and say nothing.
    """
    taken = list(dict.fromkeys([*(one.box for one in reading.findings), *(one.box for one in reading.unread)]))
    left = [line.box for line in reading.lines if has_letters(line.text) and line.box not in taken]
    while near := [box for box in left if any(_gap(box, other) <= NEAR for other in taken)]:
        taken += near
        left = [box for box in left if box not in near]
    return np.array(taken, np.float64).reshape(-1, 4, 2)


def has_letters(text: str) -> bool:
    """Whether a line is long enough to be one."""
    return sum(map(str.isalnum, text)) >= LEAST_LETTERS


def _gap(one: Box, other: Box) -> float:
    """How far apart two boxes' upright hulls are, in heights of the lower one; 0 where they touch."""
    a, b = np.array(one), np.array(other)
    apart = np.maximum(0, np.maximum(a.min(axis=0) - b.max(axis=0), b.min(axis=0) - a.max(axis=0)))
    heights = (float(np.linalg.norm(box[3] - box[0])) for box in (a, b))
    return float(np.linalg.norm(apart)) / max(min(heights), 1e-6)
