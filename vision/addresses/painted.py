"""From painted lines to findings: every rule over every passage, and the strongest claim to each character stays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vision.addresses import email, handles, onion, phone, social, suspected, telegram, web
from vision.addresses.decoded import settled
from vision.addresses.join import is_hanging, passages
from vision.addresses.names import KEYWORDS, NOT_NAMES
from vision.addresses.passage import Passage
from vision.addresses.patterns import CUT
from vision.addresses.rank import Candidate, Claim, settle
from vision.addresses.scripts import has_latin
from vision.addresses.words import words
from vision.types import Box, Finding, Kind, Line, Repair

THRESHOLD = 0.75
LONGEST_LINE = 500
OVERLAP = 100  # more than the longest address
NAMES = frozenset({Kind.TELEGRAM, Kind.INSTAGRAM, Kind.VK})
TRADE = words("trade_words")
LINE_HEIGHT, LINE_DROP, CHAR_WIDTH = 30.0, 40.0, 20.0
"""Of the boxes that plain text is given: lines right under each other."""


def extract(lines: Sequence[Line], *, threshold: float = THRESHOLD) -> tuple[Finding, ...]:
    """Findings in lines, the surest first; the same (kind, value) painted twice on one wall is one finding.

    Args:
        lines: boxes in photo pixels; any order.
        threshold: confidence from which a finding needs no person.
    """
    best: dict[tuple[Kind, str], Finding] = {}
    for claim, beaten in claims(lines):
        made = settled(claim, beaten, threshold=threshold)
        known = best.get((made.kind, made.value))
        if known is None or (made.accepted, made.confidence) > (known.accepted, known.confidence):
            best[made.kind, made.value] = made
    return tuple(sorted(best.values(), key=lambda made: (-made.confidence, made.kind, made.value)))


def claims(lines: Sequence[Line]) -> list[tuple[Claim, tuple[tuple[str, float], ...]]]:
    """What the rules find in lines and let stand, each with the values it was preferred to and their shares."""
    pieces = _cut(lines)
    is_trade = any(_sells(line.text) for line in pieces)
    kept = settle(Claim(found, where) for where in passages(pieces) for found in candidates(where, is_trade=is_trade))
    return [*kept, *((claim, ()) for claim in suspected.find(pieces, [claim for claim, _ in kept]))]


def extract_text(text: str, *, threshold: float = THRESHOLD) -> tuple[Finding, ...]:
    """Findings in plain text; each line stands right below the one before it and was read with full confidence."""
    parts = [part for part in text.splitlines() if part.strip()]
    return extract([Line(part, 1.0, _box(row, part)) for row, part in enumerate(parts)], threshold=threshold)


def candidates(where: Passage, *, is_trade: bool = False) -> Iterator[Candidate]:
    """What every rule finds in a passage; of a joined one only what needs the join."""
    for found in _all(where, is_trade=is_trade and not where.joins):
        if found.start >= found.end:
            continue
        if not where.joins:
            yield replace(found, is_cut=_goes_on(found, where))
        elif any(found.start < join < found.end for join in where.joins):
            yield from _joined(found, where)
        elif "keyword" in found.facts and found.start > where.joins[0] and where.text[where.joins[0]] == " ":
            yield found


def _all(where: Passage, *, is_trade: bool) -> Iterator[Candidate]:
    yield from telegram.find(where)
    yield from handles.find(where, is_trade=is_trade)
    yield from social.find(where)
    yield from email.find(where)
    yield from phone.find(where)
    yield from onion.find(where)
    yield from web.find(where)


def _goes_on(found: Candidate, where: Passage) -> bool:
    """Whether the name may be the beginning of a longer one: `@sopka[ny_22`, `@sopka veter_22`."""
    if found.kind not in NAMES or (rest := CUT.match(where.latin, found.end)) is None:
        return False
    word = rest[0].strip()
    return not rest[0].startswith(" ") or (
        has_latin(where.text[rest.start() : rest.end()]) and word not in NOT_NAMES | KEYWORDS
    )


def _joined(found: Candidate, where: Passage) -> Iterator[Candidate]:
    """A candidate that crosses a painted line break, if something besides the break speaks for it."""
    rules = {step.rule for step in found.trail}
    is_mended = found.kind is Kind.ONION and ("checksum wrong" not in rules or _may_be_mended(found, where))
    if is_hanging(where) or is_mended:
        rule = "lines joined"
    elif found.kind is Kind.PHONE:
        rule = "number broken by a line"
    else:
        rule = "lines joined unasked"
    if found.evidence not in ("plain", "rare ending") and rule != "lines joined":
        return
    if "first digit" in rules:
        return  # two guesses at once
    if rule == "lines joined unasked" and any(re.match(r"[\w-]+\s?\.", where.latin[join:]) for join in where.joins):
        return  # the lower line is a host by itself, and the word above it is no part of its name
    if rules & {"dot lost", "ending guessed", "ending spoken", "slash lost"} and rule != "lines joined":
        return
    step = Repair(rule, where.as_read(found.start, found.end), found.value)
    yield replace(found, trail=(step, *found.trail))


def _may_be_mended(found: Candidate, where: Passage) -> bool:
    """Whether an onion address over several lines has about its length, and lattices that a search can start from."""
    length = len(found.value.removesuffix(".onion"))
    return abs(length - onion.LENGTH) <= 2 and all(line.lattice is not None for line in where.lines)


def _sells(text: str) -> bool:
    return len(text) < 60 and any(word in TRADE for word in re.findall(r"[^\W_]+", text.lower()))


def _cut(lines: Sequence[Line]) -> list[Line]:
    """Lines no longer than any wall's: longer text is read in overlapping pieces, so that time stays linear."""
    cut = []
    for line in lines:
        if len(line.text) <= LONGEST_LINE:
            cut.append(line)
            continue
        starts = range(0, len(line.text), LONGEST_LINE - OVERLAP)
        cut += [replace(line, text=line.text[start : start + LONGEST_LINE], lattice=None) for start in starts]
    return cut


def _box(row: int, text: str) -> Box:
    top, right = row * LINE_DROP, CHAR_WIDTH * max(1, len(text))
    return (0.0, top), (right, top), (right, top + LINE_HEIGHT), (0.0, top + LINE_HEIGHT)
