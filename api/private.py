"""Folders and database files that only the account of the service may open: they hold evidence and names."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import make_url


def private_folder(path: Path) -> None:
    """Make the folder with mode 0700; one that is there already keeps the mode that somebody gave it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def private_sqlite(url: str) -> None:
    """Make the file of an SQLite URL, empty and with mode 0600, unless it is there; SQLite's side files take its mode.

    SQLite itself would make it readable by everybody. What cannot be made is left for SQLite to complain of. A file
    that is there is never opened: closing it drops all locks that this process holds on it (POSIX), and a transaction
    of another connection would go on without.
    """
    made = make_url(url)
    if made.get_backend_name() == "sqlite" and made.database and not made.database.startswith((":memory:", "file:")):
        with suppress(OSError):
            os.close(os.open(made.database, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
