"""What people do with inscriptions: merge two, split photos off, mark one as painted over, take a mark back.

Merging is undone by splitting the photos off again, which gives the inscription that they came from back; splitting is
undone by merging. What a person separated no program puts together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from api.audit.service import record
from api.errors import NotFound, Problem
from api.inscriptions.fusion import add_up_wall
from api.inscriptions.history import PAINTED, family, happened, marks, settle
from api.inscriptions.walls import pour, sum_up
from api.intake.text import clean_note
from api.unit import Unit
from api.watchlist.turn import take_turn
from models import Inscription, InscriptionApart, InscriptionPhoto, Joined, Sighting

CLOCKS_DIFFER = timedelta(minutes=10)


class InscriptionChanged(Problem):
    """Somebody, or a new photo, changed it meanwhile."""

    status = 409

    def __init__(self, row: Inscription) -> None:
        super().__init__("This inscription has changed since you loaded it: look again before you change it.")
        self.inscription_id, self.version = row.id, row.version


class InscriptionMerged(Problem):
    """One whose photos belong to another one by now."""

    status = 409

    def __init__(self, row: Inscription) -> None:
        super().__init__(f"This inscription was merged into {row.merged_into_id}: change that one.")
        self.merged_into = row.merged_into_id


class MergeWithItself(Problem):
    """Twice the same inscription."""

    status = 422

    def __init__(self) -> None:
        super().__init__("An inscription cannot be merged with itself: name another one.")


class PhotosElsewhere(Problem):
    """Photos that the inscription does not have."""

    status = 422

    def __init__(self, photos: Sequence[str]) -> None:
        super().__init__(f"{len(photos)} of these photos are not on this inscription: load its photos again.")
        self.photos = list(photos)


class SplitLeavesNothing(Problem):
    """All photos at once."""

    status = 422

    def __init__(self) -> None:
        super().__init__("At least one photo must stay on the inscription: split the others off.")


class ReasonEmpty(Problem):
    """A reason of which nothing is left that can be read."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Say why: the reason holds nothing that can be read.")


class PaintedInTheFuture(Problem):
    """Paint that somebody will bring some day."""

    status = 422

    def __init__(self) -> None:
        super().__init__("painted_at lies in the future: mark it when it is painted over.")


class PaintedBeforeSeen(Problem):
    """Paint from before there was anything to paint over."""

    status = 422

    def __init__(self, first_seen_at: datetime) -> None:
        super().__init__(f"The inscription was first seen {first_seen_at:%Y-%m-%d %H:%M} UTC: give a time after that.")
        self.first_seen_at = first_seen_at.isoformat()


class PaintedAlready(Problem):
    """A second coat on a wall where nobody has seen new writing."""

    status = 409

    def __init__(self, painted_at: datetime) -> None:
        super().__init__(
            f"It is marked as painted over on {painted_at:%Y-%m-%d} already: take that mark back if it is wrong."
        )
        self.painted_at = painted_at.isoformat()


class NothingPainted(Problem):
    """No mark that could be taken back."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This inscription has no mark of being painted over, or it was taken back already.")


def merge(
    unit: Unit, inscription_id: str, *, version: int, other_id: str, other_version: int, reason: str
) -> Inscription:
    """Both are one: the other's photos and sightings come here.

    Raises:
        NotFound, InscriptionChanged, InscriptionMerged, MergeWithItself, ReasonEmpty: each as its name says; nothing
            was changed.
    """
    why = _said(reason)
    if inscription_id == other_id:
        raise MergeWithItself
    row = _changing(unit, inscription_id, version)
    other = _changing(unit, other_id, other_version)
    ones, others = family(unit.session, row.id), family(unit.session, other.id)
    for first, second in ((ones, others), (others, ones)):
        pairs = InscriptionApart.one_id.in_(first), InscriptionApart.other_id.in_(second)
        unit.session.execute(delete(InscriptionApart).where(*pairs))
    photos = pour(unit, other, row, by_person=True)
    happened(unit, row.id, "merged", reason=why, other=other.id, photos=len(photos))
    settle(unit, row)
    add_up_wall(unit, row.id)
    record(unit, "inscription.merge", row.id, other=other.id, photos=photos, reason=why)
    return row


def split(unit: Unit, inscription_id: str, *, version: int, photos: Sequence[str], reason: str) -> Inscription:
    """These photos show something else: the inscription that they are of now.

    It is the one that they came from, where they are exactly what a merge brought here; else a new one.

    Raises:
        NotFound, InscriptionChanged, InscriptionMerged, PhotosElsewhere, SplitLeavesNothing, ReasonEmpty: each as its
            name says; nothing was changed.
    """
    why = _said(reason)
    row = _changing(unit, inscription_id, version)
    here = unit.session.scalars(select(InscriptionPhoto).where(InscriptionPhoto.inscription_id == row.id)).all()
    off = [photo for photo in here if photo.photo_sha256 in set(photos)]
    if missing := sorted(set(photos) - {photo.photo_sha256 for photo in off}):
        raise PhotosElsewhere(missing)
    if len(off) == len(here):
        raise SplitLeavesNothing
    made = _came_from(unit, row, here, off) or _new_at(unit, off)
    _move(unit, row, made, off)
    one, other = sorted((row.id, made.id))
    if unit.session.get(InscriptionApart, (one, other)) is None:
        unit.session.add(InscriptionApart(one_id=one, other_id=other))
    names = sorted(photo.photo_sha256 for photo in off)
    happened(unit, row.id, "split", reason=why, other=made.id, photos=len(names))
    happened(unit, made.id, "split_from", reason=why, other=row.id, photos=len(names))
    for each in (row, made):
        settle(unit, each)
        add_up_wall(unit, each.id)
    record(unit, "inscription.split", row.id, other=made.id, photos=names, reason=why)
    return made


def paint(unit: Unit, inscription_id: str, *, version: int, painted_at: datetime, reason: str) -> Inscription:
    """It was painted over; a sighting on a photo from later is a re-appearance, also one that is here already.

    Raises:
        NotFound, InscriptionChanged, InscriptionMerged, PaintedInTheFuture, PaintedBeforeSeen, PaintedAlready,
            ReasonEmpty: each as its name says; nothing was changed.
    """
    why = _said(reason)
    row = _changing(unit, inscription_id, version)
    if painted_at > unit.clock.now() + CLOCKS_DIFFER:
        raise PaintedInTheFuture
    if row.first_seen_at is not None and painted_at < row.first_seen_at:
        raise PaintedBeforeSeen(row.first_seen_at)
    if row.painted_at is not None and (row.state == PAINTED or painted_at <= row.painted_at):
        raise PaintedAlready(row.painted_at)
    happened(unit, row.id, PAINTED, at=painted_at, reason=why)
    row.version += 1
    settle(unit, row)
    record(unit, "inscription.painted", row.id, painted_at=painted_at.isoformat(), reason=why)
    return row


def unpaint(unit: Unit, inscription_id: str, *, version: int, reason: str) -> Inscription:
    """Take the last mark back: what held before it holds again, and a re-appearance that it led to is withdrawn.

    Raises:
        NotFound, InscriptionChanged, InscriptionMerged, NothingPainted, ReasonEmpty: each as its name says.
    """
    why = _said(reason)
    row = _changing(unit, inscription_id, version)
    if not (painted := marks(unit.session, row.id)):
        raise NothingPainted
    painted[-1].undone_at, painted[-1].undone_by = unit.clock.now(), unit.actor.account_id
    row.version += 1
    happened(unit, row.id, "unpainted", reason=why, painted_at=painted[-1].happened_at.isoformat())
    settle(unit, row)
    record(unit, "inscription.unpainted", row.id, painted_at=painted[-1].happened_at.isoformat(), reason=why)
    return row


def _said(reason: str) -> str:
    why = clean_note(reason)
    if not why:
        raise ReasonEmpty
    return why


def _changing(unit: Unit, inscription_id: str, version: int) -> Inscription:
    take_turn(unit.session)
    row = unit.session.get(Inscription, inscription_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("inscription")
    if row.merged_into_id is not None:
        raise InscriptionMerged(row)
    if row.version != version:
        raise InscriptionChanged(row)
    return row


def _came_from(
    unit: Unit, row: Inscription, here: Sequence[InscriptionPhoto], off: Sequence[InscriptionPhoto]
) -> Inscription | None:
    """The merged inscription whose photos are exactly those that go, alive again; None if there is none."""
    origins = {photo.before_id for photo in off}
    origin = origins.pop() if len(origins) == 1 else None
    if origin is None or {photo.photo_sha256 for photo in here if photo.before_id == origin} != {
        photo.photo_sha256 for photo in off
    }:
        return None
    found = unit.session.get(Inscription, origin)
    if found is None or found.merged_into_id != row.id:
        return None
    found.merged_into_id = None
    return found


def _new_at(unit: Unit, off: Sequence[InscriptionPhoto]) -> Inscription:
    first = min(off, key=lambda photo: (photo.seen_at, photo.photo_sha256))
    made = Inscription(
        lat=first.lat, lon=first.lon, cell=first.cell, created_at=unit.clock.now(), version=0, state="open"
    )
    unit.session.add(made)
    unit.session.flush()
    return made


def _move(unit: Unit, row: Inscription, made: Inscription, off: Sequence[InscriptionPhoto]) -> None:
    names = [photo.photo_sha256 for photo in off]
    for photo in off:
        photo.inscription_id, photo.before_id = made.id, None
        photo.is_by_person, photo.how = True, Joined.PERSON
    seen = select(Sighting).where(Sighting.photo_sha256.in_(names), Sighting.inscription_id == row.id)
    for sighting in unit.session.scalars(seen):
        sighting.inscription_id = made.id
    row.version, made.version = row.version + 1, made.version + 1
    for each in (row, made):
        sum_up(unit, each)
