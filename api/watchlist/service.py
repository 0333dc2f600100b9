"""How findings become sightings, and sightings sum up to addresses."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.unit import Unit
from models import Address, AddressStatus, Finding, Inscription, Report, ReportPhoto, Review, Sighting, SightingState
from models.watchlist import cell_of

SAME_WALL_M = 30.0
EARTH_M = 6_371_008.8  # mean radius, IUGG


def sight(unit: Unit, finding: Finding, *, kind: str, value: str, state: SightingState) -> list[Sighting]:
    """One sighting of (kind, value) for every report that carries the finding's photo.

    Again changes nothing but the state. The address is made when it is new. Its sums are right when the unit commits.
    """
    address = _address(unit, finding, kind=kind, value=value)
    sightings = [
        _sighting(unit, finding, address, carried, state=state)
        for carried in unit.session.scalars(
            select(ReportPhoto).where(ReportPhoto.photo_sha256 == finding.photo_sha256).order_by(ReportPhoto.report_id)
        )
    ]
    recount(unit, [address.id])
    return sightings


def unsight(unit: Unit, finding: Finding) -> None:
    """Mark every sighting of this finding rejected; the addresses' sums follow."""
    touched = set()
    for sighting in unit.session.scalars(select(Sighting).where(Sighting.finding_id == finding.id)):
        sighting.state = SightingState.REJECTED
        touched.add(sighting.address_id)
    recount(unit, sorted(touched))


def sight_report(unit: Unit, carried: ReportPhoto) -> list[Sighting]:
    """The sightings of a new report on a photo that was read before: what the newest reading and people made of it."""
    sightings = []
    for finding in findings_that_count(unit.session, carried.photo_sha256):
        kind, value = finding.decided_kind or finding.kind, finding.decided_value or finding.value
        decided = finding.review in (Review.CONFIRMED, Review.CORRECTED)
        state = SightingState.CONFIRMED if decided else SightingState.UNREVIEWED
        sightings += sight(unit, finding, kind=kind, value=value, state=state)
    return sightings


def findings_that_count(session: Session, photo_sha256: str) -> list[Finding]:
    """Findings of a photo that belong on the watchlist: accepted by the reader or settled by a person."""
    return list(
        session.scalars(
            select(Finding)
            .where(Finding.photo_sha256 == photo_sha256, Finding.review != Review.REJECTED)
            .where(Finding.accepted | Finding.review.in_([Review.CONFIRMED, Review.CORRECTED]))
            .order_by(Finding.created_at, Finding.position)
        )
    )


def recount(unit: Unit, addresses: Iterable[str]) -> None:
    """Sum the sightings that are not rejected up again; addresses are locked in id order, so nobody waits in a ring."""
    unit.session.flush()
    for address_id in sorted(addresses):
        address = unit.session.get(Address, address_id, with_for_update=True)
        if address is None:
            continue
        first, last, count, photos, best = unit.session.execute(
            select(
                func.min(Sighting.seen_at),
                func.max(Sighting.seen_at),
                func.count(),
                func.count(Sighting.photo_sha256.distinct()),
                func.max(Sighting.confidence),
            ).where(Sighting.address_id == address_id, Sighting.state != SightingState.REJECTED)
        ).one()
        address.sighting_count, address.photo_count, address.best_confidence = count, photos, best or 0.0
        if count:
            address.first_seen_at, address.last_seen_at = first, last
        _settle_status(unit.session, address, has_sightings=bool(count))
    unit.session.flush()


def _settle_status(session: Session, address: Address, *, has_sightings: bool) -> None:
    if not has_sightings:
        address.status = AddressStatus.REJECTED
        return
    is_confirmed = session.scalar(
        select(Sighting.id).where(Sighting.address_id == address.id, Sighting.state == SightingState.CONFIRMED).limit(1)
    )
    address.status = AddressStatus.CONFIRMED if is_confirmed else AddressStatus.NEW


def _address(unit: Unit, finding: Finding, *, kind: str, value: str) -> Address:
    """The address, made if need be: insert, catch, read the winner."""
    wanted = select(Address).where(Address.kind == kind, Address.value == value)
    known = unit.session.scalar(wanted)
    if known is not None:
        return known
    now = unit.clock.now()
    facts = finding.facts if (kind, value) == (finding.kind, finding.value) else {}
    address = Address(
        kind=kind,
        value=value,
        first_seen_at=now,
        last_seen_at=now,
        created_at=now,
        registrable=facts.get("registrable"),
        punycode=facts.get("punycode"),
    )
    try:
        with unit.session.begin_nested():
            unit.session.add(address)
    except IntegrityError:
        return unit.session.scalars(wanted).one()
    return address


def _sighting(
    unit: Unit, finding: Finding, address: Address, carried: ReportPhoto, *, state: SightingState
) -> Sighting:
    known = unit.session.scalar(
        select(Sighting).where(Sighting.report_id == carried.report_id, Sighting.finding_id == finding.id)
    )
    if known is not None:
        if known.address_id != address.id:
            left, known.address_id = known.address_id, address.id
            recount(unit, [left])
        if state != SightingState.UNREVIEWED or known.state == SightingState.REJECTED:
            known.state = state
        return known
    report = unit.session.get_one(Report, carried.report_id)
    sighting = Sighting(
        address_id=address.id,
        inscription_id=_inscription(unit, address, report, carried.photo_sha256).id,
        report_id=report.id,
        photo_sha256=carried.photo_sha256,
        finding_id=finding.id,
        lat=report.lat,
        lon=report.lon,
        cell=cell_of(report.lat, report.lon),
        seen_at=report.seen_at,
        confidence=finding.confidence,
        state=state,
    )
    unit.session.add(sighting)
    unit.session.flush()
    return sighting


def _inscription(unit: Unit, address: Address, report: Report, photo_sha256: str) -> Inscription:
    """The wall: the one this photo, or this address within `SAME_WALL_M`, was seen on; otherwise a new one."""
    degrees = SAME_WALL_M / 111_000
    wide = degrees / max(0.01, math.cos(math.radians(report.lat)))
    near = select(Sighting).where(
        Sighting.lat.between(report.lat - degrees, report.lat + degrees),
        Sighting.lon.between(report.lon - wide, report.lon + wide),
    )
    for query in (
        near.where(Sighting.photo_sha256 == photo_sha256),
        near.where(Sighting.address_id == address.id),
    ):
        for other in unit.session.scalars(query.limit(50)):
            if distance_m(other.lat, other.lon, report.lat, report.lon) <= SAME_WALL_M:
                return unit.session.get_one(Inscription, other.inscription_id)
    made = Inscription(lat=report.lat, lon=report.lon, created_at=unit.clock.now())
    unit.session.add(made)
    unit.session.flush()
    return made


def distance_m(lat_1: float, lon_1: float, lat_2: float, lon_2: float) -> float:
    """Metres along the earth between two places (haversine)."""
    a, b = math.radians(lat_1), math.radians(lat_2)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon_2 - lon_1) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(h)))
