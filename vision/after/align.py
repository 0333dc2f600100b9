"""How the photo after lies upon the photo before, and whether their wall is one outside of the writing."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.after.strips import Levels, correlation, detail
from vision.blur import grown_box
from vision.fuse.kept import features_of_photo
from vision.fuse.match import Features, Match, match
from vision.photo import Photo
from vision.prepare.scale import shrink

FINE_SIDE_PX = 1280
FINE_FEATURES = 5000
"""Fresh paint has taken the strong features: the wall's grain, found at a larger size, is what is left."""

SIDE_PX = 720
"""The long side of the photo before when walls are compared patch by patch."""

PATCH_PX = 40
REACH_PX = 6
TEXTURED = 0.02
"""Spread of a patch's detail from which on it can be found again."""

FOUND = 0.5


@dataclass(frozen=True, slots=True)
class Around:
    """The wall outside of the writing, patch by patch.

    Attributes:
        patches: that have something on them to be found again.
        kept: the part of them that is found again, 0..1; 0 without any patch.
        contrast: of what was found again, beside the photo before: far below 1 is fog, blur or a dark photo.
        likeness: median correlation of all patches; near 1 only if both are one and the same shot.
    """

    patches: int
    kept: float
    contrast: float
    likeness: float


def aligned(before: Photo, after: Photo) -> Match | None:
    """How the photo before lies in the photo after, both in photo pixels; None if nobody can tell."""
    found = match(features_of_photo(before), features_of_photo(after))
    return found or match(_fine(before), _fine(after))


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
    one, other = detail(here, PATCH_PX / 2), detail(there, PATCH_PX / 2)
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
    contrast = float(np.median(slope[is_found])) if is_found.any() else 0.0
    return Around(len(answers), float(is_found.mean()), contrast, float(np.median(ncc)))


def _fine(photo: Photo) -> Features:
    small, frame = shrink(photo.pixels, photo.frame, FINE_SIDE_PX)
    grey = cv2.createCLAHE(2.0, (8, 8)).apply(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
    keypoints, found = cv2.SIFT.create(nfeatures=FINE_FEATURES, contrastThreshold=0.02).detectAndCompute(grey, None)
    width, height = photo.facts.width, photo.facts.height
    scale = width / small.shape[1]
    if found is None or not len(keypoints):
        return Features(np.zeros((0, 2)), np.zeros((0, 128), np.float32), width, height, scale)
    points = frame.back(np.array([point.pt for point in keypoints], np.float64))
    rooted = np.sqrt(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-6))
    order = np.lexsort((rooted[:, 0], points[:, 0], points[:, 1]))
    return Features(points[order], np.asarray(rooted[order], np.float32), width, height, scale)
