"""Every address that a transaction writes says when: no writer has to think of it, and none can forget it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from api.clock import Clock
from models import Address


def note_changes(session: Session, clock: Clock) -> None:
    """From now on set `changed_at` of each address that is new or different whenever the session flushes."""

    @event.listens_for(session, "before_flush")
    def _note(session: Session, _context: Any, _instances: Any) -> None:
        for row in (*session.new, *session.dirty):
            if isinstance(row, Address) and session.is_modified(row):
                row.changed_at = clock.now()
