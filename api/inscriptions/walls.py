"""Which inscription a photo shows: what it looks like first, then place and address, else a new one.

Decided once for a photo, when it is read; reading it again, or a report that carries it again, changes nothing. It is
decided in the watchlist's turn, after the photo was compared with those nearby (`pictures.py`), and two photos of one
wall that are read at once cannot miss each other: each commits its features before it compares, so the later of the
two sees the earlier, and it commits what it saw before it takes the turn. Whoever has the turn first makes the
inscription, the other one finds the match and joins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, or_, select, union_all
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.inscriptions.history import family, happened, settle
from api.intake.geo import distance_m
from api.readings.repository import identity
from api.unit import Unit
from models import (
    Finding,
    Inscription,
    InscriptionApart,
    InscriptionPhoto,
    Joined,
    PhotoMatch,
    Report,
    ReportPhoto,
    Review,
    Sighting,
)
from models.cells import cell_of, cover
from models.readings import UNREAD

BARE_WALL_M = 25.0
BARE_WALL = timedelta(days=30)
"""On a wall that no picture can tell from another: so near, and within so long, the same address is the same paint."""

BARE_FEATURES = 400
"""A photo with fewer features may fail to match its own wall: every drawn pair that did had one (docs/inscriptions.md).

Two photos that both have more and do not match show two walls, whatever is written on them.
"""

MOST_NEAR = 400
METRES_A_DEGREE = 111_000


def photo_row(unit: Unit, sha256: str) -> InscriptionPhoto | None:
    """Where and when a photo was taken, made from its reports if need be; None for one that no report carries."""
    known = unit.session.get(InscriptionPhoto, sha256, populate_existing=True)
    if known is not None:
        return known
    reports = unit.session.scalars(
        select(Report)
        .join(ReportPhoto, ReportPhoto.report_id == Report.id)
        .where(ReportPhoto.photo_sha256 == sha256)
        .order_by(Report.received_at, Report.id)
    ).all()
    if not reports:
        return None
    first = reports[0]
    row = InscriptionPhoto(
        photo_sha256=sha256,
        lat=first.lat,
        lon=first.lon,
        cell=cell_of(first.lat, first.lon),
        accuracy_m=first.accuracy_m,
        seen_at=min(report.seen_at for report in reports),
    )
    try:
        with unit.session.begin_nested():
            unit.session.add(row)
    except IntegrityError:
        return unit.session.get_one(InscriptionPhoto, sha256)
    return row


def wall_of(unit: Unit, sha256: str, report: Report) -> Inscription:
    """The inscription that a photo of a report shows; decided now if it was not. Call it in your turn."""
    row = photo_row(unit, sha256)
    if row is None:
        raise AssertionError(f"report {report.id} does not carry photo {sha256}")
    if row.inscription_id is None:
        return _decide(unit, row)
    inscription = unit.session.get_one(Inscription, row.inscription_id)
    if report.seen_at < row.seen_at:
        row.seen_at = report.seen_at
        sum_up(unit, inscription)
    return inscription


def place(unit: Unit, sha256: str) -> InscriptionPhoto | None:
    """Let a photo that was read belong to its inscription. Call it in your turn.

    One on which nothing was read joins what it looks like, and makes no inscription of its own.
    """
    row = photo_row(unit, sha256)
    if row is not None and row.inscription_id is None:
        found = select(Finding.id).where(Finding.photo_sha256 == sha256, Finding.review != Review.REJECTED).limit(1)
        if unit.session.scalar(found) is not None or alike(unit.session, [sha256]):
            _decide(unit, row)
    return row


def sum_up(unit: Unit, inscription: Inscription) -> None:
    """Count an inscription's photos anew, with the first and the last of them."""
    unit.session.flush()
    seen = InscriptionPhoto.seen_at
    asked = select(func.count(), func.min(seen), func.max(seen))
    row = unit.session.execute(asked.where(InscriptionPhoto.inscription_id == inscription.id)).one()
    inscription.photo_count, inscription.first_seen_at, inscription.last_seen_at = row
    unit.session.flush()


def join(
    unit: Unit, row: InscriptionPhoto, inscription: Inscription, how: Joined, *, alike_sha256: str | None = None
) -> None:
    """Put a photo to an inscription."""
    row.inscription_id, row.how, row.alike_sha256 = inscription.id, how, alike_sha256
    inscription.version += 1
    sum_up(unit, inscription)


def pour(unit: Unit, source: Inscription, into: Inscription, *, by_person: bool = False) -> list[str]:
    """Take every photo and sighting of one inscription to another; the photos. The emptied one says where they went.

    Neither is settled yet: call `settle` for what remains once all is in its place.
    """
    moved = unit.session.scalars(select(InscriptionPhoto).where(InscriptionPhoto.inscription_id == source.id)).all()
    for row in moved:
        row.inscription_id, row.before_id = into.id, source.id
        if by_person:
            row.is_by_person, row.how = True, Joined.PERSON
    for sighting in unit.session.scalars(select(Sighting).where(Sighting.inscription_id == source.id)):
        sighting.inscription_id = into.id
    source.merged_into_id, source.version = into.id, source.version + 1
    into.version += 1
    for each in (source, into):
        sum_up(unit, each)
    return sorted(row.photo_sha256 for row in moved)


def alike(session: Session, photos: Sequence[str]) -> list[PhotoMatch]:
    """The matches of these photos with any others, the surest first."""
    either = or_(PhotoMatch.one_sha256.in_(photos), PhotoMatch.other_sha256.in_(photos))
    order = PhotoMatch.inliers.desc(), PhotoMatch.one_sha256, PhotoMatch.other_sha256
    return list(session.scalars(select(PhotoMatch).where(either).order_by(*order)))


def are_apart(session: Session, one: str, other: str) -> bool:
    """Whether a person separated two inscriptions, or some that were merged into them."""
    ones, others = family(session, one), family(session, other)
    pair = InscriptionApart.one_id, InscriptionApart.other_id
    asked = select(InscriptionApart.one_id).where(
        or_(
            pair[0].in_(ones) & pair[1].in_(others),
            pair[0].in_(others) & pair[1].in_(ones),
        )
    )
    return session.scalar(asked.limit(1)) is not None


def _decide(unit: Unit, row: InscriptionPhoto) -> Inscription:
    looks = _by_picture(unit.session, row.photo_sha256)
    if looks:
        found, peer = looks[0]
        join(unit, row, found, Joined.PICTURE, alike_sha256=peer)
        for other, _ in looks[1:]:
            found = _same_after_all(unit, found, other)
        return found
    if (there := _by_place(unit.session, row)) is not None:
        join(unit, row, there[0], Joined.PLACE, alike_sha256=there[1])
        return there[0]
    made = Inscription(
        lat=row.lat, lon=row.lon, cell=row.cell, created_at=unit.clock.now(), photo_count=0, version=0, state="open"
    )
    unit.session.add(made)
    unit.session.flush()
    join(unit, row, made, Joined.FIRST)
    return made


def _by_picture(session: Session, sha256: str) -> list[tuple[Inscription, str]]:
    """Inscriptions whose photos look like this one, each with the photo that does most; the surest first."""
    peers = [one.other_sha256 if one.one_sha256 == sha256 else one.one_sha256 for one in alike(session, [sha256])]
    found: dict[str, tuple[Inscription, str]] = {}
    for peer in peers:
        row = session.get(InscriptionPhoto, peer, populate_existing=True)
        if row is not None and row.inscription_id is not None and row.inscription_id not in found:
            found[row.inscription_id] = session.get_one(Inscription, row.inscription_id), peer
    return list(found.values())


def _same_after_all(unit: Unit, one: Inscription, other: Inscription) -> Inscription:
    """Two inscriptions that one photo shows put together, unless a person separated them; the one that remains."""
    if are_apart(unit.session, one.id, other.id):
        return one
    older, younger = sorted((one, other), key=lambda each: (each.created_at, each.id))
    photos = pour(unit, younger, older)
    happened(unit, older.id, "merged", other=younger.id, photos=len(photos))
    settle(unit, older)
    return older


def _by_place(session: Session, row: InscriptionPhoto) -> tuple[Inscription, str] | None:
    """The inscription near by that shows an address which this photo shows, and on which photo; None if none.

    Where the wall was painted over meanwhile, however long ago, the same address has come back.
    """
    peers = [peer for peer in taken_within(session, row, BARE_WALL_M) if peer.inscription_id is not None]
    read = _read(session, [row.photo_sha256, *(peer.photo_sha256 for peer in peers)])
    here = read.get(row.photo_sha256, set())
    for peer in peers:
        if not here & read.get(peer.photo_sha256, set()):
            continue
        inscription = session.get_one(Inscription, str(peer.inscription_id))
        painted = inscription.painted_at
        if painted is not None and row.seen_at > painted:
            return inscription, peer.photo_sha256
        can_tell = min(row.features or 0, peer.features or 0) >= BARE_FEATURES
        if abs(peer.seen_at - row.seen_at) <= BARE_WALL and not can_tell:
            return inscription, peer.photo_sha256
    return None


def taken_within(
    session: Session, row: InscriptionPhoto, radius_m: float, *, is_vague: bool = False
) -> list[InscriptionPhoto]:
    """Other photos taken so near, the newest first, `MOST_NEAR` at most; with `is_vague` those with an accuracy."""
    high = radius_m / METRES_A_DEGREE
    wide = high / max(0.01, math.cos(math.radians(row.lat)))
    south, north, west, east = row.lat - high, row.lat + high, row.lon - wide, row.lon + wide
    photo = InscriptionPhoto
    parts = []
    for first, last in cover(max(-90.0, south), max(-180.0, west), min(90.0, north), min(180.0, east)):
        part = select(photo.photo_sha256, photo.seen_at).where(
            photo.cell.between(first, last), photo.lat.between(south, north), photo.lon.between(west, east)
        )
        parts.append(part.where(photo.accuracy_m > 0) if is_vague else part)
    near = union_all(*parts).subquery()
    newest = select(near.c.photo_sha256).order_by(near.c.seen_at.desc(), near.c.photo_sha256.desc())
    chosen = session.scalars(newest.limit(MOST_NEAR)).all()
    rows = session.scalars(select(photo).where(photo.photo_sha256.in_(chosen))).all()
    return [
        each
        for each in sorted(rows, key=lambda each: (each.seen_at, each.photo_sha256), reverse=True)
        if each.photo_sha256 != row.photo_sha256 and distance_m(each.lat, each.lon, row.lat, row.lon) <= radius_m
    ]


def _read(session: Session, photos: Sequence[str]) -> dict[str, set[tuple[str, str]]]:
    """What is read on each photo, or what people made of it; without what they rejected."""
    asked = select(Finding).where(
        Finding.photo_sha256.in_(photos), Finding.review != Review.REJECTED, Finding.kind != UNREAD
    )
    found: dict[str, set[tuple[str, str]]] = {}
    for finding in session.scalars(asked):
        found.setdefault(finding.photo_sha256, set()).add(identity(finding))
    return found
