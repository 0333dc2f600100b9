"""What was sent: photos (bytes, once) and reports (who, when, where, as often as they come)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Sha256, new_id


class PhotoState(StrEnum):
    """Where a photo stands with its reading."""

    OWED = "owed"
    READ = "read"
    UNREADABLE = "unreadable"


class Photo(Base):
    """The bytes received, kept unchanged under their SHA-256.

    `failures` counts attempts that ended in an error, `losses` attempts whose worker fell silent.
    `want` counts how often a reading was asked for: 1 at first, one more for each "try again".
    """

    __tablename__ = "photos"
    __table_args__ = (
        CheckConstraint("state IN ('owed','read','unreadable')", name="state"),
        Index("ix_photos_state_received_at", "state", "received_at"),
    )

    sha256: Mapped[str] = mapped_column(Sha256, primary_key=True)
    size_bytes: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(32))
    received_at: Mapped[datetime]
    width: Mapped[int | None]
    height: Mapped[int | None]
    exif_lat: Mapped[float | None]
    exif_lon: Mapped[float | None]
    exif_taken_at: Mapped[str | None] = mapped_column(String(40))
    camera: Mapped[str | None] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(12), default=PhotoState.OWED)
    want: Mapped[int] = mapped_column(default=1)
    failures: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)


class Report(Base):
    """Who sent which photos, when, through which channel, with which coordinates.

    `lat`/`lon` are the coordinates the report stands by; `place_source` says where they came from
    ("typed", "text", "link", "exif"). What the photos' EXIF says is kept apart, on the photo.
    """

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("account_id", "idempotency_key"),
        Index("ix_reports_account_id_received_at", "account_id", "received_at"),
        Index("ix_reports_received_at", "received_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    channel: Mapped[str] = mapped_column(String(16))
    received_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    lat: Mapped[float]
    lon: Mapped[float]
    accuracy_m: Mapped[float | None]
    place_source: Mapped[str] = mapped_column(String(8))
    place_text: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    is_demo: Mapped[bool] = mapped_column(default=False)
    idempotency_key: Mapped[str | None] = mapped_column(String(128))
    request_sha256: Mapped[str | None] = mapped_column(Sha256)

    photos: Mapped[list[ReportPhoto]] = relationship(back_populates="report", order_by="ReportPhoto.position")


class ReportPhoto(Base):
    """One photo of one report; `exif_distance_m` is how far its EXIF place is from the report's."""

    __tablename__ = "report_photos"
    __table_args__ = (Index("ix_report_photos_photo_sha256", "photo_sha256"),)

    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    photo_sha256: Mapped[str] = mapped_column(ForeignKey("photos.sha256"))
    file_name: Mapped[str | None] = mapped_column(String(255))
    exif_distance_m: Mapped[float | None]
    is_place_doubtful: Mapped[bool] = mapped_column(default=False)

    report: Mapped[Report] = relationship(back_populates="photos")
    photo: Mapped[Photo] = relationship()
