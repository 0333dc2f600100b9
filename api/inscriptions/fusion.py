"""Several photos of one inscription, and of one address elsewhere, added up over what each reading says.

It happens in the transaction that brings a reading or a decision, and in no job after it: what follows then exists
exactly when its cause does, nobody sees a queue that is out of date, and nothing is left to do after a crash. It costs
little, because it looks at the newest photos alone, at most `MOST_PHOTOS` of a wall. Again changes nothing.

Findings and sightings stay as they were: what is made of them is an overlay (`FusedFinding`). A finding that waits and
that the photos together read well enough goes on the watchlist like one that the reader accepted, and off it again when
they no longer do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from api.audit.service import record
from api.inscriptions.walls import place
from api.readings.convert import finding_from
from api.readings.repository import identity, newest_findings
from api.unit import Unit
from api.watchlist.queue import doubted, doubts_of, rank_again
from api.watchlist.service import sight, unsight
from api.watchlist.turn import take_turn
from models import (
    UNREAD,
    Finding,
    FusedFinding,
    InscriptionPhoto,
    OfferedValue,
    Photo,
    PhotoMatch,
    Review,
    SightingState,
)
from vision import types as seen
from vision.fuse import Fused, Match, Seen, framed, fuse
from vision.types import Kind

MOST_PHOTOS = 12
"""Of one wall, the newest ones: more say hardly more (n photos weigh as n ** 0.4), and each costs its time."""

MOST_ELSEWHERE = 12
MOST_VALUES = 24
MOST_OTHER_WALLS = 4
CERTAIN = 0.995
"""How sure a value is that a person settled: what others misread still says something of them."""

Key = tuple[str, str, str, str]
"""A finding among those that were put together: photo, kind, value, box."""


def add_up(unit: Unit, sha256: str) -> None:
    """Let what is read on a photo count for what waits on its wall, and for the same values waiting elsewhere."""
    take_turn(unit.session)
    row = place(unit, sha256)
    if row is None or row.inscription_id is None:
        return
    for inscription_id in (row.inscription_id, *_fuse_wall(unit, row.inscription_id, newest=sha256)):
        if inscription_id != row.inscription_id:
            _fuse_wall(unit, inscription_id)


def add_up_wall(unit: Unit, inscription_id: str) -> None:
    """The same for a whole wall whose photos have changed. Call it in your turn."""
    _fuse_wall(unit, inscription_id)


def _fuse_wall(unit: Unit, inscription_id: str, *, newest: str | None = None) -> list[str]:
    """Overlays of one wall's findings; other walls where one of its values waits for a person."""
    photos = _photos(unit.session, inscription_id, newest)
    rows = _findings(unit.session, photos)
    others = _elsewhere(unit.session, [row for several in rows.values() for row in several], photos)
    known: dict[Key, Finding] = {}
    shown = [*_of_wall(unit.session, inscription_id, photos, rows, known), *_of_others(others)]
    made: dict[str, Fused] = {}
    for fused in fuse(shown, threshold=unit.listed_from):
        if len(fused.seen_in) > 1:
            made |= {known[key].id: fused for key in map(_key, fused.read_as) if key in known}
    # The first photo first: what it shows is then news, and what the later ones show is not (`api.telling`).
    received = select(Photo.sha256).where(Photo.sha256.in_({row.photo_sha256 for row in known.values()}))
    order = {sha256: n for n, sha256 in enumerate(unit.session.scalars(received.order_by(Photo.received_at)))}
    for row in sorted(known.values(), key=lambda each: order[each.photo_sha256]):
        if row.review == Review.UNREVIEWED:
            _overlay(unit, row, made.get(row.id))
    waiting = [wall for row, wall in others if wall and row.review == Review.UNREVIEWED and wall != inscription_id]
    return list(dict.fromkeys(waiting))[:MOST_OTHER_WALLS]


def _photos(session: Session, inscription_id: str, newest: str | None) -> list[str]:
    asked = select(InscriptionPhoto.photo_sha256).where(InscriptionPhoto.inscription_id == inscription_id)
    order = InscriptionPhoto.seen_at.desc(), InscriptionPhoto.photo_sha256.desc()
    found = list(session.scalars(asked.order_by(*order).limit(MOST_PHOTOS)))
    return sorted({*found, *([newest] if newest else [])})


def _findings(session: Session, photos: Sequence[str]) -> dict[str, list[Finding]]:
    """What each photo's newest reading says, without what people rejected."""
    return {
        sha256: [row for row in several if row.kind != UNREAD and row.review != Review.REJECTED]
        for sha256, several in newest_findings(session, photos).items()
    }


def _elsewhere(session: Session, rows: Sequence[Finding], photos: Sequence[str]) -> list[tuple[Finding, str | None]]:
    """Findings of other walls' photos that read what is or may be read here, or may read it; each with its wall."""
    waiting = [row for row in rows if row.review == Review.UNREVIEWED]
    meant = [identity(row) for row in rows]
    offered = [(row.kind, each["value"]) for row in waiting if not row.accepted for each in row.alternatives]
    found: dict[tuple[str, str, str], tuple[Finding, str | None]] = {}
    for kind, value in list(dict.fromkeys([*meant, *offered]))[:MOST_VALUES]:
        as_read = (Finding.kind == kind) & (Finding.value == value) & (Finding.review != Review.REJECTED)
        wanted = [_there(as_read, photos)]
        if (kind, value) in meant:
            offers = select(OfferedValue.finding_id).where(OfferedValue.kind == kind, OfferedValue.value == value)
            wanted.append(_there(Finding.id.in_(offers) & (Finding.review == Review.UNREVIEWED), photos))
        for asked in wanted:
            for row, wall in session.execute(asked):
                found.setdefault((row.photo_sha256, row.kind, row.value), (row, wall))
    return list(found.values())


def _there(condition: ColumnElement[bool], photos: Sequence[str]) -> Any:
    """The newest findings of other photos, with the walls that they are on."""
    return (
        select(Finding, InscriptionPhoto.inscription_id)
        .join(InscriptionPhoto, InscriptionPhoto.photo_sha256 == Finding.photo_sha256)
        .where(condition, Finding.photo_sha256.not_in(photos))
        .order_by(Finding.created_at.desc(), Finding.id)
        .limit(MOST_ELSEWHERE)
    )


def _of_wall(
    session: Session,
    inscription_id: str,
    photos: Sequence[str],
    rows: Mapping[str, Sequence[Finding]],
    known: dict[Key, Finding],
) -> list[Seen]:
    """What each photo of the wall shows, in the wall's frame where the photos match; `known` learns the rows."""
    sizes = {row.sha256: (row.width or 0, row.height or 0) for row in session.scalars(_of(photos))}
    frames = _frames(session, photos)
    shown = []
    for sha256 in photos:
        if sha256 not in rows:
            continue
        findings = []
        for row in rows[sha256]:
            findings.append(_as_evidence(row))
            known.setdefault(_key((sha256, findings[-1])), row)
        width, height = sizes.get(sha256, (0, 0))
        shown.append(Seen(sha256, tuple(findings), (), width, height, inscription_id, frames.get(sha256)))
    return shown


def _of(photos: Sequence[str]) -> Any:
    return select(Photo).where(Photo.sha256.in_(photos))


def _of_others(found: Iterable[tuple[Finding, str | None]]) -> list[Seen]:
    """The same of photos elsewhere: one value each, without its place on the wall."""
    by_photo: dict[str, tuple[list[seen.Finding], str]] = {}
    for row, wall in found:
        several, _ = by_photo.setdefault(row.photo_sha256, ([], wall or ""))
        several.append(_as_evidence(row))
    return [Seen(sha256, tuple(several), inscription=wall) for sha256, (several, wall) in by_photo.items()]


def _frames(session: Session, photos: Sequence[str]) -> dict[str, Any]:
    """The homographies of a wall's matched photos to their common frame."""
    at = {sha256: number for number, sha256 in enumerate(photos)}
    asked = select(PhotoMatch).where(PhotoMatch.one_sha256.in_(photos), PhotoMatch.other_sha256.in_(photos))
    links = {
        (at[row.one_sha256], at[row.other_sha256]): Match(
            np.array(row.homography, np.float64).reshape(3, 3), row.inliers, row.score
        )
        for row in session.scalars(asked)
    }
    if not links:
        return {}
    placed = framed(len(photos), links)
    largest = max({wall for wall, _ in placed}, key=lambda one: (sum(wall == one for wall, _ in placed), -one))
    # Photos of one inscription that match in two groups have two frames: the larger one's places are used.
    return {sha256: placed[number][1] for sha256, number in at.items() if placed[number][0] == largest}


def _as_evidence(row: Finding) -> seen.Finding:
    """The finding as it was read; what a person settled is certain."""
    found = finding_from(row)
    if row.review in (Review.CONFIRMED, Review.CORRECTED) and row.decided_kind and row.decided_value:
        return replace(
            found,
            kind=Kind(row.decided_kind),
            value=row.decided_value,
            confidence=CERTAIN,
            accepted=True,
            alternatives=(),
            uncertain=(),
        )
    return found


def _key(read: tuple[str, seen.Finding]) -> Key:
    sha256, found = read
    return sha256, str(found.kind), found.value, repr([[float(x), float(y)] for x, y in found.box])


def _overlay(unit: Unit, row: Finding, fused: Fused | None) -> None:
    """Keep what the photos make of a finding, and let queue and watchlist follow."""
    before = unit.session.get(FusedFinding, row.id)
    values = _values(fused) if fused else {}
    if before is None and fused is None:
        return
    if before is not None and fused is not None:
        if all(getattr(before, name) == value for name, value in values.items()):
            return
        for name, value in values.items():
            setattr(before, name, value)
        before.fused_at = unit.clock.now()
    elif before is not None:
        unit.session.delete(before)
    else:
        unit.session.add(FusedFinding(finding_id=row.id, fused_at=unit.clock.now(), **values))
    doubts = doubts_of(fused.finding if fused else finding_from(row))
    unit.session.flush()
    unit.session.expire(row, ["fused"])
    _list(unit, row, fused)
    row.queue_rank = doubted(row.queue_rank, doubts)
    rank_again(unit.session, [row])


def _values(fused: Fused) -> dict[str, Any]:
    made = fused.finding
    return {
        "kind": str(made.kind),
        "value": made.value,
        "confidence": made.confidence,
        "accepted": made.accepted,
        "alternatives": [{"value": each.value, "confidence": each.confidence} for each in made.alternatives],
        "uncertain": [
            {
                "position": doubt.position,
                "char": doubt.char,
                "rivals": [{"char": char, "probability": share} for char, share in doubt.rivals],
            }
            for doubt in made.uncertain
        ],
        "supported_by": list(fused.supported_by),
        "seen_in": list(fused.seen_in),
    }


def _is_read_here(unit: Unit, row: Finding, fused: Fused) -> bool:
    """Whether a photo of the finding's own wall read the value by itself."""
    if row.photo_sha256 in fused.supported_by:
        return True
    mine = select(InscriptionPhoto.inscription_id).where(InscriptionPhoto.photo_sha256 == row.photo_sha256)
    asked = select(InscriptionPhoto.photo_sha256).where(
        InscriptionPhoto.inscription_id.in_(mine), InscriptionPhoto.photo_sha256.in_(fused.supported_by)
    )
    return unit.session.scalar(asked.limit(1)) is not None


def _list(unit: Unit, row: Finding, fused: Fused | None) -> None:
    """Put what waits on the watchlist when the photos together read it well enough, and take it off when they do not.

    What the reader accepted by itself stays listed as it read it. What is known of other walls alone lists nothing: a
    photo of this wall must have read the value by itself.
    """
    if row.accepted:
        return
    if fused is not None and fused.finding.accepted and _is_read_here(unit, row, fused):
        kind, value = str(fused.finding.kind), fused.finding.value
        is_news = not row.is_listed
        row.is_listed = True
        sight(unit, row, kind=kind, value=value, state=SightingState.UNREVIEWED)
        if is_news:
            record(unit, "finding.fused", row.id, read=[row.kind, row.value], meant=[kind, value],
                   photos=list(fused.seen_in))  # fmt: skip
    elif row.is_listed:
        row.is_listed = False
        unsight(unit, row)
        record(unit, "finding.unfused", row.id, read=[row.kind, row.value])
