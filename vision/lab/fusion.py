"""`python -m vision.lab.fusion`: what fusing readings gains, on series of drawn photos of the same wall.

Every photo of a series is read once. The board shows the mean photo alone, then all subsets of 2, 3 … photos fused,
beside the plain union of their findings. `--elsewhere` draws each photo of a series on another wall instead.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vision.engines import ReaderOptions
from vision.errors import EngineError
from vision.fuse import Seen, features_of, fuse, on_one_wall
from vision.lab.synth.fonts import Face, FontsMissing, find_faces
from vision.lab.synth.scene import Drawn
from vision.lab.synth.series import draw_elsewhere, draw_series
from vision.lab.synth.truth import encoded, seeds_for, split_of
from vision.pipeline import Reader, build_reader
from vision.types import Finding, Kind

SIZES = (2, 3, 5)
Key = tuple[Kind, str]


@dataclass(frozen=True)
class Series:
    """Photos of one wall as they were read, and the addresses that are painted there."""

    seen: tuple[Seen, ...]
    truth: frozenset[Key]


@dataclass
class Count:
    """Addresses over many answers: painted, found, found and right; all of them and those accepted."""

    painted: int = 0
    found: int = 0
    right: int = 0
    accepted: int = 0
    accepted_right: int = 0

    def add(self, findings: Iterable[Finding], truth: frozenset[Key]) -> None:
        """One answer more."""
        findings = list(findings)
        found = {(one.kind, one.value) for one in findings}
        accepted = {(one.kind, one.value) for one in findings if one.accepted}
        self.painted += len(truth)
        self.found += len(found)
        self.right += len(found & truth)
        self.accepted += len(accepted)
        self.accepted_right += len(accepted & truth)

    def row(self, name: str) -> str:
        """The board's line."""
        numbers = (self.right / max(1, self.painted), self.right / max(1, self.found))
        sure = (self.accepted_right / max(1, self.painted), self.accepted_right / max(1, self.accepted))
        return f"{name:16}" + "".join(f"{number:>10.3f}" for number in (*numbers, *sure)) + f"{self.painted:>10}"


def read_series(reader: Reader, seed: int, photos: Sequence[Drawn], *, matched: bool) -> Series:
    """The photos of a seed encoded, read, and matched if they show one wall."""
    files = [encoded(np.random.default_rng([seed, at, 9]), one, ".jpg", None) for at, one in enumerate(photos)]
    readings = [reader.read(data) for data in files]
    walls: Sequence[tuple[int, np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None]]
    walls = [(at, None) for at in range(len(files))]
    if matched:
        pixels = [np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8) for data in files]
        walls = on_one_wall([features_of(picture) for picture in pixels])
    seen = tuple(
        Seen.of(reading, inscription=f"wall {wall}", to_wall=to_wall)
        for reading, (wall, to_wall) in zip(readings, walls, strict=True)
    )
    return Series(seen, frozenset((address.kind, address.value) for address in photos[0].addresses))


def board(series: Sequence[Series]) -> Iterator[str]:
    """The board, line by line."""
    yield f"{'':16}{'recall':>10}{'precision':>10}{'acc. rec.':>10}{'acc. prec.':>10}{'painted':>10}"
    alone = Count()
    for one in series:
        for seen in one.seen:
            alone.add(seen.findings, one.truth)
    yield alone.row("one photo")
    longest = max((len(one.seen) for one in series), default=0)
    for size in (size for size in SIZES if size <= longest):
        union, together = Count(), Count()
        for one in series:
            for part in itertools.combinations(one.seen, size):
                union.add((finding for seen in part for finding in seen.findings), one.truth)
                together.add((fused.finding for fused in fuse(part)), one.truth)
        yield union.row(f"{size}, union")
        yield together.row(f"{size}, fused")


def drawn_series(
    reader: Reader, seeds: Sequence[int], photos: int, faces: Sequence[Face], *, elsewhere: bool
) -> Iterator[Series]:
    """The series of the seeds, drawn and read; a line of progress for every ten."""
    for number, seed in enumerate(seeds, start=1):
        drawn = (draw_elsewhere if elsewhere else draw_series)(seed, faces, photos)
        yield read_series(reader, seed, drawn, matched=not elsewhere)
        if number % 10 == 0 or number == len(seeds):
            print(f"{number} of {len(seeds)} series read", flush=True)


def main() -> int:
    """Draws, reads, fuses and prints; 0 when done."""
    parser = argparse.ArgumentParser(prog="vision.lab.fusion", description="Measure what fusing readings gains.")
    parser.add_argument("--series", type=int, default=40, metavar="N", help="walls; forty hold every subject")
    parser.add_argument("--photos", type=int, default=5, metavar="N", help="photos of each wall")
    parser.add_argument("--seed", type=int, default=4_000, help="first seed: 4000 of the test set, 1500 of val")
    parser.add_argument("--elsewhere", action="store_true", help="the same lines on another wall in each photo")
    parser.add_argument("--fonts", type=Path, help="folder of fonts (default: the system's)")
    options = parser.parse_args()
    try:
        seeds = seeds_for(split_of(options.seed), options.series, options.seed)
        faces, reader = find_faces(options.fonts), build_reader(ReaderOptions())
    except (FontsMissing, ValueError, EngineError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    series = list(drawn_series(reader, seeds, options.photos, faces, elsewhere=options.elsewhere))
    print("\n".join(board(series)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
