"""What a list of addresses is narrowed to and sorted by."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.errors import Problem
from api.watchlist.decay import OURS, HalfLives
from vision import addresses
from vision.types import Kind

EARTH_M = 6_371_008.8


class RegionRefused(Problem):
    """A region that is none."""

    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__(f"This region cannot be used: {reason}.")


class Sort(StrEnum):
    """What the list is sorted by; ties by id."""

    LAST_SEEN = "last_seen"
    FIRST_SEEN = "first_seen"
    SIGHTINGS = "sightings"
    CONFIDENCE = "confidence"
    VALUE = "value"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Region:
    """A box in degrees (WGS 84), and a circle inside it when `radius_m` is given."""

    south: float
    west: float
    north: float
    east: float
    lat: float | None = None
    lon: float | None = None
    radius_m: float | None = None


def box(south: float, west: float, north: float, east: float) -> Region:
    """A box; RegionRefused when it is empty or not on the earth."""
    if not (-90 <= south < north <= 90 and -180 <= west < east <= 180):
        raise RegionRefused("a box is south,west,north,east in degrees, south below north and west left of east")
    return Region(south, west, north, east)


def circle(lat: float, lon: float, radius_m: float) -> Region:
    """A circle in its box; RegionRefused when it is not on the earth or wider than 1,000 km."""
    if not (-85 <= lat <= 85 and -180 <= lon <= 180 and 0 < radius_m <= 1_000_000):
        raise RegionRefused("a circle is lat,lon,metres, at most 1000 km wide and away from the poles")
    high = math.degrees(radius_m / EARTH_M)
    wide = high / math.cos(math.radians(min(89.0, abs(lat) + high)))
    return Region(
        max(-90.0, lat - high),
        max(-180.0, lon - wide),
        min(90.0, lat + high),
        min(180.0, lon + wide),
        lat,
        lon,
        radius_m,
    )


@dataclass(frozen=True, slots=True)
class Filters:
    """All that a list may be narrowed by; None leaves it open. `assignee` is an account's name, "" nobody's.

    `ids`: only some of these; an address that is off the list or merged is not shown for being named.
    """

    kind: str | None = None
    text: str | None = None
    is_prefix: bool = False
    status: str | None = None
    region: Region | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_confidence: float | None = None
    min_score: float | None = None
    assignee: str | None = None
    tag: str | None = None
    tlp: str | None = None
    case_id: str | None = None
    is_warned: bool | None = None
    ids: tuple[str, ...] | None = None
    half_lives: HalfLives = OURS
    sort: Sort = Sort.LAST_SEEN
    is_descending: bool = True

    @property
    def asks_sightings(self) -> bool:
        """Whether the address alone cannot tell: `since` alone is its last sighting, `until` alone its first."""
        return self.region is not None or (self.since is not None and self.until is not None)

    @property
    def values(self) -> list[str]:
        """The values that `text` may mean when it is no prefix: as typed, and as the kind (or any kind) is kept.

        People type `@Name` and `HOST.BIZ`; an invitation is kept in the case that it was painted in.
        """
        text = self.text or ""
        found = {text}
        for kind in [Kind(self.kind)] if self.kind else Kind:
            with suppress(addresses.AddressInvalid):
                found.add(addresses.canonical(kind, text))
        return sorted(found)
