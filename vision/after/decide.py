"""The rules: from what was measured to a verdict. Every doubt is `unclear`."""

from __future__ import annotations

from vision.after.measure import Measured
from vision.after.words import Check, Reason, Verdict


def decide(measured: Measured) -> Check:
    """The verdict."""
    if measured.match is None:
        return Check(Verdict.UNCLEAR, 0.0, Reason.NOT_ALIGNED)
    return Check(Verdict.UNCLEAR, 0.5, Reason.DOUBTFUL)
