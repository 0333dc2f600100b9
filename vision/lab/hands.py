"""`python -m vision.lab.hands`: how well two lines of one stencil, or one hand, are told from those of others.

Each line is drawn in a face on a wall of its own: another text, paint, light and camera. Pairs of one face are set
against pairs of two. Printed are the area under the curve and the share found at few false alarms.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vision.frames import as_box
from vision.fuse.hand import Hand, hand_likeness, hand_of, stencil_likeness
from vision.lab.synth.camera import LIGHTS, lit, photographed
from vision.lab.synth.fields import chosen
from vision.lab.synth.fonts import Face, FontsMissing, find_faces
from vision.lab.synth.inscription import Inscription
from vision.lab.synth.scene import LIGHT_SHARES, Drawing, finished
from vision.lab.synth.subjects import Painted, Subject, username
from vision.lab.synth.walls import WALLS

SHAPE = (720, 1280)
STYLES = {"stencil": ("stencil",), "hand": ("spray", "brush", "roller", "marker")}
LIKENESS: dict[str, Callable[[Hand, Hand], float]] = {"stencil": stencil_likeness, "hand": hand_likeness}
FALSE_ALARMS = (0.002, 0.01, 0.05)


@dataclass(frozen=True)
class Line:
    """A drawn line: which face wrote it, and what is kept of it."""

    face: int
    hand: Hand


def draw_line(rng: Generator, face: Face, style: str) -> Hand | None:
    """A new name in this face on a new wall, photographed; None where too little of it can be told from the wall."""
    subject = Subject("hand", (Painted(username(rng), None),))
    work = (round(SHAPE[0] * 1.06), round(SHAPE[1] * 1.06))
    wall = WALLS[chosen(rng, tuple(WALLS))](rng, work, work[1] / rng.uniform(2.2, 4.2))
    inscription = Inscription.planned(rng, subject, style, [face], work)
    difficulty = chosen(rng, ("easy", "medium"))
    boxes = inscription.painted(rng, wall, difficulty)
    light = LIGHTS[int(rng.choice(5, p=LIGHT_SHARES))]
    drawing = Drawing(0, subject, style, "", light, difficulty, inscription, boxes, None)
    drawn = finished(rng, drawing, photographed(rng, lit(rng, wall, light), SHAPE, light, difficulty), SHAPE)
    picture = np.asarray(cv2.cvtColor(drawn.picture, cv2.COLOR_RGB2BGR), np.uint8)
    return hand_of(picture, as_box(drawn.lines[0].box))


def lines(seed: int, faces: Sequence[Face], what: str, count: int) -> Iterator[Line]:
    """`count` lines of every face in the styles of a stencil or of a hand."""
    for number, face in enumerate(faces):
        for turn in range(count):
            rng = np.random.default_rng([seed, number, turn, 20_260])
            hand = draw_line(rng, face, chosen(rng, STYLES[what]))
            if hand is not None:
                yield Line(number, hand)


def scores(
    found: Sequence[Line], likeness: Callable[[Hand, Hand], float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Likenesses of all pairs of one face, and of all pairs of two."""
    same: list[float] = []
    other: list[float] = []
    for one, two in combinations(found, 2):
        (same if one.face == two.face else other).append(likeness(one.hand, two.hand))
    return np.array(same), np.array(other)


def area_under_curve(same: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The chance that a pair of one face is more alike than a pair of two (0.5: a coin)."""
    ranks = np.searchsorted(np.sort(other), same, "left") + np.searchsorted(np.sort(other), same, "right")
    return float(ranks.mean() / 2 / len(other))


def found_at(same: NDArray[np.float64], other: NDArray[np.float64], alarms: float) -> tuple[float, float]:
    """The threshold that this share of pairs of two faces reaches, and the share of pairs of one face that does."""
    threshold = float(np.quantile(other, 1 - alarms))
    return threshold, float((same > threshold).mean())


def main() -> int:
    """Draw, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=Path, help="folder with .ttf, .otf or .woff2 files; without: the system's")
    parser.add_argument("--faces", type=int, default=12)
    parser.add_argument("--lines", type=int, default=6, help="of every face")
    parser.add_argument("--seed", type=int, default=3000, help="1500 is the set that strokes.csv was made of")
    parser.add_argument("--usual", type=Path, help="write what is usual of strokes to this file")
    options = parser.parse_args()
    try:
        able = [face for face in find_faces(options.fonts) if face.writes("abcxyz_0123456789")]
    except FontsMissing as error:
        print(error, file=sys.stderr)
        return 2
    step = max(1, len(able) // options.faces)
    faces = able[::step][: options.faces]
    print("| written | compared by | lines | pairs of one | of two | AUC | " + " | ".join(
        f"found at {alarms:.1%} false (threshold)" for alarms in FALSE_ALARMS) + " |")  # fmt: skip
    print("|---|---|---|---|---|---|" + "---|" * len(FALSE_ALARMS))
    drawn: list[Line] = []
    for what in STYLES:
        found = list(lines(options.seed, faces, what, options.lines))
        drawn += found
        for name, likeness in LIKENESS.items():
            same, other = scores(found, likeness)
            cells = [f"{share:.2f} ({at:.3f})" for at, share in (found_at(same, other, a) for a in FALSE_ALARMS)]
            figures = f"{len(found)} | {len(same)} | {len(other)} | {area_under_curve(same, other):.2f}"
            print(f"| {what} | {name} | {figures} | {' | '.join(cells)} |", flush=True)
    if options.usual:
        roots = np.sqrt(np.stack([line.hand.strokes for line in drawn]))
        usual = np.stack([roots.mean(axis=0), roots.std(axis=0) + 1e-4])
        options.usual.write_text("".join(",".join(f"{part:.5f}" for part in row) + "\n" for row in usual), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
