"""Whose turn it is: writers of the watchlist go one after another.

On SQLite by its nature, on PostgreSQL by an advisory lock held to the end of the transaction. Whoever writes addresses,
sightings or the order of the queue takes the turn before locking any of their rows; the audit log's lock comes after.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

WATCHLIST_LOCK = 0x53_45_45_4E  # "SEEN": the advisory lock that orders writers of the watchlist on PostgreSQL


def take_turn(session: Session) -> None:
    """Wait for the writer before us; again in the same transaction changes nothing."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WATCHLIST_LOCK})
