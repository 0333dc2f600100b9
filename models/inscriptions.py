"""What makes inscriptions: which photo shows which, how photos look alike, what happened, what readings add up to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.base import Base, Sha256


class Joined(StrEnum):
    """Why a photo belongs to its inscription."""

    FIRST = "first"
    PICTURE = "picture"
    PLACE = "place"
    PERSON = "person"
    EARLIER = "earlier"  # from before it was kept


class InscriptionPhoto(Base):
    """Where and when a photo was taken, and the inscription that it shows: one, whatever its reports say.

    The place is that of the photo's first report, the time the earliest of all. `inscription_id` is empty until the
    photo is read, and stays so while nothing is read on it and no other photo looks like it. `features` counts what
    can be found again in other photos; empty when nobody looked. `is_by_person`: a person put it there, and no program
    takes it away. `before_id` is the inscription that it came from when inscriptions were merged.
    """

    __tablename__ = "inscription_photos"
    __table_args__ = (
        CheckConstraint("how IN ('first','picture','place','person','earlier')", name="how"),
        Index("ix_inscription_photos_inscription_id_seen_at", "inscription_id", "seen_at", "photo_sha256"),
        Index("ix_inscription_photos_cell", "cell", "seen_at", "lat", "lon", "accuracy_m", "inscription_id"),
    )

    photo_sha256: Mapped[str] = mapped_column(Sha256, ForeignKey("photos.sha256"), primary_key=True)
    inscription_id: Mapped[str | None] = mapped_column(ForeignKey("inscriptions.id"))
    lat: Mapped[float]
    lon: Mapped[float]
    cell: Mapped[int] = mapped_column(BigInteger)
    accuracy_m: Mapped[float | None]
    seen_at: Mapped[datetime]
    features: Mapped[int | None]
    how: Mapped[str | None] = mapped_column(String(8))
    alike_sha256: Mapped[str | None] = mapped_column(ForeignKey("photos.sha256"))
    is_by_person: Mapped[bool] = mapped_column(default=False)
    before_id: Mapped[str | None] = mapped_column(ForeignKey("inscriptions.id"))


class PhotoFeatures(Base):
    """What of a photo can be found again in another one (`vision.fuse.packed`); can be made again from the photo.

    A table and no blob: a photo's features must be there for every worker before it is compared, in the order of
    commits; those of several photos come in one query; and blobs are evidence that nobody ever removes.
    """

    __tablename__ = "photo_features"

    photo_sha256: Mapped[str] = mapped_column(Sha256, ForeignKey("photos.sha256"), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class PhotoMatch(Base):
    """Two photos that surely show one wall: how the first lies in the second (3x3 by rows, photo pixels)."""

    __tablename__ = "photo_matches"
    __table_args__ = (Index("ix_photo_matches_other_sha256", "other_sha256"),)

    one_sha256: Mapped[str] = mapped_column(Sha256, ForeignKey("photos.sha256"), primary_key=True)
    other_sha256: Mapped[str] = mapped_column(Sha256, ForeignKey("photos.sha256"), primary_key=True)
    homography: Mapped[list[Any]]
    inliers: Mapped[int]
    score: Mapped[float]


class InscriptionApart(Base):
    """Two inscriptions that a person separated; the lower id first. No program puts them together again."""

    __tablename__ = "inscriptions_apart"
    __table_args__ = (Index("ix_inscriptions_apart_other_id", "other_id"),)

    one_id: Mapped[str] = mapped_column(ForeignKey("inscriptions.id"), primary_key=True)
    other_id: Mapped[str] = mapped_column(ForeignKey("inscriptions.id"), primary_key=True)


class InscriptionEvent(Base):
    """Something that happened to an inscription, or that somebody did with it; kept for good.

    `number` counts the events of the inscription from 1. `at` is when it was written down, `happened_at` the day it is
    of. Taking a mark back writes who and when beside it. Without `made_by` the program did it.
    """

    __tablename__ = "inscription_events"
    __table_args__ = (Index("ix_inscription_events_happened_at", "inscription_id", "happened_at"),)

    inscription_id: Mapped[str] = mapped_column(ForeignKey("inscriptions.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]
    happened_at: Mapped[datetime]
    made_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    photo_sha256: Mapped[str | None] = mapped_column(ForeignKey("photos.sha256"))
    sighting_id: Mapped[str | None] = mapped_column(ForeignKey("sightings.id"))
    facts: Mapped[dict[str, Any]]
    undone_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    undone_at: Mapped[datetime | None]

    maker: Mapped[Account | None] = relationship(foreign_keys=made_by)


class OfferedValue(Base):
    """A value that a finding below the threshold offers beside its own, so that it is found when that is seen."""

    __tablename__ = "offered_values"
    __table_args__ = (Index("ix_offered_values_kind_value", "kind", "value", "finding_id"),)

    finding_id: Mapped[str] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))


class FusedFinding(Base):
    """What several photos together make of a finding: an overlay, the finding itself stays as it was read.

    There is one only while more than one photo has something to say. `supported_by` are the photos that read this very
    value by themselves, `seen_in` all that were put together.
    """

    __tablename__ = "fused_findings"
    __table_args__ = (Index("ix_fused_findings_kind_value", "kind", "value"),)

    finding_id: Mapped[str] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float]
    accepted: Mapped[bool]
    alternatives: Mapped[list[Any]]
    uncertain: Mapped[list[Any]]
    supported_by: Mapped[list[Any]]
    seen_in: Mapped[list[Any]]
    fused_at: Mapped[datetime]
