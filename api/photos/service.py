"""Receiving photos: checked as far as is cheap, durable before anything refers to them, kept once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import IO

from sqlalchemy.exc import IntegrityError

from api.errors import PhotoRefused, Problem
from api.jobs.queue import workflow_id
from api.photos.blobs import BlobStore, BlobsUnavailable, BlobTooLarge
from api.readings.convert import MEDIA_TYPES
from api.unit import Unit
from models import Photo, PhotoState
from vision.errors import DecoderUnavailable, PhotoDamaged, PhotoError, PhotoTookTooLong
from vision.photo import PhotoLimits, format_of, photo_facts
from vision.types import PhotoFacts

PIECE_BYTES = 2**20


class PhotoStoreUnavailable(Problem):
    """Photos cannot be kept now."""

    status = 503

    def __init__(self) -> None:
        super().__init__("Photos cannot be kept at the moment: nothing of this was stored, send it again later.")


class PhotoChanged(Problem):
    """A file that was written to while it was taken in."""

    status = 409

    def __init__(self, photo: str | None) -> None:
        super().__init__(f"{photo or 'The photo'} changed while it was read: send it again when it is whole.")
        self.photo = photo


@dataclass(frozen=True, slots=True)
class Original:
    """A photo whose bytes were looked at, and are durable once they are kept.

    Attributes:
        facts: what the photo says of itself; None when it is damaged, which only the worker may say for sure.
    """

    sha256: str
    size_bytes: int
    media_type: str
    facts: PhotoFacts | None


def examine(file: IO[bytes], *, limit_bytes: int, name: str | None = None) -> Original:
    """What is in this file; nothing is kept yet, so that a report can be refused without leaving bytes behind.

    What is no photo, or breaks a limit that its header shows, is refused. What looks like a photo but is damaged is
    evidence.

    Args:
        file: read from its start, however large it is never further than the limit; rewound afterwards.
        limit_bytes: of the photo.
        name: the photo's name in the refusal.

    Raises:
        PhotoRefused: with vision's reason.
    """
    data = file.read(limit_bytes + 1)
    file.seek(0)
    try:
        facts = _facts(data, PhotoLimits(size_bytes=limit_bytes))
    except PhotoError as error:
        raise PhotoRefused(error, photo=name) from error
    return Original(hashlib.sha256(data).hexdigest(), len(data), MEDIA_TYPES[str(format_of(data))], facts)


def keep_bytes(
    blobs: BlobStore, file: IO[bytes], original: Original, *, limit_bytes: int, name: str | None = None
) -> None:
    """Make an examined photo's bytes durable; repeating it stores nothing twice.

    Call it before the transaction, which then need not wait for the disk.

    Raises:
        PhotoChanged: the file no longer holds what was examined.
        PhotoStoreUnavailable: the disk is full or the bucket does not answer.
    """
    try:
        stored = blobs.put(iter(lambda: file.read(PIECE_BYTES), b""), limit_bytes=limit_bytes)
    except BlobTooLarge as error:
        raise PhotoChanged(name) from error
    except BlobsUnavailable as error:
        raise PhotoStoreUnavailable from error
    if stored.sha256 != original.sha256:
        raise PhotoChanged(name)


def keep_photo(unit: Unit, original: Original) -> Photo:
    """The row of a received photo, owed a reading when it is new; the same photo again is the same row, read once.

    The caller writes the audit entry, because a photo only ever comes with a report.
    """
    photo = Photo(
        sha256=original.sha256,
        size_bytes=original.size_bytes,
        media_type=original.media_type,
        received_at=unit.clock.now(),
        state=PhotoState.OWED,
        want=1,
        failures=0,
        losses=0,
    )
    if original.facts:
        set_facts(photo, original.facts)
    try:
        with unit.session.begin_nested():
            unit.session.add(photo)
    except IntegrityError:
        return unit.session.get_one(Photo, original.sha256)
    unit.owed.append(workflow_id(photo.sha256, photo.want))
    return photo


def set_facts(photo: Photo, facts: PhotoFacts) -> None:
    """Write down what the photo says of itself."""
    photo.width, photo.height = facts.width, facts.height
    photo.exif_lat, photo.exif_lon = facts.lat, facts.lon
    photo.exif_taken_at = facts.taken_at.isoformat() if facts.taken_at else None
    photo.camera = facts.camera


def _facts(data: bytes, limits: PhotoLimits) -> PhotoFacts | None:
    try:
        return photo_facts(data, limits=limits)
    except (PhotoDamaged, PhotoTookTooLong, DecoderUnavailable):
        return None
