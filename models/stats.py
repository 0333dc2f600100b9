"""What statistics are counted from: a page of packed rows for every day, and marks on the days that have changed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.audit import Counter
from models.base import Base


class StatMark(Base):
    """Something of a day was written since its page was made. Triggers of the database write marks, nobody else.

    Days are counted from 1970-01-01 in UTC. A mark is a row of its own, so that taking back those a page has seen
    leaves those of writers who were not done yet.
    """

    __tablename__ = "stat_marks"
    __table_args__ = (Index("ix_stat_marks_day", "day"),)

    id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    day: Mapped[int]


class StatPage(Base):
    """The sightings and reports of a day, packed (`api.stats.pages`); it holds while the day has no mark.

    `version` rises whenever the page is made anew: processes keep pages they have read.
    """

    __tablename__ = "stat_pages"

    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    sightings: Mapped[bytes] = mapped_column(LargeBinary)
    reports: Mapped[bytes] = mapped_column(LargeBinary)


class StatNumber(Base):
    """A small number for an address, a wall or a report, for pages to be short; given once, never again."""

    __tablename__ = "stat_numbers"
    __table_args__ = (
        CheckConstraint("of IN ('address','wall','report')", name="of"),
        Index("ix_stat_numbers_of_number", "of", "number"),
    )

    of: Mapped[str] = mapped_column(String(8), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int]


DERIVED = frozenset({"stat_marks", "stat_pages", "stat_numbers"})
"""Tables that are made again from the others: a backup leaves them out, and triggers write the marks as it goes in."""
