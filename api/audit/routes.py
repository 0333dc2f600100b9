"""The audit log over HTTP: reading and checking, never writing."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import func, select

from api.accounts.roles import Scope
from api.audit.entries import Sought, newest_entries
from api.audit.schemas import BreakOut, ChainOut, EntriesOut, EntryOut
from api.audit.verify import log_breaks
from api.deps import Process, ReadingUnit, needs
from api.instants import asked
from api.services import Services
from models import AuditEntry, AuditSeal

router = APIRouter(prefix="/v1/audit", tags=["audit"])

SHOWN_BREAKS = 100


@router.get("", dependencies=[needs(Scope.AUDIT_READ)], summary="The audit log")
def entries(
    unit: ReadingUnit,
    *,
    actor: Annotated[str | None, Query(max_length=64)] = None,
    action: Annotated[str | None, Query(max_length=64, examples=["report.sent"])] = None,
    subject: Annotated[str | None, Query(max_length=128)] = None,
    since: Annotated[datetime | None, Query(description="from this moment on, with its zone")] = None,
    until: Annotated[datetime | None, Query(description="before this moment, with its zone")] = None,
    cursor: Annotated[int | None, Query(ge=1, le=2**62, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> EntriesOut:
    """Who did what, the newest first; each filter matches exactly."""
    sought = Sought(
        actor=actor, action=action, subject=subject, since=asked("since", since), until=asked("until", until)
    )
    found, following = newest_entries(unit, sought, cursor=cursor, limit=limit)
    return EntriesOut(entries=[EntryOut.model_validate(entry, from_attributes=True) for entry in found], next=following)


@router.get("/verify", dependencies=[needs(Scope.AUDIT_READ)], summary="Is the audit log whole?")
def verify(services: Process) -> ChainOut:
    """Walks the whole chain and checks every seal; `wallwatch verify` also hashes every original."""
    return chain(services)


def chain(services: Services) -> ChainOut:
    """Whether the log is whole, and where it is not."""
    found = list(islice(log_breaks(services), SHOWN_BREAKS))
    with services.reading_unit() as unit:
        head = unit.session.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
        sealed_until = unit.session.scalar(select(func.max(AuditSeal.seq))) or 0
    return ChainOut(
        is_whole=not found,
        entries=head.seq if head else 0,
        head_sha256=head.entry_sha256 if head else None,
        sealed_until=sealed_until,
        breaks=[BreakOut(seq=each.seq, reason=each.reason) for each in found],
    )
