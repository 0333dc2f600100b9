"""Which addresses are shown as another one: for everything that lists, counts or writes addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from api.errors import Problem
from models import Address, AddressMerge, AddressPair, Verdict


class AddressMerged(Problem):
    """Work on an address that is shown as another one."""

    status = 409

    def __init__(self, merge: AddressMerge) -> None:
        super().__init__("This address is merged into another one: work on that one, or take the merge back first.")
        self.kept_id = merge.kept_id


def stands_alone() -> ColumnElement[bool]:
    """That an address is not merged into another."""
    return Address.id.not_in(select(AddressMerge.alias_id))


def shown_as(named: Callable[[Any], ColumnElement[bool]]) -> Select[Any]:
    """The ids (`id`) of addresses that merged ones of these values are shown as, but for those named so themselves."""
    ids = select(AddressMerge.kept_id.label("id")).join(Address, Address.id == AddressMerge.kept_id)
    return ids.where(named(AddressMerge.value), ~named(Address.value)).distinct()


def kept(session: Session, address: Address) -> Address:
    """The address that this one is shown as: itself, unless it is merged. What is new of it goes there."""
    merge = session.get(AddressMerge, address.id, populate_existing=True)
    return address if merge is None else session.get_one(Address, merge.kept_id)


def must_stand_alone(session: Session, address_id: str) -> None:
    """AddressMerged for an address that is shown as another one."""
    merge = session.get(AddressMerge, address_id)
    if merge is not None:
        raise AddressMerged(merge)


def group_of(session: Session, address_id: str) -> list[str]:
    """The address and all that are merged into it, itself first."""
    return [address_id, *session.scalars(select(AddressMerge.alias_id).where(AddressMerge.kept_id == address_id))]


def merges_of(session: Session, ids: Sequence[str]) -> list[AddressMerge]:
    """The merges that these addresses take part in, as either, with both addresses; by when they were made."""
    query = select(AddressMerge).where(AddressMerge.kept_id.in_(ids) | AddressMerge.alias_id.in_(ids))
    query = query.options(joinedload(AddressMerge.alias), joinedload(AddressMerge.kept))
    return list(session.scalars(query.order_by(AddressMerge.merged_at, AddressMerge.alias_id)))


def separated_from(session: Session, ids: Sequence[str]) -> list[AddressPair]:
    """The pairs of these addresses that people declared separate."""
    said_so = select(AddressPair).where(AddressPair.verdict == Verdict.SEPARATE)
    found = {
        (pair.one_id, pair.other_id): pair
        for column in (AddressPair.one_id, AddressPair.other_id)
        for pair in session.scalars(said_so.where(column.in_(ids)))
    }
    return [found[key] for key in sorted(found)]
