"""The audit chain: written by the unit that causes an entry, so an entry exists exactly when its cause does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import select, text

from api.unit import Unit
from models import AuditEntry

START = "0" * 64
CHAIN_LOCK = 0x57_41_4C_4C  # "WALL": the advisory lock that orders writers of the chain on PostgreSQL


def record(unit: Unit, action: str, subject: str, **facts: Any) -> AuditEntry:
    """Append an entry to the chain in the unit's transaction.

    Writers queue here until the one before them has committed: SQLite's transactions already do, PostgreSQL's take
    an advisory lock. So call it last in a service.
    """
    session = unit.session
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    session.flush()
    last = session.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
    entry = AuditEntry(
        seq=last.seq + 1 if last else 1,
        at=unit.clock.now(),
        actor=unit.actor.name,
        action=action,
        subject=subject,
        facts=json.loads(canonical(facts)),
        request_id=unit.request_id,
        previous_sha256=last.entry_sha256 if last else START,
        entry_sha256="",
    )
    entry.entry_sha256 = digest(entry)
    session.add(entry)
    session.flush()
    return entry


def canonical(value: Any) -> str:
    """JSON with one spelling: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def digest(entry: AuditEntry) -> str:
    """SHA-256(previous ‖ canonical JSON of the entry), hex."""
    body = {
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "facts": entry.facts,
        "request_id": entry.request_id,
    }
    return hashlib.sha256((entry.previous_sha256 + canonical(body)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold."""

    seq: int
    reason: str


def breaks(unit: Unit, *, page: int = 1000) -> Iterator[Break]:
    """Every place where the chain does not hold, read in pages; nothing when it is whole."""
    previous, seq = START, 0
    while entries := unit.session.scalars(
        select(AuditEntry).where(AuditEntry.seq > seq).order_by(AuditEntry.seq).limit(page)
    ).all():
        for entry in entries:
            if entry.seq != seq + 1:
                yield Break(entry.seq, f"entries {seq + 1} to {entry.seq - 1} are missing")
            elif entry.previous_sha256 != previous:
                yield Break(entry.seq, "does not follow the entry before it")
            if digest(entry) != entry.entry_sha256:
                yield Break(entry.seq, "was changed after it was written")
            previous, seq = entry.entry_sha256, entry.seq
        unit.session.expunge_all()
