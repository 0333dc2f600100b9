"""Which sightings and reports a question is about, as masks over packed rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.stats.pages import DAY_S, KINDS, PLACES, seconds
from api.stats.periods import Span
from api.stats.shelf import Read, Shelf
from api.watchlist.filters import EARTH_M, Region
from models import Address, AddressStatus
from models.watchlist import NOT_NEW
from vision.types import Kind

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked: periods that follow one another, and what narrows them; None leaves it open.

    Attributes:
        status: what an address's status is now.
        address_id: of one address alone, with all that was merged into it.
    """

    spans: tuple[Span, ...]
    kind: Kind | None = None
    status: str | None = None
    region: Region | None = None
    address_id: str | None = None

    @property
    def bounds(self) -> NDArray[np.int64]:
        """Seconds since 1970 at which the periods begin, and at which the last one ends."""
        return np.array([seconds(span.since) for span in self.spans] + [seconds(self.spans[-1].until)], np.int64)


def read(session: Session, shelf: Shelf, scope: Scope) -> Read:
    """The sightings of the scope, rejected ones too, and the reports of its periods and region."""
    first, last = scope.bounds[[0, -1]]
    found = shelf.read(session, int(first) // DAY_S, (int(last) - 1) // DAY_S)
    seen = found.sightings.taken(_within(found.sightings.at, first, last))
    sent = found.reports[_within(found.reports["at"], first, last)]
    found = replace(found, sightings=seen, reports=sent)
    masks: list[Mask] = []
    if scope.kind is not None:
        masks.append(seen.kind == KINDS[scope.kind])
    if scope.status is not None:
        masks.append(having(session, scope.status, found)[seen.address])
    if scope.address_id is not None:
        number = found.numbers.get(scope.address_id, found.new.get(scope.address_id))
        masks.append(seen.address == number if number is not None else np.zeros(len(seen), np.bool_))
    if scope.region is not None:
        masks.append(inside(seen.lat, seen.lon, scope.region))
        sent = sent[inside(sent["lat"], sent["lon"], scope.region)]
    if masks:
        seen = seen.taken(np.flatnonzero(np.logical_and.reduce(masks)))
    return replace(found, sightings=seen, reports=sent)


def _within(at: NDArray[np.int64], first: int, last: int) -> slice:
    low, high = np.searchsorted(at, [first, last])
    return slice(int(low), int(high))


def inside(lat: NDArray[np.int32], lon: NDArray[np.int32], region: Region) -> Mask:
    """Which places lie in a region; as the watchlist's own filter has it, to a centimetre."""
    low, high = (round(edge * PLACES) for edge in (region.south, region.north))
    left, right = (round(edge * PLACES) for edge in (region.west, region.east))
    kept: Mask = (lat >= low) & (lat <= high) & (lon >= left) & (lon <= right)
    if region.radius_m is None or region.lat is None or region.lon is None:
        return kept
    degree_m = math.radians(EARTH_M)
    north_m = (lat / PLACES - region.lat) * degree_m
    east_m = (lon / PLACES - region.lon) * (degree_m * math.cos(math.radians(region.lat)))
    return np.asarray(kept & (north_m * north_m + east_m * east_m <= region.radius_m**2), np.bool_)


def having(session: Session, status: str, found: Read) -> Mask:
    """By an address's number: whether it has this status now.

    Nearly all are new: it is asked for those that are not.
    """
    others = select(joined(Address.id)).where(NOT_NEW)
    if status == AddressStatus.NEW:
        return ~found.marked(parted(session.scalar(others)))
    return found.marked(parted(session.scalar(others.where(Address.status == status))))


def joined(ids: Any) -> Any:
    """Ids as one text: fetching thousands of rows costs more than all that is done with them."""
    return func.aggregate_strings(ids, ",")


def parted(text: str | None) -> list[str]:
    """The ids in a text that `joined` made."""
    return text.split(",") if text else []
