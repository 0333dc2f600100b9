"""Tags and the assignee of many addresses at once: all of them, or none.

Versions. A tag that is added or taken away leaves the tags of others alone, so it needs no version; where one is given
it must be the present one. An assignee takes the place of whoever had the address, so every address needs its version.
What is so already is not changed: its version stays, and the audit log has no entry for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, select

from api.audit.service import record
from api.errors import NotFound, Problem
from api.lifecycle.desk import MOST_TAGS, TooManyTags, assign, tag_of, tags_of
from api.near.aliases import AddressMerged
from api.unit import Unit
from api.watchlist.turn import take_turn
from models import Address, AddressMerge, AddressTag


class NothingToChange(Problem):
    """Many addresses, and nothing said about them."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Say what is to change: add_tags, remove_tags or assignee.")


class TagBothWays(Problem):
    """A tag that is to be there and not to be there."""

    status = 422

    def __init__(self, tags: Sequence[str]) -> None:
        super().__init__(f"These tags are both added and taken away: {', '.join(tags)}.")
        self.tags = list(tags)


class VersionsNeeded(Problem):
    """Somebody is assigned, and it is not said which state of the addresses was seen."""

    status = 422

    def __init__(self) -> None:
        super().__init__("To assign addresses, give the version of each that you saw.")


class AddressesChanged(Problem):
    """Some of the addresses changed meanwhile."""

    status = 409

    def __init__(self, ids: Sequence[str]) -> None:
        super().__init__(
            f"{len(ids)} of these addresses have changed since you loaded them, and none was changed now: look again."
        )
        self.addresses, self.count = list(ids), len(ids)


def edit(
    unit: Unit,
    versions: Mapping[str, int | None],
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    assignee: str | None = None,
    is_assigning: bool = False,
) -> list[tuple[Address, bool]]:
    """The addresses in the order of `versions`, and whether each was changed. With `is_assigning` None means nobody.

    Raises:
        NothingToChange, TagRefused, TagBothWays, VersionsNeeded, NotFound, AddressMerged, AddressesChanged,
            AssigneeUnknown, TooManyTags: each as its name says; nothing was changed.
    """
    added, removed = {tag_of(tag) for tag in add}, {tag_of(tag) for tag in remove}
    if not (added or removed or is_assigning):
        raise NothingToChange
    if both := sorted(added & removed):
        raise TagBothWays(both)
    if is_assigning and not all(versions.values()):
        raise VersionsNeeded
    rows = _locked(unit, versions)
    tags = tags_of(unit.session, list(versions))
    done: list[tuple[Address, bool]] = []
    for row in rows:
        facts: dict[str, object] = {}
        if is_assigning:
            before = row.assignee_id
            assign(unit, row, assignee)
            facts = {"assignee": assignee} if row.assignee_id != before else {}
        has = set(tags.get(row.id, ()))
        wanted = (has | added) - removed
        if wanted != has:
            facts["tags"] = _retagged(unit, row.id, has, wanted)
        if facts:
            row.version += 1
            record(unit, "address.edit", row.id, together=len(rows), **facts)
        done.append((row, bool(facts)))
    return done


def _locked(unit: Unit, versions: Mapping[str, int | None]) -> list[Address]:
    """The addresses, each as it was seen where that is said. NotFound, AddressMerged, AddressesChanged."""
    take_turn(unit.session)
    query = select(Address).where(Address.id.in_(versions)).order_by(Address.id).with_for_update()
    found = {row.id: row for row in unit.session.scalars(query.execution_options(populate_existing=True))}
    if len(found) < len(versions):
        raise NotFound("address")
    merged = unit.session.scalars(select(AddressMerge).where(AddressMerge.alias_id.in_(versions)).limit(1)).first()
    if merged is not None:
        raise AddressMerged(merged)
    changed = [each for each, version in versions.items() if version not in (None, found[each].version)]
    if changed:
        raise AddressesChanged(changed)
    return [found[each] for each in versions]


def _retagged(unit: Unit, address_id: str, has: set[str], wanted: set[str]) -> list[str]:
    """The tags that the address has now, in order. TooManyTags."""
    if len(wanted) > MOST_TAGS:
        raise TooManyTags
    gone = has - wanted
    if gone:
        unit.session.execute(
            delete(AddressTag).where(AddressTag.address_id == address_id, AddressTag.tag.in_(sorted(gone)))
        )
    unit.session.add_all(AddressTag(address_id=address_id, tag=tag) for tag in sorted(wanted - has))
    return sorted(wanted)
