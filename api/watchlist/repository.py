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

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.errors import NotFound
from api.near.aliases import shown_as, stands_alone
from api.unit import Unit
from api.watchlist import by_score
from api.watchlist.cursors import COLUMNS, Fresh, decode, decode_fresh, encode, encode_fresh
from api.watchlist.filters import EARTH_M, Filters, Region, Sort
from models import (
    Account,
    Address,
    AddressStatus,
    AddressTag,
    CaseAddress,
    Finding,
    Report,
    Sighting,
    SightingState,
    WarningState,
)
from models.cells import cover

FEW = 20_000  # up to here collecting and sorting beats walking the sort order
OFF_THE_LIST = (AddressStatus.REJECTED, AddressStatus.BENIGN)
"""Only shown to those who ask for them."""

LAST_CHAR = "\U0010ffff"
SEEN = (Sighting.address_id, Sighting.lat, Sighting.lon, Sighting.seen_at, Sighting.state)


def page(unit: Unit, filters: Filters, *, cursor: str | None, limit: int) -> tuple[list[Address], str | None]:
    """Addresses in order, and the cursor of the next page, None after the last. CursorRefused."""
    if filters.sort is Sort.SCORE:
        return _page_by_score(unit, filters, cursor=cursor, limit=limit)
    column = COLUMNS[filters.sort]
    query = _narrowed(unit.session, filters, select(Address.id, column), now=unit.clock.now())
    if cursor:
        value, last_id = decode(cursor, filters)
        behind = tuple_(literal(value, type_=column.type), literal(last_id, type_=Address.id.type))
        key = tuple_(column, Address.id)
        query = query.where(key < behind if filters.is_descending else key > behind)
    order = (column.desc(), Address.id.desc()) if filters.is_descending else (column, Address.id)
    found = unit.session.execute(query.order_by(*order).limit(limit + 1)).all()
    shown = found[:limit]
    following = encode(shown[-1][1], shown[-1][0], filters) if len(found) > limit else None
    return _rows(unit.session, [address_id for address_id, _ in shown]), following


def _page_by_score(unit: Unit, filters: Filters, *, cursor: str | None, limit: int) -> tuple[list[Address], str | None]:
    behind = decode_fresh(cursor, filters) if cursor else None
    now = behind.now if behind else unit.clock.now()
    asked: Any = select(*by_score.COLUMNS)
    narrowed = _narrowed(unit.session, filters, asked, now=now)
    walks = by_score.walks(narrowed, filters, now=now, behind=behind, limit=limit + 1)
    rows = [(row[0], row[1], row[2]) for row in unit.session.execute(walks)]
    found = by_score.in_order(rows, filters, now=now)
    shown = found[:limit]
    following = None
    if len(found) > limit:
        address_id, kind, photographed_at = shown[-1]
        following = encode_fresh(Fresh(now, kind, photographed_at, address_id), filters)
    return _rows(unit.session, [row[0] for row in shown]), following


def tlps(unit: Unit, filters: Filters) -> set[str]:
    """Every TLP that an address of the filtered list has."""
    query = _narrowed(unit.session, filters, select(Address.tlp), now=unit.clock.now())
    return set(unit.session.scalars(query.distinct()))


def _rows(session: Session, ids: Sequence[str]) -> list[Address]:
    rows = {row.id: row for row in session.scalars(select(Address).where(Address.id.in_(ids)))}
    return [rows[address_id] for address_id in ids]


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


def _narrowed(session: Session, filters: Filters, query: Select[Any], *, now: datetime) -> Select[Any]:
    query = query.where(*_of_address(filters), *_of_people(session, filters))
    if filters.min_score:
        query = query.where(by_score.at_least(filters, now=now))
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
    conditions = [Address.status == filters.status if filters.status else Address.status.not_in(OFF_THE_LIST)]
    conditions.append(stands_alone())
    if filters.ids is not None:
        conditions.append(Address.id.in_(filters.ids))
    if filters.kind:
        conditions.append(Address.kind == filters.kind)
    if filters.min_confidence is not None:
        conditions.append(Address.best_confidence >= filters.min_confidence)
    if filters.since is not None:
        conditions.append(Address.last_seen_at >= filters.since)
    if filters.until is not None:
        conditions.append(Address.first_seen_at <= filters.until)
    return conditions


def _of_people(session: Session, filters: Filters) -> list[ColumnElement[bool]]:
    """What people have put to an address.

    Few of them are where the databases may start from; of many, each address in the sort order is asked. An expression
    keeps SQLite from collecting all of them by the index of assignees.
    """
    conditions: list[ColumnElement[bool]] = []
    if filters.tlp is not None:
        conditions.append(Address.tlp == filters.tlp)
    if filters.assignee == "":
        conditions.append(func.coalesce(Address.assignee_id, "") == "")
    elif filters.assignee is not None:
        account = session.scalar(select(Account.id).where(Account.name == filters.assignee)) or "nobody"
        is_few = _count(session, select(Address.id).where(Address.assignee_id == account)) <= FEW
        whose = Address.assignee_id if is_few else func.coalesce(Address.assignee_id, "")
        conditions.append(whose == account)
    if filters.tag is not None:
        conditions.append(_is_among(session, AddressTag.address_id, AddressTag.tag == filters.tag))
    if filters.case_id is not None:
        conditions.append(_is_among(session, CaseAddress.address_id, CaseAddress.case_id == filters.case_id))
    if filters.is_warned:
        conditions.append(_is_among(session, WarningState.address_id, WarningState.is_warned.is_(True)))
    elif filters.is_warned is False:
        one = select(literal(1)).where(WarningState.address_id == Address.id, WarningState.is_warned.is_(True)).limit(1)
        conditions.append(one.correlate(Address).scalar_subquery().is_(None))
    return conditions


def _is_among(
    session: Session, address_id: InstrumentedAttribute[str], gathered: ColumnElement[bool]
) -> ColumnElement[bool]:
    """That an address is one of those that a tag or a case gathers."""
    ids = select(address_id).where(gathered)
    if _count(session, ids) <= FEW:
        return Address.id.in_(ids)
    one = select(literal(1)).where(address_id == Address.id, gathered).limit(1)
    return one.correlate(Address).scalar_subquery().is_not(None)


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
        return union_all(ids.where(Address.value.in_(filters.values)), shown_as(lambda of: of.in_(filters.values)))

    def starts(of: Any, start: str) -> ColumnElement[bool]:
        return and_(of >= start, of < start + LAST_CHAR)

    spellings = _spellings(text)
    merged = shown_as(lambda of: or_(*(starts(of, each) for each in spellings)))
    return union_all(*(ids.where(starts(Address.value, each)) for each in spellings), merged)


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
    # A rejected address may have no other sightings than rejected ones, and is found where those are.
    conditions = [] if filters.status == AddressStatus.REJECTED else [seen.state != SightingState.REJECTED]
    if filters.region is not None:
        conditions += inside(seen, filters.region)
    if filters.since is not None:
        conditions.append(seen.seen_at >= filters.since)
    if filters.until is not None:
        conditions.append(seen.seen_at <= filters.until)
    return conditions


def inside(seen: Any, region: Region) -> list[ColumnElement[bool]]:
    """That a row with `lat` and `lon` lies in a region."""
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
