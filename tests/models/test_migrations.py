"""What migrations make is what the models say, and the audit log refuses to be changed."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, create_engine, inspect, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from api.db import MIGRATIONS, SchemaUnknown, newest, upgrade
from models import Base, Finding


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_engine(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'bare.sqlite'}"
    else:
        url = request.getfixturevalue("postgres_cluster").empty_url().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)
    yield engine
    engine.dispose()


def test_the_migrated_schema_is_the_one_that_the_models_describe(bare_engine):
    upgrade(bare_engine)
    with bare_engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "include_name": ours}
        )
        assert compare_metadata(context, Base.metadata) == []


def ours(name, kind, _parents):
    return kind != "table" or name != "alembic_version"


def test_check_constraints_and_primary_keys_are_the_models(bare_engine):
    upgrade(bare_engine)
    seen = inspect(bare_engine)
    for table in Base.metadata.sorted_tables:
        checks = {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
        assert {c["name"] for c in seen.get_check_constraints(table.name)} == checks, table.name
        assert seen.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]


def test_upgrading_twice_changes_nothing(bare_engine):
    upgrade(bare_engine)
    before = sorted(inspect(bare_engine).get_table_names())
    upgrade(bare_engine)
    assert sorted(inspect(bare_engine).get_table_names()) == before


def test_the_newest_revision_is_known_without_alembic():
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [newest()]


def test_a_database_of_a_newer_version_is_refused(bare_engine):
    upgrade(bare_engine)
    with bare_engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaUnknown, match="9999"):
        upgrade(bare_engine)


def move(engine, revision):
    """Bring the schema up or down to a revision."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        is_down = MigrationContext.configure(connection).get_current_revision() is not None
        (command.downgrade if is_down else command.upgrade)(config, revision)


NOW = "'2026-03-01 10:00:00'"
OLD_ROWS = (
    f"""
    INSERT INTO photos (sha256, size_bytes, media_type, received_at, state, want, failures, losses)
    VALUES (:photo, 9, 'image/jpeg', {NOW}, 'read', 1, 0, 0)
    """,
    f"""
    INSERT INTO readings (id, photo_sha256, card_sha256, card, read_at, seconds, stages, lines, quarter_turns)
    VALUES ('r1', :photo, :photo, '{{}}', {NOW}, 0.5, '{{}}', '[]', 0)
    """,
    f"""
    INSERT INTO findings (id, reading_id, photo_sha256, position, created_at, kind, value, text, confidence, accepted,
        box, alternatives, trail, facts, source, review, version)
    VALUES ('f1', 'r1', :photo, 0, {NOW}, 'telegram', 'qz_tuman_lis_77', '@qz_tuman_lis_77', 0.9, TRUE,
        '[]', '[]', '[]', '{{}}', 'ocr', 'unreviewed', 1)
    """,
)


def test_findings_from_before_doubts_were_kept_have_none_and_survive_the_way_back(bare_engine):
    move(bare_engine, "0001")
    with bare_engine.begin() as connection:
        for statement in OLD_ROWS:
            connection.execute(text(statement), {"photo": "a" * 64})
    upgrade(bare_engine)
    doubt = {"position": 14, "char": "7", "rivals": [{"char": "1", "probability": 0.2}]}
    with Session(bare_engine) as session, session.begin():
        finding = session.get_one(Finding, "f1")
        assert finding.uncertain == []
        finding.uncertain = [doubt]
    with Session(bare_engine) as session:
        assert session.get_one(Finding, "f1").uncertain == [doubt]
    move(bare_engine, "0001")
    assert "uncertain" not in {column["name"] for column in inspect(bare_engine).get_columns("findings")}
    with bare_engine.connect() as connection:
        assert connection.scalar(text("SELECT value FROM findings")) == "qz_tuman_lis_77"
    upgrade(bare_engine)
    with Session(bare_engine) as session:
        assert session.get_one(Finding, "f1").uncertain == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'somebody else'",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_entries WHERE seq = 1",
    ],
)
def test_the_database_itself_refuses_to_change_the_audit_log(bare_engine, statement):
    upgrade(bare_engine)
    write_entry(bare_engine, "INSERT")
    with pytest.raises(DatabaseError, match="append-only"), bare_engine.begin() as connection:
        connection.execute(text(statement))
    with bare_engine.connect() as connection:
        assert connection.scalar(text("SELECT actor FROM audit_entries")) == "officer"


def test_an_entry_cannot_be_replaced_by_inserting_over_it(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'replace.sqlite'}")
    upgrade(engine)
    write_entry(engine, "INSERT")
    with pytest.raises(DatabaseError, match="append-only"):
        write_entry(engine, "INSERT OR REPLACE", actor="somebody else")
    engine.dispose()


def write_entry(engine, verb, actor="officer"):
    with engine.begin() as connection:
        connection.execute(
            text(
                f"{verb} INTO audit_entries (seq, at, actor, action, subject, facts, previous_sha256, entry_sha256)"
                " VALUES (1, '2026-03-01 10:00:00', :actor, 'report.sent', 'r1', '{}', :zero, :one)"
            ),
            {"actor": actor, "zero": "0" * 64, "one": "1" * 64},
        )
