"""Looking at the writing of findings, once for each, and linking those that seem to be of one stencil or hand.

Only writing that meets in one of its numbers (`vision.fuse.hand.bands`) is compared, and no more of it than
`Bounds.compared`, however many findings there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from sqlalchemy import delete, select, union_all
from sqlalchemy.orm import Session

from api.photos.blobs import BlobMissing
from api.services import Services
from api.unit import Unit
from api.watchlist.turn import take_turn
from models import Finding, FindingHand, HandBand, HandLink, HandOwed
from vision.errors import PhotoError
from vision.frames import as_box
from vision.fuse.hand import (
    HAND_FROM,
    STENCIL_FROM,
    Hand,
    bands,
    hand_likeness,
    hand_of,
    packed,
    stencil_likeness,
    unpacked,
)
from vision.photo import PhotoLimits, open_photo


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a finding's writing is compared with.

    Attributes:
        of_one_band: findings that are looked up by one number.
        compared: findings that are compared with it.
        links: of each sort that a new finding gets, the most alike; older ones may get more as others come.
    """

    of_one_band: int = 64
    compared: int = 64
    links: int = 8


BOUNDS = Bounds()
log = structlog.get_logger()


def look_at_hands(services: Services, *, most: int) -> int:
    """Look at the writing of at most so many findings that are owed it; how many those were.

    What cannot be opened is settled with nothing: it will not be any clearer the next time.
    """
    with services.reading_unit() as unit:
        asked = select(Finding).join(HandOwed, HandOwed.finding_id == Finding.id).order_by(Finding.id).limit(most)
        owed = list(unit.session.scalars(asked))
    for finding in owed:
        hand = _seen(services, finding)
        with services.unit() as unit:
            keep(unit, finding.id, hand)
    return len(owed)


def keep(unit: Unit, finding_id: str, hand: Hand | None, *, bounds: Bounds = BOUNDS) -> None:
    """Keep the writing of a finding and link it to what it is like; the second time changes nothing."""
    session = unit.session
    take_turn(session)
    session.execute(delete(HandOwed).where(HandOwed.finding_id == finding_id))
    if session.get(FindingHand, finding_id) is not None:
        return
    session.add(
        FindingHand(finding_id=finding_id, made_at=unit.clock.now(), hand=packed(hand) if hand is not None else None)
    )
    session.flush()
    if hand is None:
        return
    codes = list(enumerate(bands(hand)))
    others = _met(session, finding_id, codes, bounds)
    session.add_all(HandBand(band=band, code=code, finding_id=finding_id) for band, code in codes)
    session.add_all(_links(finding_id, hand, others, bounds.links))
    session.flush()


def _seen(services: Services, finding: Finding) -> Hand | None:
    if finding.source != "ocr":
        return None
    try:
        data = services.blobs.get(finding.photo_sha256)
        photo = open_photo(data, limits=PhotoLimits(size_bytes=services.settings.limits.photo_bytes))
    except (BlobMissing, PhotoError) as error:
        log.warning("hand_not_seen", finding=finding.id, error=str(error))
        return None
    return hand_of(photo.pixels, as_box(photo.frame.forward(np.asarray(finding.box, np.float64).reshape(-1, 2))))


def _met(session: Session, finding_id: str, codes: Sequence[tuple[int, int]], bounds: Bounds) -> list[tuple[str, Hand]]:
    """Writing in other photos that has most numbers in common with these."""
    parts = [
        select(
            select(HandBand.finding_id)
            .where(HandBand.band == band, HandBand.code == code)
            .limit(bounds.of_one_band)
            .subquery()
        )
        for band, code in codes
    ]
    counts = Counter(session.scalars(union_all(*parts)))
    nearest = sorted(counts, key=lambda each: (-counts[each], each))[: bounds.compared]
    photo = select(Finding.photo_sha256).where(Finding.id == finding_id).scalar_subquery()
    asked = (
        select(FindingHand.finding_id, FindingHand.hand)
        .join(Finding, Finding.id == FindingHand.finding_id)
        .where(FindingHand.finding_id.in_(nearest), Finding.photo_sha256 != photo)
        .order_by(FindingHand.finding_id)
    )
    return [(each, unpacked(data)) for each, data in session.execute(asked) if data is not None]


def _links(finding_id: str, hand: Hand, others: Sequence[tuple[str, Hand]], most: int) -> list[HandLink]:
    made: list[HandLink] = []
    for alike, least, likeness in (
        ("stencil", STENCIL_FROM, stencil_likeness),
        ("hand", HAND_FROM, hand_likeness),
    ):
        found = [(likeness(hand, other), other_id) for other_id, other in others]
        for score, other_id in sorted((each for each in found if each[0] >= least), reverse=True)[:most]:
            for one, other in ((finding_id, other_id), (other_id, finding_id)):
                made.append(HandLink(finding_id=one, other_id=other, alike=alike, likeness=score))
    return made
