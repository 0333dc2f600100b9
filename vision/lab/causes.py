"""Why painted addresses are missed: each one's lines as read, laid over its lines as painted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from rapidfuzz import fuzz

from vision.addresses.scripts import to_latin
from vision.types import Box, Line, Reading

CAUSES = ("not detected", "cut in two", "merged with a neighbour", "wrong crop", "wrong reading", "rule")
TOUCHED, COVERED = 0.2, 0.7
"""Parts of a painted line: from the first it counts as found at all, from the second as found whole."""

FILLED = 0.35
"""The least part of its box that a found line fills: below, the box holds much more than the address."""

READ = 97.0
"""Per cent of likeness from which a line was read well enough for the rules."""

Quad = Sequence[Sequence[float]]


def causes(pairs: Iterable[tuple[Mapping[str, Any], Reading]]) -> Counter[str]:
    """How many missed addresses have each cause.

    Args:
        pairs: the record of each photo and what was read in it.
    """
    counted: Counter[str] = Counter()
    for record, reading in pairs:
        found = {(str(one.kind), one.value) for one in reading.findings}
        for address in record["addresses"]:
            if record["style"] != "qr" and (address["kind"], address["value"]) not in found:
                counted[cause(address, record["lines"], reading.lines)] += 1
    return counted


def cause(address: Mapping[str, Any], painted: Sequence[Mapping[str, Any]], lines: Sequence[Line]) -> str:
    """Where one missed address was lost; the first of its painted lines that was lost decides."""
    for quad in address["boxes"]:
        lost = _lost(quad, painted, lines)
        if lost:
            return lost
    return "rule"


def _lost(quad: Quad, painted: Sequence[Mapping[str, Any]], lines: Sequence[Line]) -> str:
    """Why one painted line was not read; "" when it was."""
    touching = [(line, shared(quad, line.box)) for line in lines]
    touching = [(line, part) for line, part in touching if part >= TOUCHED]
    if not touching:
        return "not detected"
    line, part = max(touching, key=lambda pair: pair[1])
    if part < COVERED:
        return "cut in two" if len(touching) > 1 else "wrong crop"
    text = next((str(each["text"]) for each in painted if shared(quad, each["box"]) > COVERED), "")
    others = [
        each for each in painted if shared(each["box"], line.box) > COVERED and shared(quad, each["box"]) < COVERED
    ]
    if others:
        return "merged with a neighbour"
    if fuzz.partial_ratio(to_latin(text), to_latin(line.text)) >= READ:
        return ""
    return "wrong crop" if shared(line.box, quad) < FILLED else "wrong reading"


def shared(one: Quad | Box, other: Quad | Box) -> float:
    """The part of the first quadrilateral that lies in the second, 0..1."""
    a, b = np.array(one, np.float32), np.array(other, np.float32)
    area = abs(float(cv2.contourArea(a)))
    return float(cv2.intersectConvexConvex(a, b)[0]) / area if area > 0 else 0.0


def table(counted: Counter[str]) -> str:
    """The counts as text, a line a cause."""
    total = sum(counted.values())
    rows = [f"{'cause':26}{'missed':>7}{'share':>7}"]
    rows += [f"{name:26}{counted[name]:>7}{counted[name] / max(1, total):>7.2f}" for name in CAUSES]
    return "\n".join([*rows, f"{'all':26}{total:>7}"])
