"""What the routes of requests to block take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from models import BlockRequest

Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=4000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AddressIn(_Body):
    """An address of the letter; `version` is needed where the letter is marked as sent."""

    id: Annotated[str, Field(min_length=1, max_length=32)]
    version: Annotated[int | None, Field(ge=1)] = None


class FileIn(_Body):
    """Something that goes along with the letter, such as an evidence pack."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SentIn(_Body):
    """The letter is on its way: the addresses make the step to `sent`."""

    sent_at: datetime
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class RequestIn(_Body):
    """A letter; what is left empty is printed as a marked field for a person to fill in."""

    addresses: Annotated[list[AddressIn], Field(min_length=1, max_length=100)]
    language: Literal["ru", "kk"] = "ru"
    recipient: Annotated[str, Field(min_length=1, max_length=200)]
    reference: Annotated[str, Field(min_length=1, max_length=100)]
    legal_basis: Text = ""
    grounds: Text = ""
    signatory_position: Line = ""
    signatory_name: Line = ""
    contact: Line = ""
    attachments: Annotated[list[FileIn], Field(max_length=100)] = []
    photos_per_address: Annotated[
        int, Field(ge=0, le=10, description="of each address's newest photos, listed with their hashes")
    ] = 1
    sent: SentIn | None = None


class FileOut(BaseModel):
    """The letter in one format."""

    format: str
    sha256: str
    size_bytes: int
    link: str


class RequestOut(BaseModel):
    """A letter that was made; `sent_at` is empty for one that was not marked as sent."""

    id: str
    made_at: datetime
    made_by: str | None
    language: str
    recipient: str
    reference: str
    sent_at: datetime | None
    addresses: list[str]
    files: list[FileOut]


class RequestPageOut(BaseModel):
    """One page, the newest first; `next` goes into `cursor`."""

    requests: list[RequestOut]
    next: str | None


def request_out(row: BlockRequest) -> RequestOut:
    """A letter as it is shown."""
    return RequestOut(
        id=row.id,
        made_at=row.made_at,
        made_by=row.maker.name if row.maker else None,
        language=row.language,
        recipient=row.recipient,
        reference=row.reference,
        sent_at=row.sent_at,
        addresses=[each.address_id for each in row.addresses],
        files=[
            FileOut(
                format=each.format,
                sha256=each.sha256,
                size_bytes=each.size_bytes,
                link=f"/v1/requests/{row.id}/{each.format}",
            )
            for each in row.files
        ],
    )
