"""Areas out of a GeoJSON file (RFC 7946): looked at piece by piece before it is held as a whole, then put right.

What is wrong with a whole file is a Problem; what is wrong with one feature refuses that feature, by number and name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import ijson
import numpy as np
import shapely

from api.cleanup.areas import AreaUnusable, mended, metres2
from api.errors import Problem
from api.intake.geo import CoordinatesSwapped, Region, check_point
from api.intake.text import clean_line

DEEPEST = 40
MOST_VALUES = 2_000_000
"""Values that are no coordinates: names and other properties."""

LONGEST_NAME, LONGEST_ID = 200, 128
DEGREES = frozenset({"CRS84", "EPSG:4326", "EPSG::4326", "OGC:1.3:CRS84", "OGC::CRS84"})
NAMES_RU, NAMES_KK = ("name:ru", "name_ru", "name"), ("name:kk", "name_kk")
IDS = ("external_id", "id", "@id")


class TerritoriesTooLarge(Problem):
    """A file of more bytes than may be."""

    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"A file of territories may have {limit_bytes // 2**20 or 1} MiB: simplify the areas.")
        self.limit_bytes = limit_bytes


class TooManyPoints(Problem):
    """A file whose areas have more corners than may be."""

    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The areas of one file may have {limit} corners: simplify them (a few metres do not matter here), or send"
            " several files."
        )
        self.limit = limit


class GeojsonRefused(Problem):
    """No GeoJSON, or more of it than can be meant."""

    status = 422

    def __init__(self, why: str) -> None:
        super().__init__(f"This is no GeoJSON that can be used: {why}.")


class CrsRefused(Problem):
    """Coordinates in another system than degrees of WGS 84."""

    status = 422

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The file's coordinates are in {name or 'an unnamed system'}: export it in degrees of WGS 84 (EPSG:4326),"
            " longitude first."
        )
        self.crs = name


class NoTerritories(Problem):
    """A file without one area that can be used."""

    status = 422

    def __init__(self, refused: list[dict[str, Any]]) -> None:
        first = f": {refused[0]['reason']}" if refused else ": it holds no polygons."
        super().__init__(f"No area of this file can be used{first}")
        self.refused = refused[:50]


@dataclass(frozen=True, slots=True)
class Area:
    """One territory as a file says it.

    Attributes:
        number: of the feature, from 1.
        shape: valid, outer rings counter-clockwise, longitude first, without heights.
        mended: what was wrong with its rings and has been put right; empty when nothing was.
    """

    number: int
    external_id: str
    name_ru: str
    name_kk: str
    shape: shapely.MultiPolygon
    area_m2: float
    mended: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A feature that was left out, and why: a stable code and words for a person."""

    number: int
    name: str
    code: str
    reason: str
    external_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"number": self.number, "name": self.name, "code": self.code, "reason": self.reason}


@dataclass(slots=True)
class Read:
    """What a file holds."""

    areas: list[Area] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def mentioned(self) -> set[str]:
        """The external ids of all features, refused or not."""
        refused = {each.external_id for each in self.refused if each.external_id}
        return refused | {each.external_id for each in self.areas}


def read_areas(
    file: IO[bytes], *, limit_bytes: int, limit_points: int, region: Region | None = None, name: str = ""
) -> Read:
    """The areas of a file: a FeatureCollection, a Feature, or a bare Polygon or MultiPolygon.

    Args:
        file: read from its start.
        limit_bytes: of the file.
        limit_points: corners of all areas.
        region: where territories are expected, to recognise swapped coordinates.
        name: of a bare geometry, which has none of its own.

    Raises:
        TerritoriesTooLarge, TooManyPoints, GeojsonRefused, CrsRefused, NoTerritories: each as its name says.
    """
    _look_through(file, limit_bytes=limit_bytes, limit_points=limit_points)
    file.seek(0)
    try:
        whole = json.loads(file.read().decode("utf-8-sig"), parse_constant=_no_number)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise GeojsonRefused("it is no JSON") from None
    read = Read()
    seen: set[str] = set()
    for number, feature in enumerate(_features(whole, name), start=1):
        _take(read, seen, number, feature, region)
    if not read.areas:
        raise NoTerritories([each.as_json() for each in read.refused])
    return read


def _look_through(file: IO[bytes], *, limit_bytes: int, limit_points: int) -> None:
    """Count bytes, depth, points and values without holding more than a piece of the file."""
    file.seek(0, 2)
    if file.tell() > limit_bytes:
        raise TerritoriesTooLarge(limit_bytes)
    file.seek(0)
    if file.read(3) != b"\xef\xbb\xbf":
        file.seek(0)
    depth = points = values = 0
    before = ""
    try:
        for event, _ in ijson.basic_parse(file, use_float=True):
            depth += (event in {"start_map", "start_array"}) - (event in {"end_map", "end_array"})
            if event == "number" and before == "start_array":
                points += 1
                if points > limit_points:
                    raise TooManyPoints(limit_points)
            elif event not in {"number", "start_array", "end_array"}:
                values += 1
            if depth > DEEPEST or values > MOST_VALUES:
                raise GeojsonRefused("it is nested too deeply" if depth > DEEPEST else "it holds too many values")
            before = event
    except (ijson.JSONError, UnicodeDecodeError, ValueError):
        raise GeojsonRefused("it is no JSON") from None


def _features(whole: Any, name: str) -> Iterator[dict[str, Any]]:
    """The features of a file, whatever its outermost object is. GeojsonRefused, CrsRefused."""
    if not isinstance(whole, dict) or not isinstance(whole.get("type"), str):
        raise GeojsonRefused("it must be an object with a type, such as FeatureCollection")
    _check_crs(whole)
    kind = whole["type"]
    if kind == "FeatureCollection":
        features = whole.get("features")
        if not isinstance(features, list):
            raise GeojsonRefused("a FeatureCollection has a list of features")
        yield from (each if isinstance(each, dict) else {} for each in features)
    elif kind == "Feature":
        yield whole
    else:
        yield {"type": "Feature", "properties": {"name": name}, "geometry": whole}


def _check_crs(whole: dict[str, Any]) -> None:
    """Nothing when the coordinates are degrees: without a `crs`, or with one of those that mean the same."""
    crs = whole.get("crs")
    if crs is None:
        return
    said = crs.get("properties") if isinstance(crs, dict) else None
    name = said.get("name") if isinstance(said, dict) else None
    name = clean_line(name)[:100] if isinstance(name, str) else ""
    if name.rpartition("crs:")[2].upper() not in DEGREES:
        raise CrsRefused(name)


def _take(read: Read, seen: set[str], number: int, feature: dict[str, Any], region: Region | None) -> None:
    said = feature.get("properties")
    said = said if isinstance(said, dict) else {}
    ru, kk = _first(said, NAMES_RU), _first(said, NAMES_KK)
    given = _first({"feature": feature.get("id"), **{name: said.get(name) for name in IDS}}, ("feature", *IDS))
    name = (ru or kk)[:LONGEST_NAME]
    external_id = (given or f"name:{name}")[:LONGEST_ID] if given or name else None
    _check_crs(feature)
    try:
        _check_names(name, external_id, seen)
        found, why = _shape(feature.get("geometry"), region)
    except AreaUnusable as wrong:
        read.refused.append(Refused(number, name, wrong.code, wrong.reason, external_id))
        return
    seen.add(str(external_id))
    read.areas.append(
        Area(
            number,
            str(external_id),
            (ru or kk)[:LONGEST_NAME],
            (kk or ru)[:LONGEST_NAME],
            found,
            round(metres2(found), 1),
            why,
        )
    )


def _check_names(name: str, external_id: str | None, seen: set[str]) -> None:
    """Nothing when the feature can be told from the others. AreaUnusable."""
    if not name:
        raise AreaUnusable("name_missing", "It has no name: give it a property name, name:ru or name:kk.")
    if external_id in seen:
        raise AreaUnusable("id_twice", f"Another feature of this file is called {external_id}, too.")


def _first(said: dict[str, Any], names: tuple[str, ...]) -> str:
    """The first of these that is there, as one line."""
    for name in names:
        value = said.get(name)
        if type(value) in {int, float}:
            value = str(value)
        if isinstance(value, str) and clean_line(value):
            return clean_line(value)
    return ""


def _shape(geometry: Any, region: Region | None) -> tuple[shapely.MultiPolygon, str]:
    """The area of a geometry, and what was put right. AreaUnusable."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        shown = clean_line(kind)[:40] if isinstance(kind, str) else "no geometry"
        raise AreaUnusable("not_an_area", f"It is {shown}: a territory is a Polygon or a MultiPolygon.")
    polygons = geometry.get("coordinates")
    polygons = [polygons] if kind == "Polygon" else polygons
    if not isinstance(polygons, list) or not polygons:
        raise AreaUnusable("coordinates_missing", f"It is a {kind} without coordinates.")
    rings = [[_ring(ring) for ring in _listed(polygon)] for polygon in polygons]
    _check_places(np.concatenate([ring for polygon in rings for ring in polygon]), region)
    return mended([shapely.Polygon(polygon[0], polygon[1:]) for polygon in rings])


def _listed(polygon: Any) -> list[Any]:
    if not isinstance(polygon, list) or not polygon:
        raise AreaUnusable("coordinates_missing", "One of its polygons has no ring.")
    return polygon


def _ring(ring: Any) -> np.ndarray:
    """(N, 2) longitudes and latitudes of a ring, closed; heights are dropped. AreaUnusable."""
    if not isinstance(ring, list) or not all(
        isinstance(each, list) and len(each) >= 2 and all(type(value) in {int, float} for value in each)
        for each in ring
    ):
        raise AreaUnusable("coordinates_not_numbers", "A ring is a list of positions: [longitude, latitude].")
    try:
        points = np.array([each[:2] for each in ring], dtype=np.float64).reshape(-1, 2)
    except OverflowError:
        raise AreaUnusable("coordinates_not_numbers", "One of its coordinates is no number on the earth.") from None
    if not np.isfinite(points).all():
        raise AreaUnusable("coordinates_not_numbers", "One of its coordinates is no number on the earth.")
    if len(points) and not np.array_equal(points[0], points[-1]):
        points = np.vstack([points, points[:1]])
    if len(points) < 4:
        raise AreaUnusable("ring_too_short", "A ring has three corners at least.")
    return points


def _check_places(points: np.ndarray, region: Region | None) -> None:
    """Nothing when all corners are on the earth, and not swapped. AreaUnusable."""
    (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    try:
        for lat, lon in ((south, west), (north, east)):
            check_point(lat, lon)
        check_point((south + north) / 2, (west + east) / 2, region=region)
    except CoordinatesSwapped as wrong:
        raise AreaUnusable(
            wrong.code, "Longitude and latitude seem to be swapped: GeoJSON has longitude first."
        ) from None
    except Problem as wrong:
        raise AreaUnusable(wrong.code, wrong.message) from None


def _no_number(name: str) -> float:
    raise ValueError(name)
