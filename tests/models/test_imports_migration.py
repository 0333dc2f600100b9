"""The tables for imports come and go with data in the database."""

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db import downgrade, upgrade
from models import Address, Import, ImportedAddress, ImportedSighting

AT = "2026-03-01 09:00:00.000000"
OLD = """
INSERT INTO addresses (id, kind, value, status, first_seen_at, last_seen_at, sighting_count, photo_count,
    best_confidence, created_at, version, status_at, is_decided, photographed_at, tlp)
VALUES ('a', 'phone', '+77075009665', 'benign', :at, :at, 0, 0, 0.5, :at, 1, :at, TRUE, :at, 'green')
"""


def fill(engine):
    """A database as the life-cycles left it, with an address, brought up to the newest."""
    upgrade(engine)
    downgrade(engine, "0003")
    with engine.begin() as connection:
        connection.execute(text(OLD), {"at": AT})
    upgrade(engine)


def tell(session):
    """A file, what it says of the address, and where."""
    at = session.get_one(Address, "a").created_at
    made = Import(made_at=at, format="csv", file_sha256="0" * 64, refused=0)
    session.add(made)
    session.flush()
    session.add(ImportedAddress(import_id=made.id, address_id="a", is_new=False, given="8 707", facts={"tlp": "red"}))
    session.add(ImportedSighting(import_id=made.id, address_id="a", external_id="x", lat=54.9, lon=69.1))


@pytest.mark.parametrize("revision", ["0003", "0001"])
def test_addresses_stay_when_the_tables_go_and_say_when_they_changed(engine, revision):
    fill(engine)
    with Session(engine) as session, session.begin():
        row = session.get_one(Address, "a")
        assert (row.changed_at, row.status, row.tlp) == (row.created_at, "benign", "green")
        tell(session)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("DELETE FROM addresses"))
    downgrade(engine, revision)
    assert not {"imports", "imported_addresses", "imported_sightings"} & set(inspect(engine).get_table_names())
    assert "changed_at" not in {column["name"] for column in inspect(engine).get_columns("addresses")}
    with engine.connect() as connection:
        status = "benign" if revision == "0003" else "rejected"
        assert tuple(connection.execute(text("SELECT value, status FROM addresses")).one()) == ("+77075009665", status)
    upgrade(engine)
    with Session(engine) as session:
        assert session.get_one(Address, "a").changed_at is not None
        assert session.scalars(select(Import)).all() == []
