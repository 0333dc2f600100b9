"""Traces of work: every attempt to read a photo, and the workers that are alive."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, new_id


class AttemptOutcome(StrEnum):
    """How an attempt ended; `lost` when its worker fell silent."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"


class Attempt(Base):
    """One attempt to read one photo."""

    __tablename__ = "attempts"
    __table_args__ = (
        CheckConstraint("outcome IN ('running','done','failed','lost')", name="outcome"),
        Index("ix_attempts_photo_sha256_started_at", "photo_sha256", "started_at"),
        Index("ix_attempts_outcome_started_at", "outcome", "started_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    photo_sha256: Mapped[str] = mapped_column(ForeignKey("photos.sha256"))
    worker: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(8), default=AttemptOutcome.RUNNING)
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)


class Worker(Base):
    """A process that reads photos; its name is its executor id and stays the same over restarts."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    version: Mapped[str] = mapped_column(String(64))
