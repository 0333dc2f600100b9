"""What goes in and what comes out: what each photo showed, and the addresses that all of them show together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from vision.frames import Matrix
from vision.fuse.match import Features, Match, match
from vision.types import Finding, Line, Reading


@dataclass(frozen=True, slots=True)
class Seen:
    """One photo's part.

    Attributes:
        sha256: of the photo; the same photo given twice counts once.
        findings: in photo pixels.
        lines: of the same reading; with lattices they say more, without any the findings' own figures are used.
        width, height: of the photo, in pixels; 0 when nobody knows.
        inscription: equal for photos of one inscription; empty when nobody knows which one it is.
        to_wall: (3, 3) homography from photo pixels to a frame that all matched photos of the inscription share.
    """

    sha256: str
    findings: tuple[Finding, ...]
    lines: tuple[Line, ...] = ()
    width: int = 0
    height: int = 0
    inscription: str = ""
    to_wall: Matrix | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, reading: Reading, *, inscription: str = "", to_wall: Matrix | None = None) -> Seen:
        """What a reading contributes."""
        photo = reading.photo
        return cls(photo.sha256, reading.findings, reading.lines, photo.width, photo.height, inscription, to_wall)


@dataclass(frozen=True, slots=True)
class Fused:
    """An address as several photos together read it.

    Attributes:
        finding: value, confidence, alternatives and uncertain characters by all photos; text, box and trail are those
            of `photo`, whose own finding is the surest for it.
        photo: the sha256 of that photo.
        supported_by: sha256 of the photos that read this very value by themselves, sorted.
        seen_in: sha256 of all photos that had something to say here, sorted.
        read_as: the findings that were put together, each with the sha256 of its photo.
    """

    finding: Finding
    photo: str
    supported_by: tuple[str, ...]
    seen_in: tuple[str, ...]
    read_as: tuple[tuple[str, Finding], ...] = field(default=(), compare=False, repr=False)


def on_one_wall(photos: Sequence[Features]) -> tuple[tuple[int, Matrix | None], ...]:
    """For each photo the wall that it shows, by number, and its homography to the frame of that wall; as `framed`."""
    links: dict[tuple[int, int], Match] = {}
    for one in range(len(photos)):
        for other in range(one + 1, len(photos)):
            found = match(photos[one], photos[other])
            if found is not None:
                links[one, other] = found
    return framed(len(photos), links)


def framed(count: int, links: Mapping[tuple[int, int], Match]) -> tuple[tuple[int, Matrix | None], ...]:
    """For each photo the wall that it shows, by number, and its homography to the frame of that wall.

    A wall's frame is that of the photo that most others match; photos are linked over those that match best. A photo
    that matches no other is alone on its wall and has no homography.

    Args:
        count: of the photos.
        links: by the positions of two photos, how the first lies in the second.
    """
    weight = [sum(link.inliers for pair, link in links.items() if at in pair) for at in range(count)]
    walls: dict[int, tuple[int, Matrix | None]] = {}
    for root in sorted(range(count), key=lambda at: (-weight[at], at)):
        if root not in walls:
            number = len({wall for wall, _ in walls.values()})
            reached = _reached(root, links)
            walls |= {at: (number, homography if len(reached) > 1 else None) for at, homography in reached.items()}
    return tuple(walls[at] for at in range(count))


def _reached(root: int, links: Mapping[tuple[int, int], Match]) -> dict[int, Matrix]:
    """Homographies to the root's pixels of every photo that leads there, over the strongest links first."""
    reached: dict[int, Matrix] = {root: np.eye(3)}
    while True:
        edges = [(link.inliers, pair) for pair, link in links.items() if (pair[0] in reached) != (pair[1] in reached)]
        if not edges:
            return reached
        _, (one, other) = max(edges, key=lambda edge: (edge[0], -edge[1][0], -edge[1][1]))
        forward = links[one, other].homography
        if other in reached:
            reached[one] = reached[other] @ forward
        else:
            reached[other] = reached[one] @ np.linalg.inv(forward)
