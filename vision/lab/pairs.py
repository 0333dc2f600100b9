"""`python -m vision.lab.pairs`: how often the check of photos after painting is right, on drawn pairs of five kinds.

A pair is two files, as telephones and messengers leave them. The reader reads both, and the check is asked as clean-up
asks it: with the boxes of all that was read before. Walls on which no address was read before have no work order and
make no pair. What is right: docs/after.md.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from vision.after import Check, Shown, Verdict, shown_in, writing_of
from vision.after.decide import decide
from vision.after.measure import Measured, measure
from vision.engines import ReaderOptions
from vision.errors import EngineError
from vision.lab.synth.cover import HALF, PAINTED, covered, weathered
from vision.lab.synth.fields import Shape, chosen
from vision.lab.synth.fonts import Face, FontsMissing, find_faces
from vision.lab.synth.scene import Drawing, painted_wall, working_shape
from vision.lab.synth.series import photo_of, repainted
from vision.lab.synth.subjects import subject_for
from vision.lab.synth.truth import SPLITS, encoded
from vision.lab.synth.walls import Wall
from vision.photo import open_photo
from vision.pipeline import Reader, build_reader

FIRST = {"val": 1_600, "test": 7_000}
KINDS = ("painted", "half", "other", "same", "still")
SAME = ("bytes", "encoded", "cropped", "smaller", "brighter")
OTHER = ("written", "painted", "same lines")
HOWS = {"painted": PAINTED, "half": HALF, "other": OTHER, "same": SAME, "still": ("still",)}
ALLOWED: Mapping[str, tuple[Verdict, ...]] = {
    "painted": (Verdict.PAINTED,),
    "half": (Verdict.NOT_PAINTED, Verdict.UNCLEAR),
    "other": (Verdict.NOT_PAINTED, Verdict.UNCLEAR),
    "same": (Verdict.NOT_PAINTED,),
    "still": (Verdict.NOT_PAINTED,),
}
"""What is right; lenient is `unclear` for the last two as well."""


@dataclass(frozen=True)
class Pair:
    """Two photos of a kind; `how` says which sort of it."""

    kind: str
    how: str
    seed: int
    before: bytes
    after: bytes


@dataclass(frozen=True)
class Answer:
    """What was measured and said of a pair, and the seconds that took besides reading."""

    pair: Pair
    measured: Measured
    check: Check
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether the verdict is the one that the kind asks for."""
        return self.check.verdict in ALLOWED[self.pair.kind]

    @property
    def is_safe(self) -> bool:
        """Whether nothing was passed as painted that is not."""
        return self.pair.kind == "painted" or self.check.verdict is not Verdict.PAINTED

    @property
    def is_lenient(self) -> bool:
        """Whether it is right if a person may be asked about anything that is not painted."""
        return self.is_right if self.pair.kind == "painted" else self.is_safe


@dataclass(frozen=True)
class Before:
    """A wall with its writing, and the photo of it."""

    seed: int
    wall: Wall
    drawing: Drawing
    work: Shape
    data: bytes


@dataclass(frozen=True)
class ReadPair:
    """A pair as the reader read it: what the check is asked with."""

    pair: Pair
    boxes: NDArray[np.float64]
    shown: tuple[Shown, ...]
    known: frozenset[tuple[str, str]]


def before_of(seed: int, faces: Sequence[Face]) -> Before:
    """The wall of a seed; its photo is none of `draw`'s."""
    wall, drawing, full = painted_wall(np.random.default_rng([seed, 20_240]), seed, faces)
    work = working_shape(full)
    return Before(seed, wall, drawing, work, _file(seed, 0, wall, drawing, work))


def pair_of(before: Before, kind: str, faces: Sequence[Face]) -> Pair:
    """A photo of a kind beside the one before."""
    seed, wall, drawing = before.seed, before.wall, before.drawing
    rng = np.random.default_rng([seed, KINDS.index(kind), 60_001])
    how = chosen(rng, HOWS[kind])
    if kind == "same":
        return Pair(kind, how, seed, before.data, _again(rng, before.data, how))
    if kind == "other":
        return Pair(kind, how, seed, before.data, _elsewhere(rng, how, before, faces))
    if how == "a line left" and len(drawing.boxes) < 2:
        how = "a part left"
    later = weathered(rng, wall if kind == "still" else covered(rng, wall, drawing, how), drawing)
    after = _file(seed, 1, later, drawing, before.work, is_calm=kind != "still")
    return Pair(kind, how, seed, before.data, after)


def read_pair(seed: int, kind: str, faces: Sequence[Face], reader: Reader) -> ReadPair | None:
    """The pair of a seed, read; None if no address was read before."""
    if not subject_for(seed, np.random.default_rng([seed, 20_240])).addresses:
        return None
    before = before_of(seed, faces)
    first = reader.read(before.data)
    if not first.findings:
        return None
    pair = pair_of(before, kind, faces)
    known = frozenset((one.kind.value, one.value) for one in first.findings)
    return ReadPair(pair, writing_of(first), shown_in(reader.read(pair.after)), known)


def answer(read: ReadPair) -> Answer:
    """The check of a pair."""
    before, after = open_photo(read.pair.before), open_photo(read.pair.after)
    start = time.perf_counter()
    measured = measure(before, after, read.boxes, read.shown, known=read.known)
    return Answer(read.pair, measured, decide(measured), time.perf_counter() - start)


def read_pairs(split: str, count: int, fonts: Path | None, *, processes: int = 2) -> Iterator[ReadPair]:
    """The first `count` pairs of a split, the kinds in turn."""
    seeds = range(FIRST[split], SPLITS[split].stop)
    jobs = [(seed, KINDS[at % len(KINDS)]) for at, seed in enumerate(seeds)]
    done: dict[str, int] = defaultdict(int)
    with ProcessPoolExecutor(processes) as pool:
        for start in range(0, len(jobs), 20):
            for read in pool.map(partial(_read, fonts=fonts), jobs[start : start + 20]):
                if read is not None and done[read.pair.kind] < -(-count // len(KINDS)):
                    done[read.pair.kind] += 1
                    yield read
            if sum(done.values()) >= count:
                return


def table(said: Sequence[Answer]) -> Iterator[str]:
    """The figures, line by line."""
    yield f"{'kind':10}{'pairs':>7}{'painted':>9}{'not':>9}{'unclear':>9}{'right':>9}{'lenient':>9}"
    for kind in (*KINDS, "all"):
        part = [one for one in said if kind in ("all", one.pair.kind)]
        if not part:
            continue
        counts = "".join(f"{sum(one.check.verdict is verdict for one in part):>9}" for verdict in Verdict)
        shares = [
            sum(is_so) / len(part) for is_so in zip(*((one.is_right, one.is_lenient) for one in part), strict=True)
        ]
        yield f"{kind:10}{len(part):>7}{counts}" + "".join(f"{share:>9.3f}" for share in shares)
    seconds = sorted(one.seconds for one in said)
    yield f"passed as painted and not: {sum(not one.is_safe for one in said)}"
    yield f"seconds a pair besides reading: median {seconds[len(seconds) // 2]:.2f}, most {seconds[-1]:.2f}"


def main() -> int:
    """Draws, reads, checks and prints; 0 when done."""
    parser = argparse.ArgumentParser(prog="vision.lab.pairs", description="Measure the check of photos after painting.")
    parser.add_argument("--split", choices=tuple(FIRST), default="val", help="val to choose on, test to score on")
    parser.add_argument("--count", type=int, default=100, help="pairs in all, of five kinds in turn")
    parser.add_argument("--fonts", type=Path, help="folder of fonts (default: the system's)")
    parser.add_argument("--misses", action="store_true", help="name every pair that was not right")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    try:
        find_faces(options.fonts)
        read = read_pairs(options.split, options.count, options.fonts, processes=options.processes)
        said = [answer(pair) for pair in read]
    except (FontsMissing, EngineError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    print("\n".join(table(said)))
    if options.misses:
        for one in said:
            if not one.is_right:
                print(f"{one.pair.seed} {one.pair.kind} ({one.pair.how}): {one.check.verdict}, {one.check.reason}")
    return 0


def _read(job: tuple[int, str], *, fonts: Path | None) -> ReadPair | None:
    return read_pair(*job, *_tools(fonts))


@lru_cache(maxsize=1)
def _tools(fonts: Path | None) -> tuple[tuple[Face, ...], Reader]:
    return find_faces(fonts), build_reader(ReaderOptions())


def _file(seed: int, number: int, wall: Wall, drawing: Drawing, work: Shape, *, is_calm: bool = False) -> bytes:
    drawn = photo_of(seed, number, wall, drawing, work, is_calm=is_calm)
    return encoded(np.random.default_rng([seed, number, 9]), drawn, ".jpg", None)


def _elsewhere(rng: Generator, how: str, before: Before, faces: Sequence[Face]) -> bytes:
    """A photo of another wall: with its own writing, with that painted over, or with the same lines."""
    seed = before.seed
    if how == "same lines":
        return _file(seed, 2, *repainted(rng, before.drawing, faces, before.work), before.work)
    other, lettering, full = painted_wall(np.random.default_rng([seed, 60_002]), seed, faces)
    if how == "painted":
        other = covered(rng, other, lettering, chosen(rng, PAINTED))
    return _file(seed, 2, other, lettering, working_shape(full))


def _again(rng: Generator, data: bytes, how: str) -> bytes:
    """The same photo once more, as it comes out of another telephone or through a messenger."""
    if how == "bytes":
        return data
    image = Image.open(io.BytesIO(data)).convert("RGB")
    width, height = image.size
    if how == "cropped":
        left, top, right, bottom = (
            (rng.uniform(0, 0.12, 4) * (width, height, width, height)).round().astype(int).tolist()
        )
        image = image.crop((left, top, width - right, height - bottom))
    elif how == "smaller":
        scale = rng.uniform(0.4, 0.8)
        image = image.resize((round(width * scale), round(height * scale)), Image.Resampling.LANCZOS)
    elif how == "brighter":
        pixels = np.asarray(image, np.float32) * np.exp(rng.normal(0, 0.25)) + rng.uniform(-12, 12)
        image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=int(rng.integers(50, 85)))
    return out.getvalue()
