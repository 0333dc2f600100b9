"""What connects addresses: the writing of findings, and the indexes along which the graph is walked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.watchlist import Sighting

Index(
    "ix_sightings_address_wall",
    Sighting.address_id,
    Sighting.inscription_id,
    Sighting.seen_at,
    Sighting.lat,
    Sighting.lon,
    Sighting.state,
)
Index("ix_sightings_wall_address", Sighting.inscription_id, Sighting.address_id, Sighting.state)
Index("ix_sightings_photo_address", Sighting.photo_sha256, Sighting.address_id, Sighting.state)


class HandOwed(Base):
    """A finding that came to the watchlist and whose writing nobody has looked at."""

    __tablename__ = "hands_owed"

    finding_id: Mapped[str] = mapped_column(ForeignKey("findings.id"), primary_key=True)


class FindingHand(Base):
    """The writing of a finding, packed (`vision.fuse.hand.packed`); None where nothing can be told of it."""

    __tablename__ = "finding_hands"

    finding_id: Mapped[str] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    made_at: Mapped[datetime]
    hand: Mapped[bytes | None] = mapped_column(LargeBinary)


class HandBand(Base):
    """One of the numbers by which alike writing is looked up; likely equal for what is alike."""

    __tablename__ = "hand_bands"
    __table_args__ = (Index("ix_hand_bands_finding_id", "finding_id"),)

    band: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    finding_id: Mapped[str] = mapped_column(ForeignKey("finding_hands.finding_id"), primary_key=True)


class HandLink(Base):
    """Two findings that seem to be of one stencil or hand; kept in both directions."""

    __tablename__ = "hand_links"
    __table_args__ = (
        CheckConstraint("alike IN ('stencil','hand')", name="alike"),
        Index("ix_hand_links_other_id", "other_id"),
    )

    finding_id: Mapped[str] = mapped_column(ForeignKey("finding_hands.finding_id"), primary_key=True)
    other_id: Mapped[str] = mapped_column(ForeignKey("finding_hands.finding_id"), primary_key=True)
    alike: Mapped[str] = mapped_column(String(8), primary_key=True)
    likeness: Mapped[float]
