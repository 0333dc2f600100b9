"""The audit log: append-only, each entry chained to the one before it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Sha256

Counter = BigInteger().with_variant(Integer(), "sqlite")
"""A number that may pass two thousand million; SQLite's own integers already may."""


class AuditEntry(Base):
    """One thing that was done; database triggers refuse to change or delete it.

    `entry_sha256` = SHA-256(previous_sha256 ‖ canonical JSON of the other columns); `seq` has no gaps and starts at 1.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_actor_seq", "actor", "seq"),
        Index("ix_audit_entries_action_seq", "action", "seq"),
        Index("ix_audit_entries_subject_seq", "subject", "seq"),
        Index("ix_audit_entries_at", "at"),
    )

    seq: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)  # not JSONB, which rewrites numbers that were hashed
    request_id: Mapped[str | None] = mapped_column(String(64))
    previous_sha256: Mapped[str] = mapped_column(Sha256)
    entry_sha256: Mapped[str] = mapped_column(Sha256, unique=True)


class AuditSeal(Base):
    """The chain's head at a moment, signed (Ed25519): what a rewritten database cannot forge."""

    __tablename__ = "audit_seals"

    seq: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    entry_sha256: Mapped[str] = mapped_column(Sha256)
    public_key: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(Text)
