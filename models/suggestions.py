"""What those who may not review say of a finding: beside it, for the person who decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.base import Base


class FindingSuggestion(Base):
    """What an account says that a wall really says; one a finding and account, a new one takes the old one's place.

    The finding stays as it was read. Once somebody has decided about it, its suggestions are not touched any more.
    """

    __tablename__ = "finding_suggestions"
    __table_args__ = (Index("ix_finding_suggestions_account_id", "account_id"),)

    finding_id: Mapped[str] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
