"""What lies in the data folder is for the service alone."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import text

from api.db import upgrade
from api.private import private_sqlite
from api.services import build


@pytest.fixture(autouse=True)
def usual_umask():
    """What an account has that nobody thought about."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def alone(settings):
    services = build(settings)
    yield services
    services.close()


def mode(path):
    return f"{path.stat().st_mode & 0o777:o}"


def test_a_new_installation_is_closed_to_everybody_else(alone, settings):
    upgrade(alone.engine)
    alone.jobs.enqueue(["0" * 64 + ":1"])
    stored = alone.blobs.put(iter([b"a wall"]), limit_bytes=100)
    assert mode(settings.data_dir) == "700"
    databases = {path.name: mode(path) for path in settings.data_dir.glob("*.sqlite*")}
    assert databases.keys() >= {"wallwatch.sqlite", "jobs.sqlite"}
    assert set(databases.values()) == {"600"}
    assert mode(settings.data_dir / "blobs" / stored.sha256[:2] / stored.sha256) == "440"


def test_the_journal_of_a_transaction_is_as_private_as_the_database(alone, settings):
    upgrade(alone.engine)
    with alone.engine.connect() as connection:
        connection.execute(text("CREATE TABLE qz (word TEXT)"))
        connection.execute(text("INSERT INTO qz VALUES ('a')"))
        beside = [path for path in settings.data_dir.glob("wallwatch.sqlite-*") if path.stat().st_size]
        assert {mode(path) for path in beside} == {"600"}


def test_a_folder_that_somebody_opened_to_a_group_stays_as_it_is(settings):
    settings.data_dir.mkdir(mode=0o750)
    build(settings).close()
    assert mode(settings.data_dir) == "750"


def test_a_database_that_is_there_is_not_touched(tmp_path):
    kept = tmp_path / "kept.sqlite"
    kept.write_bytes(b"not empty")
    kept.chmod(0o640)
    private_sqlite(f"sqlite:///{kept}")
    assert (kept.read_bytes(), mode(kept)) == (b"not empty", "640")


def test_a_second_connection_does_not_take_the_lock_of_a_transaction_away(alone):
    upgrade(alone.engine)
    with alone.engine.connect() as writing:
        writing.execute(text("CREATE TABLE qz (word TEXT)"))
        # The pool has no other connection: this makes a second one.
        with alone.engine.connect().execution_options(wallwatch_reads=True) as reading:
            reading.execute(text("SELECT 1"))
        other = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
        refused = subprocess.run(
            [sys.executable, "-c", other, alone.engine.url.database], capture_output=True, text=True, check=False
        )
    assert "database is locked" in refused.stderr
