"""What warning lists say of addresses, what people say against them, and what the words around a finding say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.base import Base, Sha256, new_id
from models.readings import Finding
from models.watchlist import Address


class WarningHit(Base):
    """An entry of a warning list that an address is on; `meaning` is the list's own word for it at that version.

    `is_lowering`: the list is of the sort that says "probably no shop". Written in the transaction that makes the
    address, and anew when the lists have changed.
    """

    __tablename__ = "warning_hits"

    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    list_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    list_version: Mapped[int]
    match_type: Mapped[str] = mapped_column(String(10))
    entry: Mapped[str] = mapped_column(Text)
    meaning: Mapped[str] = mapped_column(Text)
    is_lowering: Mapped[bool]
    found_at: Mapped[datetime]

    address: Mapped[Address] = relationship()


class WarningState(Base):
    """What holds of an address by its hits and by what a person said; an address without either has no row.

    `is_warned` is what the list of addresses is filtered by, `is_lowered` what the review queue goes by. With a
    `verdict` a person has overruled the lists: `shop` despite them, or `benign` although none says so.
    """

    __tablename__ = "warning_states"
    __table_args__ = (
        CheckConstraint("verdict IN ('shop','benign')", name="verdict"),
        Index("ix_warning_states_is_warned", "is_warned", "address_id"),
    )

    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    is_warned: Mapped[bool]
    is_lowered: Mapped[bool]
    verdict: Mapped[str | None] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]

    address: Mapped[Address] = relationship()
    decider: Mapped[Account | None] = relationship()


class FindingContext(Base):
    """What the words around a finding say: 0..1, and the words it rests on (`vision.addresses.context`)."""

    __tablename__ = "finding_contexts"

    finding_id: Mapped[str] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    score: Mapped[float]
    words: Mapped[list[Any]]

    finding: Mapped[Finding] = relationship()


class WarningRun(Base):
    """How far everything has been looked up anew after the lists, or the words, had changed.

    One run for each `sha256` of them; `phase` is what is being walked, `after` the id that was done last.
    """

    __tablename__ = "warning_runs"
    __table_args__ = (Index("ix_warning_runs_began_at", "began_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    sha256: Mapped[str] = mapped_column(Sha256)
    phase: Mapped[str] = mapped_column(String(12))
    after: Mapped[str] = mapped_column(String(32), default="")
    changed: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
