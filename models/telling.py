"""Who is told of what: subscriptions, the notices that matched them, messages on their way, inboxes, watch lists."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.accounts import Account
from models.audit import Counter
from models.base import Base, Sha256, new_id
from models.watchlist import Tlp


class Channel(StrEnum):
    """How somebody is told."""

    INBOX = "inbox"
    MAIL = "mail"
    WEBHOOK = "webhook"
    FEED = "feed"


class Pace(StrEnum):
    """When somebody is told."""

    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"


class MessageState(StrEnum):
    """Where a message stands; `dead` is given up and waits for a person."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


class Subscription(Base):
    """What an account wants to hear of, and how.

    `cursor_seq` is the number of the last notice that was held against it. Of a webhook's secret only the number and a
    check are kept: the secret itself follows from the installation's. `south` to `radius_m` are its region, empty
    everywhere; `lat` to `radius_m` only of a circle. `off_reason` is empty while it is on.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        CheckConstraint("channel IN ('inbox','mail','webhook','feed')", name="channel"),
        CheckConstraint("pace IN ('at_once','hourly','daily')", name="pace"),
        CheckConstraint("tlp IN ('clear','green','amber','amber+strict','red')", name="tlp"),
        Index("ix_subscriptions_account_id_created_at", "account_id", "created_at", "id"),
        Index("ix_subscriptions_created_at", "created_at", "id"),
        Index("ix_subscriptions_about", "about", "off_reason", "south", "north", "west", "east", "id"),
        Index("ix_subscriptions_cursor_seq", "off_reason", "cursor_seq"),
        Index("ix_subscriptions_digest_at", "off_reason", "digest_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    label: Mapped[str] = mapped_column(String(100))
    about: Mapped[str] = mapped_column(String(48))
    channel: Mapped[str] = mapped_column(String(8))
    pace: Mapped[str] = mapped_column(String(8), default=Pace.AT_ONCE)
    hour: Mapped[int | None]
    language: Mapped[str | None] = mapped_column(String(2))
    kind: Mapped[str | None] = mapped_column(String(16))
    address_id: Mapped[str | None] = mapped_column(ForeignKey("addresses.id"), index=True)
    is_assigned_only: Mapped[bool] = mapped_column(default=False)
    tlp: Mapped[str] = mapped_column(String(12), default=Tlp.AMBER)
    south: Mapped[float | None]
    west: Mapped[float | None]
    north: Mapped[float | None]
    east: Mapped[float | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    radius_m: Mapped[float | None]
    mail_to: Mapped[str | None] = mapped_column(String(254))
    url: Mapped[str | None] = mapped_column(Text)
    secret_number: Mapped[int] = mapped_column(default=0)
    secret_check: Mapped[str | None] = mapped_column(String(16))
    old_secret_until: Mapped[datetime | None]
    feed_sha256: Mapped[str | None] = mapped_column(Sha256)
    off_reason: Mapped[str] = mapped_column(String(12), default="")
    off_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    off_at: Mapped[datetime | None]
    cursor_seq: Mapped[int] = mapped_column(Counter)
    digest_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]

    account: Mapped[Account] = relationship(foreign_keys=account_id)


class Message(Base):
    """One message of a subscription that leaves the house, by mail or webhook.

    Its id follows from the subscription and its notices, so that making it again makes the same. `want` counts the
    tries that were asked for, and names the workflow of each. `tries` counts those since a person asked last,
    `unknowns` those of which nobody knows whether they arrived.
    """

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("state IN ('waiting','sending','sent','dead')", name="state"),
        Index("ix_messages_state_due_at", "state", "due_at", "id"),
        Index("ix_messages_subscription_id_made_at", "subscription_id", "made_at", "id"),
        Index("ix_messages_subscription_id_state", "subscription_id", "state", "made_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    subscription_id: Mapped[str] = mapped_column(ForeignKey("subscriptions.id"))
    made_at: Mapped[datetime]
    is_digest: Mapped[bool] = mapped_column(default=False)
    is_test: Mapped[bool] = mapped_column(default=False)
    notice_count: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(8), default=MessageState.WAITING)
    want: Mapped[int] = mapped_column(default=1)
    tries: Mapped[int] = mapped_column(default=0)
    unknowns: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)


class Matched(Base):
    """A notice that a subscription is to be told of, once; `is_waiting` until it is part of a message."""

    __tablename__ = "matched_notices"
    __table_args__ = (
        Index("ix_matched_notices_waiting", "is_waiting", "subscription_id", "seq"),
        Index("ix_matched_notices_message_id", "message_id", "seq"),
        Index("ix_matched_notices_seq", "seq"),
    )

    subscription_id: Mapped[str] = mapped_column(ForeignKey("subscriptions.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Counter, ForeignKey("notices.seq"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    is_waiting: Mapped[bool]
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"))


class InboxEntry(Base):
    """Something in an account's inbox: a notice, or with no `seq` a word of the program about a subscription."""

    __tablename__ = "inbox_entries"
    __table_args__ = (
        UniqueConstraint("subscription_id", "seq"),
        Index("ix_inbox_entries_account_id_at", "account_id", "at", "id"),
        Index("ix_inbox_entries_account_id_read_at", "account_id", "read_at", "at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    subscription_id: Mapped[str | None] = mapped_column(ForeignKey("subscriptions.id"))
    seq: Mapped[int | None] = mapped_column(Counter, ForeignKey("notices.seq"))
    kind: Mapped[str] = mapped_column(String(48))
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Watch(Base):
    """An address that an account watches: it hears of near matches."""

    __tablename__ = "watches"
    __table_args__ = (
        Index("ix_watches_address_id", "address_id"),
        Index("ix_watches_account_id_at", "account_id", "at", "address_id"),
    )

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    at: Mapped[datetime]
