"""What the audit routes give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class EntryOut(BaseModel):
    """One thing that was done."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    facts: dict[str, Any]
    request_id: str | None
    previous_sha256: str
    entry_sha256: str


class EntriesOut(BaseModel):
    """A page of entries, the newest first; `next` continues it and is null at the end."""

    entries: list[EntryOut]
    next: int | None


class BreakOut(BaseModel):
    """A place where the log does not hold."""

    seq: int
    reason: str


class ChainOut(BaseModel):
    """Whether the log is whole. `breaks` names the first hundred places where it is not."""

    is_whole: bool
    entries: int
    head_sha256: str | None
    sealed_until: int
    breaks: list[BreakOut]
