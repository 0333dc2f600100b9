"""What people decide about findings. The reading stays as it was; the decision is written beside it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import selectinload

from api.audit.service import record
from api.errors import NotFound, Problem
from api.inscriptions.fusion import add_up
from api.intake.text import clean_line, clean_note
from api.readings.repository import identity
from api.unit import Unit
from api.watchlist.queue import Key, rank_again
from api.watchlist.service import sight, unsight
from api.watchlist.turn import take_turn
from models import UNREAD, Decision, Finding, Review, SightingState
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


class AlternativeUnknown(Problem):
    """A choice among alternatives that the finding does not have."""

    status = 422

    def __init__(self, *, count: int) -> None:
        have = f"it has {count}, counted from 0" if count else "it has none"
        super().__init__(f"This finding has no such alternative: {have}. Type what it says as kind and value.")
        self.alternatives = count


class ReasonEmpty(Problem):
    """A reason of which nothing is left that can be read."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Say why it is no address: the reason holds nothing that can be read.")


class NothingToUndo(Problem):
    """Nobody has decided, or every decision is undone already."""

    status = 409

    def __init__(self, *, version: int) -> None:
        super().__init__("Nobody has decided about this finding, or all that was decided is undone already.")
        self.version = version


def waiting(unit: Unit, *, after: Key | None, limit: int, is_listed: bool = False) -> Sequence[Finding]:
    """Findings that nobody decided about, those worth most first (`queue.py`); one more than `limit` if there are.

    `after` is where the page before ended. With `is_listed` those that are on the watchlist by themselves, instead of
    those that wait to get there.
    """
    query = select(Finding).where(Finding.review == Review.UNREVIEWED, Finding.is_listed.is_(is_listed))
    key = Finding.queue_rank, Finding.created_at, Finding.id
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return unit.session.scalars(query.order_by(*key).limit(limit + 1).options(selectinload(Finding.fused))).all()


def confirm(unit: Unit, finding_id: str, *, version: int) -> Finding:
    """It is what was read: the address is on the watchlist, confirmed. NotFound, FindingChanged, CorrectionNeeded."""
    finding = _locked(unit, finding_id, version)
    if finding.kind == UNREAD:
        raise CorrectionNeeded
    _decide(unit, finding, Review.CONFIRMED, kind=finding.kind, value=finding.value)
    sight(unit, finding, kind=finding.kind, value=finding.value, state=SightingState.CONFIRMED)
    add_up(unit, finding.photo_sha256)
    record(unit, "finding.confirm", finding.id, kind=finding.kind, value=finding.value)
    return finding


def correct(unit: Unit, finding_id: str, *, version: int, kind: str, value: str, painted: str | None = None) -> Finding:
    """It says something else: that address is on the watchlist, confirmed.

    `painted` is the line exactly as the wall has it, for those who train the reader.

    Raises:
        NotFound, FindingChanged, ValueRefused: each as its name says; nothing was changed.
    """
    return _correct(unit, _locked(unit, finding_id, version), kind, value, painted=painted)


def choose(unit: Unit, finding_id: str, *, version: int, alternative: int, painted: str | None = None) -> Finding:
    """It says one of the alternatives, counted from 0: as `correct`. NotFound, FindingChanged, AlternativeUnknown."""
    finding = _locked(unit, finding_id, version)
    if not 0 <= alternative < len(finding.alternatives):
        raise AlternativeUnknown(count=len(finding.alternatives))
    value = finding.alternatives[alternative]["value"]
    return _correct(unit, finding, finding.kind, value, painted=painted, choice=alternative)


def reject(unit: Unit, finding_id: str, *, version: int, reason: str) -> Finding:
    """It is no address: its sightings no longer count. NotFound, FindingChanged, ReasonEmpty."""
    finding = _locked(unit, finding_id, version)
    why = clean_note(reason)
    if not why:
        raise ReasonEmpty
    _decide(unit, finding, Review.REJECTED, kind=None, value=None, reason=why)
    unsight(unit, finding)
    add_up(unit, finding.photo_sha256)
    record(unit, "finding.reject", finding.id, read=[finding.kind, finding.value], reason=why)
    return finding


def undo(unit: Unit, finding_id: str, *, version: int) -> Finding:
    """Take the last decision back: the one before it holds again, or none. Again goes one further back.

    The decision stays where it was written, with who undid it and when. NotFound, FindingChanged, NothingToUndo.
    """
    finding = _locked(unit, finding_id, version)
    standing = unit.session.scalars(
        select(Decision)
        .where(Decision.finding_id == finding.id, Decision.undone_at.is_(None))
        .order_by(Decision.version.desc())
        .limit(2)
    ).all()
    if not standing:
        raise NothingToUndo(version=finding.version)
    last, before = standing[0], standing[1] if len(standing) == 2 else None
    last.undone_by, last.undone_at = unit.actor.account_id, unit.clock.now()
    finding.version += 1
    _hold(finding, before)
    unit.session.flush()
    _sight_as(unit, finding)
    rank_again(unit.session, [finding])
    add_up(unit, finding.photo_sha256)
    record(unit, "finding.undo", finding.id, undone=[last.review, last.kind, last.value], now=finding.review)
    return finding


def decisions(unit: Unit, finding_id: str) -> Sequence[Decision]:
    """Everything that was decided about a finding, in order, undone or not."""
    return unit.session.scalars(
        select(Decision).where(Decision.finding_id == finding_id).order_by(Decision.version)
    ).all()


def _correct(
    unit: Unit, finding: Finding, kind: str, value: str, *, painted: str | None, choice: int | None = None
) -> Finding:
    try:
        meant = canonical(kind, value)
    except AddressInvalid as error:
        raise ValueRefused(str(error)) from error
    line = clean_line(painted or "") or None
    _decide(unit, finding, Review.CORRECTED, kind=kind, value=meant, painted=line, choice=choice)
    sight(unit, finding, kind=kind, value=meant, state=SightingState.CONFIRMED)
    how = "typed" if choice is None else "chosen"
    add_up(unit, finding.photo_sha256)
    record(unit, "finding.correct", finding.id, read=[finding.kind, finding.value], meant=[kind, meant], how=how)
    return finding


def _locked(unit: Unit, finding_id: str, version: int) -> Finding:
    take_turn(unit.session)  # before the row: who holds the turn may order the queue anew, this finding in it
    finding = unit.session.get(Finding, finding_id, with_for_update=True, populate_existing=True)
    if finding is None:
        raise NotFound("finding")
    if finding.version != version:
        raise FindingChanged(version=finding.version)
    return finding


def decided_before(unit: Unit, finding: Finding) -> bool:
    """Whether a person decided about the same finding of an earlier reading of the photo; then that holds of this one.

    Nobody is asked twice because a newer reader saw the same: the decision is written beside the new finding too, with
    who made it and when, and can be undone there.
    """
    same = select(Finding).where(Finding.photo_sha256 == finding.photo_sha256, Finding.id != finding.id)
    same = same.where(Finding.kind == finding.kind, Finding.value == finding.value)
    same = same.where(Finding.review != Review.UNREVIEWED, Finding.kind != UNREAD)
    earlier = unit.session.scalar(same.order_by(Finding.reviewed_at.desc(), Finding.id).limit(1))
    if earlier is None:
        return False
    made = unit.session.get_one(Decision, (earlier.id, _newest(unit, earlier)))
    finding.version += 1
    decision = Decision(
        finding_id=finding.id,
        version=finding.version,
        review=made.review,
        kind=made.kind,
        value=made.value,
        painted=made.painted,
        reason=made.reason,
        decided_by=made.decided_by,
        decided_at=made.decided_at,
    )
    unit.session.add(decision)
    _hold(finding, decision)
    unit.session.flush()
    if made.review != Review.REJECTED and made.kind and made.value:
        sight(unit, finding, kind=made.kind, value=made.value, state=SightingState.CONFIRMED)
    record(unit, "finding.as_before", finding.id, earlier=earlier.id, review=made.review)
    return True


def _newest(unit: Unit, finding: Finding) -> int:
    """The version of the decision that holds of a finding."""
    holds = select(Decision.version).where(Decision.finding_id == finding.id, Decision.undone_at.is_(None))
    return unit.session.scalars(holds.order_by(Decision.version.desc()).limit(1)).one()


def _decide(
    unit: Unit,
    finding: Finding,
    review: Review,
    *,
    kind: str | None,
    value: str | None,
    reason: str | None = None,
    painted: str | None = None,
    choice: int | None = None,
) -> None:
    finding.version += 1
    decision = Decision(
        finding_id=finding.id,
        version=finding.version,
        review=review,
        kind=kind,
        value=value,
        painted=painted,
        choice=choice,
        reason=reason,
        decided_by=unit.actor.account_id,
        decided_at=unit.clock.now(),
    )
    unit.session.add(decision)
    _hold(finding, decision)
    unit.session.flush()


def _hold(finding: Finding, decision: Decision | None) -> None:
    """Write on the finding what holds of it: this decision, or none."""
    finding.review = Review(decision.review) if decision else Review.UNREVIEWED
    finding.decided_kind = decision.kind if decision else None
    finding.decided_value = decision.value if decision else None
    finding.reviewed_by = decision.decided_by if decision else None
    finding.reviewed_at = decision.decided_at if decision else None
    finding.review_reason = decision.reason if decision else None


def _sight_as(unit: Unit, finding: Finding) -> None:
    """Make the sightings what the finding says now, whatever they were."""
    if finding.review in (Review.CONFIRMED, Review.CORRECTED):
        kind, value = str(finding.decided_kind), str(finding.decided_value)
        sight(unit, finding, kind=kind, value=value, state=SightingState.CONFIRMED, is_undone=True)
    elif finding.review == Review.UNREVIEWED and finding.is_listed:
        state, (kind, value) = SightingState.UNREVIEWED, identity(finding)
        sight(unit, finding, kind=kind, value=value, state=state, is_undone=True)
    else:
        unsight(unit, finding)
