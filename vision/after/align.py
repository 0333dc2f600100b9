"""How the photo after lies upon the photo before, and whether their wall is one outside of the writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.after.strips import DARK, Levels, correlation, detail
from vision.blur import grown_box
from vision.frames import Frame
from vision.fuse.kept import features_of_photo
from vision.fuse.match import Features, Match, match, match_looks
from vision.photo import Photo
from vision.prepare.scale import shrink

FEATURES = 2500
SOFT_PX, CHROMA_PX = 1.5, 2.0
"""Fresh paint has taken the strong features, and other light changes what relief looks like: what is left is stains and
cracks, seen softly, and rust and dirt, seen in their colour alone."""

FEWEST, LEAST_SHARE = 12, 0.1
"""For a guess at how the photos lie; of drawn pairs of other walls none came above 8, and the pixels must agree too."""

SURE = 18
"""From this many features on that agree the pixels need not."""

SAME_VIEW = 0.003
"""Of the longer side: nobody stands twice in one place so exactly."""

LEAST_PATCHES, LEAST_KEPT = 5, 0.35
"""Of the wall's patches, those found again, in number and in part, for a guess to be believed."""

SIDE_PX = 720
"""The long side of the photo before when walls are compared patch by patch."""

PATCH_PX = 40
REACH_PX = 6
TEXTURED = 0.02
"""Spread of a patch's detail from which on it can be found again."""

FOUND = 0.5
WALL_SOFT_PX = 1.6


@dataclass(frozen=True, slots=True)
class Around:
    """The wall outside of the writing, patch by patch.

    Attributes:
        patches: that have something on them to be found again.
        kept: the part of them that is found again, 0..1; 0 without any patch.
        contrast: of what was found again best, beside the photo before: far below 1 is fog, blur or a dark photo.
        likeness: median correlation of all patches; near 1 only if both are one and the same shot.
    """

    patches: int
    kept: float
    contrast: float
    likeness: float


def aligned(before: Photo, after: Photo) -> Match | None:
    """How the photo before lies in the photo after, both in photo pixels; None if nobody can tell.

    A match of fewer than `SURE` features is a guess that `around` has to bear out (`is_borne_out`).
    """
    first, second = features_of_photo(before), features_of_photo(after)
    found = match(first, second)
    if found is None:
        looks, others = [first, *_soft(before)], [second, *_soft(after)]
        found = match_looks(looks, others, fewest=FEWEST, least_share=LEAST_SHARE)
    return found


def is_same_view(found: Match, before: Photo) -> bool:
    """Whether the photo after shows the wall from the very same place: the photo before, cropped or resized at most."""
    width, height = before.facts.width, before.facts.height
    corners = np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])
    there = cv2.perspectiveTransform(corners[:, None, :], found.homography)[:, 0]
    one, other = corners - corners.mean(axis=0), there - there.mean(axis=0)
    scale = float((one * other).sum() / (one**2).sum())
    return bool(scale > 0 and np.abs(other - scale * one).max() < SAME_VIEW * scale * max(width, height))


def is_borne_out(found: Match, wall: Around) -> bool:
    """Whether the alignment is sure, or the wall's pixels say so too."""
    return found.inliers >= SURE or (wall.patches * wall.kept >= LEAST_PATCHES and wall.kept >= LEAST_KEPT)


def around(before: Levels, after: Levels, boxes: NDArray[np.float64], found: Match) -> Around:
    """What is left of the wall outside of the boxes (N, 4, 2), which are in pixels of the photo before."""
    scale = SIDE_PX / max(before.width, before.height)
    size = max(1, round(before.width * scale)), max(1, round(before.height * scale))
    to_photo = np.array([[1 / scale, 0, (1 / scale - 1) / 2], [0, 1 / scale, (1 / scale - 1) / 2], [0, 0, 1]])
    here, _ = before.cut(to_photo, *size)
    there, seen = after.cut(found.homography @ to_photo, *size)
    free = seen.copy()
    for box in boxes:
        outline = (grown_box(box) - to_photo[:2, 2]) * scale
        cv2.fillConvexPoly(free, np.round(np.clip(outline, -4e3, 8e3)).astype(np.int32), 0)
    one, other = (detail(piece, PATCH_PX / 2, soft_px=WALL_SOFT_PX) for piece in (here, there))
    answers = []
    for top in range(0, size[1] - PATCH_PX + 1, PATCH_PX):
        for left in range(0, size[0] - PATCH_PX + 1, PATCH_PX):
            part = slice(top, top + PATCH_PX), slice(left, left + PATCH_PX)
            if free[part].all() and one[part].std() > TEXTURED:
                answers.append(correlation(one[part], other, (left, top), REACH_PX))
    if not answers:
        return Around(0, 0.0, 0.0, 0.0)
    ncc, slope = np.array(answers).T
    is_found = ncc > FOUND
    contrast = float(np.quantile(slope[is_found], 0.9)) if is_found.any() else 0.0
    return Around(len(answers), float(is_found.mean()), contrast, float(np.median(ncc)))


def _soft(photo: Photo) -> tuple[Features, Features]:
    """Features of the softened lightness, and of the colour: red beside blue, which light and relief leave alone."""
    small, frame = shrink(photo.pixels, photo.frame, SIDE_PX)
    grey = cv2.createCLAHE(3.0, (8, 8)).apply(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
    level = np.log(cv2.GaussianBlur(small, (0, 0), CHROMA_PX).astype(np.float32) + DARK)
    hue = level[..., 2] - level[..., 0]
    low, high = np.percentile(hue, (1, 99))
    shown = np.clip((hue - low) / max(float(high - low), 0.15) * 255, 0, 255).astype(np.uint8)
    return _features(photo, cv2.GaussianBlur(grey, (0, 0), SOFT_PX), frame), _features(photo, shown, frame)


def _features(photo: Photo, grey: NDArray[Any], frame: Frame) -> Features:
    keypoints, found = cv2.SIFT.create(nfeatures=FEATURES, contrastThreshold=0.01).detectAndCompute(grey, None)
    width, height = photo.facts.width, photo.facts.height
    scale = width / grey.shape[1]
    if found is None or not len(keypoints):
        return Features(np.zeros((0, 2)), np.zeros((0, 128), np.float32), width, height, scale)
    points = frame.back(np.array([point.pt for point in keypoints], np.float64))
    rooted = np.sqrt(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-6)).astype(np.float32)
    order = np.lexsort((rooted[:, 0], points[:, 0], points[:, 1]))
    return Features(points[order], np.asarray(rooted[order], np.float32), width, height, scale)
