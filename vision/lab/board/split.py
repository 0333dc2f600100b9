"""The test split of the board: its seeds, and the SHA-256 of every photo and of its truth.

`python -m vision.lab.board.split --fonts FOLDER` wrote them down. Nothing is trained, chosen or tuned on these photos.
They are drawn when they are needed, kept in a folder that git ignores, and compared with what was written down. Other
versions of the drawing libraries can give other bytes: then the board still runs, and says which photos differ.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vision.lab.synth.__main__ import drawn_samples
from vision.lab.synth.fonts import Face, FontsMissing, find_faces
from vision.lab.synth.truth import Sample, seeds_for

HERE = Path(__file__).parent
SPLIT_FILE, HASHES_FILE, LOCK_FILE = HERE / "split.toml", HERE / "split.csv", HERE / "fonts" / "package-lock.json"
FIRST_SEED, PHOTOS = 2_100, 240
DRAWN_WITH = ("numpy", "opencv-python-headless", "pillow", "pillow-heif", "scikit-image", "zxing-cpp")


@dataclass(frozen=True)
class Written:
    """What was written down of a photo: SHA-256 of its bytes and of its truth, hex."""

    photo: str
    truth: str


@dataclass(frozen=True)
class Split:
    """The test split as it was written down.

    Attributes:
        seeds: in the order that photos are read.
        hashes: by seed.
        drawn_with: library to the version that drew the bytes.
        fonts: package to version.
    """

    seeds: tuple[int, ...]
    hashes: Mapping[int, Written]
    drawn_with: Mapping[str, str]
    fonts: Mapping[str, str]


@dataclass(frozen=True)
class Drawn:
    """A photo of the split as it lies in the cache; `record` is its truth."""

    name: str
    data: bytes
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Checked:
    """How the drawn photos compare with what was written down: names that differ.

    Attributes:
        bytes_differ: the truth is as written, the file's bytes are not (other libraries, most likely).
        truth_differs: something else is painted, or elsewhere: scores do not compare.
        versions_differ: library: "now, was".
    """

    photos: int
    bytes_differ: tuple[str, ...]
    truth_differs: tuple[str, ...]
    versions_differ: Mapping[str, str]

    @property
    def same(self) -> bool:
        """All photos are the ones that were written down."""
        return not (self.bytes_differ or self.truth_differs)


def load() -> Split:
    """The split that is written down beside this file."""
    facts = tomllib.loads(SPLIT_FILE.read_text("utf-8"))
    with HASHES_FILE.open(encoding="utf-8", newline="") as rows:
        hashes = {int(row["seed"]): Written(row["photo_sha256"], row["truth_sha256"]) for row in csv.DictReader(rows)}
    return Split(tuple(hashes), hashes, facts["drawn_with"], facts["fonts"])


def written_of(data: bytes, record: Mapping[str, Any]) -> Written:
    """The hashes of a photo; those of its truth over the line that truth.jsonl has for it, without its line break."""
    line = json.dumps(record, ensure_ascii=False)
    return Written(hashlib.sha256(data).hexdigest(), hashlib.sha256(line.encode()).hexdigest())


def draw_into(
    folder: Path, split: Split, seeds: Sequence[int], faces: Sequence[Face], tell: Callable[[int, int], None]
) -> list[Drawn]:
    """The photos of the seeds, in their order; those that lie in the folder as written down are not drawn again.

    Args:
        folder: made if it is not there.
        split: what was written down.
        seeds: some of the split's.
        faces: of the fonts that the split names.
        tell: called with the photos there are and the photos there will be, after each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = {seed: kept for seed in seeds if (kept := _kept(folder, seed, split.hashes[seed]))}
    missing = [seed for seed in seeds if seed not in known]
    for seed, sample in zip(missing, drawn_samples(missing, faces), strict=True):
        known[seed] = _keep(folder, seed, sample)
        tell(len(known), len(seeds))
    return [known[seed] for seed in seeds]


def _keep(folder: Path, seed: int, sample: Sample) -> Drawn:
    (folder / sample.name).write_bytes(sample.data)
    (folder / f"{seed}.json").write_text(json.dumps(sample.record, ensure_ascii=False), "utf-8")
    return Drawn(sample.name, sample.data, sample.record)


def _kept(folder: Path, seed: int, written: Written) -> Drawn | None:
    """The photo as the folder has it, if that is the one that was written down."""
    try:
        record = json.loads((folder / f"{seed}.json").read_text("utf-8"))
        drawn = Drawn(record["photo"], (folder / record["photo"]).read_bytes(), record)
    except (OSError, ValueError, KeyError):
        return None
    return drawn if written_of(drawn.data, record) == written else None


def check(split: Split, photos: Iterable[Drawn]) -> Checked:
    """Whether photos are those that were written down."""
    total, other_bytes, other_truth = 0, [], []
    for drawn in photos:
        total += 1
        now, was = written_of(drawn.data, drawn.record), split.hashes[drawn.record["seed"]]
        if now.truth != was.truth:
            other_truth.append(drawn.name)
        elif now.photo != was.photo:
            other_bytes.append(drawn.name)
    versions = {name: f"{version(name)}, was {was}" for name, was in split.drawn_with.items() if version(name) != was}
    return Checked(total, tuple(other_bytes), tuple(other_truth), versions)


def write(samples: Iterable[Sample]) -> None:
    """Writes down the split; only for a new set of photos, never for one that something was tuned on."""
    rows, lines = [], hashlib.sha256()
    for sample in samples:
        hashes = written_of(sample.data, sample.record)
        rows.append((sample.record["seed"], sample.name, hashes.photo, hashes.truth))
        lines.update((json.dumps(sample.record, ensure_ascii=False) + "\n").encode())
    with HASHES_FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("seed", "photo", "photo_sha256", "truth_sha256"))
        writer.writerows(rows)
    tables = {"drawn_with": {name: version(name) for name in DRAWN_WITH}, "fonts": locked_fonts()}
    text = [
        "# The test photos of the board: scored, never trained, chosen or tuned on. Written down by:",
        "# python -m vision.lab.board.split --fonts FOLDER; the hashes of every photo are in split.csv.",
        "",
        f"first_seed = {rows[0][0]}",
        f"photos = {len(rows)}",
        f'truth_sha256 = "{lines.hexdigest()}"  # of truth.jsonl with these photos alone',
        f'hashes_sha256 = "{hashlib.sha256(HASHES_FILE.read_bytes()).hexdigest()}"  # of split.csv',
    ]
    for name, table in tables.items():
        text += ["", f"[{name}]", *(f'"{key}" = "{value}"' for key, value in table.items())]
    SPLIT_FILE.write_text("\n".join(text) + "\n", "utf-8")


def locked_fonts() -> dict[str, str]:
    """The font packages and their versions, as npm's lock file pins them."""
    packages = json.loads(LOCK_FILE.read_text("utf-8"))["packages"]
    return {path.removeprefix("node_modules/"): entry["version"] for path, entry in packages.items() if path}


def main() -> int:
    """Draws the test photos and writes down their hashes; 0 when done."""
    parser = argparse.ArgumentParser(prog="vision.lab.board.split", description="Write down the board's test photos.")
    parser.add_argument("--fonts", type=Path, required=True, help="folder of the fonts that fonts/package.json names")
    options = parser.parse_args()
    try:
        write(drawn_samples(seeds_for("test", PHOTOS, FIRST_SEED), find_faces(options.fonts)))
    except FontsMissing as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
