"""Backups: one folder that holds everything, in one form whatever database and photo store it came from.

wallwatch.sqlite   all tables; a backup of PostgreSQL is written as SQLite too, so any backup goes back into either
blobs/ab/abcdef…   every original that the tables refer to
seals/             exported seals of the audit log
audit-keys.txt     the public keys that they may be signed with (the private key stays where it is)
manifest.json      when, what, how much, and the SHA-256 of each file that does not carry it as its name
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Engine, create_engine, func, insert, select, union

from api.audit.seal import FOLDER, TRUSTED_FILE, seal_now, trusted_keys
from api.audit.service import record
from api.audit.verify import KEPT, Trouble, verify
from api.db import upgrade
from api.errors import Problem
from api.intake.channels import kept
from api.photos.blobs import BlobMissing, BlobStore, BlobsUnavailable
from api.photos.local import LocalBlobs
from api.services import Services, build
from api.settings import BlobSettings, DatabaseSettings, Settings
from api.unit import Actor
from models import Base, PhotoFeatures
from models.stats import DERIVED

DATABASE = "wallwatch.sqlite"
BLOBS = "blobs"
MANIFEST = "manifest.json"
FORMAT = 1
BATCH = 1000
LARGE_BATCH = 50  # of rows that hold nearly 200 kB each
NOT_BROUGHT_BACK = frozenset({"sessions", "rate_buckets", "workers"})
"""Tables of the moment: browsers sign in anew, workers introduce themselves."""

ACTOR = Actor(name="backup")


class BackupTargetExists(Problem):
    """A backup never writes over anything."""

    status = 409

    def __init__(self, target: Path) -> None:
        super().__init__(f"{target} exists already: give a folder that does not, a backup never writes over anything.")


class BackupFailed(Problem):
    """The target cannot be written."""

    status = 507

    def __init__(self, target: Path, why: object) -> None:
        super().__init__(f"The backup could not be written to {target}: {why}. Nothing was left behind.")


class BackupIncomplete(Problem):
    """The backup was made, but originals were already lost before."""

    status = 500

    def __init__(self, target: Path, photos: list[str]) -> None:
        super().__init__(
            f"{target} was written, but {len(photos)} originals are missing or damaged in the photo store"
            f" (the first: {photos[0]}). Run `wallwatch verify`, and keep your older backups."
        )
        self.photos = photos[:100]


class NotABackup(Problem):
    """A folder that `wallwatch backup` did not write, or not to its end."""

    status = 422

    def __init__(self, source: Path, why: str) -> None:
        super().__init__(f"{source} is not a whole backup: {why}.")


class InstallationNotEmpty(Problem):
    """A restore never writes over anything."""

    status = 409

    def __init__(self, table: str) -> None:
        super().__init__(
            f"This installation is not empty (there are {table}): point WALLWATCH_DATA_DIR and"
            " WALLWATCH_DATABASE__URL at a new one."
        )


class RestoredWithTrouble(Problem):
    """Everything in the backup was brought back, and not everything is right."""

    status = 500

    def __init__(self, troubles: list[Trouble]) -> None:
        shown = "; ".join(f"{trouble.code} {trouble.subject}" for trouble in troubles[:5])
        super().__init__(
            f"Restored, but {len(troubles)} things are wrong in it: {shown}. `wallwatch verify` lists all."
        )


def backup(services: Services, target: Path) -> Path:
    """Write a backup while the service runs; the folder has its name only once it is whole and on the disk.

    The tables are copied as they are at one moment, the originals after them: an original is durable before a table
    refers to it and is never removed, so nothing that the copy refers to can be missing.

    Raises:
        BackupTargetExists, BackupFailed: nothing was written.
        BackupIncomplete: it was written, without originals that the photo store has lost.
    """
    if target.exists():
        raise BackupTargetExists(target)
    with services.unit(ACTOR) as unit:
        record(unit, "backup.started", target.name)
    seal_now(services)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _scratch(target) as folder:
            _copy_database(services, folder / DATABASE)
            lost = _copy_originals(_originals_of(folder / DATABASE), services.blobs, LocalBlobs(folder / BLOBS))
            _copy_seals(services.settings.data_dir, folder)
            _write_manifest(services, folder)
            folder.rename(target)
        _sync(target.parent)
    except (OSError, sqlite3.Error, BlobsUnavailable) as error:
        raise BackupFailed(target, error) from error
    if lost:
        raise BackupIncomplete(target, lost)
    return target


def open_backup(source: Path) -> Services:
    """Services on a backup, for `verify`; nothing in it is changed.

    Raises:
        NotABackup: the folder is not one, or a file in it is not what the manifest says.
    """
    _manifest(source)
    here = {"data_dir": source, "database": DatabaseSettings(), "blobs": BlobSettings()}
    return build(Settings(stage="development").model_copy(update=here))


def restore(source: Path, settings: Settings) -> None:
    """Bring a backup back into an empty installation, of either database and either photo store, and verify it.

    Cut off at any point it can be started again: originals come first, and all tables in one transaction.

    Raises:
        NotABackup: nothing was changed.
        InstallationNotEmpty: nothing was changed.
        RestoredWithTrouble: everything in the backup was brought back, and `verify` finds fault with it.
    """
    manifest = _manifest(source)
    services = build(settings)
    try:
        upgrade(services.engine)
        _must_be_empty(services.engine)
        with tempfile.TemporaryDirectory(dir=settings.data_dir) as scratch:
            database = Path(shutil.copy(source / DATABASE, scratch))
            _copy_originals(_originals_of(database), LocalBlobs(source / BLOBS), services.blobs)
            _copy_rows(_sqlite(database), services.engine, leave_out=NOT_BROUGHT_BACK)
        _copy_seals(source, settings.data_dir)
        with services.unit(ACTOR) as unit:
            record(unit, "backup.restored", source.name, made_at=manifest["made_at"])
        troubles = [trouble for trouble in verify(services) if trouble.is_grave]
    finally:
        services.close()
    if troubles:
        raise RestoredWithTrouble(troubles)


def _copy_database(services: Services, target: Path) -> None:
    if services.engine.dialect.name == "sqlite":
        # SQLite's own online copy, in one step: a moment's lock instead of starting again at every write.
        with (
            closing(sqlite3.connect(_read_only(services.engine), uri=True, timeout=60)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")  # a backup is one file, also of a database with a log beside it
        return
    copied = _sqlite(target)
    _copy_rows(services.engine, copied)
    copied.dispose()


def _read_only(engine: Engine) -> str:
    return f"{Path(str(engine.url.database)).absolute().as_uri()}?mode=ro"


def _sqlite(path: Path) -> Engine:
    """An engine on a SQLite file of the newest schema."""
    engine = create_engine(f"sqlite:///{path.absolute()}")
    upgrade(engine)
    return engine


def _copy_rows(source: Engine, target: Engine, *, leave_out: frozenset[str] = frozenset()) -> None:
    """Copy every table as it is at one moment; what is written is written in one transaction."""
    options: dict[str, Any] = {}
    if source.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"  # all tables of one moment
    with source.connect().execution_options(**options) as reading, target.begin() as writing:
        for table in Base.metadata.sorted_tables:
            if table.name in leave_out | DERIVED:
                continue
            batch = LARGE_BATCH if table.name == PhotoFeatures.__tablename__ else BATCH
            asked = reading.execute(select(table), execution_options={"yield_per": batch})
            for rows in asked.mappings().partitions(batch):
                writing.execute(insert(table), [dict(row) for row in rows])


def _originals_of(database: Path) -> Iterator[str]:
    """The SHA-256 of every photo, attachment and letter, in order, each once; and of what waits to become one."""
    engine = create_engine(f"sqlite:///{database.absolute()}")
    try:
        with engine.connect() as connection:
            every = union(*(select(table.sha256) for table in KEPT)).order_by("sha256")
            yield from connection.execution_options(yield_per=BATCH).scalars(every)
            yield from kept.waiting(connection)
    finally:
        engine.dispose()


def _copy_originals(photos: Iterator[str], source: BlobStore, target: BlobStore) -> list[str]:
    """Copy originals, hashing them on the way; the SHA-256 of those that are missing or no longer what they were."""
    lost = []
    for sha256 in photos:
        if target.has(sha256):
            continue
        try:
            with source.open(sha256) as file:
                stored = target.put(_pieces(file), limit_bytes=2**40)
        except BlobMissing:
            lost.append(sha256)
            continue
        if stored.sha256 != sha256:
            lost.append(sha256)
    return lost


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(2**20):
        yield piece


def _copy_seals(source: Path, target: Path) -> None:
    """Copy exported seals, and trust the source's keys beside the target's own."""
    (target / FOLDER).mkdir(parents=True, exist_ok=True)
    for path in sorted((source / FOLDER).glob("*.json")):
        shutil.copyfile(path, target / FOLDER / path.name)
    keys = trusted_keys(source) | trusted_keys(target)
    (target / TRUSTED_FILE).write_text("".join(f"{key}\n" for key in sorted(keys)), "ascii")


def _write_manifest(services: Services, folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        photos = database.execute("SELECT count(*) FROM photos").fetchone()[0]
        schema = database.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    named = [folder / DATABASE, folder / TRUSTED_FILE, *sorted((folder / FOLDER).glob("*.json"))]
    manifest = {
        "format": FORMAT,
        "made_at": services.clock.now().isoformat(),
        "schema": schema,
        "photos": photos,
        "files": {path.relative_to(folder).as_posix(): _file_sha256(path) for path in named},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    for path in [*named, folder / MANIFEST, folder / FOLDER, folder]:
        _sync(path)


def _manifest(source: Path) -> dict[str, Any]:
    """The manifest of a whole backup whose files are what it says."""
    try:
        manifest: dict[str, Any] = json.loads((source / MANIFEST).read_text("utf-8"))
        files = dict(manifest["files"])
        is_known = manifest["format"] == FORMAT and DATABASE in files and bool(manifest["made_at"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise NotABackup(source, f"its {MANIFEST} cannot be read") from error
    if not is_known:
        raise NotABackup(source, f"its {MANIFEST} is of another kind")
    for name, sha256 in files.items():
        path = source / name
        if not path.is_file() or _file_sha256(path) != sha256:
            raise NotABackup(source, f"{name} is missing or damaged")
    return manifest


def _must_be_empty(engine: Engine) -> None:
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if connection.scalar(select(func.count()).select_from(select(table).limit(1).subquery())):
                raise InstallationNotEmpty(table.name.replace("_", " "))


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A folder beside the target; removed unless it was given its name."""
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
