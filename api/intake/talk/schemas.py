"""Conversations, senders and messages as the API shows them: never who, never which chat."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.intake.coordinates import LONGEST_PLACE
from api.readings.schemas import Shown
from models import Arrived, Conversation, Outgoing, Sender

LONGEST_REASON = 500


class Which(StrEnum):
    """Conversations to list."""

    PHOTO = "photo"
    PLACE = "place"
    CONFIRM = "confirm"
    SILENT = "silent"
    TEXT = "text"


class ConversationPhotoOut(Shown):
    """One picture that was sent; without `sha256` it was refused, and `error_code` says why."""

    sha256: str | None
    file_name: str | None
    error_code: str | None


class ConversationOut(Shown):
    """One report in the making. `sender_id` stands for somebody whose name nobody here knows."""

    id: str
    sender_id: str
    channel: str
    state: str
    ended_why: str | None = Field(description="silent, cancelled or forgotten")
    language: str
    lat: float | None
    lon: float | None
    place_source: str | None
    place_text: str | None
    note: str | None
    photos: list[ConversationPhotoOut]
    report_id: str | None
    receipt: str | None
    reminders: int
    opened_at: datetime
    changed_at: datetime
    version: int


class ConversationPageOut(Shown):
    """A page of conversations; `next` is the cursor of the next one."""

    conversations: list[ConversationOut]
    next: str | None


class PlaceGiven(BaseModel):
    """A place that an officer gives: `lat` and `lon`, or `place` as text or map link."""

    model_config = ConfigDict(extra="forbid")

    version: int
    lat: float | None = None
    lon: float | None = None
    place: Annotated[str | None, Field(min_length=1, max_length=LONGEST_PLACE)] = None


class SenderOut(Shown):
    """Somebody who writes, without a name."""

    id: str
    channel: str
    language: str | None
    agreed_at: datetime | None = Field(description="since when they wish to hear what becomes of reports")
    blocked_at: datetime | None
    blocked_reason: str | None
    created_at: datetime
    last_at: datetime
    version: int


class SenderPageOut(Shown):
    """A page of senders; `next` is the cursor of the next one."""

    senders: list[SenderOut]
    next: str | None


class Blocking(BaseModel):
    """Why a sender is blocked, or no longer is."""

    model_config = ConfigDict(extra="forbid")

    version: int
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]


class OutgoingOut(Shown):
    """A message that was given up, without its words and where it goes."""

    seq: int
    channel: str
    conversation_id: str | None
    order_id: str | None
    state: str
    tries: int
    unknowns: int = Field(description="how often nobody knew whether it had arrived")
    made_at: datetime
    error_code: str | None
    error_message: str | None


class OutgoingPageOut(Shown):
    """A page of messages, the newest first; `next` is the cursor of the next one."""

    messages: list[OutgoingOut]
    next: int | None


class ArrivalOut(Shown):
    """Something that arrived and could not be taken, without its words and who sent it."""

    seq: int
    channel: str
    sender_id: str
    state: str
    tries: int
    arrived_at: datetime
    outcome: str | None
    error_message: str | None


class ArrivalPageOut(Shown):
    """A page of arrivals, the newest first; `next` is the cursor of the next one."""

    arrivals: list[ArrivalOut]
    next: int | None


def conversation_out(row: Conversation) -> ConversationOut:
    """A conversation with its pictures."""
    return ConversationOut(
        id=row.id,
        sender_id=row.sender_id,
        channel=row.channel,
        state=row.state,
        ended_why=row.ended_why,
        language=row.language,
        lat=row.lat,
        lon=row.lon,
        place_source=row.place_source,
        place_text=row.place_text,
        note=row.note,
        photos=[
            ConversationPhotoOut(sha256=each.photo_sha256, file_name=each.file_name, error_code=each.error_code)
            for each in row.photos
        ],
        report_id=row.report_id,
        receipt=row.receipt,
        reminders=row.reminders,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        version=row.version,
    )


def sender_out(row: Sender) -> SenderOut:
    """A sender."""
    return SenderOut(
        id=row.id,
        channel=row.channel,
        language=row.language,
        agreed_at=row.agreed_at,
        blocked_at=row.blocked_at,
        blocked_reason=row.blocked_reason,
        created_at=row.created_at,
        last_at=row.last_at,
        version=row.version,
    )


def outgoing_out(row: Outgoing) -> OutgoingOut:
    """A message."""
    return OutgoingOut(
        seq=row.seq,
        channel=row.channel,
        conversation_id=row.conversation_id,
        order_id=row.order_id,
        state=row.state,
        tries=row.tries,
        unknowns=row.unknowns,
        made_at=row.made_at,
        error_code=row.error_code,
        error_message=row.error_message,
    )


def arrival_out(row: Arrived) -> ArrivalOut:
    """An arrival."""
    return ArrivalOut(
        seq=row.seq,
        channel=row.channel,
        sender_id=row.sender_id,
        state=row.state,
        tries=row.tries,
        arrived_at=row.arrived_at,
        outcome=row.outcome,
        error_message=row.error_message,
    )
