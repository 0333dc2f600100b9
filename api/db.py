"""Engines: SQLite and PostgreSQL set up so that a transaction is one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url

from api.private import private_sqlite
from api.settings import Settings

MIGRATIONS = Path(__file__).parents[1] / "models" / "migrations"

WAL_SAFE_SINCE = (3, 51, 3)  # earlier SQLite can corrupt a WAL database when the log is reset


def make_engine(settings: Settings) -> Engine:
    """An engine on the settings' database; nothing is opened yet."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return _sqlite(settings, url.render_as_string(hide_password=False))
    return create_engine(
        url, pool_size=settings.database.pool_size, max_overflow=5, pool_pre_ping=True, hide_parameters=True
    )


def _sqlite(settings: Settings, url: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=settings.database.pool_size,
        max_overflow=5,
        hide_parameters=True,  # an error is logged with its statement; the values in it may be names and places
        connect_args={"timeout": settings.database.busy_timeout_s, "check_same_thread": False},
    )

    @event.listens_for(engine, "do_connect")
    def _keep_private(_dialect: Any, _record: Any, _arguments: Any, _options: Any) -> None:
        private_sqlite(url)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own transaction mode keeps a released savepoint after an outer rollback: we begin ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={int(settings.database.busy_timeout_s * 1000)}")
        wal = sqlite3.sqlite_version_info >= WAL_SAFE_SINCE
        cursor.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.close()

    @event.listens_for(engine, "checkin")
    def _leave_nothing_open(connection: Any, _record: Any) -> None:
        # A COMMIT that fails leaves SQLite's transaction open, with its lock, and SQLAlchemy believes that it ended.
        if connection is not None and connection.in_transaction:
            connection.rollback()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A reader that later writes would fail with "database is locked" without waiting: writers say so first.
        reading = connection.get_execution_options().get("wallwatch_reads", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


class SchemaBroken(Exception):
    """A migration would leave rows that refer to nothing; it was taken back."""


class SchemaUnknown(Exception):
    """The database is of a version that this program has no migration for: a newer one, or none of ours."""


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest schema in one transaction; does nothing when it is there already.

    SchemaUnknown where it is newer than this program.
    """
    if _revision(engine) != newest():
        _migrate(engine, "upgrade", "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the database back to an older schema in one transaction; what that has no place for is lost."""
    _migrate(engine, "downgrade", revision)


def newest() -> str:
    """The revision of the last migration: files are named for theirs."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision(engine: Engine) -> str | None:
    """The schema that the database has, asked without Alembic, which takes longer to load than most commands run."""
    with engine.connect().execution_options(wallwatch_reads=True) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        rows = connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()
    return str(rows[0][0]) if len(rows) == 1 else None


def _migrate(engine: Engine, way: Literal["upgrade", "downgrade"], revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - a database that is up to date needs none of it
    from alembic.config import Config  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    from api.near.index import index_all  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection, _tables_may_be_remade(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            # Two processes that start together must not both create the tables.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20261124)")
        before = MigrationContext.configure(connection).get_current_revision()
        config.attributes["connection"] = connection
        config.attributes["index_addresses"] = index_all
        try:
            (command.upgrade if way == "upgrade" else command.downgrade)(config, revision)
        except CommandError as error:
            raise SchemaUnknown(str(error)) from error
        if before != MigrationContext.configure(connection).get_current_revision():
            _check_references(connection)


@contextmanager
def _tables_may_be_remade(connection: Connection) -> Iterator[None]:
    """SQLite changes a constraint by making the table anew, which rows that refer to it would forbid."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection  # the switch works outside of transactions only
    was_on = driver.execute("PRAGMA foreign_keys").fetchone()[0]
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA foreign_keys={was_on}")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
        if broken:
            raise SchemaBroken(f"rows refer to nothing after the migration: {[tuple(row) for row in broken]}")
