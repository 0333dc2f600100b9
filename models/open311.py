"""What city systems sent: requests of citizens, from which a report or a work order comes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Sha256, new_id


class CityState(StrEnum):
    """Where a city request stands; the last two were decided by a person."""

    REPORTED = "reported"
    WAITING = "waiting"
    ATTACHED = "attached"
    CLOSED = "closed"


class CityRequest(Base):
    """A service request that a city system sent, once for each `idempotency_key` of its account.

    With a photo it became a report (`reported`); without one it waits until an officer has found the wall (`attached`)
    or closes it for a `reason` of a few. Its id is the token that the city was given. Whoever sent it to the city is
    not kept; `media_url` is what the city wrote, and is never fetched.
    """

    __tablename__ = "city_requests"
    __table_args__ = (
        CheckConstraint("state IN ('reported','waiting','attached','closed')", name="state"),
        UniqueConstraint("account_id", "idempotency_key"),
        Index("ix_city_requests_state_received_at", "state", "received_at", "id"),
        Index("ix_city_requests_report_id", "report_id"),
        Index("ix_city_requests_inscription_id", "inscription_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    idempotency_key: Mapped[str | None] = mapped_column(String(128))
    content_sha256: Mapped[str] = mapped_column(Sha256)
    received_at: Mapped[datetime]
    service_code: Mapped[str] = mapped_column(String(64))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    place_text: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    media_url: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8), default=CityState.WAITING)
    report_id: Mapped[str | None] = mapped_column(ForeignKey("reports.id"))
    inscription_id: Mapped[str | None] = mapped_column(ForeignKey("inscriptions.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str | None] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=1)
