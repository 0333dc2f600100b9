"""What was done about an address: its steps, what people wrote and attached, and the notices that follow from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.audit import Counter
from models.base import Base, Sha256, new_id


class AddressStep(Base):
    """One change of an address's status: who, when, why. Never changed afterwards.

    `number` counts the steps of the address from 1. Without `made_by` the program made it, because of a sighting or a
    decision about one. `recipient`, `sent_at` and `reference` are of steps to "sent".
    """

    __tablename__ = "address_steps"

    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    made_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    is_automatic: Mapped[bool] = mapped_column(default=False)
    from_status: Mapped[str] = mapped_column(String(12))
    to_status: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text)
    recipient: Mapped[str | None] = mapped_column(String(200))
    sent_at: Mapped[datetime | None]
    reference: Mapped[str | None] = mapped_column(String(100))
    sighting_id: Mapped[str | None] = mapped_column(ForeignKey("sightings.id"))

    maker: Mapped[Account | None] = relationship()


class AddressTag(Base):
    """A word that people gather addresses under."""

    __tablename__ = "address_tags"
    __table_args__ = (Index("ix_address_tags_tag", "tag", "address_id"),)

    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(64), primary_key=True)


class AddressNote(Base):
    """What somebody wrote about an address; never changed afterwards."""

    __tablename__ = "address_notes"
    __table_args__ = (Index("ix_address_notes_address_id_written_at", "address_id", "written_at", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"))
    written_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    written_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)

    writer: Mapped[Account | None] = relationship()


class Attachment(Base):
    """A file that somebody put to an address; its bytes are a blob under `sha256`, the same bytes once an address."""

    __tablename__ = "attachments"
    __table_args__ = (UniqueConstraint("address_id", "sha256"), Index("ix_attachments_sha256", "sha256"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"))
    sha256: Mapped[str] = mapped_column(Sha256)
    size_bytes: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(String(255))
    added_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    added_at: Mapped[datetime]

    adder: Mapped[Account | None] = relationship()


class Notice(Base):
    """Something that investigators should hear of at once.

    `seq` is the number of the audit entry that says the same: numbers rise in the order of commits, so whoever has
    read up to one misses nothing by asking for what lies behind it.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_kind_seq", "kind", "seq"),
        Index("ix_notices_address_id_seq", "address_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(Counter, ForeignKey("audit_entries.seq"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(48))
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"))
    sighting_id: Mapped[str | None] = mapped_column(ForeignKey("sightings.id"))
    facts: Mapped[dict[str, Any]]
