"""What files from elsewhere told: kept apart from sightings, which always have a photo of ours behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Sha256, new_id


class Import(Base):
    """One file that was taken in, and what came of it.

    The counts are of addresses (`added`, `merged`, `known`) and of entries of the file that were refused; they grow
    while the file is taken in, batch by batch. Without `finished_at` they are of the part that was written when the
    import was cut off, or is written now: the same file sent again takes it up and finishes it.
    """

    __tablename__ = "imports"
    __table_args__ = (
        Index("ix_imports_made_at", "made_at", "id"),
        Index("ix_imports_file_sha256", "file_sha256"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    made_at: Mapped[datetime]
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    format: Mapped[str] = mapped_column(String(8))
    file_name: Mapped[str | None] = mapped_column(String(255))
    file_sha256: Mapped[str] = mapped_column(Sha256)
    added: Mapped[int] = mapped_column(default=0)
    merged: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]


class ImportedAddress(Base):
    """What one file says of one address, as it says it; `facts` is whatever else it claimed (status, TLP, tags)."""

    __tablename__ = "imported_addresses"
    __table_args__ = (Index("ix_imported_addresses_address_id", "address_id"),)

    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    is_new: Mapped[bool]
    given: Mapped[str] = mapped_column(Text)
    first_seen_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any]]


class ImportedSighting(Base):
    """A place where somebody else says that an address was seen: no photo, no report, no inscription of ours.

    `external_id` is the file's own id of it, or a digest of what it says: the same again is the same.
    """

    __tablename__ = "imported_sightings"
    __table_args__ = (UniqueConstraint("address_id", "external_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id"), index=True)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"))
    external_id: Mapped[str] = mapped_column(String(128))
    seen_at: Mapped[datetime | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
