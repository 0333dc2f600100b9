"""JSON and GeoJSON as we write them, or as anybody writes objects with a `value`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import IO, Any

from api.exchange.incoming.claims import Claim, Place, Refused, claim_of, moment, point
from api.exchange.incoming.walk import records
from vision.addresses import AddressInvalid

ROWS = (("[]",), ("addresses", "[]"))
FEATURES = (("features", "[]"),)


def read_json(file: IO[bytes]) -> Iterator[Claim | Refused]:
    """A claim for each object of an array (or of the array `addresses`) with our columns."""
    for number, (_, cells) in enumerate(records(file, ROWS), start=1):
        where = f"object {number}"
        try:
            yield claim_of(where, cells)
        except AddressInvalid as error:
            yield Refused(where, given_of(cells), str(error))


def read_geojson(file: IO[bytes]) -> Iterator[Claim | Refused]:
    """A claim for each feature, with its point as a sighting."""
    for number, (_, feature) in enumerate(records(file, FEATURES), start=1):
        where = f"feature {number}"
        told = feature.get("properties")
        properties: dict[str, Any] = told if isinstance(told, dict) else {}
        try:
            yield claim_of(where, properties, places=_places(feature, properties))
        except AddressInvalid as error:
            yield Refused(where, given_of(properties), str(error))


def given_of(cells: dict[str, Any]) -> str:
    """What an entry names, shortened for people."""
    value = cells.get("value")
    return value[:200] if isinstance(value, str) else ""


def name_of(given: object, told: object) -> str:
    """The file's own name of a thing; a digest of what it says when it has none."""
    if isinstance(given, str | int) and 0 < len(str(given)) <= 128:
        return str(given)
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode("utf-8", "replace")).hexdigest()


def _places(feature: dict[str, Any], properties: dict[str, Any]) -> tuple[Place, ...]:
    geometry = feature.get("geometry")
    if geometry is None:
        return ()
    numbers = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
    if not isinstance(numbers, list) or len(numbers) < 2:
        raise AddressInvalid("Its geometry is no point.")
    lat, lon = point(numbers[0], numbers[1])
    seen_at = moment(properties.get("seen_at"), "seen_at")
    told = [properties.get("kind"), properties.get("value"), lat, lon, str(seen_at)]
    return (Place(name_of(feature.get("id"), told), seen_at, lat, lon),)
