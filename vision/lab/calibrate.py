"""`python -m vision.lab.calibrate`: measures on drawn val photos what confidences and confusions rest on.

Writes vision/addresses/measured.toml: what the recogniser takes for what, the weights that turn the signs of a finding
into the probability that it is exactly right, and the confidence from which findings need no person. Run it again
whenever the recogniser, the detector or the rules change. `--ece` says how far confidences are from the truth on test
photos; nothing is chosen by that.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.addresses import decoded, painted
from vision.addresses.measured import FILE, Signs, measured
from vision.addresses.rank import finding
from vision.errors import EngineError
from vision.lab.confusions import Confusions
from vision.lab.synth.__main__ import drawn_samples
from vision.lab.synth.fonts import FontsMissing, find_faces
from vision.lab.synth.truth import TRUTH_FILE, seeds_for, split_of
from vision.pipeline import Reader, build_reader
from vision.types import Kind, Line

Numbers = NDArray[np.float64]

MEASURED = Path(painted.__file__).with_name(FILE)
PRECISION = 0.97
"""What accepted findings must reach on val photos, each by a model that has not seen it."""

LOWEST_ACCEPTED, HIGHEST_ACCEPTED = 0.75, 0.99
FOLDS = 5
FEWEST = 30
"""Cases; with fewer nothing is fitted, and the signs stand as they are."""

RIDGE = 1.0
STEPS, RATE = 4000, 0.05
BINS = 10


@dataclass(frozen=True)
class Photo:
    """A labelled photo as it was read."""

    record: dict[str, Any]
    lines: tuple[Line, ...]

    @property
    def truth(self) -> frozenset[tuple[str, str]]:
        """The addresses in it."""
        return frozenset((each["kind"], each["value"]) for each in self.record["addresses"])


@dataclass(frozen=True)
class Case:
    """A finding's signs, whether a person must look whatever they say, and whether its value is right."""

    signs: Signs
    is_guess: bool
    is_right: bool


def read_photos(reader: Reader, samples: Iterable[tuple[dict[str, Any], bytes]], total: int) -> list[Photo]:
    """What the reader sees in labelled photos; a line of progress for every twenty."""
    photos = []
    for number, (record, data) in enumerate(samples, start=1):
        photos.append(Photo(record, reader.read(data).lines))
        if number % 20 == 0 or number == total:
            print(f"{number} of {total} photos read", flush=True)
    return photos


def cases(photos: Iterable[Photo]) -> Iterator[Case]:
    """Every finding in the photos that stands on a lattice."""
    for photo in photos:
        for claim, beaten in painted.claims(photo.lines):
            seen = decoded.examined(claim, finding(claim, beaten, threshold=1.0))
            if seen is not None and claim.found.kind is not Kind.ONION:  # a checksum decides there
                right = (str(claim.found.kind), seen.value) in photo.truth
                yield Case(seen.signs, seen.claim.found.is_guess, right)


def fitted(features: Numbers, right: Numbers) -> tuple[float, ...]:
    """Bias and weights of a logistic model, no weight below 0: a better sign never lowers the confidence.

    Args:
        features: (N, F); N may be 0.
        right: (N,) of 0 and 1.
    """
    if len(features) < FEWEST:
        return (0.0, *([1.0] * features.shape[1]))
    scale = np.maximum(features.std(axis=0), 1e-6)
    mean = features.mean(axis=0)
    inputs = np.column_stack([np.ones(len(features)), (features - mean) / scale])
    weights = np.zeros(inputs.shape[1])
    pull = np.r_[0.0, np.full(features.shape[1], RIDGE)] / len(features)
    for _ in range(STEPS):
        chances = 1.0 / (1.0 + np.exp(-inputs @ weights))
        weights -= RATE * (inputs.T @ (chances - right) / len(right) + pull * weights)
        weights[1:] = np.maximum(weights[1:], 0.0)
    plain = weights[1:] / scale
    return (float(weights[0] - plain @ mean), *map(float, plain))


def chances(model: Sequence[float], features: Numbers) -> Numbers:
    """The probabilities that a model gives; (N,)."""
    return np.asarray(1.0 / (1.0 + np.exp(-(model[0] + features @ np.array(model[1:])))), np.float64)


def held_out(features: Numbers, right: Numbers) -> Numbers:
    """Each case's probability by a model that has not seen it; (N,)."""
    fold = np.arange(len(right)) % FOLDS
    found = np.zeros(len(right))
    for number in range(FOLDS):
        inside = fold == number
        found[inside] = chances(fitted(features[~inside], right[~inside]), features[inside])
    return found


def accepted_from(confidences: Numbers, right: Numbers) -> float:
    """The lowest confidence from which findings are right often enough."""
    good = [float(least) for least in np.unique(confidences) if right[confidences >= least].mean() >= PRECISION]
    lowest = min(good, default=HIGHEST_ACCEPTED)
    return round(min(HIGHEST_ACCEPTED, max(LOWEST_ACCEPTED, lowest)), 3)


def expected_error(confidences: Numbers, right: Numbers) -> float:
    """Expected calibration error: how far confidence is from truth, by ten bins, weighted by their findings."""
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    gaps = [abs(confidences[bins == each].sum() - right[bins == each].sum()) for each in range(BINS)]
    return float(sum(gaps) / max(1, len(right)))


def write(
    path: Path,
    confusions: Confusions,
    *,
    accepted: float,
    models: tuple[Sequence[float], Sequence[float]],
    note: str,
) -> None:
    """measured.toml, whole."""
    rows = [f"# Made by `make calibrate`: {note}", "", f"accepted_from = {accepted}"]
    for name, model in zip(("decoded", "rules"), models, strict=True):
        rows.append(f"{name} = [{', '.join(f'{number:.4g}' for number in model)}]")
    rows += [
        "",
        "# What a character that was read is in truth, where it is something else, and how often.",
        "[confused]",
    ]
    rows += confusions.rows()
    path.write_text("\n".join(rows) + "\n", "utf-8")
    measured.cache_clear()


def calibrate(photos: Sequence[Photo], note: str) -> None:
    """Measures and writes; what was measured first is used for what is measured after it."""
    confusions = Confusions.of((photo.record, photo.lines) for photo in photos)
    known = measured()
    write(MEASURED, confusions, accepted=known.accepted_from, models=(known.decoded, known.rules), note=note)
    found = list(cases(photos))
    models, confidences = [], np.zeros(len(found))
    for is_weighed in (True, False):
        at = [number for number, case in enumerate(found) if (case.signs.share is not None) is is_weighed]
        features = np.array([found[number].signs.features for number in at]).reshape(len(at), -1 if at else 1)
        right = np.array([found[number].is_right for number in at], np.float64)
        models.append(fitted(features, right))
        if at:
            confidences[at] = held_out(features, right)
    right = np.array([case.is_right for case in found], np.float64)
    sure = np.array([not case.is_guess for case in found], bool)
    accepted = accepted_from(confidences[sure], right[sure])
    write(MEASURED, confusions, accepted=accepted, models=(models[0], models[1]), note=note)
    error = expected_error(confidences, right)
    print(f"{len(found)} findings, {right.mean():.2f} right; expected calibration error {error:.3f}")
    taken = sure & (confidences >= accepted)
    share = right[taken].mean() if taken.any() else 1.0
    print(f"accepted from {accepted}: {taken.sum()} findings, {share:.3f} right (each by a model that had not seen it)")


def report(photos: Sequence[Photo]) -> None:
    """The expected calibration error of the figures in use."""
    known = list(cases(photos))
    confidences = np.array([measured().probability(case.signs) for case in known])
    right = np.array([case.is_right for case in known], np.float64)
    print(f"{len(known)} findings in {len(photos)} photos, {right.sum():.0f} right")
    print(f"expected calibration error {expected_error(confidences, right):.3f}")
    for low in range(BINS):
        inside = np.minimum((confidences * BINS).astype(int), BINS - 1) == low
        if inside.any():
            print(
                f"{low / BINS:.1f} to {(low + 1) / BINS:.1f} {inside.sum():>6} findings,"
                f" mean {confidences[inside].mean():.2f}, right {right[inside].mean():.2f}"
            )


def kept_samples(folder: Path, split: str) -> list[tuple[dict[str, Any], bytes]]:
    """The labelled photos of a folder that belong to a set."""
    records = [json.loads(line) for line in (folder / TRUTH_FILE).read_text("utf-8").splitlines() if line]
    return [(record, (folder / record["photo"]).read_bytes()) for record in records if record["split"] == split]


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vision.lab.calibrate", description="Measure confidences on drawn photos.")
    parser.add_argument("--photos", type=int, default=300, metavar="N", help="photos drawn")
    parser.add_argument("--seed", type=int, help="first seed (default: 1040, with --ece 2100)")
    parser.add_argument("--fonts", type=Path, help="folder of fonts (default: the system's)")
    parser.add_argument("--samples", type=Path, metavar="FOLDER", help="use the photos drawn there, and draw none")
    parser.add_argument("--ece", action="store_true", help="only report the error on test photos")
    return parser


def main() -> int:
    """Measures, or reports; 0 when done."""
    options = _arguments().parse_args()
    split = "test" if options.ece else "val"
    try:
        if options.samples:
            samples = kept_samples(options.samples, split)
            total, note = len(samples), f"{len(samples)} photos of {options.samples.name}"
            source: Iterable[tuple[dict[str, Any], bytes]] = samples
        else:
            first = options.seed or (2_100 if options.ece else 1_040)
            if split_of(first) != split:
                raise ValueError(f"Seed {first} is not of the {split} set.")  # noqa: TRY301 - told like the others
            seeds = seeds_for(split, options.photos, first)
            drawn = drawn_samples(seeds, find_faces(options.fonts))
            total, note = len(seeds), f"{len(seeds)} drawn photos from seed {first}"
            source = ((sample.record, sample.data) for sample in drawn)
        photos = read_photos(build_reader(), source, total)
    except (FontsMissing, FileNotFoundError, ValueError, EngineError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    if not photos:
        print("There is no photo to measure.", file=sys.stderr)
        return 2
    if options.ece:
        report(photos)
    else:
        calibrate(photos, note)
    return 0


if __name__ == "__main__":
    sys.exit(main())
