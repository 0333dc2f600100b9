"""A PostgreSQL of our own for one test run: started on the first test that asks, gone afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from itertools import count
from pathlib import Path

import psycopg
import pytest
from dbos import DBOS
from sqlalchemy import create_engine

from api.db import upgrade
from tests.recycle import MOST_ROWS, Recycler

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
SPEED = {  # durability is the machine's business here, not the tests'
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
}
TEMPLATE = "wallwatch_template"


def binary(name):
    """The path of a PostgreSQL program, or None."""
    found = shutil.which(name) or next((str(folder / name) for folder in BINARIES if (folder / name).exists()), None)
    return Path(found) if found else None


class Cluster:
    """A running server whose databases are copies of one migrated template.

    `settings` are PostgreSQL's own, by name.
    """

    def __init__(self, folder, **settings):
        self._folder = folder
        self._settings = settings
        self._numbers = count(1)
        self._user = _unprivileged()
        self.port = _free_port()
        self._server = None
        self._admin = None
        self._recycler = None
        self._clean = []
        self._deleted = Counter()  # rows, by database

    def start(self):
        data = self._folder / "data"
        if self._user:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        made = [binary("initdb"), "-D", data, "-U", "wallwatch", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        subprocess.run(made, check=True, capture_output=True, cwd=self._folder, **self._as_user())
        settings = {
            **SPEED,
            **self._settings,
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._folder,
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [binary("postgres"), "-D", data, *options], stderr=log, stdout=log, cwd=self._folder, **self._as_user()
            )
        self._wait()
        self._execute(f"CREATE DATABASE {TEMPLATE}")
        _migrate(self._url(TEMPLATE))

    def new_url(self):
        """The URL of a migrated, empty database: a new one, or one that was given back."""
        if self._clean:
            return self._clean.pop()
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self._url(name)

    def give_back(self, url):
        """End what a test did with a database of `new_url`, and keep it for another test if it can be as new."""
        name = url.rpartition("/")[2]
        self._execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                deleted = self._recycler_of_template().clean(connection)
        except psycopg.Error:
            deleted = None
        self._deleted[url] += deleted or 0
        if deleted is None or self._deleted[url] > MOST_ROWS:
            self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        else:
            self._clean.append(url)

    def empty_url(self):
        """The URL of a new database without any table."""
        name = f"bare_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def stop(self):
        if self._admin:
            self._admin.close()
        if self._server:
            self._server.send_signal(signal.SIGQUIT)  # at once: there is nothing to keep
            self._server.wait(60)

    def _recycler_of_template(self):
        if self._recycler is None:
            with psycopg.connect(self._url(TEMPLATE), autocommit=True) as template:
                self._recycler = Recycler(template)
        return self._recycler

    def _url(self, name):
        return f"postgresql://wallwatch@127.0.0.1:{self.port}/{name}"

    def _execute(self, statement):
        if self._admin is None:
            self._admin = psycopg.connect(self._url("postgres"), autocommit=True)
        self._admin.execute(statement)

    def _wait(self, timeout_s=30):
        end = time.monotonic() + timeout_s
        while True:
            try:
                self._execute("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > end or self._server.poll() is not None:
                    raise RuntimeError((self._folder / "log").read_text()) from None
                time.sleep(0.05)
            else:
                return

    def _as_user(self):
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}


def _unprivileged():
    """Somebody else to run the server as: it refuses root. None when we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _migrate(url):
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    upgrade(engine)
    engine.dispose()
    DBOS.migrate(system_database_url=url)


@pytest.fixture(scope="session")
def postgres_cluster():
    """The running cluster. Without PostgreSQL's programs: a failure in CI, a skip elsewhere."""
    if not binary("initdb") or not binary("postgres"):
        reason = "PostgreSQL's initdb and postgres are not installed (Debian: apt install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="wallwatch-pg-", dir="/tmp"))
    # Without autovacuum the order of rows that nothing orders is the same in every run.
    cluster = Cluster(folder, autovacuum="off")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url_factory(postgres_cluster):
    """Gives the URL of a migrated, empty PostgreSQL database each time it is called; takes them back after the test."""
    given = []

    def make():
        given.append(postgres_cluster.new_url())
        return given[-1]

    yield make
    for url in given:
        postgres_cluster.give_back(url)
