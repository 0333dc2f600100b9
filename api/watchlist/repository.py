"""Queries of the watchlist, made to stay fast over 100,000 addresses and a million sightings.

Two ways to narrow by region and period: a small region is looked up by its cells, and the few addresses seen there are
sorted; anything wider walks the sort order and asks of each address whether it was seen there, which ends after a page.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from api.errors import NotFound, Problem
from api.unit import Unit
from api.watchlist.filters import EARTH_M, Filters, Region, Sort
from models import Address, AddressStatus, Finding, Sighting, SightingState

FEW_SIGHTINGS = 5_000  # beyond that a page of the sort order is soon full; collecting and sorting them all is not
LAST_CHAR = "\U0010ffff"

COLUMNS: dict[Sort, InstrumentedAttribute[Any]] = {
    Sort.LAST_SEEN: Address.last_seen_at,
    Sort.FIRST_SEEN: Address.first_seen_at,
    Sort.SIGHTINGS: Address.sighting_count,
    Sort.CONFIDENCE: Address.best_confidence,
    Sort.VALUE: Address.value,
}


class CursorRefused(Problem):
    """A cursor of another list, or none of ours."""

    status = 422

    def __init__(self) -> None:
        super().__init__("This cursor belongs to another query: start again without one.")


def page(unit: Unit, filters: Filters, *, cursor: str | None, limit: int) -> tuple[list[Address], str | None]:
    """Addresses in order, and the cursor of the next page, None after the last. CursorRefused."""
    column = COLUMNS[filters.sort]
    query = _narrowed(unit, filters)
    if cursor:
        value, last_id = _decode(cursor, filters)
        behind = tuple_(literal(value, type_=column.type), literal(last_id, type_=Address.id.type))
        key = tuple_(column, Address.id)
        query = query.where(key < behind if filters.is_descending else key > behind)
    order = (column.desc(), Address.id.desc()) if filters.is_descending else (column, Address.id)
    found = list(unit.session.scalars(query.order_by(*order).limit(limit + 1)))
    shown = found[:limit]
    return shown, _encode(shown[-1], filters) if len(found) > limit else None


def address(unit: Unit, address_id: str) -> Address:
    """The address; NotFound."""
    found = unit.session.get(Address, address_id)
    if found is None:
        raise NotFound("address")
    return found


def sightings(
    unit: Unit, address_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[tuple[Sighting, Finding]]:
    """An address's sightings with what was read, the newest first; one more than `limit` when there are more."""
    query = select(Sighting, Finding).join(Finding, Finding.id == Sighting.finding_id)
    query = query.where(Sighting.address_id == address_id)
    if before is not None:
        query = query.where(tuple_(Sighting.seen_at, Sighting.id) < tuple_(*before))
    query = query.order_by(Sighting.seen_at.desc(), Sighting.id.desc()).limit(limit + 1)
    return unit.session.execute(query).all()


def _narrowed(unit: Unit, filters: Filters) -> Select[Address]:
    query = select(Address)
    if filters.kind:
        query = query.where(Address.kind == filters.kind)
    if filters.status:
        query = query.where(Address.status == filters.status)
    else:
        query = query.where(Address.status != AddressStatus.REJECTED)
    if filters.text is not None:
        query = query.where(
            and_(Address.value >= filters.text, Address.value < filters.text + LAST_CHAR)
            if filters.is_prefix
            else Address.value == filters.text
        )
    if filters.min_confidence is not None:
        query = query.where(Address.best_confidence >= filters.min_confidence)
    if filters.since is not None:
        query = query.where(Address.last_seen_at >= filters.since)
    if filters.until is not None:
        query = query.where(Address.first_seen_at <= filters.until)
    if filters.region is None and not (filters.since and filters.until):
        return query
    return query.where(_seen_there(unit, filters))


def _seen_there(unit: Unit, filters: Filters) -> ColumnElement[bool]:
    """Whether an address has a sighting inside the region within the period, by the cheaper of the two ways."""
    conditions = _conditions(filters)
    region = filters.region
    if region is not None and region.is_small:
        cells = or_(*(Sighting.cell.between(low, high) for low, high in region.cell_ranges()))
        probe = select(literal(1)).where(cells).limit(FEW_SIGHTINGS + 1).subquery()
        if (unit.session.scalar(select(func.count()).select_from(probe)) or 0) <= FEW_SIGHTINGS:
            return Address.id.in_(select(Sighting.address_id).where(cells, *conditions).distinct())
    return exists().where(Sighting.address_id == Address.id, *conditions)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Sighting.state != SightingState.REJECTED]
    if filters.region is not None:
        conditions += _inside(filters.region)
    if filters.since is not None:
        conditions.append(Sighting.seen_at >= filters.since)
    if filters.until is not None:
        conditions.append(Sighting.seen_at <= filters.until)
    return conditions


def _inside(region: Region) -> list[ColumnElement[bool]]:
    box: list[ColumnElement[bool]] = [
        Sighting.lat.between(region.south, region.north),
        Sighting.lon.between(region.west, region.east),
    ]
    if region.radius_m is None or region.lat is None or region.lon is None:
        return box
    # Equirectangular: within 0.1 % of the great circle at the sizes of a town, and the same on every database.
    north_m = func.radians(Sighting.lat - region.lat) * EARTH_M
    east_m = func.radians(Sighting.lon - region.lon) * EARTH_M * func.cos(func.radians(literal(region.lat)))
    return [*box, north_m * north_m + east_m * east_m <= region.radius_m**2]


def _encode(last: Address, filters: Filters) -> str:
    value = getattr(last, COLUMNS[filters.sort].key)
    shown = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([_fingerprint(filters), shown, last.id]).encode()).decode().rstrip("=")


def _decode(cursor: str, filters: Filters) -> tuple[Any, str]:
    """The sort value and id behind a cursor of exactly this query; CursorRefused."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        fingerprint, value, address_id = json.loads(raw)
        if fingerprint != _fingerprint(filters) or not isinstance(address_id, str) or not address_id.isalnum():
            raise CursorRefused
        if filters.sort in (Sort.LAST_SEEN, Sort.FIRST_SEEN):
            value = datetime.fromisoformat(value)
            if value.tzinfo is None:
                raise CursorRefused
        elif not isinstance(value, str if filters.sort is Sort.VALUE else (int, float)):
            raise CursorRefused
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise CursorRefused from error
    return value, address_id


def _fingerprint(filters: Filters) -> str:
    return hashlib.sha256(repr(filters).encode()).hexdigest()[:12]
