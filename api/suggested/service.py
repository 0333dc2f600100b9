"""Suggesting what a finding really says, by those who sent its photo. Deciding stays with those who review."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from api.audit.service import record
from api.errors import NotFound, Problem
from api.photos.visible import visible_photo
from api.unit import Unit
from api.watchlist.turn import take_turn
from models import Finding, FindingSuggestion, Review
from vision.addresses import AddressInvalid, canonical

ASKED_AT_ONCE = 200


class FindingDecided(Problem):
    """Somebody who reviews has decided about the finding."""

    status = 409

    def __init__(self) -> None:
        super().__init__("Somebody has checked this already: what was decided is shown when you load the page again.")


class SuggestionRefused(Problem):
    """A suggestion that is no address of its kind."""

    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__(reason[:1].upper() + reason[1:])


class SuggestionAsRead(Problem):
    """A suggestion of what was read anyway."""

    status = 422

    def __init__(self) -> None:
        super().__init__("This is what was read: choose or type what the wall says instead.")


def suggest(unit: Unit, finding_id: str, *, value: str, kind: str | None = None) -> FindingSuggestion:
    """The actor's suggestion, in place of an earlier one. The reading stays as it was.

    Raises:
        NotFound, FindingDecided, SuggestionRefused, SuggestionAsRead: each as its name says; nothing was changed.
    """
    finding = _open(unit, finding_id)
    meant_kind = kind or finding.kind
    try:
        meant = canonical(meant_kind, value)
    except AddressInvalid as error:
        raise SuggestionRefused(str(error)) from error
    if (meant_kind, meant) == (finding.kind, finding.value):
        raise SuggestionAsRead
    row = unit.session.get(FindingSuggestion, (finding.id, unit.actor.account_id))
    if row is None:
        row = FindingSuggestion(finding_id=finding.id, account_id=unit.actor.account_id)
        unit.session.add(row)
    row.kind, row.value, row.made_at = meant_kind, meant, unit.clock.now()
    unit.session.flush()
    record(unit, "finding.suggest", finding.id, read=[finding.kind, finding.value], meant=[meant_kind, meant])
    return row


def withdraw(unit: Unit, finding_id: str) -> None:
    """Take the actor's suggestion back. NotFound, FindingDecided."""
    finding = _open(unit, finding_id)
    row = unit.session.get(FindingSuggestion, (finding.id, unit.actor.account_id))
    if row is None:
        raise NotFound("suggestion")
    unit.session.delete(row)
    record(unit, "finding.unsuggest", finding.id, meant=[row.kind, row.value])


def suggestions(unit: Unit, findings: Iterable[str], *, own: bool = False) -> dict[str, list[FindingSuggestion]]:
    """Suggestions by finding, the oldest first; with `own` the actor's alone. A finding without any has no entry."""
    ids, found = list(findings), dict[str, list[FindingSuggestion]]()
    for start in range(0, len(ids), ASKED_AT_ONCE):
        asked = select(FindingSuggestion).where(FindingSuggestion.finding_id.in_(ids[start : start + ASKED_AT_ONCE]))
        if own:
            asked = asked.where(FindingSuggestion.account_id == unit.actor.account_id)
        ordered = asked.order_by(FindingSuggestion.made_at, FindingSuggestion.account_id)
        for row in unit.session.scalars(ordered.options(joinedload(FindingSuggestion.account))):
            found.setdefault(row.finding_id, []).append(row)
    return found


def suggested_before(unit: Unit, photo_sha256: str, findings: Sequence[Finding]) -> None:
    """Put what was suggested about a photo's earlier findings beside those of a newer reading that are the same."""
    waiting = {(row.kind, row.value): row for row in findings if row.review == Review.UNREVIEWED}
    asked = (
        select(FindingSuggestion, Finding.kind, Finding.value)
        .join(Finding, Finding.id == FindingSuggestion.finding_id)
        .where(Finding.photo_sha256 == photo_sha256)
        .order_by(FindingSuggestion.made_at)
    )
    newest = {}
    for said, kind, value in unit.session.execute(asked):
        if (kind, value) in waiting:
            newest[waiting[kind, value].id, said.account_id] = said
    for (finding_id, account_id), said in newest.items():
        made = FindingSuggestion(finding_id=finding_id, account_id=account_id, kind=said.kind, value=said.value)
        made.made_at = said.made_at
        unit.session.add(made)


def _open(unit: Unit, finding_id: str) -> Finding:
    """The finding, locked, that the actor may see and nobody has decided about."""
    take_turn(unit.session)  # before the row, as those who decide do
    finding = unit.session.get(Finding, finding_id, with_for_update=True, populate_existing=True)
    if finding is None:
        raise NotFound("finding")
    try:
        visible_photo(unit, finding.photo_sha256)
    except NotFound:
        raise NotFound("finding") from None
    if finding.review != Review.UNREVIEWED:
        raise FindingDecided
    return finding
