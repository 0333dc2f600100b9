"""The region's outline for maps: a GeoJSON file that an installation may bring along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MOST_BYTES = 2 * 2**20
DRAWN = {"Polygon", "MultiPolygon", "LineString", "MultiLineString"}
INSIDE = {"FeatureCollection": "features", "Feature": "geometry", "GeometryCollection": "geometries"}


def checked(path: Path) -> Path:
    """The path as it is; ValueError unless it is a file of GeoJSON polygons or lines in degrees, up to 2 MiB."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"{path} is larger than {MOST_BYTES // 2**20} MiB: simplify the outline")
        geometries = list(_geometries(json.loads(path.read_text("utf-8"))))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ValueError(f"{path} is no JSON: give a GeoJSON file (RFC 7946)") from None
    if not geometries:
        raise ValueError(f"{path} has nothing to draw: give GeoJSON with polygons or lines")
    for geometry in geometries:
        kind = geometry.get("type")
        if kind not in DRAWN:
            raise ValueError(f"{path} has a {str(kind)[:40]!r}: an outline is made of {', '.join(sorted(DRAWN))}")
        if not _are_places(geometry.get("coordinates")):
            raise ValueError(f"{path} has coordinates that are no [longitude, latitude] in degrees")
    return path


def _geometries(value: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(value, dict):
        yield {}
    elif name := INSIDE.get(str(value.get("type"))):
        inner = value.get(name)
        for each in inner if isinstance(inner, list) else [inner]:
            yield from _geometries(each)
    else:
        yield value


def _are_places(value: Any) -> bool:
    """Whether these are positions, in lists of any depth, and at least one."""
    if not isinstance(value, list) or not value:
        return False
    if any(isinstance(each, list) for each in value):
        return all(_are_places(each) for each in value)
    if len(value) < 2 or any(type(each) not in {int, float} for each in value[:2]):
        return False
    return bool(-180 <= value[0] <= 180 and -90 <= value[1] <= 90)
