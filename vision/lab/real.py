"""`python -m vision.lab.real`: how recognisers read real pictures with known text.

Scores only: nothing trains on these pictures.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from vision.detect.base import Detector
from vision.engines import ReaderOptions, build_detector, build_recogniser
from vision.errors import EngineError
from vision.lab.lines.alphabet import TWINS
from vision.lab.rehearse import lines_in
from vision.lab.watch import script_of
from vision.recognise.base import Recogniser
from vision.types import Picture
from vision.weights import DEFAULT_FOLDER

ALIKE = str.maketrans({one.lower(): two.lower() for one, two in TWINS.items()} | {"0": "o", "ё": "e", "й": "и"})
"""Letters that look the same count as the same, and so do letters without their dots."""

WRONG_AT_MOST = 0.15
"""Of a line's characters: more wrong ones and it does not count as read."""

LONGEST_SIDE_PX = 640


@dataclass(frozen=True)
class Labelled:
    """A picture and the lines that can be read in it."""

    name: str
    picture: Picture
    lines: tuple[str, ...]


def folded(text: str) -> str:
    """The text with case, spaces and look-alikes made one."""
    return "".join(text.casefold().translate(ALIKE).split())


def labelled(folder: Path) -> Iterator[Labelled]:
    """The pictures that a folder's labels.csv names; its text column is `text` or `lines`, lines joined by " | "."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            picture = cv2.imread(str(folder / row["file"]))
            if picture is not None:
                lines = (row.get("text") or row.get("lines") or "").split(" | ")
                yield Labelled(
                    row["file"], np.asarray(picture, np.uint8), tuple(line for line in lines if folded(line))
                )


def was_read(line: str, answers: Sequence[str]) -> bool:
    """Whether one of the answers is the line, up to look-alikes, case, spaces and 15 % of its characters."""
    wanted = folded(line)
    return any(Levenshtein.distance(wanted, folded(one)) <= WRONG_AT_MOST * len(wanted) for one in answers)


def crops_of(picture: Picture, detector: Detector) -> list[Picture]:
    """The line crops of a picture, looked for at the size that the reader looks at."""
    return lines_in(picture, detector, LONGEST_SIDE_PX)


@dataclass
class Score:
    """Lines read, of how many."""

    read: int = 0
    lines: int = 0

    def __str__(self) -> str:
        return f"{self.read / self.lines:.2f} ({self.read} of {self.lines})" if self.lines else "no lines"


def scores(
    cases: Sequence[tuple[Labelled, list[Picture]]], recogniser: Recogniser, *, misses: bool
) -> dict[str, Score]:
    """The scores of one recogniser by script."""
    found = {"cyrillic": Score(), "latin": Score()}
    for case, crops in cases:
        answers = [answer.text for answer in recogniser.recognise(crops)]
        for line in case.lines:
            score = found[script_of(line)]
            score.lines += 1
            score.read += was_read(line, answers)
            if misses and not was_read(line, answers):
                print(f"{case.name}: {line} <- {answers}")
    return found


def main() -> int:
    """Prints a table; 0 when done."""
    parser = argparse.ArgumentParser(prog="vision.lab.real", description="Score recognisers on real pictures.")
    parser.add_argument("folders", type=Path, nargs="+", help="folders of pictures with labels.csv")
    parser.add_argument("--recognisers", nargs="+", default=["stock", "trained", "embedded"])
    parser.add_argument("--weights", type=Path, default=DEFAULT_FOLDER, help="folder of the manifest")
    parser.add_argument("--misses", action="store_true", help="list the lines that were not read")
    options = parser.parse_args()
    try:
        detector = build_detector(ReaderOptions())
        readers = {
            name: build_recogniser(ReaderOptions(recogniser=name, weights_dir=options.weights))
            for name in options.recognisers
        }
    except EngineError as refusal:
        print(refusal, file=sys.stderr)
        return 2
    for folder in options.folders:
        cases = [(case, crops_of(case.picture, detector)) for case in labelled(folder)]
        for name, reader in readers.items():
            found = scores(cases, reader, misses=options.misses)
            print(f"{folder.name:14} {name:10} " + "  ".join(f"{script} {score}" for script, score in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
