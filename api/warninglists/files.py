"""One warning list as its file has it: MISP's format, checked, because a list that is half understood misleads.

https://github.com/MISP/misp-warninglists: `name`, `description`, `version`, `type`, `list`, and optionally
`matching_attributes` and `category`. The attributes are MISP's, or our kinds by their own names.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from api.errors import Problem
from vision.types import Kind

LARGEST_BYTES = 32 * 2**20
MOST_ENTRIES = 1_000_000
LONGEST_ENTRY = 500
LONGEST_TEXT = 1000
MOST_SCANNED = {"regex": 200, "substring": 5000}
"""Types whose entries are tried one after another."""

KEYS = frozenset({"name", "description", "version", "type", "list", "matching_attributes", "category"})
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

HOSTS = frozenset({Kind.DOMAIN, Kind.ONION})
KINDS_OF: dict[str, frozenset[Kind]] = {
    **dict.fromkeys(("domain", "hostname", "url", "uri", "link", "domain|ip", "hostname|port"), HOSTS),
    **dict.fromkeys(("ip-src", "ip-dst", "ip-src|port", "ip-dst|port"), HOSTS),
    **dict.fromkeys(("email-src", "email-dst", "email-reply-to", "target-email"), frozenset({Kind.EMAIL})),
    **{str(kind): frozenset({kind}) for kind in Kind if kind is not Kind.DOMAIN},
    "phone-number": frozenset({Kind.PHONE}),
}
"""What an attribute of MISP, or a kind of ours, says a list is about."""


class MatchType(StrEnum):
    """How an entry is compared, as MISP names it; the first is meant where a file says nothing."""

    STRING = "string"
    SUBSTRING = "substring"
    HOSTNAME = "hostname"
    CIDR = "cidr"
    REGEX = "regex"


class Category(StrEnum):
    """MISP's two sorts: it is probably no shop (meant where nothing is said), or only: know whose host it is."""

    FALSE_POSITIVE = "false_positive"
    KNOWN = "known"


class WarningListRefused(Problem):
    """A list, a folder or a setting of warning lists that cannot be used."""

    status = 422

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"The warning list {where} cannot be used: {reason}.")


@dataclass(frozen=True, slots=True)
class WarningList:
    """A list that was understood.

    Attributes:
        id: where it is from and its file's name: `wallwatch/kz-banks`, `misp/bank-website`, `own/…`.
        source: in words, for people.
        entries: as the file has them, each once, in its order.
        kinds: the kinds of addresses that it is about.
        sha256: of what it says, however the file is formatted.
    """

    id: str
    source: str
    name: str
    description: str
    version: int
    type: MatchType
    category: Category
    kinds: frozenset[Kind]
    entries: tuple[str, ...]
    sha256: str


def read_list(path: Path, *, id: str, source: str) -> WarningList:
    """The list in a file. WarningListRefused names the file and says what is wrong."""
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            _refuse(str(path), f"it has {size:,} bytes and at most {LARGEST_BYTES:,} are read")
        data = path.read_bytes()
    except OSError as error:
        _refuse(str(path), error.strerror or str(error))
    return understood(_parsed(str(path), data), id=id, source=source, where=str(path))


def understood(said: Any, *, id: str, source: str, where: str) -> WarningList:
    """The list that a parsed file is. WarningListRefused."""
    if not isinstance(said, dict):
        _refuse(where, "it is not a JSON object with name, description, version, type and list")
    if unknown := sorted(set(said) - KEYS):
        _refuse(where, f"it has {unknown[0][:60]!r}, which no warning list has: there are {', '.join(sorted(KEYS))}")
    name, description = (_text(said, key, where) for key in ("name", "description"))
    version = said.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**31:
        _refuse(where, "version must be a whole number from 0 to 2147483647")
    match = MatchType(_one_of(said, "type", MatchType, where))
    category = Category(_one_of(said, "category", Category, where))
    kinds = _kinds(said.get("matching_attributes"), match, where)
    entries = _entries(said.get("list"), match, where)
    told = [name, description, version, match, category, sorted(kinds), entries]
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()
    return WarningList(id, source, name, description, version, match, category, kinds, entries, digest)


def _parsed(where: str, data: bytes) -> Any:
    def without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                _refuse(where, f"it says {key[:60]!r} twice, and only one can be meant")
            found[key] = value
        return found

    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=without_doubles)
    except UnicodeDecodeError as error:
        _refuse(where, f"it is not UTF-8 (byte {error.start})")
    except json.JSONDecodeError as error:
        _refuse(where, f"it is not JSON (line {error.lineno}, column {error.colno}: {error.msg})")
    except RecursionError:
        _refuse(where, "it is nested too deeply")
    except ValueError:
        _refuse(where, "it has a number that is too long")


def _text(said: dict[str, Any], key: str, where: str) -> str:
    value = said.get(key)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST_TEXT or _is_unkeepable(value):
        _refuse(where, f"{key} must be a text of 1 to {LONGEST_TEXT} characters")
    return value.strip()


def _one_of(said: dict[str, Any], key: str, words: type[StrEnum], where: str) -> str:
    value = said.get(key, next(iter(words)))
    if value not in list(words):
        _refuse(where, f"{key} must be one of {', '.join(words)}")
    return str(value)


def _kinds(attributes: Any, match: MatchType, where: str) -> frozenset[Kind]:
    if attributes is None:
        return HOSTS if match in (MatchType.HOSTNAME, MatchType.CIDR) else frozenset(Kind)
    if not isinstance(attributes, list) or not all(isinstance(each, str) for each in attributes):
        _refuse(where, "matching_attributes must be a list of texts")
    kinds = frozenset[Kind]().union(*(KINDS_OF.get(each, frozenset()) for each in attributes))
    if not kinds:
        _refuse(where, f"none of its matching_attributes is about addresses: there are {', '.join(KINDS_OF)}")
    return kinds


def _entries(entries: Any, match: MatchType, where: str) -> tuple[str, ...]:
    if not isinstance(entries, list) or not entries:
        _refuse(where, "list must be a list of at least one text")
    most = MOST_SCANNED.get(match, MOST_ENTRIES)
    if len(entries) > most:
        _refuse(where, f"it has {len(entries):,} entries and a list of the type {match} at most {most:,}")
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, str) or not entry.strip() or len(entry) > LONGEST_ENTRY or _is_unkeepable(entry):
            _refuse(where, f"entry {number} must be a text of 1 to {LONGEST_ENTRY} characters")
    return tuple(dict.fromkeys(entries))


def _is_unkeepable(text: str) -> bool:
    """Whether a database would not take it: NUL, and halves of surrogate pairs."""
    return "\0" in text or any("\ud800" <= char <= "\udfff" for char in text)


def _refuse(where: str, reason: str) -> NoReturn:
    raise WarningListRefused(where, reason)
