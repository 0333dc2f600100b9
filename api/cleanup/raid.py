"""A raid list: the walls of an area that have writing on them, in the order in which to walk from one to the next."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from api.cleanup.places import areas
from api.cleanup.route import Point, length_m, ordered
from api.cleanup.territories import territory
from api.errors import Problem
from api.inscriptions import repository as inscriptions
from api.unit import Unit
from api.watchlist.filters import Region
from models import Inscription, InscriptionHold, WorkOrder

MOST_WALLS = 200
LOOKED_AT = 1000
"""Walls in the box of a territory, of which those inside its area are taken."""

WRITTEN_ON = ("open", "reappeared")


class RaidAreaMissing(Problem):
    """A raid list of everywhere."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Say which area: send one of box, circle and territory.")


@dataclass(frozen=True, slots=True)
class Stop:
    """A wall on the way.

    Attributes:
        order: its work order that is not closed, if there is one.
        is_held: it must not be painted over yet.
        leg_m: metres from the stop before it, or from the start; 0 at the first without a start.
        walked_m: metres up to here.
        photo_sha256: its newest photo; None where it has none.
    """

    wall: Inscription
    order: WorkOrder | None
    is_held: bool
    photo_sha256: str | None
    leg_m: float
    walked_m: float


@dataclass(frozen=True, slots=True)
class Raid:
    """The way. `is_cut`: there are more walls than the last seen 200, which are on it."""

    stops: list[Stop]
    length_m: float
    is_cut: bool


def raid(
    unit: Unit, *, region: Region | None = None, territory_id: str | None = None, start: Point | None = None
) -> Raid:
    """The walls of an area that are written on, as a way that begins at `start` or at an outermost wall.

    Raises:
        RaidAreaMissing: neither a region nor a territory, or both.
        NotFound: no such territory.
    """
    if (region is None) == (territory_id is None):
        raise RaidAreaMissing
    found, is_cut = _in_territory(unit, territory_id) if territory_id else _walls(unit, region, MOST_WALLS)
    way = [found[place] for place in ordered([(wall.lat, wall.lon) for wall in found], start=start)]
    ids = [wall.id for wall in way]
    photos = inscriptions.newest_photos(unit, ids)
    asked = select(WorkOrder).where(WorkOrder.inscription_id.in_(ids), WorkOrder.is_active)
    orders = {order.inscription_id: order for order in unit.session.scalars(asked)}
    holding = select(InscriptionHold.inscription_id)
    holding = holding.where(InscriptionHold.inscription_id.in_(ids), InscriptionHold.released_at.is_(None))
    held = set(unit.session.scalars(holding))
    stops, walked_m, here = [], 0.0, start
    for wall in way:
        there = (wall.lat, wall.lon)
        leg_m = length_m([here, there]) if here is not None else 0.0
        walked_m, here = walked_m + leg_m, there
        stops.append(Stop(wall, orders.get(wall.id), wall.id in held, photos.get(wall.id), leg_m, walked_m))
    return Raid(stops, walked_m, is_cut)


def _walls(unit: Unit, region: Region | None, most: int) -> tuple[list[Inscription], bool]:
    """Those written on in a region, the last seen first, and whether there are more."""
    found: list[Inscription] = []
    for state in WRITTEN_ON:
        found += inscriptions.page(unit, inscriptions.Asked(region, state=state), before=None, limit=most)
    found.sort(key=lambda wall: (wall.last_seen_at is not None, wall.last_seen_at, wall.id), reverse=True)
    return found[:most], len(found) > most


def _in_territory(unit: Unit, territory_id: str) -> tuple[list[Inscription], bool]:
    """Those inside a territory's area; where areas overlap the wall is the smaller one's, as for work orders."""
    row = territory(unit, territory_id)
    found, is_cut = _walls(unit, Region(row.south, row.west, row.north, row.east), LOOKED_AT)
    here = areas(unit)
    ours = [wall for wall in found if here.find(wall.lat, wall.lon, nearest_m=0).territory_id == row.id]
    return ours[:MOST_WALLS], is_cut or len(ours) > MOST_WALLS
