"""Requests to block: what was asked of whom, and the papers as they were made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.base import Base, Sha256, new_id


class BlockRequest(Base):
    """One letter; never changed afterwards. `sent_at` is empty for one that was made and not marked as sent.

    `facts` is what else the letter says: grounds, signatory, the addresses as they stood.
    """

    __tablename__ = "block_requests"
    __table_args__ = (Index("ix_block_requests_made_at", "made_at", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    made_at: Mapped[datetime]
    made_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    language: Mapped[str] = mapped_column(String(2))
    recipient: Mapped[str] = mapped_column(String(200))
    reference: Mapped[str] = mapped_column(String(100))
    sent_at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any]]

    maker: Mapped[Account | None] = relationship()
    addresses: Mapped[list[BlockRequestAddress]] = relationship(order_by="BlockRequestAddress.position")
    files: Mapped[list[BlockRequestFile]] = relationship(order_by="BlockRequestFile.format")


class BlockRequestAddress(Base):
    """An address that a request is about; `position` counts from 1, as the letter does."""

    __tablename__ = "block_request_addresses"
    __table_args__ = (Index("ix_block_request_addresses_address_id", "address_id", "request_id"),)

    request_id: Mapped[str] = mapped_column(ForeignKey("block_requests.id"), primary_key=True)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    position: Mapped[int]


class BlockRequestFile(Base):
    """A letter as a file; its bytes are a blob under `sha256`."""

    __tablename__ = "block_request_files"
    __table_args__ = (
        CheckConstraint("format IN ('docx','pdf')", name="format"),
        Index("ix_block_request_files_sha256", "sha256"),
    )

    request_id: Mapped[str] = mapped_column(ForeignKey("block_requests.id"), primary_key=True)
    format: Mapped[str] = mapped_column(String(4), primary_key=True)
    sha256: Mapped[str] = mapped_column(Sha256)
    size_bytes: Mapped[int]
