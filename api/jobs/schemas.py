"""What the job routes give."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


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
