"""Clean-up: the areas of condo associations, who speaks for them, and the work orders that ask them to paint over."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import Counter
from models.base import Base, Sha256, new_id
from models.inscriptions import InscriptionPhoto
from models.watchlist import Inscription

UNPLACED = text("is_active AND place_text IS NULL")
"""Orders whose street address nobody has asked for yet."""


class OrderState(StrEnum):
    """Where a work order stands."""

    OPEN = "open"
    SENT = "sent"
    ACCEPTED = "accepted"
    PAINTED = "painted"
    VERIFIED = "verified"
    CLOSED = "closed"


class Assigned(StrEnum):
    """How a work order got its territory."""

    INSIDE = "inside"
    NEAREST = "nearest"
    HAND = "hand"
    NONE = "none"


class Territory(Base):
    """The area of one condo association (КСК/ОСИ).

    `area` is a GeoJSON MultiPolygon, longitude first, valid, outer rings counter-clockwise; `south` to `east` its box.
    `external_id` is its name in the file that it came from: importing that again changes it and makes no second one.
    """

    __tablename__ = "territories"
    __table_args__ = (
        UniqueConstraint("external_id"),
        Index("ix_territories_name_ru", "name_ru", "id"),
        Index("ix_territories_version", "version"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    external_id: Mapped[str | None] = mapped_column(String(128))
    name_ru: Mapped[str] = mapped_column(String(200))
    name_kk: Mapped[str] = mapped_column(String(200))
    area: Mapped[dict[str, Any]]
    area_m2: Mapped[float]
    south: Mapped[float]
    west: Mapped[float]
    north: Mapped[float]
    east: Mapped[float]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    contacts: Mapped[list[TerritoryContact]] = relationship(
        order_by="(TerritoryContact.created_at, TerritoryContact.id)", back_populates="territory"
    )


class TerritoryContact(Base):
    """Who speaks for a territory, and in which chat; an organisation's chat, so it is kept as it is.

    `chat` is the channel's name for it: a Telegram chat id, a WhatsApp number, a mail address. `bind_code` is what
    somebody writes into a Telegram group to say that this is the chat; empty once it was written.
    """

    __tablename__ = "territory_contacts"
    __table_args__ = (
        UniqueConstraint("bind_code"),
        Index("ix_territory_contacts_channel_chat", "channel", "chat"),
        Index("ix_territory_contacts_territory_id", "territory_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"))
    name: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(16))
    chat: Mapped[str | None] = mapped_column(String(255))
    bind_code: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(2), default="ru")
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    territory: Mapped[Territory] = relationship(back_populates="contacts")


class InscriptionHold(Base):
    """A wall that must not be painted over yet; while one is not released no work order of the wall goes out."""

    __tablename__ = "inscription_holds"
    __table_args__ = (
        Index("ix_inscription_holds_inscription_id", "inscription_id", "held_at"),
        Index(
            "uq_inscription_holds_one",
            "inscription_id",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    inscription_id: Mapped[str] = mapped_column(ForeignKey("inscriptions.id"))
    held_at: Mapped[datetime]
    held_by: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(Text)
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))


class WorkOrder(Base):
    """Asks a territory to paint one wall over. A wall has one that is not closed at most (`is_active`).

    `number` is what people call it by. `photo_sha256` is the photo before, `place_text` the street address when a
    geocoder knew one. `link_number` counts the signed links: raising it makes earlier links worthless.
    """

    __tablename__ = "work_orders"
    __table_args__ = (
        CheckConstraint("state IN ('open','sent','accepted','painted','verified','closed')", name="state"),
        CheckConstraint("assigned IN ('inside','nearest','hand','none')", name="assigned"),
        UniqueConstraint("number"),
        Index("ix_work_orders_inscription_id", "inscription_id", "opened_at"),
        Index("ix_work_orders_territory_id_state", "territory_id", "state", "opened_at", "id"),
        Index("ix_work_orders_state_opened_at", "state", "opened_at", "id"),
        Index("ix_work_orders_state_due_at", "state", "due_at", "id"),
        Index("ix_work_orders_opened_at", "opened_at", "id", "lat", "lon", "state"),
        Index("ix_work_orders_unplaced", "state", "opened_at", "id", sqlite_where=UNPLACED, postgresql_where=UNPLACED),
        Index(
            "uq_work_orders_one_active",
            "inscription_id",
            unique=True,
            sqlite_where=text("is_active"),
            postgresql_where=text("is_active"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    number: Mapped[int]
    inscription_id: Mapped[str] = mapped_column(ForeignKey("inscriptions.id"))
    territory_id: Mapped[str | None] = mapped_column(ForeignKey("territories.id"))
    assigned: Mapped[str] = mapped_column(String(8), default=Assigned.NONE)
    state: Mapped[str] = mapped_column(String(8), default=OrderState.OPEN)
    is_active: Mapped[bool] = mapped_column(default=True)
    photo_sha256: Mapped[str] = mapped_column(ForeignKey("photos.sha256"))
    lat: Mapped[float]
    lon: Mapped[float]
    place_text: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime]
    state_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0)
    link_number: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)

    inscription: Mapped[Inscription] = relationship()
    territory: Mapped[Territory | None] = relationship()
    photo: Mapped[InscriptionPhoto | None] = relationship(
        primaryjoin="foreign(WorkOrder.photo_sha256) == InscriptionPhoto.photo_sha256", viewonly=True
    )


class WorkOrderStep(Base):
    """One step of a work order: who, when, through what, and why. `number` counts from 1."""

    __tablename__ = "work_order_steps"
    __table_args__ = (Index("ix_work_order_steps_at", "at", "order_id", "number"),)

    order_id: Mapped[str] = mapped_column(ForeignKey("work_orders.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(24))
    from_state: Mapped[str | None] = mapped_column(String(8))
    to_state: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("territory_contacts.id"))
    channel: Mapped[str | None] = mapped_column(String(16))
    arrival_seq: Mapped[int | None] = mapped_column(Counter, ForeignKey("arrivals.seq"))
    reason: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[dict[str, Any]]


class WorkOrderPhoto(Base):
    """A photo after painting, and what the comparison with the one before says of it.

    `verdict` is empty until it was compared, then `painted`, `not_painted` or `unclear`; `decided_by` is the person
    who decided, empty where the program did.
    """

    __tablename__ = "work_order_photos"
    __table_args__ = (
        Index("ix_work_order_photos_photo_sha256", "photo_sha256"),
        Index("ix_work_order_photos_verdict", "verdict", "received_at"),
    )

    order_id: Mapped[str] = mapped_column(ForeignKey("work_orders.id"), primary_key=True)
    photo_sha256: Mapped[str] = mapped_column(Sha256, ForeignKey("photos.sha256"), primary_key=True)
    received_at: Mapped[datetime]
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("territory_contacts.id"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    channel: Mapped[str] = mapped_column(String(16))
    verdict: Mapped[str | None] = mapped_column(String(12))
    score: Mapped[float | None]
    facts: Mapped[dict[str, Any]]
    checked_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
