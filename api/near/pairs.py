"""Pairs of addresses: those that wait for a person, and those that a person declared separate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import aliased

from api.audit.service import record
from api.errors import NotFound, Problem
from api.near.aliases import group_of
from api.near.index import SUGGESTED
from api.near.merging import both, said
from api.unit import Unit
from api.watchlist.repository import OFF_THE_LIST
from api.watchlist.turn import take_turn
from models import Address, AddressMerge, AddressPair, Verdict
from vision.addresses.likeness import likeness

Place = tuple[float, str, str]
"""Where a pair stands among the suggestions: likeness and ids."""

Suggested = tuple[AddressPair, Address, Address]


class SeparateFromItself(Problem):
    """An address and the same address."""

    status = 422

    def __init__(self) -> None:
        super().__init__("An address cannot be separate from itself: name the other one in `other`.")


class MergedTogether(Problem):
    """Two addresses that are shown as one."""

    status = 409

    def __init__(self) -> None:
        super().__init__("These two are merged: take the merge back before you declare them separate.")


class AlreadySeparate(Problem):
    """A pair that was declared separate before."""

    status = 409

    def __init__(self, pair: AddressPair) -> None:
        super().__init__("These two were declared separate before: there is nothing to add.")
        self.version, self.reason = pair.version, pair.reason


class NotSeparate(Problem):
    """A declaration to take back that nobody made."""

    status = 409

    def __init__(self) -> None:
        super().__init__("Nobody declared these two separate: there is nothing to take back.")


class PairChanged(Problem):
    """Somebody judged the pair again meanwhile."""

    status = 409

    def __init__(self, *, version: int) -> None:
        super().__init__("Somebody has judged these two since you loaded them: look again before you change it.")
        self.version = version


def separate(unit: Unit, address_id: str, *, version: int, other: str, other_version: int, reason: str) -> AddressPair:
    """Two addresses are not one shop: they are never suggested or offered again, and cannot be merged.

    Raises:
        NotFound, AddressChanged, ReasonEmpty, SeparateFromItself, MergedTogether, AlreadySeparate: each as its name
            says; nothing was changed.
    """
    if address_id == other:
        raise SeparateFromItself
    one, two = both(unit, (address_id, version), (other, other_version))
    why = said(reason)
    if two.id in _shown_with(unit, one.id):
        raise MergedTogether
    pair = _pair(unit, one.id, two.id)
    if pair is not None and pair.verdict == Verdict.SEPARATE:
        raise AlreadySeparate(pair)
    if pair is None:
        how = likeness((one.kind, one.value), (two.kind, two.value))
        first, second = sorted((one.id, two.id))
        pair = AddressPair(one_id=first, other_id=second, likeness=how.score if how else 0.0, version=0)
        unit.session.add(pair)
    _judge(unit, pair, Verdict.SEPARATE, why)
    record(unit, "address.separate", one.id, other=two.id, values=[one.value, two.value], reason=why)
    return pair


def unseparate(unit: Unit, address_id: str, *, other: str, version: int, reason: str) -> AddressPair:
    """Take back that two addresses are separate; `version` is the pair's. They are suggested again if they are alike.

    Raises:
        NotFound, NotSeparate, PairChanged, ReasonEmpty: each as its name says; nothing was changed.
    """
    take_turn(unit.session)
    if not all(unit.session.get(Address, each) for each in (address_id, other)):
        raise NotFound("address")
    why = said(reason)
    pair = _pair(unit, address_id, other)
    if pair is None or pair.verdict != Verdict.SEPARATE:
        raise NotSeparate
    if pair.version != version:
        raise PairChanged(version=pair.version)
    _judge(unit, pair, Verdict.OPEN, why)
    record(unit, "address.unseparate", address_id, other=other, reason=why)
    return pair


def suggestions(unit: Unit, *, after: Place | None, least: float, limit: int) -> Sequence[Suggested]:
    """Pairs that nobody has judged, the likeliest first; one more than `limit` when there are more.

    Not those of which one is merged, rejected or benign.
    """
    one, two = aliased(Address), aliased(Address)
    key = AddressPair.likeness, AddressPair.one_id, AddressPair.other_id
    query: Any = (
        select(AddressPair, one, two)
        .join(one, one.id == AddressPair.one_id)
        .join(two, two.id == AddressPair.other_id)
        .where(AddressPair.verdict == Verdict.OPEN, AddressPair.likeness >= max(least, SUGGESTED))
        .where(*(condition for each in (one, two) for condition in _on_the_list(each)))
    )
    if after is not None:
        query = query.where(tuple_(*key) < tuple_(*after))
    found = unit.session.execute(query.order_by(*(column.desc() for column in key)).limit(limit + 1))
    return [(row[0], row[1], row[2]) for row in found]


def _on_the_list(row: Any) -> tuple[ColumnElement[bool], ...]:
    return row.status.not_in(OFF_THE_LIST), row.id.not_in(select(AddressMerge.alias_id))


def _shown_with(unit: Unit, address_id: str) -> list[str]:
    merge = unit.session.get(AddressMerge, address_id)
    return group_of(unit.session, merge.kept_id if merge else address_id)


def _pair(unit: Unit, one_id: str, other_id: str) -> AddressPair | None:
    first, second = sorted((one_id, other_id))
    return unit.session.get(AddressPair, (first, second), populate_existing=True)


def _judge(unit: Unit, pair: AddressPair, verdict: Verdict, reason: str) -> None:
    pair.verdict, pair.reason = verdict, reason
    pair.judged_by, pair.judged_at = unit.actor.account_id, unit.clock.now()
    pair.version += 1
    unit.session.flush()
