"""`python -m vision.lab.rehearse`: real crops with what a recogniser is sure they say, to be mixed into training."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from vision.detect.base import Detector
from vision.engines import ReaderOptions, build_detector, build_recogniser
from vision.frames import Frame
from vision.lab.batches import Known, save_known
from vision.lab.lines.alphabet import unwritable
from vision.lab.lines.shot import WIDEST_PX
from vision.prepare.rectify import crop_line
from vision.prepare.scale import WORKING_SIDE_PX, shrink
from vision.recognise.base import Recognised, Recogniser
from vision.types import Picture

ONLY_LATIN = frozenset("DFGJLQSVZdfhijlqstvz")
"""Letters that no Cyrillic one is read as."""

WIDEST_FOR_ITS_HEIGHT = WIDEST_PX / 48


def lines_in(picture: Picture, detector: Detector, side_px: int = WORKING_SIDE_PX) -> list[Picture]:
    """The crops of the picture's lines, 48 pixels tall; they are looked for at a long side of `side_px`."""
    frame = Frame.of_photo(picture.shape[1], picture.shape[0])
    small, place = shrink(picture, frame, side_px)
    boxes = [place.back_box(region.box) for region in detector.detect(small)]
    crops = [crop_line(picture, frame, box)[0] for box in boxes]
    return [crop for crop in crops if crop.shape[1] / crop.shape[0] <= WIDEST_FOR_ITS_HEIGHT]


def pictures_in(folder: Path) -> Iterator[tuple[str, Picture]]:
    """Name and pixels of every picture of a folder, sorted by name."""
    for path in sorted(folder.iterdir()):
        picture = cv2.imread(str(path)) if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp") else None
        if picture is not None:
            yield path.name, np.asarray(picture, np.uint8)


def surely_latin(answer: Recognised, least: float) -> bool:
    """Whether the stock reader is sure, and what it read cannot be Cyrillic that it takes for Latin."""
    text = answer.text
    if answer.confidence < least or len(text) < 2 or not text.isascii():
        return False
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return len(text) >= 4
    return sum(letter in ONLY_LATIN for letter in letters) >= 0.3 * len(letters)


def surely_cyrillic(answer: Recognised, least: float) -> bool:
    """Whether a trained reader is sure of a line that has Cyrillic letters."""
    text = answer.text
    some = any("Ѐ" <= character <= "ӿ" for character in text)
    return some and answer.confidence >= least and len(text) >= 4


def gathered(
    folder: Path, detector: Detector, stock: Recogniser, trained: Recogniser | None, least: float
) -> list[Known]:
    """The lines of a folder's pictures that one of the readers is sure of."""
    found: list[Known] = []
    for _, picture in pictures_in(folder):
        crops = lines_in(picture, detector)
        ours: Sequence[Recognised | None] = trained.recognise(crops) if trained else [None] * len(crops)
        for crop, old, new in zip(crops, stock.recognise(crops), ours, strict=True):
            if new is not None and surely_cyrillic(new, least) and not unwritable(new.text):
                found.append(Known(crop, new.text))
            elif surely_latin(old, least) and not unwritable(old.text):
                found.append(Known(crop, old.text))
    return found


def main() -> int:
    """Writes the file; 0 when done."""
    parser = argparse.ArgumentParser(prog="vision.lab.rehearse", description="Real crops for rehearsal.")
    parser.add_argument("--pictures", type=Path, required=True, help="folder of pictures, without any truth")
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    parser.add_argument("--trained", help="engine whose Cyrillic lines are taken as well")
    parser.add_argument("--least", type=float, default=0.93, help="confidence from which a reader counts as sure")
    options = parser.parse_args()
    trained = build_recogniser(ReaderOptions(recogniser=options.trained)) if options.trained else None
    detector, stock = build_detector(ReaderOptions()), build_recogniser(ReaderOptions(recogniser="stock"))
    known = gathered(options.pictures, detector, stock, trained, options.least)
    save_known(options.out, known)
    print(f"{len(known)} lines in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
