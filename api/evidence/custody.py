"""The custody log of a pack: what the audit log says of its objects, in a form that holds by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from api.audit.seal import as_json, is_genuine
from api.audit.service import START, digest
from api.unit import Unit
from models import AuditEntry, AuditSeal

AT_ONCE = 400
COLUMNS = ("seq", "actor", "action", "subject", "facts", "request_id", "previous_sha256", "entry_sha256")


def custody_of(unit: Unit, subjects: Iterable[str]) -> dict[str, Any]:
    """The entries about these objects in the order of the log, the log's head, and the seals nearest to both.

    `head` is None while nothing was ever done. The chain's links between entries that are not neighbours are not here:
    each entry's own digest holds, and the installation's log has the rest.
    """
    head = unit.session.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
    until = head.seq if head else 0
    found: dict[int, AuditEntry] = {}
    for several in _batches(sorted(set(subjects))):
        query = select(AuditEntry).where(AuditEntry.subject.in_(several), AuditEntry.seq <= until)
        found |= {entry.seq: entry for entry in unit.session.scalars(query)}
    entries = [found[seq] for seq in sorted(found)]
    return {
        "head": {"seq": head.seq, "entry_sha256": head.entry_sha256} if head else None,
        "entries": [_said(entry) for entry in entries],
        "seals": [as_json(seal) for seal in _seals(unit, entries[-1].seq if entries else 0, until)],
    }


def _batches(names: list[str]) -> Iterator[list[str]]:
    for at in range(0, len(names), AT_ONCE):
        yield names[at : at + AT_ONCE]


def _said(entry: AuditEntry) -> dict[str, Any]:
    return {"at": entry.at.isoformat(timespec="microseconds")} | {name: getattr(entry, name) for name in COLUMNS}


def _seals(unit: Unit, last: int, until: int) -> list[AuditSeal]:
    """The first seal that covers the last entry, and the newest one: of these the pack's reader can ask for proof."""
    asked = select(AuditSeal).where(AuditSeal.seq <= until)
    first = unit.session.scalar(asked.where(AuditSeal.seq >= last).order_by(AuditSeal.seq).limit(1))
    newest = unit.session.scalar(asked.order_by(AuditSeal.seq.desc()).limit(1))
    return list({seal.seq: seal for seal in (first, newest) if seal is not None}.values())


def breaks(said: Any) -> Iterator[str]:
    """Where a custody log from a file does not hold, in words; nothing when it does. Any shape is looked at."""
    try:
        entries = [_entry(each) for each in said["entries"]]
        seals = [_seal(each) for each in said["seals"]]
        head = said["head"] or {"seq": 0, "entry_sha256": START}
        last, last_sha256 = int(head["seq"]), str(head["entry_sha256"])
    except (LookupError, TypeError, ValueError, AttributeError):
        yield "it is not laid out as a custody log"
        return
    digests = {0: START}
    before = 0
    for entry in entries:
        if entry.seq <= before:
            yield f"entry {entry.seq} does not come after entry {before}"
        if entry.seq - 1 in digests and entry.previous_sha256 != digests[entry.seq - 1]:
            yield f"entry {entry.seq} does not follow the entry before it"
        if digest(entry) != entry.entry_sha256:
            yield f"entry {entry.seq} was changed after it was written"
        before = entry.seq
        digests[entry.seq] = entry.entry_sha256
    if before > last:
        yield f"entry {before} is newer than the head of the log, {last}"
    if digests.get(last, last_sha256) != last_sha256:
        yield f"the head of the log is not its entry {last}"
    for seal in seals:
        if not is_genuine(seal):
            yield f"the seal of entry {seal.seq} has a signature that is not genuine"
        if (last_sha256 if seal.seq == last else digests.get(seal.seq, seal.entry_sha256)) != seal.entry_sha256:
            yield f"the seal of entry {seal.seq} is of another entry"


def _entry(said: Any) -> AuditEntry:
    entry = AuditEntry(at=datetime.fromisoformat(said["at"]), **{name: said[name] for name in COLUMNS})
    if entry.at.tzinfo is None or not isinstance(entry.facts, dict) or type(entry.seq) is not int:
        raise ValueError
    if not all(isinstance(each, str) for each in (entry.actor, entry.previous_sha256, entry.entry_sha256)):
        raise TypeError
    return entry


def _seal(said: Any) -> AuditSeal:
    return AuditSeal(
        seq=int(said["seq"]),
        entry_sha256=str(said["entry_sha256"]),
        public_key=str(said["public_key"]),
        signature=str(said["signature"]),
    )
