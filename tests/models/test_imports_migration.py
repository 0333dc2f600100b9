"""The tables for imports come and go with data in the database."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from api.db import MIGRATIONS, upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'bare.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_cluster").empty_url().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)
    yield engine
    engine.dispose()


def go(engine, way, revision):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        way(config, revision)


def test_addresses_stay_and_say_when_they_changed(engine):
    go(engine, command.upgrade, "0001")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO addresses (id, kind, value, status, first_seen_at, last_seen_at, sighting_count,"
                " photo_count, best_confidence, created_at, version)"
                " VALUES ('a', 'phone', '+77075009665', 'new', :at, :at, 0, 0, 0.5, :at, 1)"
            ),
            {"at": "2026-03-01 09:00:00.000000"},
        )
    upgrade(engine)
    with engine.connect() as connection:
        changed, created = connection.execute(text("SELECT changed_at, created_at FROM addresses")).one()
    assert changed == created
    go(engine, command.downgrade, "0001")
    assert not {"imports", "imported_addresses", "imported_sightings"} & set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT value FROM addresses")) == "+77075009665"
    upgrade(engine)
    assert "changed_at" in {column["name"] for column in inspect(engine).get_columns("addresses")}
