"""Lines that are painted as addresses and were not read as any: nobody should have to find out that they were lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from vision.addresses.keywords import keywords
from vision.addresses.passage import Passage, passage
from vision.types import Finding, Line

MARK = re.compile(
    r"@\s?\w{2}|(?<!\w)(?:t|telegram)\s?[.,]\s?me\s?[/\\]\s?[\w+]|(?<!\w)www\s?[.,]\s?\w{2}|(?<!\w)https?\s?:\s?/"
)
"""What nobody paints but before an address, in `latin`."""

NAMELIKE = re.compile(r"(?=\w*[^\W\d_])\w*[\d_]\w*")
LONGEST = 120


def left_over(lines: Sequence[Line], findings: Iterable[Finding]) -> tuple[Line, ...]:
    """The lines with the marks of an address that no finding came from, in their order.

    Args:
        lines: as recognised.
        findings: what the rules made of exactly these lines.
    """
    used = {part for finding in findings for part in finding.text.split("\n") if part}
    return tuple(line for line in lines if not any(part in line.text for part in used) and _is_marked(line))


def _is_marked(line: Line) -> bool:
    where = passage([line])
    return len(where.text) <= LONGEST and (MARK.search(where.latin) is not None or _is_led(where))


def _is_led(where: Passage) -> bool:
    """Whether a word for Telegram, plainly read, stands before something with a letter and a digit or underscore."""
    return any(
        word.sense == "telegram" and not word.is_near and NAMELIKE.search(where.lower, word.end)
        for word in keywords(where)
    )
