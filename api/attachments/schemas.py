"""What the routes of attachments give."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from models import Attachment


class AttachmentOut(BaseModel):
    """A file to an address; its bytes are a download, never shown in place."""

    id: str
    file_name: str
    media_type: str
    size_bytes: int
    sha256: str
    at: datetime
    by: str | None
    link: str


class AttachmentsOut(BaseModel):
    """All files of an address, the oldest first."""

    attachments: list[AttachmentOut]


def attachment_out(row: Attachment) -> AttachmentOut:
    """A file as it is shown."""
    return AttachmentOut(
        id=row.id,
        file_name=row.file_name,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        at=row.added_at,
        by=row.adder.name if row.adder else None,
        link=f"/v1/watchlist/{row.address_id}/attachments/{row.id}",
    )
