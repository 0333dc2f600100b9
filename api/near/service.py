"""Near matches of an address, as people are offered them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from api.near.aliases import group_of, merges_of, separated_from
from api.near.index import near
from api.unit import Unit
from api.watchlist.repository import address as address_of
from models import Address, AddressMerge, AddressPair
from vision.addresses.likeness import Likeness

MOST_LOOKED_UP = 100
"""So many more than asked for are looked up: some may be merged into one, or declared separate."""


@dataclass(frozen=True, slots=True)
class Match:
    """An address near the one that was asked about.

    Attributes:
        address: the one to work on: of a merged one the one that it is shown as.
        matched: the address that is near; another than `address` when that one is merged.
        of: the address asked about, or one that is merged into it.
    """

    address: Address
    matched: Address
    of: Address
    likeness: Likeness


def near_matches(unit: Unit, address_id: str, *, least: float, limit: int) -> tuple[list[Match], list[AddressPair]]:
    """What is near an address and all that are merged into it, the nearest first; and what was declared separate.

    Of each other address, merged ones with it, the nearest match alone. Not those that a person declared separate from
    this one. An address that is merged itself is asked about as the one that it is shown as. NotFound.
    """
    address_of(unit, address_id)
    merge = unit.session.get(AddressMerge, address_id)
    ours = group_of(unit.session, merge.kept_id if merge else address_id)
    apart = separated_from(unit.session, ours)
    rows = unit.session.scalars(select(Address).where(Address.id.in_(ours))).all()
    found = [
        (each, other_id, how)
        for each in rows
        for other_id, how in near(unit.session.connection(), each.kind, each.value)
        if how.score >= least and other_id not in ours
    ]
    found.sort(key=lambda one: (-one[2].score, one[1], one[0].id))
    del found[MOST_LOOKED_UP + limit :]
    ids = list(dict.fromkeys(other_id for _, other_id, _ in found))
    others = {row.id: row for row in unit.session.scalars(select(Address).where(Address.id.in_(ids)))}
    shown_as = {made.alias_id: made.kept for made in merges_of(unit.session, ids)}
    refused = {each for pair in apart for each in (pair.one_id, pair.other_id)}
    refused |= {shown_as[each].id for each in refused if each in shown_as}
    matches: dict[str, Match] = {}
    for of, other_id, how in found:
        kept = shown_as.get(other_id, others[other_id])
        if other_id not in refused and kept.id not in refused:
            matches.setdefault(kept.id, Match(kept, others[other_id], of, how))
    return list(matches.values())[:limit], apart
