"""`python -m vision.lab.synth --out samples`: draws a set of labelled photos."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from vision.lab.synth.fonts import Face, FontsMissing, find_faces
from vision.lab.synth.scene import draw
from vision.lab.synth.truth import Sample, sample_of, seeds_for, write_samples


def drawn_sample(seed: int, faces: Sequence[Face]) -> Sample:
    """The sample of a seed."""
    return sample_of(draw(seed, faces))


def drawn_samples(seeds: Sequence[int], faces: Sequence[Face], *, processes: int = 2) -> Iterator[Sample]:
    """The samples of the seeds, in their order."""
    if processes < 2:  # one process is this one
        yield from (drawn_sample(seed, faces) for seed in seeds)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(partial(drawn_sample, faces=tuple(faces)), seeds)


def main() -> int:
    """Draws what the command line asks for; 0 when all is written."""
    parser = argparse.ArgumentParser(prog="vision.lab.synth", description="Draw labelled wall photos.")
    parser.add_argument("--out", type=Path, required=True, help="folder for pictures, truth.jsonl and places.csv")
    parser.add_argument("--fonts", type=Path, help="folder of .ttf, .otf or .woff2 files (default: the system's)")
    parser.add_argument("--split", default="val,test", help="val, test, train or several joined by commas")
    parser.add_argument("--seed", type=int, help="first seed (default: the first of the set)")
    parser.add_argument("--count", type=int, default=80, help="photos in all, shared between the sets")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    splits = options.split.split(",")
    try:
        share = -(-options.count // len(splits))
        seeds = [seed for split in splits for seed in seeds_for(split, share, options.seed)][: options.count]
        samples = list(drawn_samples(seeds, find_faces(options.fonts), processes=options.processes))
    except (FontsMissing, ValueError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    write_samples(samples, options.out)
    print(f"{len(samples)} photos in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
