"""What people decide about findings. The reading stays as it was; the decision is written beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, tuple_

from api.audit.service import record
from api.errors import NotFound, Problem
from api.unit import Unit
from api.watchlist.service import sight, unsight
from models import UNREAD, Finding, Review, SightingState
from vision.addresses import AddressInvalid, canonical


class FindingChanged(Problem):
    """Somebody else decided meanwhile."""

    status = 409

    def __init__(self, *, version: int) -> None:
        super().__init__("Somebody has decided about this finding since you loaded it: look again before you decide.")
        self.version = version


class CorrectionNeeded(Problem):
    """Confirming a line that was not read as any address."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "This line is painted as an address but was not read as one: correct it with what it says, or reject it."
        )


class ValueRefused(Problem):
    """A correction that is no address of its kind."""

    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__(reason[:1].upper() + reason[1:])


def waiting(unit: Unit, *, after: tuple[datetime, str] | None, limit: int) -> Sequence[Finding]:
    """Findings that nobody looked at and that are not on the watchlist, the oldest first; one more if there are."""
    query = select(Finding).where(Finding.review == Review.UNREVIEWED, Finding.accepted.is_(False))
    if after is not None:
        query = query.where(tuple_(Finding.created_at, Finding.id) > tuple_(*after))
    return unit.session.scalars(query.order_by(Finding.created_at, Finding.id).limit(limit + 1)).all()


def confirm(unit: Unit, finding_id: str, *, version: int) -> Finding:
    """It is what was read: the address is on the watchlist, confirmed. NotFound, FindingChanged, CorrectionNeeded."""
    finding = _locked(unit, finding_id, version)
    if finding.kind == UNREAD:
        raise CorrectionNeeded
    _decide(unit, finding, Review.CONFIRMED, kind=finding.kind, value=finding.value)
    sight(unit, finding, kind=finding.kind, value=finding.value, state=SightingState.CONFIRMED)
    record(unit, "finding.confirm", finding.id, kind=finding.kind, value=finding.value)
    return finding


def correct(unit: Unit, finding_id: str, *, version: int, kind: str, value: str) -> Finding:
    """It says something else: that address is on the watchlist, confirmed. NotFound, FindingChanged, ValueRefused."""
    finding = _locked(unit, finding_id, version)
    try:
        meant = canonical(kind, value)
    except AddressInvalid as error:
        raise ValueRefused(str(error)) from error
    _decide(unit, finding, Review.CORRECTED, kind=kind, value=meant)
    sight(unit, finding, kind=kind, value=meant, state=SightingState.CONFIRMED)
    record(unit, "finding.correct", finding.id, read=[finding.kind, finding.value], meant=[kind, meant])
    return finding


def reject(unit: Unit, finding_id: str, *, version: int, reason: str) -> Finding:
    """It is no address: its sightings no longer count. NotFound, FindingChanged."""
    finding = _locked(unit, finding_id, version)
    _decide(unit, finding, Review.REJECTED, kind=None, value=None)
    finding.review_reason = reason
    unsight(unit, finding)
    record(unit, "finding.reject", finding.id, read=[finding.kind, finding.value], reason=reason)
    return finding


def _locked(unit: Unit, finding_id: str, version: int) -> Finding:
    finding = unit.session.get(Finding, finding_id, with_for_update=True, populate_existing=True)
    if finding is None:
        raise NotFound("finding")
    if finding.version != version:
        raise FindingChanged(version=finding.version)
    return finding


def _decide(unit: Unit, finding: Finding, review: Review, *, kind: str | None, value: str | None) -> None:
    finding.review, finding.decided_kind, finding.decided_value = review, kind, value
    finding.reviewed_by, finding.reviewed_at = unit.actor.account_id, unit.clock.now()
    finding.review_reason = None
    finding.version += 1
    unit.session.flush()
