"""Is everything there, and is it what it was: originals, audit log, seals, what refers to what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import BinaryIO

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from api.audit.seal import broken_seals
from api.audit.service import Break, Link, walk
from api.photos.blobs import BlobMissing, BlobsUnavailable
from api.services import Services
from models import Address, Attachment, BlockRequestFile, Photo, PhotoState, Reading, Sighting, SightingState

KEPT = (Photo, Attachment, BlockRequestFile)
"""Tables whose rows refer to bytes in the photo store."""
PAGE = 1000
LATE = timedelta(hours=1)
ORPHAN = "kept, but no report came of it: one is on its way, or it failed after its photos were kept"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is not as it should be.

    Attributes:
        code: a stable name of the kind of trouble.
        subject: what it is about: a photo's SHA-256, `audit:<number>`, an address's id.
        message: for a person.
        is_grave: evidence is lost or was changed; otherwise a note, which may be the trace of a crash.
    """

    code: str
    subject: str
    message: str
    is_grave: bool = True

    def __str__(self) -> str:
        return f"{'WRONG' if self.is_grave else 'note'}  {self.code}  {self.subject}  {self.message}"


def verify(services: Services) -> Iterator[Trouble]:
    """Everything that is wrong, as it is found; reads each original once. Nothing is changed.

    Transactions are short, so a service that runs meanwhile goes on.
    """
    yield from _originals(services)
    yield from _orphans(services)
    yield from (Trouble("audit_log_broken", f"audit:{each.seq}", each.reason) for each in log_breaks(services))
    yield from _rows(services)


def log_breaks(services: Services) -> Iterator[Break]:
    """Every place where the audit chain or a seal of it does not hold."""
    link = Link()
    while True:
        with services.reading_unit() as unit:
            found, last = walk(unit, link, limit=PAGE)
        yield from found
        if last == link:
            break
        link = last
    yield from broken_seals(services)


def _originals(services: Services) -> Iterator[Trouble]:
    """Photos, what people attached, and letters: everything that a row refers to."""
    for table in KEPT:
        column, size = table.sha256, table.size_bytes
        after = ""
        while True:
            with services.reading_unit() as unit:
                query = select(column, size).where(column > after).distinct().order_by(column).limit(PAGE)
                page = unit.session.execute(query).all()
            if not page:
                break
            for sha256, size_bytes in page:
                yield from _original(services, sha256, size_bytes)
            after = page[-1][0]


def _original(services: Services, sha256: str, size_bytes: int) -> Iterator[Trouble]:
    try:
        with services.blobs.open(sha256) as file:
            digest, size = _hashed(file)
    except BlobMissing:
        yield Trouble("original_missing", sha256, "the photo store does not have these bytes: bring back a backup")
    except (BlobsUnavailable, OSError) as error:
        yield Trouble("original_unavailable", sha256, str(error))
    else:
        if digest != sha256:
            yield Trouble("original_changed", sha256, "the bytes are not the ones received: bring back a backup")
        elif size != size_bytes:
            yield Trouble("size_wrong", sha256, f"{size} bytes are kept, {size_bytes} are noted")


def _hashed(file: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(2**20):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def _orphans(services: Services) -> Iterator[Trouble]:
    """Originals that no photo, attachment or letter refers to: theirs is on its way, or failed after they were kept."""
    names = services.blobs.each()
    while page := list(islice(names, PAGE)):
        with services.reading_unit() as unit:
            known = {name for kept in KEPT for name in unit.session.scalars(_those_of(kept.sha256, page))}
        for name in page:
            if name not in known:
                yield Trouble("orphan", name, ORPHAN, is_grave=False)


def _those_of(column: InstrumentedAttribute[str], page: list[str]) -> Select[str]:
    return select(column).where(column.in_(page))


def _rows(services: Services) -> Iterator[Trouble]:
    with services.reading_unit() as unit:
        session = unit.session
        unread = session.scalars(
            select(Photo.sha256).where(
                Photo.state == PhotoState.READ, ~exists().where(Reading.photo_sha256 == Photo.sha256)
            )
        ).all()
        late = session.scalars(
            select(Photo.sha256).where(Photo.state == PhotoState.OWED, Photo.received_at < unit.clock.now() - LATE)
        ).all()
        miscounted = session.scalars(select(Address.id).where(Address.sighting_count != _counted())).all()
    for sha256 in unread:
        yield Trouble("reading_missing", sha256, "is said to be read, and there is no reading")
    for sha256 in late:
        yield Trouble("reading_late", sha256, "has waited for its reading for an hour: is a worker up?", is_grave=False)
    for address in miscounted:
        yield Trouble("sightings_miscounted", address, "its number of sightings is not what its sightings add up to")


def _counted() -> ColumnElement[int]:
    """How many sightings of an address are not rejected."""
    return (
        select(func.count())
        .where(Sighting.address_id == Address.id, Sighting.state != SightingState.REJECTED)
        .scalar_subquery()
    )
