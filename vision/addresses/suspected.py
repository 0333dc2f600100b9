"""Lines in which the rules find nothing, while their lattice under the grammar of a kind still has a good reading.

What is found here always goes to a person: a host misread beyond the rules, an @ that the network only suspected, a
site whose ending was misread, a number with letters in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rapidfuzz import fuzz, process

from vision.addresses.endings import COMMON, CYRILLIC, views
from vision.addresses.handles import MISREAD_AT
from vision.addresses.names import is_name, read_name
from vision.addresses.passage import Passage, passage
from vision.addresses.rank import Candidate, Claim
from vision.addresses.scripts import has_latin
from vision.addresses.weigh import weigh
from vision.recognise.lattice import Lattice
from vision.types import Kind, Line, Repair

EVIDENCE = "suspected"
HOSTS = {
    "t.me": Kind.TELEGRAM, "t.me/s": Kind.TELEGRAM, "telegram.me": Kind.TELEGRAM, "telegram.dog": Kind.TELEGRAM,
    "t.me/joinchat": Kind.TELEGRAM_INVITE, "t.me/+": Kind.TELEGRAM_INVITE, "chat.whatsapp.com": Kind.WHATSAPP,
    "vk.com": Kind.VK, "instagram.com": Kind.INSTAGRAM,
}  # fmt: skip
LIKENESS = 55.0
"""Per cent that a misread host must have of a known one."""

LED = re.compile(r"(?:\S{2,6}:\s?/{1,3}\s?)?(?P<host>[^\s/\\|]\S{0,22}?)\s?[/\\|]\s?(?=[\w+]{5})")
CODE = re.compile(r"\+?\s?(?P<code>[A-Za-z0-9_-]{12,40})$")
LONE = re.compile(r"\S{8,40}")
SITE = re.compile(r"(?:\S{2,6}:\s?/{1,3})?(?:[wv]{2,4}\s?[.,]\s?)?(?P<host>[^\s/\\]{6,60})$")
NUMBER = re.compile(r"[+(]?[\w()\s-]{10,18}$")
LEAST_AT = 0.02
"""The probability that the first character must have of being an @."""

LEAST_FIT = {Kind.DOMAIN: -3.0, Kind.PHONE: -4.0}
LEAST_SHARE = {Kind.DOMAIN: 0.1, Kind.PHONE: 0.3}
LEAST_DIGITS = 6


def find(lines: Sequence[Line], known: Sequence[Claim]) -> Iterator[Claim]:
    """What may be addresses in lines that no claim touches."""
    taken = {place for claim in known for place, _ in claim.places}
    for line in lines:
        if line.lattice is None or id(line) in taken or not LONE.search(line.text):
            continue
        where = passage([line])
        found = next((made for rule in (_led, _lone, _number, _site) if (made := rule(where, line.lattice))), None)
        if found is not None:
            yield Claim(found, where)


def _led(where: Passage, _: Lattice) -> Candidate | None:
    """A name or a code behind what is like a known host and a slash."""
    for match in LED.finditer(where.latin):
        best = process.extractOne(match["host"], HOSTS.keys(), scorer=fuzz.ratio, score_cutoff=LIKENESS)
        if best is None:
            continue
        host, at = best[0], match.end()
        trail = (Repair("host read nearly", match["host"], host),)
        kind = HOSTS[host]
        if kind in (Kind.TELEGRAM_INVITE, Kind.WHATSAPP):
            code = CODE.match(where.text, at)
            if code is not None:
                return Candidate(
                    kind, code["code"], match.start(), code.end(), trail, evidence=EVIDENCE, core=code.span("code")
                )
            continue
        name = read_name(where, at, explicit=False, alone=True)
        if name is not None and _is_marked(name.value) and name.end == len(where.text):
            steps, core = (*trail, *name.trail), (name.start, name.end)
            return Candidate(kind, name.value, match.start(), name.end, steps, {}, name.others, EVIDENCE, core)
    return None


def _lone(where: Passage, lattice: Lattice) -> Candidate | None:
    """A marked name alone on its line whose first character may have been an @."""
    words = where.latin.split()
    if not words or not _is_marked(words[-1]) or not has_latin(where.text) or "." in words[-1]:
        return None
    at = len(where.latin) - len(words[-1])
    is_suspected = where.text[at] in MISREAD_AT and _chance_of_at(where, lattice, at) >= LEAST_AT
    start = at + 1 if is_suspected else at
    value = where.latin[start:]
    if not is_suspected or not is_name(value) or len(value) < 8:
        return None
    trail = (Repair("@ guessed", where.text[at:], "@" + value),)
    return Candidate(Kind.TELEGRAM, value, at, len(where.text), trail, {}, (), EVIDENCE, (start, len(where.text)))


def _chance_of_at(where: Passage, lattice: Lattice, at: int) -> float:
    """How probable an @ is at its surest step where this character was read."""
    runs = lattice.runs_of(where.lines[0].text)
    column = lattice.alphabet.find("@") + 1
    index = where.origin[at][1]
    if not column or index >= len(runs):
        return 0.0
    run = runs[index]
    return math.exp(float(lattice.log_probs[max(0, run.start - 1) : run.end, column].max()))


def _number(where: Passage, _: Lattice) -> Candidate | None:
    """A phone number with letters among its digits."""
    match = NUMBER.match(where.text)
    if match is None or sum(map(str.isdigit, match[0])) < LEAST_DIGITS:
        return None
    trail = (Repair("digits in a number", match[0], ""),)
    return _decoded(Candidate(Kind.PHONE, "", 0, match.end(), trail, {}, (), EVIDENCE, (0, match.end())), where)


def _site(where: Passage, _: Lattice) -> Candidate | None:
    """A host whose ending was misread: with digits or a dash in it, as no word of the street has."""
    match = SITE.search(where.lower)
    if match is None or not re.search(r"[a-z]{3}", match["host"]) or not re.search(r"\d|-", match["host"][1:-1]):
        return None
    trail = (Repair("ending read nearly", match["host"], ""),)
    core = match.span("host")
    for ending in ("com", "рф"):
        found = Candidate(Kind.DOMAIN, f".{ending}", match.start(), match.end(), trail, {}, (), EVIDENCE, core)
        made = _decoded(found, where)
        if made is not None and made.value.rpartition(".")[2] in COMMON | CYRILLIC:
            return replace(made, facts=views(made.value))
    return None


def _decoded(found: Candidate, where: Passage) -> Candidate | None:
    """The candidate with the value that its lattice gives it, if it fits well."""
    weighed = weigh(found, where)
    if weighed is None or weighed.fit < LEAST_FIT[found.kind]:
        return None
    value, share = weighed.values[0]
    if share < LEAST_SHARE[found.kind]:
        return None
    return replace(found, value=value, trail=tuple(replace(step, after=value) for step in found.trail))


def _is_marked(name: str) -> bool:
    return any(char.isdigit() or char == "_" for char in name)
