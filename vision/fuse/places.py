"""Which findings of several photos are one address: by their place on one wall, or by what they may mean on others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from vision.frames import Matrix
from vision.fuse.evidence import Evidence
from vision.fuse.match import carried, overlap
from vision.fuse.seen import Seen
from vision.types import Box

SAME_PLACE = 0.4
"""Shared part of the smaller of two boxes from which on they hold the same paint, whatever was read there."""

NEAR_PLACE = 0.1
"""The same for findings that may mean the same."""

MAY_BE = 0.02
"""How probable, beside its own value, another value must be to a photo for both to be readings of one address.

Two sure readings that differ in a character are two addresses: neither leaves the other's value so much.
"""


@dataclass(slots=True)
class Cluster:
    """Evidence of one address.

    Attributes:
        parts: one for each photo at most; the first is the surest.
        boxes: of the parts, in the frame of their wall; None where there is none.
        misses: photos that show the place and have nothing there.
    """

    parts: list[Evidence] = field(default_factory=list)
    walls: list[str] = field(default_factory=list)
    boxes: list[Box | None] = field(default_factory=list)
    misses: int = 0

    def add(self, part: Evidence, wall: str, box: Box | None) -> None:
        """One photo's evidence more."""
        self.parts.append(part)
        self.walls.append(wall)
        self.boxes.append(box)


def by_place(photos: Sequence[tuple[Seen, Sequence[Evidence]]], wall: str) -> list[Cluster]:
    """The addresses on one inscription."""
    clusters: list[Cluster] = []
    homographies = {seen.sha256: seen.to_wall for seen, _ in photos}
    for part in surest_first(part for _, parts in photos for part in parts):
        to_wall = homographies[part.sha256]
        box = None if to_wall is None else carried(part.finding.box, to_wall)
        able = [one for one in clusters if part.sha256 not in {other.sha256 for other in one.parts}]
        scored = [(_belongs(part, box, one), -number, one) for number, one in enumerate(able)]
        best = max(scored, key=lambda each: each[:2], default=(0.0, 0, None))
        if best[2] is None or best[0] <= 0:
            clusters.append(Cluster())
            clusters[-1].add(part, wall, box)
        else:
            best[2].add(part, wall, box)
    for cluster in clusters:
        cluster.misses = sum(_misses(seen, cluster) for seen, _ in photos)
    return clusters


def over_walls(clusters: Iterable[Cluster]) -> list[Cluster]:
    """Clusters of several walls put together where they may mean the same address."""
    joined: list[Cluster] = []
    for cluster in sorted(clusters, key=lambda one: _rank(one.parts[0])):
        photos = {part.sha256 for part in cluster.parts}
        for known in joined:
            is_apart = not photos & {part.sha256 for part in known.parts}
            if is_apart and any(_may_be_one(one, other) for one in known.parts for other in cluster.parts):
                for part, wall, box in zip(cluster.parts, cluster.walls, cluster.boxes, strict=True):
                    known.add(part, wall, box)
                known.misses += cluster.misses
                break
        else:
            joined.append(cluster)
    return joined


def surest_first(parts: Iterable[Evidence]) -> list[Evidence]:
    """The evidence in an order that does not depend on the one given."""
    return sorted(parts, key=_rank)


def _rank(part: Evidence) -> tuple[float, str, str, str, Box]:
    return -part.finding.confidence, part.finding.kind, part.finding.value, part.sha256, part.finding.box


def _may_be_one(one: Evidence, other: Evidence) -> bool:
    """Whether both may mean what one of them reads."""
    if one.finding.kind is not other.finding.kind:
        return False
    if one.key == other.key:
        return True
    first = one.share(other.key) / max(one.finding.confidence, 1e-6)
    second = other.share(one.key) / max(other.finding.confidence, 1e-6)
    # What is left to any value whatever (LEFT) does not make two values one.
    return max(first if _offers(one, other) else 0.0, second if _offers(other, one) else 0.0) >= MAY_BE


def _offers(one: Evidence, other: Evidence) -> bool:
    return one.share(other.key) > one.share((other.finding.kind, "\0"))


def _belongs(part: Evidence, box: Box | None, cluster: Cluster) -> float:
    """How well a finding fits a cluster of its wall; 0 for not at all."""
    is_alike = any(_may_be_one(part, other) for other in cluster.parts)
    if box is None:
        return 1.0 if is_alike else 0.0
    places = [overlap(box, other) for other in cluster.boxes if other is not None]
    if not places:
        return 1.0 if is_alike else 0.0
    shared = max(places)
    if is_alike and (shared >= NEAR_PLACE or any(part.key == other.key for other in cluster.parts)):
        return 1.0 + shared
    return shared if shared >= SAME_PLACE else 0.0


def _misses(seen: Seen, cluster: Cluster) -> bool:
    """Whether a photo shows the place of a cluster, whole, and has nothing there."""
    if seen.to_wall is None or not seen.width or seen.sha256 in {part.sha256 for part in cluster.parts}:
        return False
    box = next((box for box in cluster.boxes if box is not None), None)
    if box is None:
        return False
    points = _back(box, seen.to_wall)
    return bool((points >= 0).all() and (points <= (seen.width, seen.height)).all())


def _back(box: Box, to_wall: Matrix) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    points = np.array(box, np.float64)[:, None, :]
    return np.asarray(cv2.perspectiveTransform(points, np.linalg.inv(to_wall))[:, 0, :], np.float64)
