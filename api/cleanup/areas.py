"""Geometry of territories: put right, measured, laid over one another. Degrees of WGS 84, longitude first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

AUTHALIC_RADIUS_M = 6_371_007.2  # the sphere with the surface of WGS 84 (EPSG:1052)
LEAST_OVERLAP_M2 = 1.0
"""Neighbours that were drawn by hand overlap by slivers: less than this is none."""


class AreaUnusable(Exception):
    """A feature that is no area; `code` is a stable word, `reason` says what to do."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two areas that have ground in common."""

    one: str
    other: str
    area_m2: float


def mended(polygons: Sequence[shapely.Polygon]) -> tuple[shapely.MultiPolygon, str]:
    """One valid area, outer rings counter-clockwise, and what had to be put right (empty: nothing but winding).

    Raises:
        AreaUnusable: nothing with a surface is left.
    """
    whole = shapely.MultiPolygon(polygons)
    why = ""
    if not whole.is_valid:
        why = str(shapely.is_valid_reason(whole))[:200]
        whole = shapely.MultiPolygon(_polygons(shapely.make_valid(whole, method="structure", keep_collapsed=False)))
    if whole.is_empty or metres2(whole) <= 0:
        raise AreaUnusable("area_empty", f"Its rings enclose nothing{': ' + why if why else ''}.")
    return shapely.orient_polygons(whole), why


def metres2(shape: shapely.Geometry) -> float:
    """Square metres of an area in degrees: in Lambert's cylindrical equal-area projection (exact on the sphere)."""
    return float(shapely.area(shapely.transform(shape, _equal_area)))


def overlaps(names: Sequence[str], shapes: Sequence[shapely.Geometry], *, first: int) -> list[Overlap]:
    """Which of the first so many areas lie over one another, or over one of the others; the largest overlap first."""
    tree = shapely.STRtree(list(shapes))
    found = []
    for one, other in tree.query(list(shapes), predicate="intersects").T.tolist():
        if one < other and one < first:
            common_m2 = metres2(shapely.intersection(shapes[one], shapes[other]))
            if common_m2 > LEAST_OVERLAP_M2:
                found.append(Overlap(names[one], names[other], round(common_m2, 1)))
    return sorted(found, key=lambda each: (-each.area_m2, each.one, each.other))


def _equal_area(points: np.ndarray) -> np.ndarray:
    radians = np.radians(points)
    return AUTHALIC_RADIUS_M * np.column_stack([radians[:, 0], np.sin(radians[:, 1])])


def _polygons(shape: shapely.Geometry) -> list[shapely.Polygon]:
    """The polygons of whatever mending made; lines and points among them are dropped."""
    parts = [part for each in shapely.get_parts(shape) for part in shapely.get_parts(each)]
    return [part for part in parts if isinstance(part, shapely.Polygon) and not part.is_empty]
