"""What the job routes give."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class WorkerOut(BaseModel):
    """A worker; `is_silent` when it was not heard for so long that others take over its photos."""

    name: str
    started_at: datetime
    beat_at: datetime
    is_silent: bool


class AttemptOut(BaseModel):
    """One attempt to read one photo."""

    photo: str
    worker: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    error_code: str | None
    error_message: str | None


class UnreadableOut(BaseModel):
    """A photo that was given up, and why; it can be tried again."""

    photo: str
    received_at: datetime
    error_code: str | None
    error_message: str | None
    failures: int
    losses: int


class JobsOut(BaseModel):
    """How reading goes: photos by state, workers, the newest attempts, and photos given up (a page, newest first)."""

    photos: dict[str, int]
    oldest_owed_at: datetime | None
    workers: list[WorkerOut]
    attempts: list[AttemptOut]
    unreadable: list[UnreadableOut]
    next: str | None


class TryAgainOut(BaseModel):
    """A photo that is owed a reading again."""

    photo: str
    state: str


class RetryAll(BaseModel):
    """Which photos that were given up are tried again: all, or those given up for one reason."""

    model_config = ConfigDict(extra="forbid")

    error_code: str | None = Field(default=None, max_length=64, examples=["reader_lost"])


class RetriedOut(BaseModel):
    """How many photos are owed a reading again, and how many that were asked for are left for another request."""

    photos: int
    left: int


class NewReread(BaseModel):
    """Photos to read again: the newest `most` of them, or all."""

    model_config = ConfigDict(extra="forbid")

    most: int | None = Field(default=None, ge=1, le=10_000_000)


class RereadOut(BaseModel):
    """Photos read again by a newer reader: how far that has come."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    card_sha256: str
    is_running: bool
    was_stopped: bool
    began_at: datetime
    began_by: str
    ended_at: datetime | None
    most: int | None
    total: int = Field(description="photos there were to read again when it began, `most` of them at most")
    asked: int = Field(description="of these, how many were put into the queue")


class CardUsed(BaseModel):
    """A reader that was used here."""

    card_sha256: str
    name: str
    version: str
    weights: dict[str, str] = Field(description="file name to SHA-256")
    photos: int = Field(description="photos that it has read")
    first_at: datetime
    last_at: datetime
    is_present: bool = Field(description="a worker that is alive reads with it")


class ReadersOut(BaseModel):
    """The readers in use and those before them, the present one first, and the newest reading-again."""

    cards: list[CardUsed]
    photos: int = Field(description="photos that have been read")
    not_by_present: int | None = Field(description="of these, not by the present reader; null: workers do not agree")
    reread: RereadOut | None
