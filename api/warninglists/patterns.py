"""Regular expressions from files, which cannot hold the process up.

The engine is `regex`, because it gives up at a time limit, which `re` cannot; google-re2 would need none but has no
wheel everywhere and no look-around, which MISP's lists use. Three bounds: a pattern that runs into the limit on texts
made for it is refused at start; each search has a limit; all searches for one address have one together.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex
import structlog

from api.warninglists.files import WarningListRefused

SEARCH_S = 0.05
ALTOGETHER_S = 0.25
LONGEST_TEXT = 300

_PHP = regex.compile(r"/(?P<body>.*)/(?P<flags>[a-zA-Z]*)", regex.DOTALL)
_FLAGS = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL, "x": regex.VERBOSE}
_NO_MATTER = frozenset("gu")
HOSTILE = tuple(
    piece * (LONGEST_TEXT // len(piece)) + "!" for piece in ("a", "0", "ab", "a.", "a1", "-", "_", "я", "x ")
)
"""Long texts that nearly match what is usually repeated, and end in what matches nothing."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled entry of a list."""

    list_id: str
    entry: str
    compiled: regex.Pattern[str]


def compiled(entries: Sequence[str], *, list_id: str, where: str) -> list[Pattern]:
    """The patterns of a list; `/…/flags` as MISP writes them, or the expression alone. WarningListRefused."""
    found = []
    for number, entry in enumerate(entries, 1):
        body, flags = _parts(entry, number, where)
        try:
            pattern = regex.compile(body, flags)
        except (regex.error, RecursionError, OverflowError, MemoryError, ValueError) as error:
            raise WarningListRefused(where, f"entry {number} is no regular expression ({error})") from None
        _try_out(pattern, number, where)
        found.append(Pattern(list_id, entry, pattern))
    return found


def matching(patterns: Iterable[Pattern], texts: Sequence[str]) -> Iterator[Pattern]:
    """Those that are found in any of the texts; what would take too long counts as not found, and is logged."""
    ends = time.monotonic() + ALTOGETHER_S
    for pattern in patterns:
        left = ends - time.monotonic()
        if left <= 0:
            log.warning("warning_list_patterns_too_slow", first_left_out=pattern.entry[:80], list=pattern.list_id)
            return
        try:
            if any(pattern.compiled.search(text[:LONGEST_TEXT], timeout=min(left, SEARCH_S)) for text in texts):
                yield pattern
        except TimeoutError:
            log.warning("warning_list_pattern_too_slow", entry=pattern.entry[:80], list=pattern.list_id)


def _parts(entry: str, number: int, where: str) -> tuple[str, int]:
    php = _PHP.fullmatch(entry.strip())
    if php is None:
        return entry, 0
    flags = 0
    for letter in php["flags"]:
        if letter not in _FLAGS and letter not in _NO_MATTER:
            raise WarningListRefused(where, f"entry {number} has the flag {letter}, which is not known")
        flags |= _FLAGS.get(letter, 0)
    return php["body"], flags


def _try_out(pattern: regex.Pattern[str], number: int, where: str) -> None:
    try:
        for text in HOSTILE:
            pattern.search(text, timeout=SEARCH_S)
    except TimeoutError:
        raise WarningListRefused(
            where, f"entry {number} takes too long on some texts: write it without repeats of repeats"
        ) from None
    if pattern.search(""):
        raise WarningListRefused(where, f"entry {number} matches everything")
