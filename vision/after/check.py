"""From two photos and what the reader saw to a verdict: painted, not painted, or a person must look."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from vision.after.decide import decide
from vision.after.measure import measure
from vision.after.words import Check, Shown
from vision.photo import Photo
from vision.types import Box


def check(
    before: Photo,
    after: Photo,
    boxes: NDArray[np.floating] | Sequence[Box],
    shown: Sequence[Shown],
    *,
    known: Collection[tuple[str, str]] = (),
) -> Check:
    """Whether what was painted in the boxes has been painted over.

    Takes about half a second; both photos opened as `open_photo` does by itself are large enough.

    Args:
        before: with the writing.
        after: of the same wall, as somebody says.
        boxes: (N, 4, 2) in pixels of the photo before, of everything written that must be gone (`writing_of`), not of
            the addresses alone. N may be 0: the answer is `unclear`.
        shown: all that the reader saw in the photo after (`shown_in`).
        known: (kind, value) of the addresses that were on the wall.

    Raises:
        ValueError: boxes of another shape, or a corner that is not finite.
    """
    outlines = np.asarray(boxes, np.float64)
    outlines = outlines if outlines.size else np.zeros((0, 4, 2))
    if outlines.ndim != 3 or outlines.shape[1:] != (4, 2) or not np.isfinite(outlines).all():
        raise ValueError(f"boxes are finite and (N, 4, 2), not {outlines.shape}")
    return decide(measure(before, after, outlines, shown, known=known))
