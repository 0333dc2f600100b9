"""`python -m vision.lab.looks`: what further looks at a line would gain, on labelled photos.

Every line that is detected where the truth has one is read by the trained network in several views. Printed is the
share of lines read exactly, case and spaces aside: by each view alone, by the mean of views, and by whichever view is
right, which no combination can outdo.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from vision.detect.base import Detector
from vision.engines import TRAINED_WEIGHTS, ReaderOptions, build_detector
from vision.errors import EngineError
from vision.lab.evaluate import load_cases
from vision.lab.score import Case
from vision.photo import open_photo
from vision.prepare.rectify import crop_line
from vision.prepare.scale import WORKING_SIDE_PX, shrink
from vision.recognise.ctc import greedy
from vision.recognise.onnx import OnnxRecogniser
from vision.types import Box, Picture
from vision.weights import DEFAULT_FOLDER, WeightsFolder

SAME_LINE = 0.4
"""Shared area of a detected line and a true one, as a part of the area of both."""


def as_it_is(crop: Picture) -> Picture:
    """The crop."""
    return crop


def inverted(crop: Picture) -> Picture:
    """Light for dark."""
    return np.asarray(255 - crop, np.uint8)


def moved(crop: Picture, tall: float, right_px: float) -> Picture:
    """The crop with its height scaled about the middle, moved to the right; its size stays."""
    height, width = crop.shape[:2]
    matrix = np.array([[1, 0, right_px], [0, tall, (1 - tall) * height / 2]], np.float32)
    after = cv2.warpAffine(crop, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(after, np.uint8)


def contrasted(crop: Picture) -> Picture:
    """The crop with local contrast raised."""
    lab = cv2.cvtColor(crop, cv2.COLOR_BGR2LAB)
    lab[:, :, 0] = cv2.createCLAHE(3.0, (2, 8)).apply(np.ascontiguousarray(lab[:, :, 0], np.uint8))
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR), np.uint8)


def paint_alone(crop: Picture) -> Picture:
    """Grey along the direction in colour that separates paint from wall best (Fisher's, of two clusters)."""
    pixels = crop.reshape(-1, 3).astype(np.float32)
    some = pixels[:: max(1, len(pixels) // 3000)]
    cv2.setRNGSeed(1)
    _, labels, centres = cv2.kmeans(some, 2, np.empty(0), (3, 15, 1.0), 1, cv2.KMEANS_PP_CENTERS)
    paint, wall = some[labels.ravel() == 1], some[labels.ravel() == 0]
    if min(len(paint), len(wall)) < 20:
        return crop
    between = centres[1] - centres[0]
    along = pixels @ np.linalg.solve(np.cov(paint.T) + np.cov(wall.T) + np.eye(3) * 20, between)
    low, high = np.percentile(along, (2, 98))
    grey = (np.clip((along - low) / max(1e-6, high - low), 0, 1) * 255).astype(np.uint8).reshape(crop.shape[:2])
    return np.asarray(cv2.cvtColor(grey if between.sum() > 0 else 255 - grey, cv2.COLOR_GRAY2BGR), np.uint8)


VIEWS: Mapping[str, Callable[[Picture], Picture]] = {
    "as it is": as_it_is,
    "contrast": contrasted,
    "paint alone": paint_alone,
    "inverted": inverted,
    "lower": lambda crop: moved(crop, 0.9, 0),
    "taller": lambda crop: moved(crop, 1.1, 0),
    "aside": lambda crop: moved(crop, 1.0, 4),
}
TOGETHER: Sequence[tuple[str, ...]] = (
    ("as it is", "contrast"),
    ("as it is", "paint alone"),
    ("as it is", "inverted", "lower"),
    ("as it is", "lower", "taller"),
    tuple(VIEWS),
)


def lines_of(case: Case, detector: Detector) -> Iterator[tuple[Picture, str]]:
    """The crops of a photo's detected lines that are true ones, with what they say."""
    photo = open_photo(case.data)
    picture, frame = shrink(photo.pixels, photo.frame, ReaderOptions().crop_side_px)
    small, place = shrink(picture, frame, WORKING_SIDE_PX)
    true_lines = case.record["lines"]
    assert isinstance(true_lines, list)  # noqa: S101  # the schema says so
    for region in detector.detect(small):
        box = place.back_box(region.box)
        share, text = max(((_shared(box, line["box"]), str(line["text"])) for line in true_lines), default=(0.0, ""))
        if share > SAME_LINE:
            yield crop_line(picture, frame, frame.forward_box(box))[0], text


def _shared(one: Box, two: Sequence[Sequence[float]]) -> float:
    a, b = np.array(one, np.float32), np.array(two, np.float32)
    both, _ = cv2.intersectConvexConvex(a, b)
    return float(both / max(1.0, cv2.contourArea(a) + cv2.contourArea(b) - both))


def folded(text: str) -> str:
    """The text without case and spaces."""
    return "".join(text.casefold().split())


def report(lines: Sequence[tuple[Picture, str]], network: OnnxRecogniser) -> Iterator[str]:
    """The table, a row at a time."""
    wanted = [folded(text) for _, text in lines]
    seen = {name: [network.probabilities(view(crop)) for crop, _ in lines] for name, view in VIEWS.items()}
    right = np.zeros(len(lines), bool)
    for names in (*((name,) for name in VIEWS), *TOGETHER):
        means = (np.mean(same, axis=0) for same in zip(*(seen[name] for name in names), strict=True))
        exact = np.array([folded(greedy(mean, network.alphabet).text) for mean in means]) == np.array(wanted)
        if len(names) == 1:
            right |= exact
        yield f"{exact.mean():.3f}  {' + '.join(names)}"
    yield f"{right.mean():.3f}  whichever view is right"


def main() -> int:
    """Prints the table; 0 when done."""
    parser = argparse.ArgumentParser(prog="vision.lab.looks", description="What further looks at a line would gain.")
    parser.add_argument("folders", type=Path, nargs="+", help="folders of labelled photos")
    options = parser.parse_args()
    try:
        detector = build_detector(ReaderOptions())
        network = OnnxRecogniser(WeightsFolder(DEFAULT_FOLDER).open(TRAINED_WEIGHTS))
        cases = [case for folder in options.folders for case in load_cases(folder)]
    except (EngineError, FileNotFoundError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    lines = [line for case in cases for line in lines_of(case, detector)]
    if not lines:
        print("There is no line to read.", file=sys.stderr)
        return 2
    print(f"{len(lines)} lines of {len(cases)} photos, read exactly:")
    for row in report(lines, network):
        print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
