"""What a file claims, put in order on the disk before the watchlist is looked at: once each, in any amount."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.exchange.incoming.claims import Claim, Place, Refused
from api.instants import written

BATCH = 200

SCHEMA = """
CREATE TABLE claims (kind TEXT, value TEXT, n INTEGER, place TEXT, given TEXT, first_seen TEXT, last_seen TEXT,
                     facts TEXT, PRIMARY KEY (kind, value)) WITHOUT ROWID;
CREATE TABLE places (kind TEXT, value TEXT, external_id TEXT, seen_at TEXT, lat REAL, lon REAL,
                     PRIMARY KEY (kind, value, external_id)) WITHOUT ROWID;
CREATE TABLE refused (n INTEGER PRIMARY KEY, place TEXT, given TEXT, reason TEXT);
"""
ADD = """
INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET first_seen = min(coalesce(first_seen, excluded.first_seen),
                                           coalesce(excluded.first_seen, first_seen)),
                          last_seen = max(coalesce(last_seen, excluded.last_seen),
                                          coalesce(excluded.last_seen, last_seen)),
                          facts = CASE WHEN length(excluded.facts) > length(facts) THEN excluded.facts ELSE facts END
"""


@dataclass(frozen=True, slots=True)
class Staged:
    """All that a file claims of one address, but its places."""

    kind: str
    value: str
    where: str
    given: str
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    facts: dict[str, Any]


class Staging:
    """A database of its own, gone when it is closed; on the disk once it is larger than SQLite's cache."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._rows.executescript(SCHEMA)
        self._rows.execute("BEGIN")

    def close(self) -> None:
        """Let everything go."""
        self._rows.close()

    def fill(self, read: Iterable[Claim | Refused]) -> int:
        """Take everything in; how many entries the file has."""
        number = 0
        for number, each in enumerate(read, start=1):
            if isinstance(each, Refused):
                row = (number, each.where, _plain(each.given), _plain(each.reason))
                self._rows.execute("INSERT INTO refused VALUES (?, ?, ?, ?)", row)
                continue
            moments = [place.seen_at for place in each.places if place.seen_at]
            first = min([*moments, *filter(None, [each.first_seen_at])], default=None)
            last = max([*moments, *filter(None, [each.last_seen_at])], default=None)
            facts = json.dumps(each.facts, sort_keys=True)
            claim = (each.kind, each.value, number, each.where, _plain(each.given), _text(first), _text(last), facts)
            self._rows.execute(ADD, claim)
            self._rows.executemany(
                "INSERT OR IGNORE INTO places VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (each.kind, each.value, _plain(place.external_id), _text(place.seen_at), place.lat, place.lon)
                    for place in each.places
                ],
            )
        return number

    def count(self) -> int:
        """How many addresses are claimed and entries refused, each once."""
        asked = "SELECT (SELECT count(*) FROM claims) + (SELECT count(*) FROM refused)"
        return int(self._rows.execute(asked).fetchone()[0])

    def batches(self) -> Iterator[list[Staged]]:
        """The claims, a batch at once, in the order of kind and value."""
        with closing(self._rows.cursor()) as rows:
            rows.execute(
                "SELECT kind, value, place, given, first_seen, last_seen, facts FROM claims ORDER BY kind, value"
            )
            while found := rows.fetchmany(BATCH):
                yield [
                    Staged(kind, value, where, given, _moment(first), _moment(last), json.loads(facts))
                    for kind, value, where, given, first, last, facts in found
                ]

    def places(self, staged: Staged) -> Iterator[list[Place]]:
        """Where an address is claimed to have been seen, a batch at once."""
        with closing(self._rows.cursor()) as rows:
            rows.execute(
                "SELECT external_id, seen_at, lat, lon FROM places WHERE kind = ? AND value = ? ORDER BY external_id",
                (staged.kind, staged.value),
            )
            while found := rows.fetchmany(BATCH):
                yield [Place(name, _moment(seen_at), lat, lon) for name, seen_at, lat, lon in found]

    def refused(self) -> Iterator[Refused]:
        """What was refused, in the order of the file."""
        with closing(self._rows.cursor()) as rows:
            for row in rows.execute("SELECT place, given, reason FROM refused ORDER BY n"):
                yield Refused(*row)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="microseconds") if moment else None


def _moment(text: str | None) -> datetime | None:
    return written(text) if text else None


def _plain(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
