"""The region of a subscription, and what was seen in it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from api.errors import Problem
from api.watchlist.filters import EARTH_M, Region
from api.watchlist.repository import inside
from models import Finding, FusedFinding, Report, Review, Sighting, SightingState, Subscription

WIDEST_DEG = 50.0


class RegionTooWide(Problem):
    """A region that is no region."""

    status = 422

    def __init__(self) -> None:
        super().__init__(f"A box is at most {WIDEST_DEG:g} degrees wide and high: leave it out to hear of everywhere.")


def region_of(row: Subscription) -> Region | None:
    """The region of a subscription; None for everywhere."""
    if row.south is None or row.west is None or row.north is None or row.east is None:
        return None
    return Region(row.south, row.west, row.north, row.east, row.lat, row.lon, row.radius_m)


def set_region(row: Subscription, region: Region | None) -> None:
    """Give a subscription its region. RegionTooWide."""
    if region is not None and max(region.north - region.south, region.east - region.west) > WIDEST_DEG:
        raise RegionTooWide
    for name in ("south", "west", "north", "east", "lat", "lon", "radius_m"):
        setattr(row, name, getattr(region, name) if region is not None else None)


def may_contain(about: str, lat: float, lon: float) -> ColumnElement[bool]:
    """Subscriptions about something whose box holds a place, or that have none; a circle is yet to be asked.

    The ids are found in one index, which holds the boxes: only rows that may match are fetched.
    """
    other = aliased(Subscription)
    boxed = and_(other.south <= lat, other.north >= lat, other.west <= lon, other.east >= lon)
    ids = select(other.id).where(other.about == about, other.off_reason == "", or_(other.south.is_(None), boxed))
    return Subscription.id.in_(ids)


def contains(region: Region, lat: float, lon: float) -> bool:
    """Whether a place lies in a region, by the same rule as the database's (`inside`)."""
    if not (region.south <= lat <= region.north and region.west <= lon <= region.east):
        return False
    if region.lat is None or region.lon is None or region.radius_m is None:
        return True
    degree_m = math.radians(EARTH_M)
    north_m = (lat - region.lat) * degree_m
    east_m = (lon - region.lon) * degree_m * math.cos(math.radians(region.lat))
    return north_m * north_m + east_m * east_m <= region.radius_m**2


def is_seen_in(session: Session, address_id: str, region: Region) -> bool:
    """Whether a sighting of the address that counts lies in a region."""
    return _any(session, address_id, region)


def was_seen_in(session: Session, address_id: str, region: Region, *, before: Sighting, told_at: datetime) -> bool:
    """Whether a photo that was reported before this sighting's shows the address in a region.

    Not one that several photos together put on the list, this one among them, when it was told of or later: then an
    older photo says so only because of the newer.
    """
    received = select(Report.received_at).where(Report.id == before.report_id).scalar_subquery()
    earlier = select(Report.id).where(Report.id == Sighting.report_id, Report.received_at < received).exists()
    since = select(FusedFinding.finding_id).join(Finding, Finding.id == FusedFinding.finding_id)
    since = since.where(FusedFinding.finding_id == Sighting.finding_id, FusedFinding.fused_at >= told_at)
    together = since.where(Finding.is_listed, ~Finding.accepted, Finding.review == Review.UNREVIEWED).exists()
    return _any(session, address_id, region, earlier, ~together)


def is_seen_elsewhere_in(session: Session, address_id: str, region: Region, *, than: Iterable[str]) -> bool:
    """Whether a sighting of the address other than these lies in a region."""
    return _any(session, address_id, region, Sighting.id.not_in(list(than)))


def _any(session: Session, address_id: str, region: Region, *conditions: ColumnElement[bool]) -> bool:
    found = select(Sighting.id).where(
        Sighting.address_id == address_id,
        Sighting.state != SightingState.REJECTED,
        *inside(Sighting, region),
        *conditions,
    )
    return session.scalar(found.limit(1)) is not None
