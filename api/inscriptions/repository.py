"""Queries of inscriptions, made to stay fast over some hundred thousand of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_, union_all
from sqlalchemy.orm import Session, joinedload

from api.errors import NotFound
from api.inscriptions.history import family
from api.unit import Unit
from api.watchlist.filters import Region
from api.watchlist.repository import FEW, inside
from models import Address, Inscription, InscriptionEvent, InscriptionPhoto, Sighting, SightingState
from models.cells import cover

Before = tuple[datetime, str]
WALKED = (
    Inscription.id,
    Inscription.last_seen_at,
    Inscription.first_seen_at,
    Inscription.lat,
    Inscription.lon,
    Inscription.state,
    Inscription.merged_into_id,
)
MOST_EVENTS = 500
MOST_ADDRESSES = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is narrowed to; None leaves it open."""

    region: Region | None = None
    since: datetime | None = None
    until: datetime | None = None
    state: str | None = None


def page(unit: Unit, asked: Asked, *, before: Before | None, limit: int) -> list[Inscription]:
    """Inscriptions, the last seen first; one more than `limit` when there are more. Merged ones are not among them.

    Few in the region are collected and sorted; anything wider walks an index that holds all that is asked.
    """
    row: Any = _few_in(unit.session, asked.region) if asked.region else None
    if row is None:
        row = Inscription
    # An expression keeps SQLite from collecting all that are not merged by the index of those that are.
    wanted = select(row.id).where(func.coalesce(row.merged_into_id, "") == "", row.last_seen_at.is_not(None))
    if asked.region is not None:
        wanted = wanted.where(*inside(row, asked.region))
    if asked.since is not None:
        wanted = wanted.where(row.last_seen_at >= asked.since)
    if asked.until is not None:
        wanted = wanted.where(row.first_seen_at <= asked.until)
    if asked.state is not None:
        wanted = wanted.where(row.state == asked.state)
    if before is not None:
        wanted = wanted.where(tuple_(row.last_seen_at, row.id) < tuple_(*before))
    ids = list(unit.session.scalars(wanted.order_by(row.last_seen_at.desc(), row.id.desc()).limit(limit + 1)))
    rows = {each.id: each for each in unit.session.scalars(select(Inscription).where(Inscription.id.in_(ids)))}
    return [rows[each] for each in ids]


def inscription(unit: Unit, inscription_id: str) -> Inscription:
    """The inscription; NotFound."""
    found = unit.session.get(Inscription, inscription_id)
    if found is None:
        raise NotFound("inscription")
    return found


def addresses(unit: Unit, inscription_id: str) -> Sequence[Any]:
    """(address, sightings, first, last) of what was seen on it and counts, the last seen first."""
    last = func.max(Sighting.seen_at)
    asked = (
        select(Sighting.address_id, func.count(), func.min(Sighting.seen_at), last)
        .where(Sighting.inscription_id == inscription_id, Sighting.state != SightingState.REJECTED)
        .group_by(Sighting.address_id)
        .order_by(last.desc(), Sighting.address_id)
        .limit(MOST_ADDRESSES)
    )
    counted = unit.session.execute(asked).all()
    ids = [row[0] for row in counted]
    rows = {row.id: row for row in unit.session.scalars(select(Address).where(Address.id.in_(ids)))}
    return [(rows[row[0]], *row[1:]) for row in counted]


def photos(
    unit: Unit, inscription_id: str, *, beyond: Before | None, limit: int, is_oldest_first: bool = False
) -> Sequence[InscriptionPhoto]:
    """An inscription's photos beyond a place in their order; one more than `limit` when there are more."""
    key = InscriptionPhoto.seen_at, InscriptionPhoto.photo_sha256
    query = select(InscriptionPhoto).where(InscriptionPhoto.inscription_id == inscription_id)
    if beyond is not None:
        query = query.where(tuple_(*key) > tuple_(*beyond) if is_oldest_first else tuple_(*key) < tuple_(*beyond))
    order = key if is_oldest_first else [column.desc() for column in key]
    return unit.session.scalars(query.order_by(*order).limit(limit + 1)).all()


def newest_photos(unit: Unit, ids: Sequence[str]) -> dict[str, str]:
    """The newest photo of each of these inscriptions; one without photos is not in it."""
    newest = (
        select(InscriptionPhoto.photo_sha256)
        .where(InscriptionPhoto.inscription_id == Inscription.id)
        .order_by(InscriptionPhoto.seen_at.desc(), InscriptionPhoto.photo_sha256.desc())
        .limit(1)
        .correlate(Inscription)
        .scalar_subquery()
    )
    rows = unit.session.execute(select(Inscription.id, newest).where(Inscription.id.in_(ids)))
    return {row[0]: row[1] for row in rows if row[1]}


def addresses_in(unit: Unit, photos: Iterable[str]) -> dict[str, list[Address]]:
    """The addresses that count in each of these photos, by kind and value; a photo without any is not in it."""
    asked = (
        select(Sighting.photo_sha256, Address)
        .join(Address, Address.id == Sighting.address_id)
        .where(Sighting.photo_sha256.in_(list(photos)), Sighting.state != SightingState.REJECTED)
        .order_by(Address.kind, Address.value)
    )
    found: dict[str, list[Address]] = {}
    for sha256, row in unit.session.execute(asked):
        if row not in found.setdefault(sha256, []):
            found[sha256].append(row)
    return found


def around(unit: Unit, inscription_id: str, at: datetime) -> tuple[InscriptionPhoto | None, InscriptionPhoto | None]:
    """The last photo up to a moment, and the first one after it."""
    moment = at, "z"  # behind every photo of that very moment
    before = photos(unit, inscription_id, beyond=moment, limit=1)
    after = photos(unit, inscription_id, beyond=moment, limit=1, is_oldest_first=True)
    return (before[0] if before else None, after[0] if after else None)


def events(unit: Unit, inscription_id: str) -> Sequence[InscriptionEvent]:
    """What happened to it, and to those that were merged into it, by the day that it is of."""
    asked = select(InscriptionEvent).where(InscriptionEvent.inscription_id.in_(family(unit.session, inscription_id)))
    order = InscriptionEvent.happened_at, InscriptionEvent.at, InscriptionEvent.number
    return unit.session.scalars(
        asked.options(joinedload(InscriptionEvent.maker)).order_by(*order).limit(MOST_EVENTS)
    ).all()


def _few_in(session: Session, region: Region) -> Any:
    """Those in the squares that a region touches, as columns to ask; None when they are many."""
    ranges = cover(region.south, region.west, region.north, region.east)
    there = union_all(*(select(*WALKED).where(Inscription.cell.between(*one)) for one in ranges)).subquery()
    count = session.scalar(select(func.count()).select_from(select(there.c.id).limit(FEW + 1).subquery())) or 0
    return there.c if count <= FEW else None
