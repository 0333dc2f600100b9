"""Merging: an address is shown as another one, with its sightings, cases, tags, notes and files, until that is undone.

Sightings move to the kept address; each finding still says what was read, which is how they find back. Cases and tags
are added to the kept one, and what was added is written down. Notes, files and what imports told stay where they are
and are shown with the kept one. The merged address keeps its row, its id, its steps and its status.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, or_, select, update

from api.audit.service import record
from api.errors import NotFound, Problem
from api.exchange.rows import strictest
from api.intake.text import clean_note
from api.lifecycle.service import AddressChanged, ReasonEmpty, reopen
from api.near.aliases import group_of
from api.unit import Unit
from api.watchlist.service import recount, sum_up
from api.watchlist.turn import take_turn
from models import (
    Address,
    AddressMerge,
    AddressPair,
    AddressStatus,
    AddressTag,
    CaseAddress,
    Finding,
    FusedFinding,
    Relation,
    Report,
    Sighting,
    SightingState,
    Verdict,
)
from vision.addresses.likeness import likeness

LOOKED_AT = 50
"""So many sightings of a merged address are looked at for one that opens a blocked address again."""

REACHED = {AddressStatus.SENT: 1, AddressStatus.BLOCKED: 2, AddressStatus.REAPPEARED: 2}
"""How far an address is on the way to being blocked."""


class MergeWithItself(Problem):
    """An address and the same address."""

    status = 422

    def __init__(self) -> None:
        super().__init__("An address cannot be merged with itself: name the other one in `into`.")


class MergeCycle(Problem):
    """An address merged into one that is merged into it."""

    status = 409

    def __init__(self) -> None:
        super().__init__("That address is merged into this one already: take that merge back first.")


class AlreadyMerged(Problem):
    """An address that is shown as another one already."""

    status = 409

    def __init__(self, kept_id: str) -> None:
        super().__init__("This address is merged already: take that merge back before you merge it elsewhere.")
        self.kept_id = kept_id


class TargetMerged(Problem):
    """A merge into an address that is shown as another one."""

    status = 409

    def __init__(self, kept_id: str) -> None:
        super().__init__("That address is itself merged into another one: merge into that one, `kept_id`.")
        self.kept_id = kept_id


class TargetOffTheList(Problem):
    """A merge into an address that is not on the list."""

    status = 409

    def __init__(self, status: str) -> None:
        super().__init__(f"That address is {status}: what is merged into it would leave the list. Keep the other one.")
        self.address_status = status


class MergeOfBenign(Problem):
    """A merge of an address that somebody found to be no shop's."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This address is benign, so it is no shop's: step it back to confirmed if that was wrong.")
        self.address_status = str(AddressStatus.BENIGN)


class KeepTheOther(Problem):
    """A merge that would hide how far the blocking has come."""

    status = 409

    def __init__(self, alias: str, kept: str) -> None:
        super().__init__(f"This address is {alias} and the other only {kept}: merge the other one into this one.")
        self.address_status, self.other_status = alias, kept


class DeclaredSeparate(Problem):
    """Two addresses that a person said are not one shop."""

    status = 409

    def __init__(self, pair: AddressPair) -> None:
        super().__init__("Somebody declared these two separate: take that back first if it was wrong.")
        self.pair, self.reason = [pair.one_id, pair.other_id], pair.reason


class NotMerged(Problem):
    """A merge to take back that is none."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This address is not merged into any other: there is nothing to take back.")


def merge(
    unit: Unit, address_id: str, *, version: int, into: str, into_version: int, relation: Relation | None, reason: str
) -> Address:
    """Show an address as another one from now on; the one that is kept.

    `relation` says whether it is a misreading or a mirror; None lets their likeness say.

    Raises:
        NotFound, AddressChanged, ReasonEmpty: each as its name says; nothing was changed.
        MergeWithItself, MergeCycle, AlreadyMerged, TargetMerged: they are merged already, or cannot be.
        TargetOffTheList, MergeOfBenign, KeepTheOther, DeclaredSeparate: what people said before speaks against it.
    """
    if address_id == into:
        raise MergeWithItself
    alias, kept = both(unit, (address_id, version), (into, into_version))
    why = said(reason)
    _may_merge(unit, alias, kept)
    made = AddressMerge(
        alias_id=alias.id,
        into_id=kept.id,
        kept_id=kept.id,
        kind=alias.kind,
        value=alias.value,
        relation=relation or relation_of(alias, kept),
        merged_by=unit.actor.account_id,
        merged_at=unit.clock.now(),
        reason=why,
        undo=_pass_on(unit, alias, kept),
    )
    unit.session.execute(update(AddressMerge).where(AddressMerge.kept_id == alias.id).values(kept_id=kept.id))
    unit.session.add(made)
    moved = _move(unit, select(Sighting.id).where(Sighting.address_id == alias.id), alias, kept)
    _reopen(unit, alias, kept)
    alias.version += 1
    kept.version += 1
    record(
        unit, "address.merge", alias.id, into=kept.id, value=[alias.kind, alias.value], relation=str(made.relation),
        reason=why, sightings=moved, **made.undo,
    )  # fmt: skip
    return kept


def unmerge(unit: Unit, address_id: str, *, version: int, reason: str) -> Address:
    """Let a merged address stand alone again, with the sightings that read as it; the address.

    Raises:
        NotFound, AddressChanged, NotMerged, ReasonEmpty: each as its name says; nothing was changed.
    """
    (alias,) = both(unit, (address_id, version))
    why = said(reason)
    made = unit.session.get(AddressMerge, alias.id)
    if made is None:
        raise NotMerged
    kept = unit.session.get_one(Address, made.kept_id)
    _take_back(unit, made, kept)
    unit.session.delete(made)
    unit.session.flush()
    below = _below(unit, alias.id)
    unit.session.execute(update(AddressMerge).where(AddressMerge.alias_id.in_(below)).values(kept_id=alias.id))
    names = select(Address.kind, Address.value).where(Address.id.in_([alias.id, *below])).subquery()
    own = (
        select(Sighting.id)
        .join(Finding, Finding.id == Sighting.finding_id)
        .outerjoin(FusedFinding, FusedFinding.finding_id == Finding.id)
        .join(names, (names.c.kind == _meant("kind")) & (names.c.value == _meant("value")))
        .where(Sighting.address_id == kept.id)
    )
    moved = _move(unit, own, kept, alias)
    recount(unit, {alias.id, kept.id})
    alias.version += 1
    kept.version += 1
    record(
        unit, "address.unmerge", alias.id, kept=kept.id, value=[alias.kind, alias.value], reason=why, sightings=moved
    )
    return alias


def both(unit: Unit, *wanted: tuple[str, int]) -> list[Address]:
    """Addresses, locked in one order, if all are still those that were seen. NotFound, AddressChanged."""
    take_turn(unit.session)
    rows = {
        address_id: unit.session.get(Address, address_id, with_for_update=True, populate_existing=True)
        for address_id, _ in sorted(wanted)
    }
    found = []
    for address_id, version in wanted:
        row = rows[address_id]
        if row is None:
            raise NotFound("address")
        if row.version != version:
            raise AddressChanged(version=row.version, now=row.status)
        found.append(row)
    return found


def said(reason: str) -> str:
    """The reason as it is kept. ReasonEmpty."""
    why = clean_note(reason)
    if not why:
        raise ReasonEmpty
    return why


def relation_of(alias: Address, kept: Address) -> Relation:
    """What the program takes a merged address for: only what looks the same in the same place was misread."""
    how = likeness((alias.kind, alias.value), (kept.kind, kept.value))
    return Relation.MISREADING if how is not None and how.is_misreading else Relation.MIRROR


def _may_merge(unit: Unit, alias: Address, kept: Address) -> None:
    before = unit.session.get(AddressMerge, kept.id)
    if before is not None:
        if alias.id == before.kept_id or kept.id in _below(unit, alias.id):
            raise MergeCycle
        raise TargetMerged(before.kept_id)
    standing = unit.session.get(AddressMerge, alias.id)
    if standing is not None:
        raise AlreadyMerged(standing.kept_id)
    if kept.status in (AddressStatus.REJECTED, AddressStatus.BENIGN):
        raise TargetOffTheList(kept.status)
    if alias.status == AddressStatus.BENIGN:
        raise MergeOfBenign
    if REACHED.get(AddressStatus(alias.status), 0) > REACHED.get(AddressStatus(kept.status), 0):
        raise KeepTheOther(alias.status, kept.status)
    ours, theirs = group_of(unit.session, alias.id), group_of(unit.session, kept.id)
    apart = select(AddressPair).where(
        AddressPair.verdict == Verdict.SEPARATE,
        or_(
            AddressPair.one_id.in_(ours) & AddressPair.other_id.in_(theirs),
            AddressPair.one_id.in_(theirs) & AddressPair.other_id.in_(ours),
        ),
    )
    pair = unit.session.scalar(apart.limit(1))
    if pair is not None:
        raise DeclaredSeparate(pair)


def _below(unit: Unit, address_id: str) -> list[str]:
    """Everything that was merged into an address, and into that."""
    found: list[str] = []
    waiting = [address_id]
    while waiting:
        query = select(AddressMerge.alias_id).where(AddressMerge.into_id.in_(waiting))
        waiting = [each for each in unit.session.scalars(query) if each not in found]
        found += waiting
    return found


def _pass_on(unit: Unit, alias: Address, kept: Address) -> dict[str, Any]:
    """Give the kept address the cases, tags and TLP of the merged one; what it did not have before."""
    session = unit.session
    cases = _missing(unit, CaseAddress.case_id, CaseAddress.address_id, alias, kept)
    for row in session.scalars(select(CaseAddress).where(CaseAddress.address_id == alias.id)).all():
        if row.case_id in cases:
            session.add(
                CaseAddress(case_id=row.case_id, address_id=kept.id, added_by=row.added_by, added_at=row.added_at)
            )
    tags = _missing(unit, AddressTag.tag, AddressTag.address_id, alias, kept)
    session.add_all(AddressTag(address_id=kept.id, tag=tag) for tag in tags)
    tlp, kept.tlp = kept.tlp, strictest((kept.tlp, alias.tlp))
    return {"cases": cases, "tags": tags, "tlp": [tlp, kept.tlp]}


def _missing(unit: Unit, of: Any, address_id: Any, alias: Address, kept: Address) -> list[str]:
    has = select(of).where(address_id == kept.id)
    return sorted(unit.session.scalars(select(of).where(address_id == alias.id, of.not_in(has))))


def _take_back(unit: Unit, made: AddressMerge, kept: Address) -> None:
    """Take from the kept address what a merge gave it; its TLP only if nobody has set another since."""
    session = unit.session
    session.execute(
        delete(CaseAddress).where(CaseAddress.address_id == kept.id, CaseAddress.case_id.in_(made.undo["cases"]))
    )
    session.execute(delete(AddressTag).where(AddressTag.address_id == kept.id, AddressTag.tag.in_(made.undo["tags"])))
    before, after = made.undo["tlp"]
    if kept.tlp == after:
        kept.tlp = before


def _move(unit: Unit, which: Any, one: Address, other: Address) -> int:
    """Give these sightings of the one address to the other, and sum both up; how many."""
    session = unit.session
    session.flush()
    moved = session.execute(
        update(Sighting).where(Sighting.id.in_(which)).values(address_id=other.id),
        execution_options={"synchronize_session": False},
    )
    for row in session.identity_map.values():
        if isinstance(row, Sighting):
            session.expire(row)
    sum_up(session, one)
    sum_up(session, other)
    return int(getattr(moved, "rowcount", 0))


def _meant(name: str) -> ColumnElement[str]:
    """The kind or value that a finding stands for: `api.readings.repository.identity`, as the database says it."""
    decided, read, fused = (
        getattr(of, column) for of, column in ((Finding, f"decided_{name}"), (Finding, name), (FusedFinding, name))
    )
    is_fused = Finding.is_listed & ~Finding.accepted & Finding.decided_kind.is_(None)
    return func.coalesce(decided, case((is_fused, fused)), read)


def _reopen(unit: Unit, alias: Address, kept: Address) -> None:
    """Let the sightings that came along say what they say of the kept address; open a blocked one that they show."""
    recount(unit, {kept.id})
    if kept.status != AddressStatus.BLOCKED:
        return
    newest = (
        select(Sighting)
        .join(Report, Report.id == Sighting.report_id)
        .join(Finding, Finding.id == Sighting.finding_id)
        .outerjoin(FusedFinding, FusedFinding.finding_id == Finding.id)
        .where(Sighting.address_id == kept.id, Sighting.state != SightingState.REJECTED)
        .where(_meant("kind") == alias.kind, _meant("value") == alias.value)
        .order_by(Report.received_at.desc(), Sighting.id)
        .limit(LOOKED_AT)
    )
    for sighting in unit.session.scalars(newest).all():
        reopen(unit, kept, sighting)
