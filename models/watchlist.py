"""The watchlist: addresses, the inscriptions that carry them, and where they were seen."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Sha256, new_id

Bytewise = Text().with_variant(Text(collation="C"), "postgresql")
"""Text in the order of its code points on every database, so that a prefix is a range of an index."""


NOT_NEW = text("status != 'new'")
"""Nearly all addresses are new; what asks for others is answered by an index of those alone."""


class AddressStatus(StrEnum):
    """Where an address stands in its investigation; `api.lifecycle.states` says which step may follow which."""

    NEW = "new"
    CONFIRMED = "confirmed"
    SENT = "sent"
    BLOCKED = "blocked"
    REAPPEARED = "reappeared"
    REJECTED = "rejected"
    BENIGN = "benign"


class Tlp(StrEnum):
    """How far what is known of an address may be passed on (Traffic Light Protocol 2.0, FIRST)."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"


class SightingState(StrEnum):
    """Whether a person has looked at a sighting."""

    UNREVIEWED = "unreviewed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


_SORTED = ("last_seen_at", "first_seen_at", "sighting_count", "best_confidence", "value", "photographed_at")
_FILTERED = (
    "kind",
    "status",
    "best_confidence",
    "first_seen_at",
    "last_seen_at",
    "photographed_at",
    "tlp",
    "assignee_id",
)


class Address(Base):
    """An entry of the watchlist: (kind, canonical value) is unique.

    The counts and times sum up the sightings that are not rejected; they are kept by the code that
    writes sightings, in the same transaction, because a list of 100,000 rows cannot count a million.
    Every order of the list has an index that also holds what the list is filtered by, so that walking the order
    passes over addresses without fetching them. `changed_at` is set whenever a row is written, by the transaction
    itself (`api.watchlist.changes`): those who take the list over ask what changed since they last asked.

    `photographed_at` is when the newest of its photos was first reported as seen: sending that photo again does not
    move it. `is_decided`: a person made a step with the address itself, so sightings no longer decide its status.
    `version` rises with every change of status, assignee, TLP or tags; a change must name the version it saw.
    """

    __tablename__ = "addresses"
    __table_args__ = (
        UniqueConstraint("value", "kind"),
        CheckConstraint(
            "status IN ('new','confirmed','sent','blocked','reappeared','rejected','benign')", name="status"
        ),
        CheckConstraint("tlp IN ('clear','green','amber','amber+strict','red')", name="tlp"),
        Index("ix_addresses_assignee_id", "assignee_id"),
        *(Index(f"ix_addresses_{first}", *dict.fromkeys((first, "id", *_FILTERED))) for first in _SORTED),
        Index("ix_addresses_changed_at", "changed_at", "id"),
        # Only for those who say that they ask for no new ones: SQLite would take it for lists that have an order, too.
        Index("ix_addresses_status", "status", "id", sqlite_where=NOT_NEW, postgresql_where=NOT_NEW),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(Bytewise)
    status: Mapped[str] = mapped_column(String(12), default=AddressStatus.NEW)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    sighting_count: Mapped[int] = mapped_column(default=0)
    photo_count: Mapped[int] = mapped_column(default=0)
    best_confidence: Mapped[float] = mapped_column(default=0.0)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    registrable: Mapped[str | None] = mapped_column(String(255))
    punycode: Mapped[str | None] = mapped_column(String(255))
    version: Mapped[int] = mapped_column(default=1)
    status_at: Mapped[datetime]
    is_decided: Mapped[bool] = mapped_column(default=False)
    photographed_at: Mapped[datetime]
    tlp: Mapped[str] = mapped_column(String(12), default=Tlp.AMBER)
    assignee_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))


_WALKED = ("first_seen_at", "lat", "lon", "state", "merged_into_id")


class Inscription(Base):
    """The physical graffiti at a place; several photos over time may show it (`models.inscriptions`).

    Place and `cell` are those of its first photo; counts and times sum up its photos. `state` is "open" while the
    writing is there, "painted" from `painted_at` on, "reappeared" when a later photo shows writing again. One that was
    merged has no photos and says where they went. `version` rises with whatever a person may change it by.
    """

    __tablename__ = "inscriptions"
    __table_args__ = (
        CheckConstraint("state IN ('open','painted','reappeared')", name="state"),
        Index("ix_inscriptions_merged_into_id", "merged_into_id"),
        *(
            Index(f"ix_inscriptions_{first[0]}", *dict.fromkeys((*first, "id", *_WALKED)))
            for first in (("last_seen_at",), ("cell", "last_seen_at"), ("state", "last_seen_at"))
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    lat: Mapped[float]
    lon: Mapped[float]
    created_at: Mapped[datetime]
    cell: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    first_seen_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    photo_count: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str] = mapped_column(String(12), default="open", server_default="open")
    painted_at: Mapped[datetime | None]
    merged_into_id: Mapped[str | None] = mapped_column(
        ForeignKey("inscriptions.id", deferrable=True, initially="DEFERRED")  # rows come back in any order
    )
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class Sighting(Base):
    """An address seen on an inscription in a photo, at a place and a time.

    `cell` numbers the square that the place lies in (`models.cells.cell_of`): a region is a few ranges of one index.
    """

    __tablename__ = "sightings"
    __table_args__ = (
        UniqueConstraint("report_id", "finding_id"),
        CheckConstraint("state IN ('unreviewed','confirmed','rejected')", name="state"),
        Index("ix_sightings_address_id_seen_at", "address_id", "seen_at", "id", "state"),
        Index("ix_sightings_address_id_place", "address_id", "lat", "lon", "seen_at", "state"),
        Index("ix_sightings_cell", "cell", "seen_at", "lat", "lon", "state", "address_id"),
        Index("ix_sightings_seen_at", "seen_at", "lat", "lon", "state", "address_id"),
        Index("ix_sightings_finding_id", "finding_id"),
        Index("ix_sightings_photo_sha256", "photo_sha256"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"))
    inscription_id: Mapped[str] = mapped_column(ForeignKey("inscriptions.id"), index=True)
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"))
    photo_sha256: Mapped[str] = mapped_column(Sha256, ForeignKey("photos.sha256"))
    finding_id: Mapped[str] = mapped_column(ForeignKey("findings.id"))
    lat: Mapped[float]
    lon: Mapped[float]
    cell: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[datetime]
    confidence: Mapped[float]
    state: Mapped[str] = mapped_column(String(12), default=SightingState.UNREVIEWED)

    address: Mapped[Address] = relationship()
