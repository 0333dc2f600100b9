"""A database that a test has used goes to another one only if nothing can tell it from a new one."""

import psycopg
import pytest

ACCOUNTS = """
INSERT INTO accounts (id, name, role, password_hash, language, is_demo, created_at, password_changed_at)
SELECT n, n, 'officer', 'x', 'ru', false, now(), now() FROM generate_series(1, {}) AS n
"""
ENTRY = """
INSERT INTO audit_entries (seq, at, actor, action, subject, facts, previous_sha256, entry_sha256)
VALUES (1, now(), 'qz', 'x', 'x', '{}', 'x', 'x')
"""


def run(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement)


def names(url, table, column):
    return [row[0] for row in run(url, f"SELECT {column} FROM {table}")]


def test_what_a_test_wrote_is_gone_and_what_it_left_open_is_closed(postgres_cluster):
    url = postgres_cluster.new_url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(ACCOUNTS.format(3))
        connection.execute(ENTRY)
        connection.execute("BEGIN")
        connection.execute("LOCK TABLE accounts")
        postgres_cluster.give_back(url)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert postgres_cluster.new_url() == url
    assert names(url, "accounts", "name") == names(url, "audit_entries", "seq") == []
    with pytest.raises(psycopg.errors.RaiseException):  # the log is as append-only as it was
        run(url, f"{ENTRY}; DELETE FROM audit_entries")
    postgres_cluster.give_back(url)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE late (id integer)",
        "ALTER TABLE accounts ADD COLUMN late integer",
        "ALTER TABLE audit_entries DISABLE TRIGGER ALL",
        "DROP INDEX ix_sessions_account_id",
        "CREATE FUNCTION late() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE SEQUENCE late",
        "UPDATE alembic_version SET version_num = '0001'",
        "DELETE FROM alembic_version",
    ],
)
def test_a_database_whose_schema_was_changed_is_not_used_again(postgres_cluster, statement):
    url = postgres_cluster.new_url()
    run(url, statement)
    postgres_cluster.give_back(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)
    other = postgres_cluster.new_url()
    assert names(other, "alembic_version", "version_num") != ["0001"]
    postgres_cluster.give_back(other)


def test_a_database_that_much_was_deleted_from_is_not_used_again(postgres_cluster):
    url = postgres_cluster.new_url()
    run(url, ACCOUNTS.format(5001))
    postgres_cluster.give_back(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)
