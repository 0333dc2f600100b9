"""Where a picture in a folder was taken: a file beside it, a row of a CSV, or its own EXIF.

`wall.jpg.txt` holds coordinates or a link to a map, `wall.jpg.json` the fields of a report (`lat` and `lon`, or
`place`; `accuracy_m`, `note`, `seen_at`) or what Google Takeout writes; a CSV is one that `wallwatch import` reads, and
holds for its folder and those below.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.intake.channels.folder.reasons import refused
from api.intake.draft import FIELDS
from api.intake.folder import SUFFIXES, CoordinatesFileRefused, places
from api.intake.links import find_link

BESIDE = (".json", ".txt")
PLACE = {"lat", "lon", "place", "accuracy_m"}
LONGEST_BYTES = 2**16
CSV_BYTES = 16 * 2**20


def is_picture(path: Path) -> bool:
    """Whether it is a photo by its name."""
    return path.suffix.lower() in SUFFIXES


def of_picture(path: Path) -> Path | None:
    """The picture that a file beside one belongs to; None for any other file."""
    picture = path.with_suffix("")
    return picture if path.suffix.lower() in BESIDE and is_picture(picture) else None


def joined(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Fields of both; a place is that of one of them, of the second if it has one."""
    places_before = PLACE if PLACE & set(after) else set()
    return {name: text for name, text in before.items() if name not in places_before} | dict(after)


def fields_of(path: Path) -> dict[str, str]:
    """The fields of a report in a file beside a picture. Refused, OSError."""
    with path.open("rb") as file:
        data = file.read(LONGEST_BYTES + 1)
    try:
        text = data.decode("utf-8-sig").strip()
        if not text or len(data) > LONGEST_BYTES:
            raise refused("bad_sidecar", name=path.name)
        return _of_json(json.loads(text), path.name) if path.suffix.lower() == ".json" else _of_text(text)
    except (ValueError, RecursionError):
        raise refused("bad_sidecar", name=path.name) from None


def _of_text(text: str) -> dict[str, str]:
    """A link, or coordinates in the first line that is about the place, and a note in the others."""
    first, _, rest = text.partition("\n")
    if find_link(text) and not find_link(first):
        return {"place": text}
    return {"place": first.strip(), "note": rest.strip()}


def _of_json(body: Any, name: str) -> dict[str, str]:
    if not isinstance(body, Mapping):
        raise refused("bad_sidecar", name=name)
    given = {field: str(body[field]) for field in FIELDS if isinstance(body.get(field), str | int | float)}
    geo = body.get("geoData")
    if isinstance(geo, Mapping) and not {"lat", "place"} & set(given):
        point = {"lat": geo.get("latitude"), "lon": geo.get("longitude")}
        if all(isinstance(each, int | float) for each in point.values()) and any(point.values()):
            given |= {axis: repr(float(value or 0)) for axis, value in point.items()}
    if not {"lat", "lon", "place"} & set(given):
        raise refused("bad_sidecar", name=name)
    return given


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    """The rows of a CSV by photo. Refused."""
    try:
        return places(path)
    except CoordinatesFileRefused:
        raise refused("bad_table") from None


def row_for(picture: Path, tables: Mapping[Path, Mapping[str, Mapping[str, str]]]) -> dict[str, str] | None:
    """The row of the nearest CSV that names a picture, by its path from there or by its name; None where none does."""
    above = sorted((path for path in tables if picture.is_relative_to(path.parent)), key=lambda each: -len(each.parts))
    for path in above:
        for name in (picture.relative_to(path.parent).as_posix(), picture.name):
            if name in tables[path]:
                return dict(tables[path][name])
    return None
