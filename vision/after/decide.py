"""The rules: from what was measured to a verdict. The first that holds decides, and every doubt is `unclear`.

The numbers were chosen on drawn val pairs (`make bench-after`, docs/after.md), each with room to what they keep out.
"""

from __future__ import annotations

from collections.abc import Sequence

from vision.after.align import is_borne_out
from vision.after.measure import Measured
from vision.after.strips import Strip, Window
from vision.after.words import Check, Reason, Verdict

LEAST_INK = 60.0
"""Pixels of a window known to be paint: below, it says nothing."""

LIKE, CONTRAST = 0.6, 0.25
"""From these on a window's strokes are still there."""

MAYBE_LIKE, MAYBE_CONTRAST = 0.5, 0.18
"""From these on they may be."""

READ = 0.3
"""An address read with less may be one that the reader made of a roller's streaks."""

MOSTLY = 0.5
"""Of a writing's paint, still there: not half of it was painted over."""

SAME_SHOT = 0.985
"""Median correlation of the wall's patches: two photos of one wall have noise of their own."""

LEAST_HEIGHT_PX, LEAST_SEEN = 12.0, 0.97
DARKEST, BRIGHTEST = 14.0, 247.0
LEAST_WALL_CONTRAST = 0.4
"""Of what is found again around the writing: in less, strokes vanish by themselves."""

ROUGHEST = 3.0
"""Detail where the writing was, beside that around it: above, something stands there."""


def decide(measured: Measured) -> Check:
    """The verdict; `facts` has what it goes by."""
    verdict, reason, score = _verdict(measured)
    return Check(verdict, round(score, 3), reason, _facts(measured))


def _verdict(measured: Measured) -> tuple[Verdict, Reason, float]:
    if not measured.boxes:
        return Verdict.UNCLEAR, Reason.NO_WRITING_BEFORE, 0.5
    wall, found = measured.around, measured.found
    if measured.match is None or wall is None or not is_borne_out(measured.match, wall):
        if found.is_known:
            return Verdict.NOT_PAINTED, Reason.ADDRESS_READ, 0.02
        return Verdict.UNCLEAR, Reason.NOT_ALIGNED, 0.3
    there = share_there(measured.strips)
    if wall.likeness > SAME_SHOT and wall.patches:
        if there > MOSTLY or found.is_known:
            return Verdict.NOT_PAINTED, Reason.SAME_PHOTO, 0.0
        return Verdict.UNCLEAR, Reason.RETOUCHED, 0.1
    if found.is_known or found.address_here >= READ:
        return Verdict.NOT_PAINTED, Reason.ADDRESS_READ, 0.02
    if there > MOSTLY:
        return Verdict.NOT_PAINTED, Reason.STILL_THERE, 0.05 * (1 - there)
    if there > 0.1:
        return Verdict.NOT_PAINTED, Reason.PARTLY_THERE, 0.2 * (1 - there)
    return _without_strokes(measured)


def _without_strokes(measured: Measured) -> tuple[Verdict, Reason, float]:
    """The verdict where hardly any stroke was found again: whether that can be believed."""
    wall, found, strips = measured.around, measured.found, measured.strips
    rest = max((remains(window) for window in usable(strips)), default=1.0)
    doubt = None
    if not usable(strips):
        doubt = Reason.NO_WRITING_BEFORE
    elif min(strip.seen for strip in strips) < LEAST_SEEN:
        doubt = Reason.NOT_SEEN
    elif measured.height_px < LEAST_HEIGHT_PX or wall is None or wall.contrast < LEAST_WALL_CONTRAST:
        doubt = Reason.TOO_BLURRED
    elif any(not DARKEST < strip.level < BRIGHTEST for strip in strips):
        doubt = Reason.NOT_SEEN
    elif max(strip.rough for strip in strips) > ROUGHEST:
        doubt = Reason.SOMETHING_IN_THE_WAY
    elif rest >= 1 or any(is_left(strip.line) for strip in strips):
        doubt = Reason.PARTLY_THERE
    elif max(found.address_here, found.unread_here, found.address_elsewhere) > 0:
        doubt = Reason.ADDRESS_READ
    elif found.line_here > 0:
        doubt = Reason.LINE_READ
    if doubt is not None:
        return Verdict.UNCLEAR, doubt, 0.5 * (1 - 0.5 * min(1.0, rest))
    return Verdict.PAINTED, Reason.GONE, 1 - 0.5 * rest


def share_there(strips: Sequence[Strip]) -> float:
    """The part of the writing's paint that is still there, 0..1, by windows that hold enough of it."""
    windows = usable(strips)
    total = sum(window.ink for window in windows)
    return sum(window.ink for window in windows if is_there(window)) / total if total else 0.0


def usable(strips: Sequence[Strip]) -> list[Window]:
    """The windows with paint enough to tell."""
    return [window for strip in strips for window in strip.windows if window.ink >= LEAST_INK]


def is_there(window: Window) -> bool:
    """Whether a window's strokes are still to be seen."""
    return window.likeness >= LIKE and window.contrast >= CONTRAST


def is_left(window: Window) -> bool:
    """Whether they may be."""
    return remains(window) >= 1


def remains(window: Window) -> float:
    """How near a window comes to strokes that may still be there: 1 and above is there."""
    return max(0.0, min(window.likeness / MAYBE_LIKE, window.contrast / MAYBE_CONTRAST))


def _facts(measured: Measured) -> dict[str, bool | int | float | str | None]:
    match, wall, strips = measured.match, measured.around, measured.strips
    windows = usable(strips)
    gone = sum(window.ink for window in windows if not is_left(window)) / max(1e-6, sum(one.ink for one in windows))
    return {
        "is_aligned": match is not None and wall is not None and is_borne_out(match, wall),
        "inliers": 0 if match is None else match.inliers,
        "writing_gone": None if not windows else round(gone, 3),
        "writing_there": None if not windows else round(share_there(strips), 3),
        "wall_patches": 0 if wall is None else wall.patches,
        "wall_kept": None if wall is None else round(wall.kept, 3),
        "wall_contrast": None if wall is None else round(wall.contrast, 3),
        "is_same_shot": wall is not None and wall.patches > 0 and wall.likeness > SAME_SHOT,
        "height_px": round(measured.height_px, 1),
        "known_address_read": measured.found.is_known,
        "address_read": round(measured.found.address_here, 3),
        "unread_line": round(measured.found.unread_here, 3),
        "line_read": round(measured.found.line_here, 3),
        "address_elsewhere": round(measured.found.address_elsewhere, 3),
    }
