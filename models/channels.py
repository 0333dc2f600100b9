"""Messages of channels that talk back: who wrote, what arrived, the conversation about a report, what is to be sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import Counter
from models.base import Base, Sha256, new_id


class ArrivalState(StrEnum):
    """Where something that arrived stands; `failed` is kept and waits for a person."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class ConversationState(StrEnum):
    """What a conversation waits for; the last three are ends."""

    PHOTO = "photo"
    PLACE = "place"
    CONFIRM = "confirm"
    SENT = "sent"
    TEXT = "text"
    ENDED = "ended"


class Lease(Base):
    """What one worker among several does alone, such as reading a mailbox: its holder's until `until`.

    `kept` is what a holder leaves to the next one, such as how far it has read.
    """

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]
    kept: Mapped[dict[str, Any]]


class Sender(Base):
    """Somebody who writes, known by a keyed hash of the name that the channel has for them and by nothing else.

    `sealed_chat` is where answers go, encrypted with the installation's secret; it is there while a conversation is
    under way, and afterwards only for a sender who agreed to hear more (`agreed_at`).
    """

    __tablename__ = "senders"
    __table_args__ = (
        UniqueConstraint("channel", "hash"),
        Index("ix_senders_last_at", "last_at", "id"),
        Index("ix_senders_blocked_at", "blocked_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(16))
    hash: Mapped[str] = mapped_column(Sha256)
    sealed_chat: Mapped[bytes | None] = mapped_column(LargeBinary)
    language: Mapped[str | None] = mapped_column(String(2))
    agreed_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    blocked_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    blocked_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    last_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class Arrived(Base):
    """Something that arrived, once: `provider_id` is the channel's own name for it, whatever is delivered again.

    `content` is an `api.intake.channels.base.Arrival` without the names of people and chats, which are sealed in
    `sealed_who`; both are emptied when they have been kept long enough. `seq` is the order of arrival.
    """

    __tablename__ = "arrivals"
    __table_args__ = (
        UniqueConstraint("channel", "provider_id"),
        CheckConstraint("state IN ('waiting','done','failed')", name="state"),
        Index("ix_arrivals_state_seq", "state", "seq"),
        Index("ix_arrivals_sender_id_seq", "sender_id", "seq"),
        Index("ix_arrivals_conversation_id_seq", "conversation_id", "seq"),
        Index("ix_arrivals_arrived_at", "arrived_at", "seq"),
        Index("ix_arrivals_chat_hash_album", "chat_hash", "album"),
    )

    seq: Mapped[int] = mapped_column(Counter, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    provider_id: Mapped[str] = mapped_column(String(255))
    sender_id: Mapped[str] = mapped_column(ForeignKey("senders.id"))
    chat_hash: Mapped[str] = mapped_column(Sha256)
    album: Mapped[str | None] = mapped_column(String(64))
    sealed_who: Mapped[bytes | None] = mapped_column(LargeBinary)
    content: Mapped[dict[str, Any]]
    sent_at: Mapped[datetime]
    arrived_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default=ArrivalState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))

    sender: Mapped[Sender] = relationship()


class Conversation(Base):
    """One report in the making, and what its sender is told of it afterwards.

    `ended_why` says why one that ended has no report: `silent`, `cancelled` or `forgotten`; an officer may still give a
    place to one that fell silent. `receipt` is the number that the sender was given, `told` the last state of the
    report that the sender was told.
    `remind_at` is when the next reminder is due, or, after the report was sent, when to look whether there is news.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        CheckConstraint("state IN ('photo','place','confirm','sent','text','ended')", name="state"),
        UniqueConstraint("receipt"),
        Index("ix_conversations_sender_id_opened_at", "sender_id", "opened_at", "id"),
        Index("ix_conversations_remind_at", "remind_at", "id"),
        Index("ix_conversations_state_changed_at", "state", "changed_at", "id"),
        Index("ix_conversations_report_id", "report_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    sender_id: Mapped[str] = mapped_column(ForeignKey("senders.id"))
    channel: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(8), default=ConversationState.PHOTO)
    language: Mapped[str] = mapped_column(String(2))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    place_source: Mapped[str | None] = mapped_column(String(8))
    place_text: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    ended_why: Mapped[str | None] = mapped_column(String(12))
    report_id: Mapped[str | None] = mapped_column(ForeignKey("reports.id"))
    receipt: Mapped[str | None] = mapped_column(String(16))
    wants_status: Mapped[bool] = mapped_column(default=False)
    told: Mapped[str | None] = mapped_column(String(24))
    reminders: Mapped[int] = mapped_column(default=0)
    remind_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    sender: Mapped[Sender] = relationship()
    photos: Mapped[list[ConversationPhoto]] = relationship(order_by="ConversationPhoto.position")


class ConversationPhoto(Base):
    """One picture of a conversation: at the provider first (`media`), then kept under its SHA-256."""

    __tablename__ = "conversation_photos"
    __table_args__ = (Index("ix_conversation_photos_photo_sha256", "photo_sha256"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    arrival_seq: Mapped[int] = mapped_column(Counter, ForeignKey("arrivals.seq"))
    media: Mapped[dict[str, Any]]
    photo_sha256: Mapped[str | None] = mapped_column(ForeignKey("photos.sha256"))
    file_name: Mapped[str | None] = mapped_column(String(255))
    error_code: Mapped[str | None] = mapped_column(String(64))


class Outgoing(Base):
    """A message to somebody outside, on its way once: `key` names what it says and to whom, so saying it twice is once.

    Messages to one chat (`chat_hash`) go out in the order of `seq`. `want`, `tries` and `unknowns` count as those of
    `models.Message` do. `sealed_chat` is emptied once it was sent, and with the rest (`is_emptied`) after long enough.
    """

    __tablename__ = "outgoing"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("state IN ('waiting','sending','sent','dead')", name="state"),
        Index("ix_outgoing_state_due_at", "state", "due_at", "seq"),
        Index("ix_outgoing_chat_hash_state", "chat_hash", "state", "seq"),
        Index("ix_outgoing_conversation_id", "conversation_id", "seq"),
        Index("ix_outgoing_order_id", "order_id", "seq"),
        Index("ix_outgoing_channel_provider_id", "channel", "provider_id"),
    )

    seq: Mapped[int] = mapped_column(Counter, primary_key=True)
    key: Mapped[str] = mapped_column(String(160))
    channel: Mapped[str] = mapped_column(String(16))
    chat_hash: Mapped[str] = mapped_column(Sha256)
    sealed_chat: Mapped[bytes | None] = mapped_column(LargeBinary)
    content: Mapped[dict[str, Any]]
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    order_id: Mapped[str | None] = mapped_column(ForeignKey("work_orders.id"))
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    want: Mapped[int] = mapped_column(default=1)
    tries: Mapped[int] = mapped_column(default=0)
    unknowns: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    provider_id: Mapped[str | None] = mapped_column(String(255))
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    is_emptied: Mapped[bool] = mapped_column(default=False)
