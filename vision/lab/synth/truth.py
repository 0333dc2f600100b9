"""Files and truth: pictures as telephones and messengers leave them, and the JSON record beside them."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from numpy.random import Generator
from PIL import Image

from vision.lab.synth.scene import Drawn
from vision.types import Points

SPLITS = {"val": range(1_000, 2_000), "test": range(2_000, 10_000)}
"""Seeds that pictures for choosing and for scoring are drawn from. Training starts at TRAIN_FROM and goes up."""

TRAIN_FROM = 100_000
LOCAL_TIME = timezone(timedelta(hours=5))
TRUTH_FILE = "truth.jsonl"


@dataclass(frozen=True)
class Place:
    """An invented point in the North Kazakhstan region and an invented time."""

    lat: float
    lon: float
    seen_at: datetime


@dataclass(frozen=True)
class Sample:
    """A picture file and the truth about it.

    Attributes:
        record: as samples/truth.schema.json says.
    """

    name: str
    data: bytes
    record: dict[str, Any]
    place: Place


def split_of(seed: int) -> str:
    """Which set a seed belongs to; training may use "train" alone.

    Raises:
        ValueError: a seed that no set has.
    """
    for name, seeds in SPLITS.items():
        if seed in seeds:
            return name
    if seed >= TRAIN_FROM:
        return "train"
    raise ValueError(f"Seed {seed} belongs to no set: val, test or {TRAIN_FROM} and above for training.")


def sample_of(drawn: Drawn) -> Sample:
    """The file and the record of a drawn photo; the same photo gives the same bytes."""
    rng = np.random.default_rng([drawn.seed, 7])
    place = _place(rng)
    suffix = {11: ".png", 23: ".webp", 31: ".heic"}.get(drawn.seed % 40, ".jpg")
    tagged = rng.random() < 0.6
    data = encoded(rng, drawn, suffix, place if tagged else None)
    name = f"wall-{drawn.seed:05d}{suffix}"
    return Sample(name, data, _record(name, drawn), place)


def _record(name: str, drawn: Drawn) -> dict[str, Any]:
    return {
        "photo": name,
        "split": split_of(drawn.seed),
        "seed": drawn.seed,
        "subject": drawn.subject.name,
        "style": drawn.style,
        "wall": drawn.wall,
        "light": drawn.light,
        "difficulty": drawn.difficulty,
        "quarter_turns": drawn.quarter_turns,
        "fonts": list(drawn.fonts),
        "addresses": [
            {"kind": address.kind.value, "value": address.value, "boxes": [_corners(b) for b in drawn.boxes_of(index)]}
            for index, address in enumerate(drawn.addresses)
        ],
        "lines": [{"text": line.text, "box": _corners(line.box)} for line in drawn.lines],
    }


def _corners(box: Points) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in box]


def _place(rng: Generator) -> Place:
    """Around Petropavl mostly, else anywhere in the middle of the region."""
    near = rng.random() < 0.7
    lat = 54.87 + rng.normal(0, 0.02) if near else rng.uniform(53.6, 55.0)
    lon = 69.15 + rng.normal(0, 0.03) if near else rng.uniform(66.8, 70.8)
    seen_at = datetime(2026, 3, 1, 8, 0, tzinfo=LOCAL_TIME) + timedelta(minutes=int(rng.integers(0, 200 * 24 * 60)))
    return Place(round(lat, 6), round(lon, 6), seen_at)


def encoded(rng: Generator, drawn: Drawn, suffix: str, place: Place | None) -> bytes:
    """The picture as a file; a messenger's copy is smaller, rougher and has lost its EXIF."""
    image = Image.fromarray(drawn.picture)
    out = io.BytesIO()
    large = drawn.picture.size > 3 * 4_000_000
    if suffix == ".png":
        image.save(out, "PNG", optimize=True)
    elif suffix == ".webp":
        image.save(out, "WEBP", quality=int(rng.integers(70, 88)))
    elif suffix == ".heic":
        pillow_heif.register_heif_opener()
        image.save(out, "HEIF", quality=int(rng.integers(55, 75)), exif=_exif(place).tobytes())
    elif not large and rng.random() < 0.25:
        first = io.BytesIO()
        image.save(first, "JPEG", quality=90)
        Image.open(first).save(out, "JPEG", quality=int(rng.integers(48, 66)))
    else:
        image.save(out, "JPEG", quality=78 if large else int(rng.integers(72, 88)), exif=_exif(place).tobytes())
    return out.getvalue()


def _exif(place: Place | None) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "WallWatch", "drawn photo"
    if place is None:
        return exif
    exif.get_ifd(0x8769).update({0x9003: place.seen_at.strftime("%Y:%m:%d %H:%M:%S"), 0x9011: "+05:00"})
    exif.get_ifd(0x8825).update({1: "N", 2: _sexagesimal(place.lat), 3: "E", 4: _sexagesimal(place.lon)})
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    minutes = (degrees - whole) * 60
    return (float(whole), float(int(minutes)), round((minutes - int(minutes)) * 60, 3))


def seeds_for(split: str, count: int, start: int | None = None) -> list[int]:
    """The first seeds of a set, or those from `start` on.

    Raises:
        ValueError: the set is unknown or has not that many.
    """
    if split == "train":
        return list(range(start or TRAIN_FROM, (start or TRAIN_FROM) + count))
    if split not in SPLITS:
        raise ValueError(f"There is no set {split!r}: choose val, test or train.")
    seeds = SPLITS[split]
    first = seeds.start if start is None else start
    if first not in seeds or first + count > seeds.stop:
        raise ValueError(f"{split} has the seeds {seeds.start} to {seeds.stop - 1}.")
    return list(range(first, first + count))


def write_samples(samples: list[Sample], folder: Path) -> None:
    """Pictures, truth.jsonl and places.csv; older pictures of other seeds stay, the two lists are written anew."""
    folder.mkdir(parents=True, exist_ok=True)
    for sample in samples:
        (folder / sample.name).write_bytes(sample.data)
    records = "".join(json.dumps(sample.record, ensure_ascii=False) + "\n" for sample in samples)
    (folder / TRUTH_FILE).write_text(records, "utf-8")
    rows = [f"{s.name},{s.place.lat},{s.place.lon},{s.place.seen_at.isoformat()}\n" for s in samples]
    (folder / "places.csv").write_text("photo,lat,lon,seen_at\n" + "".join(rows), "utf-8")
