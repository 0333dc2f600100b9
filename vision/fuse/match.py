"""Whether two photos show the same inscription: local features, a homography between them, and many that agree on it.

A false match puts one wall's letters into another one's address, so every doubt answers None: few features, a wall of
bricks where each looks like the next, a homography that folds the wall or squeezes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frames import Frame, Matrix, as_box
from vision.prepare.scale import shrink
from vision.types import Box, Line, Picture, Points

WORKING_SIDE_PX = 720
"""Bricks and letters keep their corners at this size, and SIFT takes a tenth of a second."""

MOST_FEATURES = 1400
RATIO = 0.8
"""Of the nearest feature's distance to the second nearest one's (Lowe 2004): repeated textures fail it."""

TOLERANCE_PX = 4.0
"""In working pixels: walls have relief, and a homography is that of a plane."""

FEWEST = 18
"""Features that must agree: of 3,900 drawn pairs of other walls none reached it (docs/fusion.md)."""

LEAST_SHARE = 0.2
"""Of the features that passed the ratio test, those that must agree."""

LEAST_SPREAD = 0.06
"""The part of each photo that the agreeing features must span: a crowd of them on one spot says nothing of the wall."""

LARGEST_ZOOM = 5.0
"""Between the photos, along a side; farther apart letters of one photo are no letters in the other."""

LEAST_BEND = 0.25
"""The smallest change of area over the agreeing features beside the largest: below, the plane is seen edge on."""

SAME_LINE = 0.5
"""Shared part of the smaller of two boxes from which on they hold the same painted line."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What of a photo can be found again in another one.

    Attributes:
        points: (N, 2) float64, photo pixels; N may be 0.
        descriptors: (N, 128) float32, RootSIFT (Arandjelović and Zisserman 2012).
        width, height: of the photo.
        scale: photo pixels to one working pixel.
    """

    points: Points
    descriptors: NDArray[np.float32]
    width: int
    height: int
    scale: float


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """How one photo lies in another one.

    Attributes:
        homography: (3, 3) float64, pixels of the first photo to pixels of the second.
        inliers: features that agree on it.
        score: 0..1, how many of the features that look alike agree.
    """

    homography: Matrix
    inliers: int
    score: float

    def carried(self, box: Box) -> Box:
        """A box of the first photo in the second one's pixels; it may reach beyond the photo."""
        return carried(box, self.homography)


def features_of(picture: Picture) -> Features:
    """The features of a photo.

    Args:
        picture: (H, W, 3) uint8 BGR, upright as its boxes are; not mutated.
    """
    height, width = picture.shape[:2]
    small, frame = shrink(picture, Frame.of_photo(width, height), WORKING_SIDE_PX)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    keypoints, found = cv2.SIFT.create(nfeatures=MOST_FEATURES, contrastThreshold=0.025).detectAndCompute(grey, None)
    scale = max(width, height) / max(small.shape[:2])
    if found is None or not len(keypoints):
        return Features(np.zeros((0, 2)), np.zeros((0, 128), np.float32), width, height, scale)
    points = frame.back(np.array([point.pt for point in keypoints], np.float64))
    rooted = np.sqrt(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-6))
    # A place with two directions is two features at one point; the order must not depend on how they were found.
    order = np.lexsort((rooted[:, 0], points[:, 0], points[:, 1]))
    return Features(points[order], np.asarray(rooted[order], np.float32), width, height, scale)


def match(one: Features, other: Features) -> Match | None:
    """How the first photo lies in the second, if both surely show the same wall; None if not, or if nobody can tell."""
    return match_looks([one], [other], fewest=FEWEST, least_share=LEAST_SHARE)


def match_looks(
    looks: Sequence[Features], others: Sequence[Features], *, fewest: int, least_share: float
) -> Match | None:
    """The same for photos whose features were found in several ways, which are compared each with its like.

    With fewer features or a smaller share than `match` asks for the answer is a guess: look at the pixels too.

    Args:
        looks: of the first photo, one or more.
        others: of the second, found in the same ways.
        fewest: features that must agree.
        least_share: of the features that look alike, those that must agree.
    """
    starts = [np.cumsum([0, *(len(look.points) for look in side[:-1])]) for side in (looks, others)]
    pairs = np.concatenate(
        [_alike(one, other) + np.array([a, b]) for one, other, a, b in zip(looks, others, *starts, strict=True)]
    )
    one, other = _together(looks), _together(others)
    if len(pairs) < fewest:
        return None
    here, there = one.points[pairs[:, 0]], other.points[pairs[:, 1]]
    cv2.setRNGSeed(1)
    homography, mask = cv2.findHomography(
        here / one.scale, there / other.scale, cv2.USAC_MAGSAC, TOLERANCE_PX, maxIters=5000, confidence=0.999
    )
    if homography is None or mask is None:
        return None
    agree = mask.ravel().astype(bool)
    inliers = len(np.unique(np.round(here[agree]), axis=0))  # features of one place are one witness
    score = float(agree.mean())
    if inliers < fewest or score < least_share:
        return None
    product = np.diag([other.scale, other.scale, 1.0]) @ homography @ np.diag([1 / one.scale, 1 / one.scale, 1.0])
    scaled = np.asarray(product / product[2, 2], np.float64)
    if not _is_sane(scaled, here[agree], there[agree], one, other):
        return None
    return Match(scaled, inliers, score)


def same_lines(lines: Sequence[Line], others: Sequence[Line], found: Match) -> tuple[tuple[int, int], ...]:
    """Which of the first photo's lines is which of the second's: pairs of positions, each line at most once."""
    shares = [
        (overlap(found.carried(line.box), other.box), number, at)
        for number, line in enumerate(lines)
        for at, other in enumerate(others)
    ]
    pairs: dict[int, int] = {}
    for share, number, at in sorted(shares, key=lambda one: (-one[0], one[1], one[2])):
        if share >= SAME_LINE and number not in pairs and at not in pairs.values():
            pairs[number] = at
    return tuple(sorted(pairs.items()))


def carried(box: Box, homography: Matrix) -> Box:
    """A box taken through a homography; the corners keep their order."""
    points = np.array(box, np.float64)[:, None, :]
    return as_box(np.asarray(cv2.perspectiveTransform(points, homography)[:, 0, :], np.float64))


def overlap(one: Box, other: Box) -> float:
    """The shared part of the smaller of two convex boxes, 0..1; 0 for one that is flat or not finite."""
    a, b = np.array(one, np.float32), np.array(other, np.float32)
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return 0.0
    smaller = min(abs(float(cv2.contourArea(a))), abs(float(cv2.contourArea(b))))
    return min(1.0, float(cv2.intersectConvexConvex(a, b)[0]) / smaller) if smaller > 1e-6 else 0.0


def _together(looks: Sequence[Features]) -> Features:
    points = np.concatenate([look.points for look in looks])
    return replace(looks[0], points=points, descriptors=np.concatenate([look.descriptors for look in looks]))


def _alike(one: Features, other: Features) -> NDArray[np.int64]:
    """(M, 2) positions of features that are each other's nearest, and clearly nearer than the second nearest."""
    if min(len(one.points), len(other.points)) < 2:
        return np.zeros((0, 2), np.int64)
    likeness = one.descriptors @ other.descriptors.T  # unit vectors: distance² = 2 - 2 likeness
    best = likeness.argmax(axis=1)
    back = likeness.argmax(axis=0)
    rows = np.arange(len(best))
    second = np.partition(likeness, -2, axis=1)[:, -2]
    nearest, next_one = 2 - 2 * likeness[rows, best], 2 - 2 * second
    kept = (back[best] == rows) & (nearest < RATIO**2 * next_one)
    return np.stack([rows[kept], best[kept]], axis=1)


def _is_sane(homography: Matrix, here: Points, there: Points, one: Features, other: Features) -> bool:
    """Whether a camera could have seen one plane like this, and the agreeing features span enough of both photos."""
    if not np.isfinite(homography).all() or abs(np.linalg.det(homography)) < 1e-12:
        return False
    spans = [
        float(cv2.contourArea(cv2.convexHull(points.astype(np.float32)))) / (photo.width * photo.height)
        for points, photo in ((here, one), (there, other))
    ]
    if min(spans) < LEAST_SPREAD:
        return False
    left, top = here.min(axis=0)
    right, bottom = here.max(axis=0)
    grid = np.array([(x, y) for y in np.linspace(top, bottom, 4) for x in np.linspace(left, right, 4)])
    depth = np.column_stack([grid, np.ones(len(grid))]) @ homography[2]
    if not ((depth > 1e-6).all() or (depth < -1e-6).all()):
        return False  # the horizon runs through the wall
    stretches = np.array([_stretch(homography, point) for point in grid])
    areas = stretches[:, 0]
    limit = LARGEST_ZOOM * other.scale / one.scale, 1 / LARGEST_ZOOM * other.scale / one.scale
    return bool(
        (areas > 0).all()  # a mirrored wall is another wall
        and areas.min() > LEAST_BEND * areas.max()
        and np.sqrt(areas).max() < limit[0]
        and np.sqrt(areas).min() > limit[1]
        and (stretches[:, 1] > LEAST_BEND).all()
    )


def _stretch(homography: Matrix, point: NDArray[np.float64]) -> tuple[float, float]:
    """What a pixel's surroundings become: the signed change of area, and the shorter side beside the longer."""
    x, y, depth = homography @ (*point, 1.0)
    jacobian = (homography[:2, :2] - np.outer((x / depth, y / depth), homography[2, :2])) / depth
    long, short = np.linalg.svd(jacobian, compute_uv=False)
    return float(np.linalg.det(jacobian)), float(short / max(long, 1e-12))
