"""How much of its allowance an account or an address has used: shared by all web processes on PostgreSQL."""

from __future__ import annotations

from sqlalchemy import Float, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class RateBucket(Base):
    """One token bucket: the moment (seconds since 1970) at which it is full again."""

    __tablename__ = "rate_buckets"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    full_at_s: Mapped[float] = mapped_column(Float(53), index=True)
