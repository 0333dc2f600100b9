"""What a photo looks like beside those taken near it: computed once, outside of any transaction.

Its features are committed before it is compared (why: `walls.py`); every step may run twice.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.inscriptions.walls import alike, photo_row, taken_within
from api.intake.geo import distance_m
from api.services import Services
from api.settings import InscriptionSettings
from api.unit import Actor
from models import InscriptionPhoto, PhotoFeatures, PhotoMatch
from vision.errors import PhotoError
from vision.fuse import Features, Match, features_of_photo, match, packed, unpacked
from vision.fuse.match import WORKING_SIDE_PX
from vision.photo import PhotoLimits, open_photo

TRIES_A_WALL = 3
"""Photos of one wall that are tried until one matches."""

LARGEST_RADIUS_M = 300.0
"""However little a coordinate says of itself."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Near:
    """A photo that may show the same wall."""

    sha256: str
    wall: str
    away_m: float


def look_around(services: Services, actor: Actor, sha256: str, data: bytes) -> None:
    """Keep what a photo looks like, and which photos near it show the same wall. Again changes nothing.

    A photo whose picture cannot be looked at is told by its place alone: it is no reason not to read it.
    """
    with services.reading_unit(actor) as unit:
        known = unit.session.get(PhotoFeatures, sha256)
    features = _usable(known.data) if known else None
    if features is None:
        try:
            limits = PhotoLimits(size_bytes=services.settings.limits.photo_bytes)
            features = features_of_photo(open_photo(data, limits=limits, working_side_px=WORKING_SIDE_PX))
        except PhotoError as error:
            log.warning("picture_not_compared", photo=sha256, error=str(error))
            return
        _keep(services, actor, sha256, features)
    for other, how in compare(services, actor, sha256, features):
        with services.unit(actor) as unit:  # one each: rows of several photos are locked in the order of their digests
            _keep_match(unit.session, sha256, other, how)


def compare(services: Services, actor: Actor, sha256: str, features: Features) -> list[tuple[str, Match]]:
    """The photos near by that show the same wall, within the bounds of the settings; none that is known already."""
    settings = services.settings.inscriptions
    end = time.monotonic() + settings.compare_s
    with services.reading_unit(actor) as unit:
        row = unit.session.get(InscriptionPhoto, sha256)
        if row is None:
            return []
        known = {sha for one in alike(unit.session, [sha256]) for sha in (one.one_sha256, one.other_sha256)}
        near = nearby(unit.session, row, radius_m=settings.radius_m)
        chosen = [one for one in in_turn(near, settings) if one.sha256 not in known]
        wanted = select(PhotoFeatures).where(PhotoFeatures.photo_sha256.in_([one.sha256 for one in chosen]))
        kept = {each.photo_sha256: each.data for each in unit.session.scalars(wanted)}
    found: dict[str, tuple[str, Match]] = {}
    for one in chosen:
        other = _usable(kept[one.sha256]) if one.sha256 in kept else None
        if one.wall in found or other is None:
            continue
        if (how := match(features, other)) is not None:
            found[one.wall] = one.sha256, how
        if time.monotonic() > end:
            log.info("comparing_cut_short", photo=sha256, near=len(near))
            break
    return list(found.values())


def nearby(session: Session, row: InscriptionPhoto, *, radius_m: float) -> list[Near]:
    """Photos with features that may show the same wall by their places, the newest first.

    The radius grows to what either coordinate says of its own accuracy.
    """
    here = min(LARGEST_RADIUS_M, max(radius_m, row.accuracy_m or 0.0))
    found = [*taken_within(session, row, here), *taken_within(session, row, LARGEST_RADIUS_M, is_vague=True)]
    rows = {each.photo_sha256: each for each in found if each.features}
    near = []
    for each in sorted(rows.values(), key=lambda each: (each.seen_at, each.photo_sha256), reverse=True):
        away_m = distance_m(row.lat, row.lon, each.lat, each.lon)
        if away_m <= max(here, min(LARGEST_RADIUS_M, each.accuracy_m or 0.0)):
            near.append(Near(each.photo_sha256, each.inscription_id or each.photo_sha256, away_m))
    return near


def in_turn(near: Sequence[Near], settings: InscriptionSettings) -> list[Near]:
    """Those that are compared: the nearest walls first, of each its newest photo, then its next ones."""
    walls: dict[str, list[Near]] = {}
    for one in near:
        walls.setdefault(one.wall, []).append(one)
    order = sorted(walls.values(), key=lambda several: (min(one.away_m for one in several), several[0].sha256))
    rounds = ([several[number] for several in order if number < len(several)] for number in range(TRIES_A_WALL))
    return [one for each in rounds for one in each][: settings.compare_at_most]


def _keep(services: Services, actor: Actor, sha256: str, features: Features) -> None:
    with services.unit(actor) as unit:
        row = photo_row(unit, sha256)
        if row is None:
            return
        row.features = len(features.points)
        try:
            with unit.session.begin_nested():
                unit.session.add(PhotoFeatures(photo_sha256=sha256, data=packed(features)))
        except IntegrityError:  # another attempt was faster, or it was made by an older version
            unit.session.get_one(PhotoFeatures, sha256).data = packed(features)


def _keep_match(session: Session, sha256: str, other: str, how: Match) -> None:
    """One row for a pair, whichever of the two was compared with the other."""
    one, two, homography = sha256, other, how.homography
    if one > two:
        one, two, homography = two, one, np.asarray(np.linalg.inv(homography), np.float64)
    kept = [float(number) for number in (homography / homography[2, 2]).ravel()]
    try:
        with session.begin_nested():
            session.add(
                PhotoMatch(one_sha256=one, other_sha256=two, homography=kept, inliers=how.inliers, score=how.score)
            )
    except IntegrityError:
        return


def _usable(data: bytes) -> Features | None:
    try:
        return unpacked(data)
    except ValueError:
        return None
