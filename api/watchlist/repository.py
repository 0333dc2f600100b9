"""Queries of the watchlist, made to stay fast over 100,000 addresses and a million sightings.

What narrows the list most decides the way: few values, few sightings in a region or few in a period are collected
and their addresses sorted; anything wider walks the sort order and asks of each address whether it was seen there,
which ends after a page because many are. Both ways end at index entries; only a page's rows are fetched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, FromClause, Select, and_, func, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from api.errors import NotFound
from api.unit import Unit
from api.watchlist.cursors import COLUMNS, decode, encode
from api.watchlist.filters import EARTH_M, Filters, Region
from models import Address, AddressStatus, Finding, Report, Sighting, SightingState
from models.cells import cover

FEW = 20_000  # up to here collecting and sorting beats walking the sort order
LAST_CHAR = "\U0010ffff"
SEEN = (Sighting.address_id, Sighting.lat, Sighting.lon, Sighting.seen_at, Sighting.state)


def page(unit: Unit, filters: Filters, *, cursor: str | None, limit: int) -> tuple[list[Address], str | None]:
    """Addresses in order, and the cursor of the next page, None after the last. CursorRefused."""
    column = COLUMNS[filters.sort]
    query = _narrowed(unit.session, filters, select(Address.id, column))
    if cursor:
        value, last_id = decode(cursor, filters)
        behind = tuple_(literal(value, type_=column.type), literal(last_id, type_=Address.id.type))
        key = tuple_(column, Address.id)
        query = query.where(key < behind if filters.is_descending else key > behind)
    order = (column.desc(), Address.id.desc()) if filters.is_descending else (column, Address.id)
    found = unit.session.execute(query.order_by(*order).limit(limit + 1)).all()
    shown = found[:limit]
    rows = {row.id: row for row in unit.session.scalars(select(Address).where(Address.id.in_([i for i, _ in shown])))}
    following = encode(shown[-1][1], shown[-1][0], filters) if len(found) > limit else None
    return [rows[address_id] for address_id, _ in shown], following


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


def seen(
    unit: Unit, address_ids: Sequence[str], filters: Filters, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Any]:
    """Sightings of these addresses inside the filters' region and period, address by address, the oldest first.

    Rows have `address_id` and the columns that exports tell. With `after`, of one address alone: what follows it.
    """
    query = (
        select(
            Sighting.address_id,
            Sighting.id,
            Sighting.lat,
            Sighting.lon,
            Report.accuracy_m,
            Sighting.seen_at,
            Report.received_at,
            Sighting.confidence,
            Sighting.state,
            Sighting.photo_sha256.label("photo"),
            Sighting.inscription_id,
            Sighting.report_id,
            Finding.text,
            Finding.source,
        )
        .join(Finding, Finding.id == Sighting.finding_id)
        .join(Report, Report.id == Sighting.report_id)
        .where(Sighting.address_id.in_(address_ids), *_seen_there(Sighting, filters))
    )
    if after is not None:
        query = query.where(tuple_(Sighting.seen_at, Sighting.id) > tuple_(*after))
    query = query.order_by(Sighting.address_id, Sighting.seen_at, Sighting.id).limit(limit)
    return unit.session.execute(query).all()


def _narrowed(session: Session, filters: Filters, query: Select[tuple[str, Any]]) -> Select[tuple[str, Any]]:
    query = query.where(*_of_address(filters))
    few = _collected(session, filters)
    if few is not None:
        hits = few.cte("hits").prefix_with("MATERIALIZED")
        query = query.join(hits, hits.c.id == Address.id)
    elif filters.text:
        query = query.where(func.substr(Address.value, 1, len(filters.text)).in_(_spellings(filters.text)))
    if filters.asks_sightings and (few is None or filters.text):
        # A scalar, because PostgreSQL would turn EXISTS into a join of the whole table.
        seen = select(literal(1)).where(Sighting.address_id == Address.id, *_seen_there(Sighting, filters)).limit(1)
        query = query.where(seen.correlate(Address).scalar_subquery().is_not(None))
    return query


def _of_address(filters: Filters) -> list[ColumnElement[bool]]:
    """What an entry of any sort index can tell."""
    is_rejected = Address.status == AddressStatus.REJECTED
    conditions = [Address.status == filters.status if filters.status else ~is_rejected]
    if filters.kind:
        conditions.append(Address.kind == filters.kind)
    if filters.min_confidence is not None:
        conditions.append(Address.best_confidence >= filters.min_confidence)
    if filters.since is not None:
        conditions.append(Address.last_seen_at >= filters.since)
    if filters.until is not None:
        conditions.append(Address.first_seen_at <= filters.until)
    return conditions


def _collected(session: Session, filters: Filters) -> Select[Any] | CompoundSelect[Any] | None:
    """The ids (`id`) that the narrowest of text, region and period leaves; None when each leaves too many."""
    if filters.text:
        values = _values(filters)
        return values if _count(session, values) <= FEW else None
    if not filters.asks_sightings:
        return None
    sources: list[FromClause] = [_in_period(filters)] if filters.since or filters.until else []
    if filters.region is not None:
        sources.append(_in_cells(filters.region))
    counted = [(_count(session, select(source.c.address_id)), n) for n, source in enumerate(sources)]
    fewest, n = min(counted)
    if fewest > FEW:
        return None
    seen = sources[n].c
    return select(seen.address_id.label("id")).where(*_seen_there(seen, filters)).distinct()


def _count(session: Session, query: Select[Any] | CompoundSelect[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.limit(FEW + 1).subquery())) or 0


def _values(filters: Filters) -> CompoundSelect[Any]:
    text = filters.text or ""
    ids = select(Address.id)
    if not filters.is_prefix:
        return union_all(ids.where(Address.value.in_(filters.values)))
    ranges = (and_(Address.value >= start, Address.value < start + LAST_CHAR) for start in _spellings(text))
    return union_all(*(ids.where(one) for one in ranges))


def _spellings(prefix: str) -> list[str]:
    """As typed, for invitations; in lower case, as names and hosts are kept."""
    return sorted({prefix, prefix.lower()})


def _in_period(filters: Filters) -> FromClause:
    within = [Sighting.seen_at >= filters.since] if filters.since else []
    within += [Sighting.seen_at <= filters.until] if filters.until else []
    return select(*SEEN).where(*within).subquery()


def _in_cells(region: Region) -> FromClause:
    ranges = cover(region.south, region.west, region.north, region.east)
    return union_all(*(select(*SEEN).where(Sighting.cell.between(*one)) for one in ranges)).subquery()


def _seen_there(seen: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """That a sighting counts and lies inside the region and the period; `seen` has a sighting's columns."""
    is_rejected = seen.state == SightingState.REJECTED
    # A rejected address has no other sightings, and is found where those are.
    conditions = [is_rejected if filters.status == AddressStatus.REJECTED else ~is_rejected]
    if filters.region is not None:
        conditions += _inside(seen, filters.region)
    if filters.since is not None:
        conditions.append(seen.seen_at >= filters.since)
    if filters.until is not None:
        conditions.append(seen.seen_at <= filters.until)
    return conditions


def _inside(seen: Any, region: Region) -> list[ColumnElement[bool]]:
    box: list[ColumnElement[bool]] = [
        seen.lat.between(region.south, region.north),
        seen.lon.between(region.west, region.east),
    ]
    if region.radius_m is None or region.lat is None or region.lon is None:
        return box
    # Equirectangular: within 0.1 % of the great circle at the sizes of a town, and plain arithmetic on every database.
    degree_m = math.radians(EARTH_M)
    north_m = (seen.lat - region.lat) * degree_m
    east_m = (seen.lon - region.lon) * (degree_m * math.cos(math.radians(region.lat)))
    return [*box, north_m * north_m + east_m * east_m <= region.radius_m**2]
