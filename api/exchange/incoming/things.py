"""What an object's references lead to, kept on the disk: in a bundle they may come before or after what they name."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

FOLLOWED = 50  # references of one object that are looked at


class Things:
    """Values by id, and a list of those to look at once all are known; in a database that nobody else sees."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("CREATE TABLE things (id TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
        self._rows.execute("CREATE TABLE later (n INTEGER PRIMARY KEY, value TEXT)")
        self._rows.execute("BEGIN")

    def close(self) -> None:
        """Let everything go."""
        self._rows.close()

    def keep(self, thing_id: object, value: Any) -> None:
        """Remember a value by its id; without an id it cannot be referred to."""
        if isinstance(thing_id, str):
            self._rows.execute("INSERT OR REPLACE INTO things VALUES (?, ?)", (_plain(thing_id), json.dumps(value)))

    def get(self, thing_id: object) -> Any:
        """The value of this id, None for one that is not known."""
        if not isinstance(thing_id, str):
            return None
        found = self._rows.execute("SELECT value FROM things WHERE id = ?", (_plain(thing_id),)).fetchone()
        return json.loads(found[0]) if found else None

    def all(self, refs: object) -> list[Any]:
        """The known values of a list of references, of the first of them."""
        named = refs[:FOLLOWED] if isinstance(refs, list) else []
        return [value for ref in named if (value := self.get(ref)) is not None]

    def wait(self, value: Any) -> None:
        """Put a value on the list."""
        self._rows.execute("INSERT INTO later (value) VALUES (?)", (json.dumps(value),))

    def waiting(self) -> Iterator[Any]:
        """The list, in order."""
        with closing(self._rows.cursor()) as rows:
            for (value,) in rows.execute("SELECT value FROM later ORDER BY n"):
                yield json.loads(value)


def _plain(text: str) -> str:
    """Text that SQLite takes: no lone surrogates."""
    return text[:200].encode("utf-8", "replace").decode()
