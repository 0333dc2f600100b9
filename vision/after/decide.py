"""The rules: from what was measured to a verdict. The first that holds decides, and every doubt is `unclear`.

The numbers were chosen on drawn val pairs (`make bench-after`, docs/after.md), each with room to what they keep out.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from vision.after.align import is_borne_out
from vision.after.measure import Measured
from vision.after.strips import Strip, Window
from vision.after.words import Check, Reason, Verdict

LEAST_INK = 60.0
"""Pixels of a window known to be paint: below, it says nothing."""

LIKE, CONTRAST = 0.6, 0.25
"""From these on a window's strokes are still there."""

MAYBE_LIKE, MAYBE_CONTRAST = 0.5, 0.15
"""From these on they may be, if they are more alike than they are mirrored."""

MORE_THAN_CHANCE, FAINT_THAN_CHANCE = 0.15, 0.1
ALIKE = 0.85
"""From this likeness on strokes are not compared with mirrored ones: an O is as alike."""

SHINES_LIKE, SHINES_CONTRAST = 0.7, 0.08
FAINT_LIKE, FAINT_CONTRAST = 0.5, 0.09
"""From these on a line as a whole, or half of its windows, may be readable through thin paint, faint as strokes are."""

READ = 0.3
"""An address read with less may be one that the reader made of a roller's streaks."""

MOSTLY = 0.5
"""Of a writing's paint, still there: not half of it was painted over."""

PARTLY = 0.1
"""From this part on, something is surely left."""

SAME_SHOT = 0.9
"""Median correlation of the wall's patches in two photos from the very same place: more is one shot, sent twice."""

LEAST_LINE = 0.5
"""Lines that are read with less are streaks as often as letters."""

LEAST_HEIGHT_PX, LEAST_SEEN = 12.0, 0.97
DARKEST, BRIGHTEST = 14.0, 252.0
LEAST_WALL_CONTRAST = 0.3
"""Of what is found again around the writing: twice what strokes are still found with."""

ROUGHEST = 3.0
"""Detail where the writing was, beside that around it: above, something stands there."""

Said = tuple[Verdict, Reason, float]


def decide(measured: Measured) -> Check:
    """The verdict; `facts` has what it goes by."""
    verdict, reason, score = _verdict(measured)
    return Check(verdict, round(score, 3), reason, _facts(measured))


def _verdict(measured: Measured) -> Said:
    for rule in (_cannot_compare, _same_shot, _still_there, _doubt):
        if (said := rule(measured)) is not None:
            return said
    return Verdict.PAINTED, Reason.GONE, 1 - 0.4 * _rest(measured) ** 4


def _cannot_compare(measured: Measured) -> Said | None:
    """Nothing to look for, or no way to know where: only an address that is still read says something."""
    if not measured.boxes:
        return Verdict.UNCLEAR, Reason.NO_WRITING_BEFORE, 0.5
    match, wall = measured.match, measured.around
    if match is not None and wall is not None and is_borne_out(match, wall):
        return None
    if measured.found.is_known:
        return Verdict.NOT_PAINTED, Reason.ADDRESS_READ, 0.02
    return Verdict.UNCLEAR, Reason.NOT_ALIGNED, 0.3


def _same_shot(measured: Measured) -> Said | None:
    """One shot sent twice; what was painted over in it was painted over in the picture."""
    if not is_same_shot(measured):
        return None
    if share_there(measured.strips) > MOSTLY or measured.found.is_known:
        return Verdict.NOT_PAINTED, Reason.SAME_PHOTO, 0.0
    return Verdict.UNCLEAR, Reason.RETOUCHED, 0.1


def _still_there(measured: Measured) -> Said | None:
    there, found = share_there(measured.strips), measured.found
    if found.is_known or found.address_here >= READ:
        return Verdict.NOT_PAINTED, Reason.ADDRESS_READ, 0.02
    if there > MOSTLY:
        return Verdict.NOT_PAINTED, Reason.STILL_THERE, 0.05 * (1 - there)
    if there > PARTLY:
        return Verdict.NOT_PAINTED, Reason.PARTLY_THERE, 0.2 * (1 - there)
    return None


def _doubt(measured: Measured) -> Said | None:
    """Hardly any stroke was found again; why that may not be believed."""
    wall, found, strips = measured.around, measured.found, measured.strips
    doubts = {
        Reason.NO_WRITING_BEFORE: not usable(strips),
        Reason.NOT_SEEN: any(strip.seen < LEAST_SEEN or not DARKEST < strip.level < BRIGHTEST for strip in strips),
        Reason.TOO_BLURRED: measured.height_px < LEAST_HEIGHT_PX or wall is None or wall.contrast < LEAST_WALL_CONTRAST,
        Reason.SOMETHING_IN_THE_WAY: any(strip.rough > ROUGHEST for strip in strips),
        Reason.PARTLY_THERE: _rest(measured) >= 1,
        Reason.ADDRESS_READ: max(found.address_here, found.unread_here, found.address_elsewhere) > 0,
        Reason.LINE_READ: found.line_here >= LEAST_LINE,
    }
    reason = next((reason for reason, is_so in doubts.items() if is_so), None)
    return None if reason is None else (Verdict.UNCLEAR, reason, 0.5 * (1 - 0.5 * min(1.0, _rest(measured))))


def _rest(measured: Measured) -> float:
    """How near the most doubtful window or line comes to strokes that may still be there: 1 and above is there."""
    strips = [strip for strip in measured.strips if usable([strip])]
    windows = [remains(window) for window in usable(strips)]
    return max(*windows, *(_shines(strip) for strip in strips)) if strips else 1.0


def _shines(strip: Strip) -> float:
    """The same for a line as a whole."""
    windows, line = usable([strip]), strip.line
    likeness, contrast = median(one.likeness for one in windows), median(one.contrast for one in windows)
    faint = min(likeness / FAINT_LIKE, contrast / FAINT_CONTRAST)
    if median(one.likeness - one.chance for one in windows) < FAINT_THAN_CHANCE:
        faint = 0.0
    whole = min(line.likeness / SHINES_LIKE, line.contrast / SHINES_CONTRAST) if is_meant(line) else 0.0
    return max(0.0, whole, faint)


def is_same_shot(measured: Measured) -> bool:
    """Whether both photos are one and the same shot."""
    wall = measured.around
    return measured.is_same_view and wall is not None and wall.likeness > SAME_SHOT


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
    return max(0.0, min(window.likeness / MAYBE_LIKE, window.contrast / MAYBE_CONTRAST)) if is_meant(window) else 0.0


def is_meant(window: Window) -> bool:
    """Whether what is alike is likely the strokes, and not what any strokes would find there."""
    return window.likeness >= min(ALIKE, window.chance + MORE_THAN_CHANCE)


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
        "is_same_shot": is_same_shot(measured),
        "height_px": round(measured.height_px, 1),
        "known_address_read": measured.found.is_known,
        "address_read": round(measured.found.address_here, 3),
        "unread_line": round(measured.found.unread_here, 3),
        "line_read": round(measured.found.line_here, 3),
        "address_elsewhere": round(measured.found.address_elsewhere, 3),
    }
