"""When a reading is uncertain, addresses that are known raise the alternative that they match.

An overlay: worked out when a finding is shown, from the watchlist of that moment. The reading stays as it was stored,
and nothing is accepted because of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from api.accounts.roles import Scope
from api.unit import SYSTEM, Unit
from models import UNREAD, Address, AddressMerge, AddressStatus, Finding, Relation, Review
from vision.addresses.neighbours import one_confusion_away

KNOWN_STATUSES = (AddressStatus.CONFIRMED, AddressStatus.SENT, AddressStatus.BLOCKED, AddressStatus.REAPPEARED)
SEVERAL = 2
"""On so many photos an address has been read the same: then it is known, too, whoever has looked at it."""

ASKED_AT_ONCE = 1000

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the address that an alternative would be; `reason` is the status, or `several_photos`."""

    address_id: str
    status: str
    photos: int
    reason: str


@dataclass(frozen=True, slots=True)
class Raised:
    """An alternative of a finding as it is shown.

    Attributes:
        number: its place among the stored alternatives, by which it is chosen; None for a value that the reader did not
            name and that is one confusion away from what it read.
    """

    value: str
    confidence: float | None
    number: int | None
    known: Known | None


def raised(unit: Unit, findings: Sequence[Finding]) -> dict[str, list[Raised]]:
    """The alternatives of each finding, by its id: those that are known first, then in their own order.

    Only for findings that are in doubt: neither accepted nor decided. The others have theirs as they were read. Values
    that the reader did not name are for those alone who may read the watchlist.
    """
    may_read = unit.actor == SYSTEM or Scope.WATCHLIST_READ in unit.actor.scopes
    doubtful = [finding for finding in findings if is_in_doubt(finding)]
    neighbours = {one.id: one_confusion_away(one.kind, one.value) if may_read else () for one in doubtful}
    wanted = {
        (finding.kind, value)
        for finding in doubtful
        for value in (*(each["value"] for each in finding.alternatives), *neighbours[finding.id])
    }
    known = _known(unit.session, wanted)
    return {finding.id: _in_order(finding, neighbours.get(finding.id, ()), known) for finding in findings}


def is_in_doubt(finding: Finding) -> bool:
    """Whether nobody is sure of a finding: not the reader, and no person has said."""
    return not finding.accepted and finding.review == Review.UNREVIEWED and finding.kind != UNREAD


def as_read(finding: Finding) -> list[Raised]:
    """The alternatives as the reader had them, with their numbers."""
    return [Raised(each["value"], each["confidence"], number, None) for number, each in enumerate(finding.alternatives)]


def _in_order(finding: Finding, neighbours: Iterable[str], known: dict[Key, Known]) -> list[Raised]:
    if not is_in_doubt(finding):
        return as_read(finding)
    own = [replace(each, known=known.get((finding.kind, each.value))) for each in as_read(finding)]
    named = {each.value for each in own}
    own += [
        Raised(value, None, None, known[finding.kind, value])
        for value in neighbours
        if value not in named and (finding.kind, value) in known
    ]
    # Of several known ones the one that the reader named goes first, and then the one on the most photos.
    return sorted(own, key=lambda each: (each.known is None, each.number is None, _rank(each)))


def _rank(each: Raised) -> tuple[int, str]:
    if each.known is None or each.number is not None:
        return (each.number or 0, "")
    return (-each.known.photos, each.value)


def _known(session: Session, wanted: set[Key]) -> dict[Key, Known]:
    """Those of these addresses that people have confirmed, or that several photos show."""
    found: dict[Key, Known] = {}
    values = sorted({value for _, value in wanted})
    for start in range(0, len(values), ASKED_AT_ONCE):
        for row, shown, relation in session.execute(_asked(values[start : start + ASKED_AT_ONCE])):
            key = (row.kind, row.value)
            reason = _reason(shown or row)
            if key in wanted and reason and relation != Relation.MISREADING:
                address = shown or row
                found[key] = Known(address.id, address.status, address.photo_count, reason)
    return found


def _asked(values: Sequence[str]) -> Any:
    """Addresses with these values, each with the one that it is shown as and as what, if it is merged."""
    shown = aliased(Address)
    return (
        select(Address, shown, AddressMerge.relation)
        .outerjoin(AddressMerge, AddressMerge.alias_id == Address.id)
        .outerjoin(shown, shown.id == AddressMerge.kept_id)
        .where(Address.value.in_(values))
    )


def _reason(row: Address) -> str:
    if row.status in KNOWN_STATUSES:
        return row.status
    return "several_photos" if row.status == AddressStatus.NEW and row.photo_count >= SEVERAL else ""
