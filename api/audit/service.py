"""The audit chain: written by the unit that causes an entry, so an entry exists exactly when its cause does."""

from __future__ import annotations

import hashlib
import json
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
    return hashlib.sha256((entry.previous_sha256 + canonical(body)).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Link:
    """How far the chain has been walked: the last entry's number and digest."""

    seq: int = 0
    sha256: str = START


def walk(unit: Unit, after: Link, *, limit: int = 1000) -> tuple[list[Break], Link]:
    """Where the next entries do not hold, and the last of them; the link that was given, when there are no more."""
    found, link = [], after
    for entry in unit.session.scalars(
        select(AuditEntry).where(AuditEntry.seq > after.seq).order_by(AuditEntry.seq).limit(limit)
    ):
        if entry.seq != link.seq + 1:
            found.append(Break(entry.seq, f"entries {link.seq + 1} to {entry.seq - 1} are missing"))
        elif entry.previous_sha256 != link.sha256:
            found.append(Break(entry.seq, "does not follow the entry before it"))
        if digest(entry) != entry.entry_sha256:
            found.append(Break(entry.seq, "was changed after it was written"))
        link = Link(entry.seq, entry.entry_sha256)
    return found, link
