"""Receiving photos: checked as far as is cheap, durable before anything refers to them, kept once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from api.errors import PhotoRefused, Problem
from api.jobs.queue import workflow_id
from api.photos.blobs import BlobStore, BlobsUnavailable
from api.readings.convert import MEDIA_TYPES
from api.unit import Unit
from models import Photo, PhotoState
from vision.errors import DecoderUnavailable, PhotoDamaged, PhotoError, PhotoTookTooLong, PhotoTooLarge
from vision.photo import PhotoLimits, format_of, photo_facts
from vision.types import PhotoFacts


class PhotoStoreUnavailable(Problem):
    """Photos cannot be kept now."""

    status = 503

    def __init__(self) -> None:
        super().__init__("Photos cannot be kept at the moment: nothing of this was stored, send it again later.")


@dataclass(frozen=True, slots=True)
class Original:
    """A photo whose bytes are durable in the blob store.

    Attributes:
        facts: what the photo says of itself; None when it is damaged, which only the worker may say for sure.
    """

    sha256: str
    size_bytes: int
    media_type: str
    facts: PhotoFacts | None


def receive(blobs: BlobStore, chunks: Iterable[bytes], *, limit_bytes: int, name: str | None = None) -> Original:
    """Check a photo and make its bytes durable; call it before the transaction, which then need not wait for the disk.

    What is no photo, or breaks a limit that its header shows, is refused and not kept. What looks like a photo but is
    damaged is kept as evidence. Repeating it stores nothing twice.

    Args:
        blobs: where to.
        chunks: the bytes in order, in pieces of any size.
        limit_bytes: of the photo.
        name: the photo's name in the refusal.

    Raises:
        PhotoRefused: with vision's reason.
        PhotoStoreUnavailable: the disk is full or the bucket does not answer.
    """
    try:
        data = _joined(chunks, limit_bytes)
        facts = _facts(data, PhotoLimits(size_bytes=limit_bytes))
    except PhotoError as error:
        raise PhotoRefused(error, photo=name) from error
    try:
        stored = blobs.put(iter([data]), limit_bytes=limit_bytes)
    except BlobsUnavailable as error:
        raise PhotoStoreUnavailable from error
    return Original(stored.sha256, stored.size_bytes, MEDIA_TYPES[str(format_of(data))], facts)


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


def _joined(chunks: Iterable[bytes], limit_bytes: int) -> bytes:
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > limit_bytes:
            raise PhotoTooLarge(f"A photo may be at most {limit_bytes / 2**20:g} MiB.")
    return bytes(data)


def _facts(data: bytes, limits: PhotoLimits) -> PhotoFacts | None:
    try:
        return photo_facts(data, limits=limits)
    except (PhotoDamaged, PhotoTookTooLong, DecoderUnavailable):
        return None
