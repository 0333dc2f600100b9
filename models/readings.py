"""What the reader saw: readings, and the findings in them with what people decided."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Sha256, new_id
from models.inscriptions import FusedFinding, OfferedValue

UNREAD = "unread"
"""The kind of a finding that is only a line painted as an address: `value` is its text, for a person to correct."""


class Review(StrEnum):
    """What a person decided about a finding."""

    UNREVIEWED = "unreviewed"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REJECTED = "rejected"


class Reading(Base):
    """What one version of the reader saw in one photo; never changed afterwards.

    `card_sha256` is the digest of the canonical JSON of `card`; (photo, card) is unique: reading twice is
    reading once.
    """

    __tablename__ = "readings"
    __table_args__ = (UniqueConstraint("photo_sha256", "card_sha256"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    photo_sha256: Mapped[str] = mapped_column(ForeignKey("photos.sha256"))
    card_sha256: Mapped[str] = mapped_column(Sha256)
    card: Mapped[dict[str, Any]]
    read_at: Mapped[datetime]
    seconds: Mapped[float]
    stages: Mapped[dict[str, Any]]
    lines: Mapped[list[Any]]
    quarter_turns: Mapped[int] = mapped_column(default=0)

    findings: Mapped[list[Finding]] = relationship(back_populates="reading", order_by="Finding.position")


class Finding(Base):
    """One candidate address as it was read. The reading's words stay; a review is written beside them.

    `decided_kind` and `decided_value` are what a person made of it (the same as read when confirmed).
    `version` rises with every review and every undo; a review must name the version it saw.
    `queue_rank` orders the review queue, the lowest first (`api.watchlist.queue`); kept up while nobody has decided.
    `is_listed`: it is on the watchlist by itself, accepted by the reader or by several photos together (`fused`).
    """

    __tablename__ = "findings"
    __table_args__ = (
        UniqueConstraint("reading_id", "position"),
        CheckConstraint("review IN ('unreviewed','confirmed','corrected','rejected')", name="review"),
        Index("ix_findings_queue", "review", "is_listed", "queue_rank", "created_at", "id"),
        Index("ix_findings_photo_sha256", "photo_sha256"),
        Index("ix_findings_kind_value", "kind", "value", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    reading_id: Mapped[str] = mapped_column(ForeignKey("readings.id"))
    photo_sha256: Mapped[str] = mapped_column(ForeignKey("photos.sha256"))
    position: Mapped[int]
    created_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float]
    accepted: Mapped[bool]
    box: Mapped[list[Any]]
    alternatives: Mapped[list[Any]]
    uncertain: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    trail: Mapped[list[Any]]
    facts: Mapped[dict[str, Any]]
    source: Mapped[str] = mapped_column(String(16), default="ocr")
    review: Mapped[str] = mapped_column(String(12), default=Review.UNREVIEWED)
    reviewed_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    reviewed_at: Mapped[datetime | None]
    review_reason: Mapped[str | None] = mapped_column(Text)
    decided_kind: Mapped[str | None] = mapped_column(String(16))
    decided_value: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    queue_rank: Mapped[int] = mapped_column(default=999, server_default="999")

    is_listed: Mapped[bool] = mapped_column(default=False, server_default=false())

    reading: Mapped[Reading] = relationship(back_populates="findings")
    fused: Mapped[FusedFinding | None] = relationship(viewonly=True)
    offered: Mapped[list[OfferedValue]] = relationship()


class Decision(Base):
    """One decision about a finding, kept for good; undoing it writes who and when beside it.

    What holds of a finding is its newest decision that was not undone. `version` is the finding's after the decision.
    `painted` is the line exactly as the wall has it, where the person said so; `choice` is the place of the chosen
    alternative.
    """

    __tablename__ = "finding_decisions"
    __table_args__ = (
        CheckConstraint("review IN ('confirmed','corrected','rejected')", name="review"),
        Index("ix_finding_decisions_decided_at", "decided_at", "finding_id"),
    )

    finding_id: Mapped[str] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    review: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str | None] = mapped_column(String(16))
    value: Mapped[str | None] = mapped_column(Text)
    painted: Mapped[str | None] = mapped_column(Text)
    choice: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime]
    undone_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    undone_at: Mapped[datetime | None]
