"""What is told of two photos: the words of the answer, and of what the reader saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vision.types import Box, Reading

UNREAD, LINE = "unread", "line"


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
