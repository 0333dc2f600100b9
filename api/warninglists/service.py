"""What holds of an address: its hits, and what a person said against them. Nothing here changes a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from api.audit.service import record
from api.clock import Clock
from api.errors import NotFound, Problem
from api.intake.text import clean_note
from api.lifecycle.service import changing
from api.unit import Unit
from api.warninglists.lists import Hit
from api.warninglists.weigh import hit_row
from api.watchlist.queue import rank_waiting
from models import Address, WarningHit, WarningState


class Verdict(StrEnum):
    """What a person says of an address against its lists."""

    SHOP = "shop"
    BENIGN = "benign"


class OverrideReasonEmpty(Problem):
    """A reason of which nothing is left that can be read."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Say why the lists are overruled: the reason holds nothing that can be read.")


def override(unit: Unit, address_id: str, *, version: int, verdict: Verdict, reason: str) -> Address:
    """The address with a person's word against its lists: a shop despite them, or benign although none says so.

    Raises:
        NotFound, AddressChanged, OverrideReasonEmpty: each as its name says; nothing was changed.
    """
    address = changing(unit, address_id, version=version)
    why = clean_note(reason)
    if not why:
        raise OverrideReasonEmpty
    state = unit.session.get(WarningState, address.id)
    if state is None:
        state = WarningState(address=address, is_warned=False, is_lowered=False)
        unit.session.add(state)
    before = state.verdict
    state.verdict, state.reason = verdict, why
    state.decided_by, state.decided_at = unit.actor.account_id, unit.clock.now()
    _changed(unit, address)
    record(unit, "address.override", address.id, verdict=verdict, before=before, reason=why, hits=_named(unit, address))
    return address


def take_back(unit: Unit, address_id: str, *, version: int) -> Address:
    """The address with its lists alone once more. NotFound (also without a word to take back), AddressChanged."""
    address = changing(unit, address_id, version=version)
    state = unit.session.get(WarningState, address.id)
    if state is None or state.verdict is None:
        raise NotFound("override of this address's warnings")
    before = state.verdict
    state.verdict = state.reason = state.decided_by = state.decided_at = None
    _changed(unit, address)
    record(unit, "address.override_taken_back", address.id, verdict=before, hits=_named(unit, address))
    return address


def rewrite(session: Session, clock: Clock, address: Address, known: Sequence[WarningHit], hits: Sequence[Hit]) -> bool:
    """Make the hits of an address those that are found now; whether anything changed. Call it in your turn."""
    wanted = {hit.list_id: hit for hit in hits}
    kept = {row.list_id: row for row in known}
    changed = False
    for list_id, row in kept.items():
        if list_id not in wanted:
            session.delete(row)
            changed = True
    for list_id, hit in wanted.items():
        if list_id not in kept:
            session.add(hit_row(address, hit, clock))
            changed = True
        elif _is_other(kept[list_id], hit):
            row = kept[list_id]
            row.list_version, row.match_type, row.entry = hit.version, hit.match_type, hit.entry
            row.meaning, row.is_lowering = hit.meaning, hit.is_lowering
            changed = True
    if changed:
        session.flush()
        settle_warnings(session, address)
    return changed


def settle_warnings(session: Session, address: Address) -> None:
    """Write what holds of an address by its hits and a person's word, and let the review queue follow."""
    hits = session.scalars(select(WarningHit).where(WarningHit.address_id == address.id)).all()
    state = session.get(WarningState, address.id)
    if not hits and (state is None or state.verdict is None):
        if state is not None:
            session.delete(state)
            session.flush()
        rank_waiting(session, address)
        return
    if state is None:
        state = WarningState(address=address, is_warned=False, is_lowered=False)
        session.add(state)
    state.is_warned = state.verdict == Verdict.BENIGN or (bool(hits) and state.verdict is None)
    state.is_lowered = state.verdict == Verdict.BENIGN or (
        state.verdict is None and any(row.is_lowering for row in hits)
    )
    session.flush()
    rank_waiting(session, address)


def hits_of(session: Session, ids: Sequence[str]) -> Mapping[str, list[WarningHit]]:
    """The hits of several addresses, each one's by list; an address without any is not in it."""
    found: dict[str, list[WarningHit]] = {}
    query = select(WarningHit).where(WarningHit.address_id.in_(ids)).order_by(WarningHit.address_id, WarningHit.list_id)
    for row in session.scalars(query):
        found.setdefault(row.address_id, []).append(row)
    return found


def overrides_of(session: Session, ids: Sequence[str]) -> Mapping[str, WarningState]:
    """What people said of several addresses; those about which nobody did are not in it."""
    query = select(WarningState).where(WarningState.address_id.in_(ids), WarningState.verdict.is_not(None))
    return {row.address_id: row for row in session.scalars(query.options(joinedload(WarningState.decider)))}


def _changed(unit: Unit, address: Address) -> None:
    address.version += 1
    unit.session.flush()
    settle_warnings(unit.session, address)


def _named(unit: Unit, address: Address) -> list[str]:
    return [row.list_id for row in hits_of(unit.session, [address.id]).get(address.id, [])]


def _is_other(row: WarningHit, hit: Hit) -> bool:
    kept = row.list_version, row.match_type, row.entry, row.meaning, row.is_lowering
    return kept != (hit.version, hit.match_type, hit.entry, hit.meaning, hit.is_lowering)
