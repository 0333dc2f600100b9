"""Files to an address: checked by their bytes, durable before a row names them, the same bytes once an address."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from api.attachments.kinds import ENDINGS, media_type_of
from api.audit.service import record
from api.errors import NotFound, Problem
from api.intake.text import clean_file_name
from api.near.aliases import group_of, must_stand_alone
from api.photos.blobs import BlobStore, BlobsUnavailable, BlobTooLarge
from api.unit import Unit
from api.watchlist.repository import address as address_of
from api.watchlist.turn import take_turn
from models import Attachment

PIECE_BYTES = 2**20


class AttachmentTooLarge(Problem):
    """A file over the limit."""

    status = 413

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(f"An attachment may be at most {limit_bytes / 2**20:g} MiB: send a smaller file.")
        self.limit_bytes = limit_bytes


class TooManyAttachments(Problem):
    """More files than an address may have."""

    status = 409

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"This address has its {limit} attachments already: put the rest into one document.")
        self.limit = limit


class AttachmentStoreUnavailable(Problem):
    """Files cannot be kept now."""

    status = 503

    def __init__(self) -> None:
        super().__init__("Files cannot be kept at the moment: nothing of this was stored, send it again later.")


@dataclass(frozen=True, slots=True)
class File:
    """A file that was looked at, and is durable once it is kept."""

    sha256: str
    size_bytes: int
    media_type: str
    name: str


def examine(file: IO[bytes], *, name: str, limit_bytes: int) -> File:
    """What the file is; nothing is kept yet. Rewound afterwards.

    Raises:
        AttachmentTooLarge, AttachmentEmpty, AttachmentTypeRefused, AttachmentRefused: each as its name says.
    """
    data = file.read(limit_bytes + 1)
    file.seek(0)
    if len(data) > limit_bytes:
        raise AttachmentTooLarge(limit_bytes=limit_bytes)
    media_type = media_type_of(data, limit_bytes=limit_bytes)
    ending = ENDINGS[media_type]
    return File(hashlib.sha256(data).hexdigest(), len(data), media_type, clean_file_name(name) or f"file.{ending}")


def keep_bytes(blobs: BlobStore, file: IO[bytes], *, limit_bytes: int) -> None:
    """Make an examined file durable; call it before the transaction. AttachmentStoreUnavailable, AttachmentTooLarge."""
    try:
        blobs.put(iter(lambda: file.read(PIECE_BYTES), b""), limit_bytes=limit_bytes)
    except BlobTooLarge as error:
        raise AttachmentTooLarge(limit_bytes=limit_bytes) from error
    except BlobsUnavailable as error:
        raise AttachmentStoreUnavailable from error


def attach(unit: Unit, address_id: str, file: File, *, most: int) -> Attachment:
    """The attachment; the same bytes again are the one that is there. NotFound, AddressMerged, TooManyAttachments."""
    take_turn(unit.session)
    address_of(unit, address_id)
    must_stand_alone(unit.session, address_id)
    known = select(Attachment).where(Attachment.address_id == address_id, Attachment.sha256 == file.sha256)
    if (before := unit.session.scalar(known)) is not None:
        return before
    count = unit.session.scalar(select(func.count()).where(Attachment.address_id == address_id)) or 0
    if count >= most:
        raise TooManyAttachments(limit=most)
    row = Attachment(
        address_id=address_id,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        media_type=file.media_type,
        file_name=file.name,
        added_by=unit.actor.account_id,
        added_at=unit.clock.now(),
    )
    try:
        with unit.session.begin_nested():
            unit.session.add(row)
    except IntegrityError:
        return unit.session.scalars(known).one()
    record(unit, "address.attach", address_id, attachment=row.id, sha256=row.sha256, size_bytes=row.size_bytes)
    return row


def attachments(unit: Unit, address_id: str) -> Sequence[Attachment]:
    """An address's files and those of what is merged into it, the oldest first. NotFound."""
    address_of(unit, address_id)
    query = select(Attachment).where(Attachment.address_id.in_(group_of(unit.session, address_id)))
    query = query.options(joinedload(Attachment.adder))
    return unit.session.scalars(query.order_by(Attachment.added_at, Attachment.id)).all()


def attachment(unit: Unit, address_id: str, attachment_id: str) -> Attachment:
    """One file of an address; NotFound."""
    row = unit.session.get(Attachment, attachment_id)
    if row is None or row.address_id not in group_of(unit.session, address_id):
        raise NotFound("attachment")
    return row
