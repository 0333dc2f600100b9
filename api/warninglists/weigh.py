"""What every transaction that makes addresses or findings writes beside them: no writer has to think of it.

An address gets its hits and what holds by them; a finding gets the words around it, and its place in the review queue
by both. It hangs on the session as `api.watchlist.changes` does, so it is in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from api.clock import Clock
from api.readings.convert import box_from
from api.warninglists.lists import Hit, WarningLists
from api.watchlist.queue import placed
from models import UNREAD, Address, Finding, FindingContext, Reading, WarningHit, WarningState
from vision.addresses.context import Context, context
from vision.types import Line


def note_warnings(session: Session, lists: WarningLists, clock: Clock) -> None:
    """From now on write hits and contexts of each address and finding that is new whenever the session flushes."""

    @event.listens_for(session, "before_flush")
    def _note(session: Session, _context: Any, _instances: Any) -> None:
        for row in tuple(session.new):
            if isinstance(row, Address):
                _warn(session, row, lists, clock)
            elif isinstance(row, Reading):
                for finding in row.findings:
                    _place(session, row, finding, lists)


def context_of(reading: Reading, finding: Finding) -> Context:
    """What the words around a finding say; for a line that was not read, those of the line as well."""
    return context(lines_of(reading), box_from(finding.box) if finding.box else None)


def lines_of(reading: Reading) -> list[Line]:
    """The lines of a kept reading."""
    return [Line(line["text"], line["confidence"], box_from(line["box"])) for line in reading.lines]


def words_json(found: Context) -> list[dict[str, Any]]:
    """The words that a score rests on, as they are kept."""
    return [
        {"text": word.text, "meant": word.meant, "sense": word.sense, "weight": word.weight} for word in found.words
    ]


def hit_row(address: Address, hit: Hit, clock: Clock) -> WarningHit:
    """A hit as it is kept."""
    return WarningHit(
        address=address,
        list_id=hit.list_id,
        list_version=hit.version,
        match_type=hit.match_type,
        entry=hit.entry,
        meaning=hit.meaning,
        is_lowering=hit.is_lowering,
        found_at=clock.now(),
    )


def lowers(hits: Sequence[Hit]) -> bool:
    """Whether any of the hits says that it is probably no shop."""
    return any(hit.is_lowering for hit in hits)


def _warn(session: Session, address: Address, lists: WarningLists, clock: Clock) -> None:
    hits = lists.check(address.kind, address.value)
    if hits:
        session.add_all(hit_row(address, hit, clock) for hit in hits)
        session.add(WarningState(address=address, is_warned=True, is_lowered=lowers(hits)))


def _place(session: Session, reading: Reading, finding: Finding, lists: WarningLists) -> None:
    found = context_of(reading, finding)
    hits = () if finding.kind == UNREAD else lists.check(finding.kind, finding.value)
    finding.queue_rank = placed(finding.queue_rank, context=found.score, is_lowered=lowers(hits))
    session.add(FindingContext(finding=finding, score=found.score, words=words_json(found)))
