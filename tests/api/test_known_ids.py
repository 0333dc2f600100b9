"""TAXII finds an object's address by an index, whichever way the address came onto the list."""

import pytest
from sqlalchemy import delete, event, select

from api.exchange import taxii
from api.exchange.known_ids import addresses_of, fill_ids
from models import Address, StixId
from tests.api.listed import VALUES, list_all


@pytest.fixture
def listed(services, accounts, clock):
    list_all(services, accounts["officer"])
    clock.move(minutes=1)


def objects(services, **asked):
    """Objects of the collection, and the statements that it took to find them."""
    said = []

    def note(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(services.engine, "before_cursor_execute", note)
    try:
        with services.reading_unit() as unit:
            found, _ = taxii.page(unit, services.settings, taxii.Asked(**asked), cursor=None, limit=1000)
    finally:
        event.remove(services.engine, "before_cursor_execute", note)
    return [item.made for item in found], said


def test_every_object_is_found_by_its_id_without_going_through_the_list(services, listed):
    every, _ = objects(services)
    of_addresses = [each for each in every if each["type"] not in ("identity", "marking-definition")]
    assert len(of_addresses) == 3 * len(VALUES)
    for wanted in of_addresses[::5]:
        found, said = objects(services, ids=frozenset({wanted["id"]}))
        assert found == [wanted]
        of_table = [each for each in said if "FROM addresses" in each]
        assert len(of_table) == 1
        assert "addresses.id IN" in of_table[0]
    nothing, _ = objects(services, ids=frozenset({"indicator--5b29a4a4-9d04-4e4c-a5ee-7ef7f5a2a2a1", "", "x" * 900}))
    assert nothing == []


def test_ids_of_addresses_from_before_are_filled_in_once(services, listed):
    with services.unit() as unit:
        before = sorted(unit.session.scalars(select(StixId.object_id)))
        unit.session.execute(delete(StixId))
    assert fill_ids(services.engine) == len(VALUES)
    assert fill_ids(services.engine) == 0
    with services.reading_unit() as unit:
        assert sorted(unit.session.scalars(select(StixId.object_id))) == before
        ids = set(unit.session.scalars(select(Address.id)))
        assert set(addresses_of(unit.session, before)) == ids


def test_the_index_answers(services, listed):
    with services.engine.connect() as connection:
        query = "SELECT address_id FROM stix_ids WHERE object_id IN ('a', 'b')"
        if connection.dialect.name == "sqlite":
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all())
            assert "SEARCH" in plan
            assert "SCAN" not in plan
        else:
            connection.exec_driver_sql("SET enable_seqscan = off")
            plan = str(connection.exec_driver_sql(f"EXPLAIN {query}").all())
            assert "pk_stix_ids" in plan
