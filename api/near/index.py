"""The index of what is near: keys of every address, and the pairs that are likely one shop.

Kept in the database, by the transaction that puts an address on the list, so that any worker finds what any other has
written. An address has a dozen keys (`vision.addresses.likeness`); those near it are few of those that share one, and
only they are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, func, insert, select

from api.unit import Unit
from models import Address, AddressKey, AddressPair
from models.near import Verdict
from vision.addresses.likeness import Likeness, keys_of, likeness

SUGGESTED = 0.7
"""Pairs from this likeness on are kept for people to judge."""

MOST_SHARING = 20_000
"""So many entries of the index are looked at for one address: a key that more share says nothing."""

MOST_COMPARED = 300
"""So many addresses are compared with one, those first that share the most keys."""

MOST_PAIRS = 20
"""So many pairs are kept of a new address, the likeliest first."""

BATCH = 500
MOST_SHARED_IN_BATCH = 400_000

Row = tuple[str, str, str]
"""Id, kind and value of an address."""

Near = tuple[str, Likeness]
"""The id of an address, and how near it is."""


def enter(unit: Unit, address: Address) -> None:
    """Make a new address one that can be found, and keep the pairs it makes. Call it once, in your turn."""
    connection = unit.session.connection()
    found = near(connection, address.kind, address.value)
    keys = sorted(keys_of(address.kind, address.value))
    connection.execute(insert(AddressKey), [{"key": key, "address_id": address.id} for key in keys])
    pairs = [(address.id, other, how) for other, how in found[:MOST_PAIRS] if how.score >= SUGGESTED]
    if pairs:
        connection.execute(insert(AddressPair), list(_pairs(pairs)))


def near(connection: Connection, kind: str, value: str) -> list[Near]:
    """The addresses near this one, whether it is on the list or not, the nearest first; never itself."""
    keys = sorted(keys_of(kind, value))
    sharing = select(AddressKey.address_id).where(AddressKey.key.in_(keys)).limit(MOST_SHARING).subquery()
    shared = func.count()
    best = select(sharing.c.address_id).group_by(sharing.c.address_id).order_by(shared.desc(), sharing.c.address_id)
    ids = list(connection.scalars(best.limit(MOST_COMPARED)))
    rows = connection.execute(select(Address.id, Address.kind, Address.value).where(Address.id.in_(ids)))
    found = []
    for address_id, other_kind, other_value in rows:
        how = likeness((kind, value), (other_kind, other_value))
        if how is not None:
            found.append((address_id, how))
    return sorted(found, key=lambda each: (-each[1].score, each[0]))


def index_all(connection: Connection) -> None:
    """Write keys and pairs of every address, batch by batch: for a database that has none yet."""
    done = ""
    while batch := _batch(connection, done):
        done = batch[-1][0]
        rows = [
            {"key": key, "address_id": address_id}
            for address_id, kind, value in batch
            for key in sorted(keys_of(kind, value))
        ]
        connection.execute(insert(AddressKey), rows)
        pairs = list(_pairs(_within(connection, batch)))
        if pairs:
            connection.execute(insert(AddressPair), pairs)


def _batch(connection: Connection, done: str) -> list[Row]:
    query = select(Address.id, Address.kind, Address.value).where(Address.id > done).order_by(Address.id).limit(BATCH)
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def _within(connection: Connection, batch: Sequence[Row]) -> Iterator[tuple[str, str, Likeness]]:
    """The likely pairs of these addresses with each other and with those before them."""
    known = {address_id: (kind, value) for address_id, kind, value in batch}
    of_key: dict[int, list[str]] = {}
    for address_id, kind, value in batch:
        for key in keys_of(kind, value):
            of_key.setdefault(key, []).append(address_id)
    together: set[tuple[str, str]] = set()
    counted: dict[int, int] = {}
    for key, other_id in _sharing(connection, sorted(of_key)):
        counted[key] = counted.get(key, 0) + 1
        if counted[key] <= MOST_COMPARED:
            together.update((one_id, other_id) for one_id in of_key[key] if other_id < one_id)
    strangers = sorted({other_id for _, other_id in together} - known.keys())
    for start in range(0, len(strangers), BATCH):
        ids = strangers[start : start + BATCH]
        for address_id, kind, value in connection.execute(
            select(Address.id, Address.kind, Address.value).where(Address.id.in_(ids))
        ):
            known[address_id] = (kind, value)
    likely: dict[str, list[Near]] = {}
    for one_id, other_id in together:
        how = likeness(known[one_id], known[other_id])
        if how is not None and how.score >= SUGGESTED:
            likely.setdefault(one_id, []).append((other_id, how))
    for one_id, others in likely.items():
        for other_id, how in sorted(others, key=lambda each: (-each[1].score, each[0]))[:MOST_PAIRS]:
            yield one_id, other_id, how


def _sharing(connection: Connection, keys: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Which addresses have which of these keys; of a key that very many have only some."""
    for start in range(0, len(keys), BATCH):
        query = select(AddressKey.key, AddressKey.address_id).where(AddressKey.key.in_(keys[start : start + BATCH]))
        yield from ((row[0], row[1]) for row in connection.execute(query.limit(MOST_SHARED_IN_BATCH)))


def _pairs(found: Iterable[tuple[str, str, Likeness]]) -> Iterator[dict[str, object]]:
    for address_id, other_id, how in found:
        one_id, two_id = sorted((address_id, other_id))
        yield {
            "one_id": one_id,
            "other_id": two_id,
            "likeness": how.score,
            "verdict": Verdict.OPEN,
            "version": 1,
        }
