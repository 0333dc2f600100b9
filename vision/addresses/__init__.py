"""Painted text to typed addresses: pure, offline, linear in its input, never raising on any text.

`extract` takes lines with geometry, `extract_text` plain text whose line breaks are painted ones, `parse_code` the
payload of a QR code. Rules and examples: docs/addresses.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from vision.addresses import onion, phone, social, telegram, web
from vision.addresses.join import passages
from vision.addresses.passage import Passage, passage
from vision.addresses.rank import Candidate, finding, settle
from vision.types import Box, Finding, Kind, Line, Repair

VERSION = "1"
"""Rises with every change that makes the same lines yield other findings."""

THRESHOLD = 0.75
LONGEST_LINE = 4000
OVERLAP = 100


class AddressInvalid(ValueError):
    """What was typed is not an address of the kind; the message says what is wrong."""


def extract(lines: Sequence[Line], *, threshold: float = THRESHOLD) -> tuple[Finding, ...]:
    """Findings in lines, the surest first; the same (kind, value) painted twice on one wall is one finding.

    Args:
        lines: boxes in photo pixels; any order.
        threshold: confidence from which a finding needs no person.
    """
    pairs = [(found, where) for where in passages(_cut(lines)) for found in _candidates(where)]
    best: dict[tuple[Kind, str], Finding] = {}
    for found, where in settle(pairs):
        made = finding(found, where, threshold=threshold)
        known = best.get((made.kind, made.value))
        if known is None or made.confidence > known.confidence:
            best[made.kind, made.value] = made
    return tuple(sorted(best.values(), key=lambda made: (-made.confidence, made.kind, made.value)))


def extract_text(text: str, *, threshold: float = THRESHOLD) -> tuple[Finding, ...]:
    """Findings in plain text; each line stands below the one before it."""
    lines = [
        Line(part, 1.0, _invented_box(number, len(part)))
        for number, part in enumerate(text.splitlines())
        if part.strip()
    ]
    return extract(lines, threshold=threshold)


def parse_code(text: str, symbology: str, box: Box) -> tuple[Finding, ...]:
    """Findings in the payload of a QR code or barcode: exact, so no repair that guesses is let through."""
    found = extract([Line(part, 1.0, box) for part in text[:LONGEST_LINE].splitlines() if part.strip()])
    return tuple(replace(made, source=symbology, box=box) for made in found if made.accepted)


def defang(kind: Kind | str, value: str) -> str:
    """The value so that no program makes a link of it: `shop24[.]biz`, `t[.]me/shop24`."""
    prefix = {
        Kind.TELEGRAM: "t[.]me/",
        Kind.TELEGRAM_INVITE: "t[.]me/" if value.startswith("c/") else "t[.]me/+",
        Kind.WHATSAPP: "chat[.]whatsapp[.]com/",
        Kind.INSTAGRAM: "instagram[.]com/",
        Kind.VK: "vk[.]com/",
    }.get(Kind(kind))
    if prefix is not None:
        return prefix + value.replace(".", "[.]")
    return value if Kind(kind) is Kind.PHONE else value.replace(".", "[.]").replace("@", "[@]")


def canonical(kind: Kind | str, text: str) -> str:
    """The canonical value of what a person typed for a kind.

    Raises:
        AddressInvalid: it is not an address of this kind.
    """
    kind, typed = Kind(kind), text.strip()
    for attempt in _spellings(kind, typed):
        for found in extract_text(attempt):
            if found.kind is kind and (found.accepted or kind is Kind.TELEGRAM):
                return found.value
    raise AddressInvalid(f"{typed[:80]!r} is not a valid address of the kind {kind.value}: {_RULES[kind]}")


_RULES = {
    Kind.TELEGRAM: "a name has 5 to 32 Latin letters, digits and underscores and starts with a letter.",
    Kind.TELEGRAM_INVITE: "an invite looks like t.me/+ and its hash.",
    Kind.DOMAIN: "a domain looks like example-name.biz.",
    Kind.ONION: "an onion address has 56 characters whose checksum is right.",
    Kind.PHONE: "a number looks like +7 707 and seven digits.",
    Kind.WHATSAPP: "a group looks like chat.whatsapp.com/ and its code.",
    Kind.INSTAGRAM: "a name looks like instagram.com/name.",
    Kind.VK: "a name looks like vk.com/name.",
    Kind.EMAIL: "an address looks like name@example-host.kz.",
}


def _spellings(kind: Kind, typed: str) -> Iterator[str]:
    yield typed
    bare = typed.lstrip("@+")
    prefix = {
        Kind.TELEGRAM: "https://t.me/",
        Kind.TELEGRAM_INVITE: "https://t.me/+",
        Kind.WHATSAPP: "https://chat.whatsapp.com/",
        Kind.INSTAGRAM: "https://instagram.com/",
        Kind.VK: "https://vk.com/",
        Kind.DOMAIN: "https://",
    }.get(kind)
    if prefix and bare and not any(char.isspace() for char in bare):
        yield prefix + bare
    if kind is Kind.ONION and not typed.endswith(".onion"):
        yield typed + ".onion"


def _candidates(where: Passage) -> Iterator[Candidate]:
    for rule in (telegram, social, phone, onion, web):
        for found in rule.find(where):
            if found.start >= found.end:
                continue
            crossed = [at for at in where.joins if found.start < at < found.end]
            if len(where.lines) > 1 and not crossed and not _led_across(found, where):
                continue  # a line by itself has said this already
            joined = Repair("lines joined", where.as_read(found.start, found.end), found.value)
            yield replace(found, trail=(joined, *found.trail)) if crossed else found


def _led_across(found: Candidate, where: Passage) -> bool:
    """Whether a keyword on the line above leads to this."""
    is_led = any(step.rule.startswith("keyword") for step in found.trail)
    return is_led and bool(where.joins) and found.start >= where.joins[0]


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


def _invented_box(number: int, length: int) -> Box:
    top, bottom, right = number * 40.0, number * 40.0 + 30.0, 20.0 * max(1, length)
    return (0.0, top), (right, top), (right, bottom), (0.0, bottom)


__all__ = [
    "THRESHOLD",
    "VERSION",
    "AddressInvalid",
    "canonical",
    "defang",
    "extract",
    "extract_text",
    "parse_code",
    "passage",
]
