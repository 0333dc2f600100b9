"""Traces of work: attempts to read a photo, workers that are alive, their readers, and reading old photos again."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Sha256, new_id


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
    card_sha256: Mapped[str | None] = mapped_column(Sha256)


class ReaderCard(Base):
    """A reader that was used here, and how many photos it has read: each once.

    `card_sha256` is the digest of the card's canonical JSON, as in `Reading`.
    """

    __tablename__ = "reader_cards"

    card_sha256: Mapped[str] = mapped_column(Sha256, primary_key=True)
    card: Mapped[dict[str, Any]]
    photos: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class Reread(Base):
    """Photos that were read before are read again by a newer reader, the newest photos first.

    `is_running` is true or null, and unique: one at a time. `upto_at` and `upto_sha256` say how far it has come,
    `asked` how many photos were put into the queue, of `total` that there were when it began, and `most` at most.
    """

    __tablename__ = "rereads"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    card_sha256: Mapped[str] = mapped_column(Sha256)
    is_running: Mapped[bool | None] = mapped_column(unique=True)
    began_at: Mapped[datetime]
    began_by: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime | None]
    was_stopped: Mapped[bool] = mapped_column(default=False)
    upto_at: Mapped[datetime]
    upto_sha256: Mapped[str] = mapped_column(Sha256)
    most: Mapped[int | None]
    total: Mapped[int]
    asked: Mapped[int] = mapped_column(default=0)
