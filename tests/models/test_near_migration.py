"""The migration to near matches: up with addresses in, down with merges in, and up again."""

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db import downgrade, upgrade
from models import Address, AddressKey, AddressMerge, AddressPair
from tests.models.test_life_cycles import IDS, OLD
from vision.addresses.likeness import keys_of

ADDRESS = """
INSERT INTO addresses (id, kind, value, status, first_seen_at, last_seen_at, sighting_count, photo_count,
    best_confidence, created_at, version, status_at, is_decided, photographed_at, tlp)
VALUES (:id, 'telegram', :value, 'new', :now, :last, 0, 0, 0.0, :now, 1, :now, FALSE, :now, 'amber')
"""


def fill(engine):
    """A database as it was before, with a wall and, more than a batch apart, two names that are one."""
    upgrade(engine)
    downgrade(engine, "0001")
    with engine.begin() as connection:
        for statement in OLD:
            connection.execute(text(statement), IDS)
    upgrade(engine)
    downgrade(engine, "0004")
    with engine.begin() as connection:
        rows = [{"id": f"b{n:04d}", "value": f"{word(n)}_krot"} for n in range(600)]
        rows += [{"id": "a0", "value": "severny_kot"}, {"id": "z9", "value": "severny_k0t"}]
        connection.execute(text(ADDRESS), [row | IDS for row in rows])


def word(n):
    """Words that are not alike."""
    return "".join("bdghkprtzm"[int(digit)] + "aeuoy"[int(digit) % 5] for digit in f"{n * 7919 % 99991:05d}")


def test_addresses_that_were_there_have_keys_and_pairs(engine):
    fill(engine)
    upgrade(engine)
    with Session(engine) as session:
        rows = session.scalars(select(Address)).all()
        keys = {}
        for key in session.scalars(select(AddressKey)):
            keys.setdefault(key.address_id, set()).add(key.key)
        assert {row.id: keys[row.id] for row in rows} == {row.id: keys_of(row.kind, row.value) for row in rows}
        pair = session.get_one(AddressPair, ("a0", "z9"))
        assert (pair.likeness, pair.verdict, pair.version, pair.judged_by) == (1.0, "open", 1, None)


def test_the_way_down_gives_a_merged_address_its_sightings_back(engine):
    fill(engine)
    upgrade(engine)
    with Session(engine) as session, session.begin():
        # The wall's finding was corrected to qz_seen_2, which is merged into the address it is seen as.
        at = session.get_one(Address, "a1").created_at
        session.execute(text("UPDATE addresses SET value = 'qz_seen_2' WHERE id = 'a0'"))
        session.add(AddressMerge(alias_id="a0", into_id="a1", kept_id="a1", kind="telegram", value="qz_seen_2",
                                 relation="mirror", merged_at=at, reason="x", undo={}))  # fmt: skip
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE address_merges SET kept_id = 'a0'"))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE address_pairs SET verdict = 'perhaps'"))
    downgrade(engine, "0004")
    assert not {"address_keys", "address_pairs", "address_merges"} & set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        counted = connection.execute(
            text("SELECT id, sighting_count, photo_count FROM addresses WHERE id IN ('a0', 'a1') ORDER BY id")
        )
        assert [tuple(row) for row in counted] == [("a0", 3, 2), ("a1", 0, 0)]
        assert set(connection.scalars(text("SELECT address_id FROM sightings"))) == {"a0"}
    upgrade(engine)
    with Session(engine) as session:
        assert session.scalars(select(AddressMerge)).all() == []
        assert session.get_one(Address, "a0").photographed_at.day == 2
