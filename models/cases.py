"""Cases: the numbers under which police and prosecutors keep what addresses belong to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, new_id


class CaseBook(StrEnum):
    """Which register a case's number is of."""

    KUI = "kui"
    """Книга учёта информации: what was reported to the police."""
    ERDR = "erdr"
    """Единый реестр досудебных расследований: what is being investigated."""


class Case(Base):
    """A case; (book, number) is unique, the number in the one form that `api.cases.numbers` gives it."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("book", "number"),
        CheckConstraint("book IN ('kui','erdr')", name="book"),
        Index("ix_cases_created_at", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    book: Mapped[str] = mapped_column(String(8))
    number: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class CaseAddress(Base):
    """That an address belongs to a case."""

    __tablename__ = "case_addresses"
    __table_args__ = (Index("ix_case_addresses_address_id", "address_id", "case_id"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    added_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    added_at: Mapped[datetime]
