"""The same address on many walls: when it was seen, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Integer, Select, cast, func, select, tuple_
from sqlalchemy.orm import Session

from api.connections import packed
from api.connections.buckets import counted
from api.connections.squares import GRID, Place, Sums, gathered, microseconds
from api.errors import NotFound
from api.near.aliases import kept
from api.stats.periods import Span
from api.stats.shelf import Shelf
from api.unit import Unit
from models import Address, Finding, Sighting, SightingState


@dataclass(frozen=True, slots=True)
class Beat:
    """A period of an address's time line: its sightings, and the walls on which it was seen for the first time."""

    span: Span
    sightings: int
    new_walls: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Where an address was seen. `gathered`: the walls were too many, and each place may stand for several."""

    places: list[Place]
    walls: int
    sightings: int
    gathered: bool


def known(unit: Unit, address_id: str) -> Address:
    """The address, of a merged one the one that it is shown as, which has its sightings; NotFound."""
    row = unit.session.get(Address, address_id)
    if row is None:
        raise NotFound("address")
    return kept(unit.session, row)


def time_line(unit: Unit, shelf: Shelf, address: Address, spans: Sequence[Span]) -> list[Beat]:
    """Counting sightings of an address in each period, and the walls that were new in it."""
    if address.sighting_count >= packed.MANY:
        # Which walls were new is known from the first sighting on.
        found = packed.seen(unit, shelf, address, None, spans[-1].until)
        return [Beat(span, *each) for span, each in zip(spans, packed.beats(found, spans), strict=True)]
    address_id = address.id
    seen = select(Sighting.seen_at).where(*_of(address_id))
    sightings = counted(unit.session, seen, spans)
    on_walls = select(func.min(Sighting.seen_at).label("seen_at")).where(*_of(address_id))
    walls = counted(unit.session, on_walls.group_by(Sighting.inscription_id), spans)
    return [Beat(span, *each) for span, *each in zip(spans, sightings, walls, strict=True)]


def sightings(
    unit: Unit,
    address_id: str,
    *,
    since: datetime | None,
    until: datetime | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[tuple[Sighting, Finding]]:
    """Single sightings from `since` and before `until`, the newest first, rejected ones too; one more than asked."""
    query = select(Sighting, Finding).join(Finding, Finding.id == Sighting.finding_id)
    query = query.where(Sighting.address_id == address_id, *_within(since, until))
    if before is not None:
        query = query.where(tuple_(Sighting.seen_at, Sighting.id) < tuple_(*before))
    return unit.session.execute(query.order_by(Sighting.seen_at.desc(), Sighting.id.desc()).limit(limit + 1)).all()


def spread(
    unit: Unit, shelf: Shelf, address: Address, *, since: datetime | None, until: datetime | None, limit: int
) -> Spread:
    """The walls of an address, each with its first and last sighting in the time; the earliest first.

    More walls than `limit` are gathered in squares, as large as it takes; a gathered place lies in the middle of its
    walls.
    """
    if address.sighting_count >= packed.MANY:
        places = packed.gathered_walls(packed.seen(unit, shelf, address, since, until), limit)
        if places is not None:
            return _told(places, is_gathered=True)
    on_walls = _on_walls(address.id, since, until)
    # One wall more is asked for by itself: walls that will be gathered need not all be fetched to know it.
    one_more = select(on_walls.subquery().c.wall).offset(limit).limit(1)
    is_gathered = unit.session.scalar(one_more) is not None
    if is_gathered:
        places = _gathered(unit.session, on_walls, limit)
    else:
        found = unit.session.execute(on_walls)
        places = [Place(row.lat, row.lon, 1, row.sightings, row.first, row.last, row.wall) for row in found]
    return _told(places, is_gathered=is_gathered)


def _told(places: list[Place], *, is_gathered: bool) -> Spread:
    places.sort(key=lambda place: (place.first_seen_at, place.lat, place.lon))
    return Spread(places, sum(place.walls for place in places), sum(place.sightings for place in places), is_gathered)


def _of(address_id: str) -> list[ColumnElement[bool]]:
    return [Sighting.address_id == address_id, Sighting.state != SightingState.REJECTED]


def _within(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    conditions = [Sighting.seen_at >= since] if since else []
    return [*conditions, *([Sighting.seen_at < until] if until else [])]


def _on_walls(address_id: str, since: datetime | None, until: datetime | None) -> Select[Any]:
    """A row for each wall, all of it from one index in its order."""
    return (
        select(
            Sighting.inscription_id.label("wall"),
            func.avg(Sighting.lat).label("lat"),
            func.avg(Sighting.lon).label("lon"),
            func.count().label("sightings"),
            func.min(Sighting.seen_at).label("first"),
            func.max(Sighting.seen_at).label("last"),
        )
        .where(*_of(address_id), *_within(since, until))
        .group_by(Sighting.inscription_id)
    )


def _gathered(session: Session, on_walls: Select[Any], limit: int) -> list[Place]:
    wall = on_walls.subquery().c
    row, column = (cast(func.floor(degrees * GRID), Integer) for degrees in (wall.lat, wall.lon))
    asked = select(
        row.label("row"),
        column.label("column"),
        func.sum(wall.lat).label("lat"),
        func.sum(wall.lon).label("lon"),
        func.count().label("walls"),
        func.sum(wall.sightings).label("sightings"),
        func.min(wall.first).label("first"),
        func.max(wall.last).label("last"),
    ).group_by(row, column)
    rows = session.execute(asked).all()
    counted = [(*each[:2], *each[4:6], microseconds(each.first), microseconds(each.last)) for each in rows]
    row_of, column_of, walls, sightings, first, last = np.array(counted, np.int64).T
    lat, lon = np.array([(each.lat, each.lon) for each in rows], np.float64).T
    return gathered(Sums(row_of, column_of, lat, lon, walls, sightings, first, last), limit)
