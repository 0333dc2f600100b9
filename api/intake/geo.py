"""Points on the earth: whether one can be believed, and how far two are apart."""

from __future__ import annotations

import math
from dataclasses import dataclass

from api.errors import Problem

EARTH_RADIUS_M = 6_371_008.8  # mean radius of WGS 84 (IUGG)


class CoordinatesOutOfRange(Problem):
    """Numbers that are no place on the earth."""

    status = 422

    def __init__(self, *, lat: float, lon: float) -> None:
        super().__init__(
            f"{_shown(lat)}, {_shown(lon)} is no place on the earth: latitude goes from -90 to 90, longitude from -180"
            " to 180. Check the digits and the decimal points."
        )


class CoordinatesZero(Problem):
    """Latitude and longitude are both zero: what devices write when they do not know."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "0, 0 is what a device writes when it does not know where it is. Wait for a GPS fix, or point at the place"
            " on a map and send its coordinates."
        )


class CoordinatesSwapped(Problem):
    """Latitude and longitude seem to be swapped; `lat` and `lon` are what was probably meant."""

    status = 422

    def __init__(self, *, lat: float, lon: float) -> None:
        super().__init__(
            f"Latitude and longitude seem to be swapped. Did you mean latitude {_shown(lat)}, longitude {_shown(lon)}?"
            " Send them so."
        )
        self.lat, self.lon = lat, lon


@dataclass(frozen=True, slots=True)
class Region:
    """A box in degrees in which reports are expected; it does not cross the date line."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, lat: float, lon: float) -> bool:
        """Whether the point lies in the box, its edges included."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


def check_point(lat: float, lon: float, *, region: Region | None = None, order_known: bool = False) -> None:
    """Nothing when the point can be believed.

    Args:
        lat: degrees, WGS 84.
        lon: degrees, WGS 84.
        region: where reports are expected; a pair that lies in it only when swapped is taken for swapped.
        order_known: the source says which number is which, so they cannot be swapped.

    Raises:
        CoordinatesOutOfRange: not on the earth, or not numbers at all.
        CoordinatesZero: both are zero.
        CoordinatesSwapped: latitude and longitude seem to have changed places.
    """
    on_earth = abs(lat) <= 90 and abs(lon) <= 180  # False for NaN too
    swapped_on_earth = abs(lon) <= 90 and abs(lat) <= 180
    if not on_earth:
        if swapped_on_earth and not order_known:
            raise CoordinatesSwapped(lat=lon, lon=lat)
        raise CoordinatesOutOfRange(lat=lat, lon=lon)
    if lat == 0 and lon == 0:
        raise CoordinatesZero
    if region and not order_known and not region.holds(lat, lon) and region.holds(lon, lat):
        raise CoordinatesSwapped(lat=lon, lon=lat)


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Metres between two points along the earth's surface (haversine on a sphere: at most 0.6 % off)."""
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    across = math.sin(math.radians(other_lon - lon) / 2) ** 2
    along = math.sin((other_phi - phi) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, along + math.cos(phi) * math.cos(other_phi) * across)))


def _shown(degrees: float) -> str:
    return f"{degrees:.6f}".rstrip("0").rstrip(".") if math.isfinite(degrees) and abs(degrees) < 1e9 else "?"
