"""Territories: taken from a GeoJSON file, listed, given back as GeoJSON, removed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry import shape
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import defer, selectinload

from api.audit.service import record
from api.cleanup.areas import Overlap, overlaps
from api.cleanup.geojson import Area, Read, Refused
from api.errors import NotFound, Problem
from api.intake.cursors import CursorNotUnderstood
from api.services import Services
from api.unit import Actor, Unit
from api.watchlist.turn import take_turn
from models import Territory, WorkOrder

MOST_OVERLAPS = 100
PIECE = 200


class TerritoryChanged(Problem):
    """Somebody changed the territory meanwhile."""

    status = 409

    def __init__(self, version: int) -> None:
        super().__init__("This territory has changed since you loaded it: look again before you change it.")
        self.version = version


class TerritoryInUse(Problem):
    """A territory with work orders that are not closed."""

    status = 409

    def __init__(self, orders: int) -> None:
        super().__init__(
            f"This territory has {orders} work orders that are not closed: assign them to others or close them first."
        )
        self.orders = orders


@dataclass(slots=True)
class Outcome:
    """What an import did, or would do.

    Attributes:
        removed: names of those that the file no longer has; only when that was asked for.
        kept: names of those that the file no longer has and that stay: nobody asked to remove them, or they have work
            orders that are not closed.
        overlaps: the largest first, at most 100; `overlap_count` counts them all.
    """

    added: int = 0
    changed: int = 0
    same: int = 0
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    mended: list[Area] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)
    overlap_count: int = 0


def import_areas(unit: Unit, read: Read, *, is_removing: bool = False, is_dry_run: bool = False) -> Outcome:
    """Make the areas of a file territories; one that was imported before, by its external id, is changed.

    Args:
        unit: the transaction.
        read: what the file holds.
        is_removing: remove what an earlier file brought and this one does not mention.
        is_dry_run: only say what would be done.
    """
    take_turn(unit.session)
    known = {row.external_id: row for row in unit.session.scalars(select(Territory)) if row.external_id}
    outcome = Outcome(refused=read.refused, mended=[area for area in read.areas if area.mended])
    for area in read.areas:
        _put(unit, known.get(area.external_id), area, outcome, is_dry_run=is_dry_run)
    gone = [row for name, row in known.items() if row.removed_at is None and name not in read.mentioned]
    removed = _remove_missing(unit, gone, outcome, is_removing=is_removing, is_dry_run=is_dry_run)
    _lay_over(unit, read, removed, outcome)
    if not is_dry_run:
        unit.session.flush()
        record(
            unit, "territories.import", "territories", added=outcome.added, changed=outcome.changed, same=outcome.same,
            removed=outcome.removed, refused=len(outcome.refused), mended=len(outcome.mended),
        )  # fmt: skip
    return outcome


def _put(unit: Unit, row: Territory | None, area: Area, outcome: Outcome, *, is_dry_run: bool) -> None:
    west, south, east, north = area.shape.bounds
    values: dict[str, Any] = {
        "name_ru": area.name_ru, "name_kk": area.name_kk, "area": json.loads(shapely.to_geojson(area.shape)),
        "area_m2": area.area_m2, "south": south, "west": west, "north": north, "east": east, "removed_at": None,
    }  # fmt: skip
    if row is None:
        outcome.added += 1
        if not is_dry_run:
            now = unit.clock.now()
            unit.session.add(Territory(external_id=area.external_id, created_at=now, **values))
    elif all(getattr(row, name) == value for name, value in values.items()):
        outcome.same += 1
    else:
        outcome.changed += 1
        if not is_dry_run:
            for name, value in values.items():
                setattr(row, name, value)
            row.version += 1


def _remove_missing(
    unit: Unit, gone: Sequence[Territory], outcome: Outcome, *, is_removing: bool, is_dry_run: bool
) -> set[str]:
    """Remove what may go; the ids of those."""
    removed = set()
    for row in gone:
        if not is_removing or _orders_of(unit, row.id):
            outcome.kept.append(row.name_ru)
            continue
        outcome.removed.append(row.name_ru)
        removed.add(row.id)
        if not is_dry_run:
            row.removed_at = unit.clock.now()
            row.version += 1
    return removed


def _lay_over(unit: Unit, read: Read, removed: set[str], outcome: Outcome) -> None:
    """Where areas of the file lie over one another, or over those that are there and stay."""
    ours = {area.external_id for area in read.areas}
    names: list[str] = [area.name_ru for area in read.areas]
    shapes: list[shapely.Geometry] = [area.shape for area in read.areas]
    for row in unit.session.scalars(select(Territory).where(Territory.removed_at.is_(None))):
        if row.external_id not in ours and row.id not in removed and row.name_ru:
            names.append(row.name_ru)
            shapes.append(shape(row.area))
    found = overlaps(names, shapes, first=len(read.areas))
    outcome.overlaps, outcome.overlap_count = found[:MOST_OVERLAPS], len(found)


def page(unit: Unit, *, text: str = "", after: tuple[str, str] | None, limit: int) -> Sequence[Territory]:
    """Territories by their Russian name, with contacts and without areas; one more than `limit` if there are more.

    `text`: only those whose name or Kazakh name holds it.
    """
    asked = select(Territory).where(Territory.removed_at.is_(None))
    if text:
        asked = asked.where(
            Territory.name_ru.icontains(text, autoescape=True) | Territory.name_kk.icontains(text, autoescape=True)
        )
    if after is not None:
        asked = asked.where(tuple_(Territory.name_ru, Territory.id) > tuple_(*after))
    asked = asked.options(defer(Territory.area), selectinload(Territory.contacts))
    return unit.session.scalars(asked.order_by(Territory.name_ru, Territory.id).limit(limit + 1)).all()


def territory(unit: Unit, territory_id: str) -> Territory:
    """A territory with its area and contacts, also a removed one. NotFound."""
    asked = select(Territory).where(Territory.id == territory_id).options(selectinload(Territory.contacts))
    found = unit.session.scalar(asked)
    if found is None:
        raise NotFound("territory")
    return found


def changing(unit: Unit, territory_id: str, *, version: int | None = None) -> Territory:
    """The territory, locked, if it is still the one that was seen. NotFound, TerritoryChanged."""
    take_turn(unit.session)
    row = unit.session.get(Territory, territory_id, with_for_update=True, populate_existing=True)
    if row is None or row.removed_at is not None:
        raise NotFound("territory")
    if version is not None and row.version != version:
        raise TerritoryChanged(row.version)
    return row


def remove(unit: Unit, territory_id: str, *, version: int) -> None:
    """Take a territory off the list; a later import of the same brings it back.

    Raises:
        NotFound, TerritoryChanged, TerritoryInUse: each as its name says.
    """
    row = changing(unit, territory_id, version=version)
    if orders := _orders_of(unit, row.id):
        raise TerritoryInUse(orders)
    row.removed_at = unit.clock.now()
    row.version += 1
    record(unit, "territory.remove", row.id, name=row.name_ru)


def exported(services: Services, actor: Actor) -> Iterator[bytes]:
    """All territories as a GeoJSON FeatureCollection, in pieces; importing it again changes nothing."""
    yield b'{"type":"FeatureCollection","features":['
    after, is_first = "", True
    while True:
        with services.reading_unit(actor) as unit:
            asked = select(Territory).where(Territory.removed_at.is_(None), Territory.id > after)
            rows = unit.session.scalars(asked.order_by(Territory.id).limit(PIECE)).all()
        for row in rows:
            yield (b"" if is_first else b",") + json.dumps(feature(row), ensure_ascii=False).encode()
            is_first = False
        if len(rows) < PIECE:
            break
        after = rows[-1].id
    yield b"]}"


def feature(row: Territory) -> dict[str, Any]:
    """A territory as GeoJSON."""
    properties = {"name:ru": row.name_ru, "name:kk": row.name_kk, "area_m2": row.area_m2, "territory": row.id}
    return {"type": "Feature", "id": row.external_id or row.id, "properties": properties, "geometry": row.area}


def encode_place(row: Territory) -> str:
    """The cursor behind a territory in the list."""
    return base64.urlsafe_b64encode(json.dumps([row.name_ru, row.id]).encode()).decode().rstrip("=")


def decode_place(cursor: str) -> tuple[str, str]:
    """What `encode_place` was given: name and id. CursorNotUnderstood."""
    try:
        name, row_id = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise CursorNotUnderstood from None
    if not isinstance(name, str) or not isinstance(row_id, str) or "\0" in name or not row_id.isalnum():
        raise CursorNotUnderstood
    return name, row_id


def _orders_of(unit: Unit, territory_id: str) -> int:
    """How many of its orders are not closed."""
    asked = select(func.count()).select_from(WorkOrder).where(WorkOrder.territory_id == territory_id)
    return unit.session.scalar(asked.where(WorkOrder.is_active)) or 0
