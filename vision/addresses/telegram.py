"""Telegram names, invites and private links, painted in all the ways they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vision.addresses.names import RESERVED, is_name, read_name, with_tail
from vision.addresses.passage import Passage
from vision.addresses.patterns import DOT, LEAD, SLASH, is_nearly_telegram, tidy
from vision.addresses.rank import Candidate
from vision.addresses.scripts import LATIN_OF, has_cyrillic
from vision.addresses.words import words
from vision.types import Kind, Repair

CLEAN = frozenset({"t.me", "telegram.me", "telegram.dog"})
NOT_SUBDOMAINS = words("telegram_subdomains")
PRIVATE = "c/"
"""Before a private channel's number in the value of an invite: no hash, nobody can join by it, but an identity."""

_WORD = r"(?:te[li1|]e?q?g?r?a?[mn]{0,2}r?n?|telegr\w{1,3}|tel?g?e?gram)"
_ME = r"m\s?e|rne|rn\s?e|nne|m[3co]|ne|rnc"
_HOST = rf"(?:(?:t|[i1l7jf+\]\[!|]){DOT}(?:{_ME})|t\s?(?:me|rne)(?=\s?[/\\])|{_WORD}{DOT}(?:{_ME}|dog|d[o0]g))"
LINK = re.compile(rf"{LEAD}(?P<host>{_HOST})(?P<slash>{SLASH}|\s?:\s?|\s)(?=[+a-z0-9_@(\w])")
NEAR_LINK = re.compile(rf"{LEAD}(?P<host>[a-z0-9]{{6,10}}\s?[.,]\s?me)(?P<slash>{SLASH})(?=[+a-z0-9_@(\w])")
"""A host that may be Telegram's, a letter or two read wrong; `is_nearly_telegram` says whether it is."""

GLUED = re.compile(
    rf"{LEAD}(?P<host>t{DOT}?me|telegram\.me)(?P<slash>[il1|!]|)(?P<path>[a-z][a-z0-9_]{{4,31}})(?!\w|\.\w)"
)
SUBDOMAIN = re.compile(rf"(?<![\w@.-])(?:{LEAD})?(?P<name>[a-z][a-z0-9_]{{3,31}})\s?\.\s?t\s?\.\s?me(?![a-z0-9_])")
SCHEME = re.compile(
    r"tg\s?:\s?(?://)?(?P<verb>resolve|join)/?\?(?P<key>domain|invite)=(?P<value>[a-z0-9_+-]{4,64})"
    r"(?P<rest>&[\w=&%-]{1,80})?",
    re.IGNORECASE,
)
INVITE = re.compile(r"(?:\+\s?|j[o0][il1]nchat\s?[/\\|]\s?)(?P<code>[A-Za-z0-9_-]{1,64})", re.IGNORECASE)
PREVIEW = re.compile(r"s\s?[/\\]\s?(?=\w)")
CHANNEL = re.compile(r"c\s?[/\\]\s?(?P<id>\d{6,16})")
LEAST_CODE = 10


def find(where: Passage) -> Iterator[Candidate]:
    """Every Telegram address that names Telegram's host, overlapping ones included."""
    for match in SCHEME.finditer(where.text):
        yield from _scheme(match)
    for match in LINK.finditer(where.latin):
        yield from _link(where, match)
    for match in NEAR_LINK.finditer(where.latin):
        if is_nearly_telegram(tidy(match["host"]).replace(" ", "")) and not LINK.match(where.latin, match.start()):
            yield from _link(where, match)
    for match in GLUED.finditer(where.latin):
        yield from _glued(where, match)
    for match in SUBDOMAIN.finditer(where.latin):
        yield from _subdomain(where, match)


def _scheme(match: re.Match[str]) -> Iterator[Candidate]:
    value, is_invite = match["value"], match["key"].lower() == "invite"
    facts = {"referral": match["rest"][1:]} if match["rest"] else {}
    if is_invite:
        yield Candidate(Kind.TELEGRAM_INVITE, value, match.start(), match.end())
    elif is_name(value.lower(), explicit=True):
        yield Candidate(Kind.TELEGRAM, value.lower(), match.start(), match.end(), facts=facts)


def _link(where: Passage, match: re.Match[str]) -> Iterator[Candidate]:
    """What follows a host of Telegram's: a name, an invite, a private channel; a phone is left to phone.py."""
    start, at = match.start(), match.end()
    trail = _host_trail(where, match)
    is_sure = "host read nearly" not in {step.rule for step in trail}
    if where.text[at] == "@":
        at += 1
    if (invite := INVITE.match(where.text, at) or INVITE.match(where.latin, at)) is not None and invite[0][0] != "_":
        yield from _invite(where, start, invite, trail)
        return
    if (private := CHANNEL.match(where.latin, at)) is not None:
        yield Candidate(Kind.TELEGRAM_INVITE, PRIVATE + private["id"], start, private.end(), trail, {"private": "yes"})
        return
    if (preview := PREVIEW.match(where.latin, at)) is not None:
        at = preview.end()
    alone = start == 0 or start in where.joins
    name = read_name(where, at, explicit=is_sure, alone=alone)
    if name is None or (match["slash"].isspace() and not _is_marked(name.value)):
        return
    core = name.reach(where)
    name = with_tail(where, name)
    steps, facts = (*trail, *name.trail), dict(name.facts)
    yield Candidate(Kind.TELEGRAM, name.value, start, name.end, steps, facts, name.others, core=core)


def _host_trail(where: Passage, match: re.Match[str]) -> tuple[Repair, ...]:
    """The steps from the painted host and slash to `t.me/`."""
    painted, host, slash = where.text[match.start("host") : match.end("host")], match["host"], match["slash"]
    steps = []
    if has_cyrillic(painted):
        steps.append(Repair("look-alike letters", painted, host))
    tight = re.sub(r"\s", "", host)
    if tight not in CLEAN:
        tidied = tidy(host).replace(" ", "")
        is_near = tidied not in CLEAN and tight != "tme" and tidied != "t.m.e"
        steps.append(Repair("host read nearly" if is_near else "separator", painted, "t.me"))
    elif tight != host:
        steps.append(Repair("separator", painted, tight))
    if slash.strip() != "/":
        steps.append(Repair("separator" if slash.strip() else "slash lost", slash, "/"))
    elif slash != "/":
        steps.append(Repair("separator", slash, "/"))
    return tuple(steps)


def _invite(where: Passage, start: int, match: re.Match[str], trail: tuple[Repair, ...]) -> Iterator[Candidate]:
    at, end = match.span("code")
    painted = where.text[at:end]
    code = "".join(map(_latin_keeping_case, painted))
    if len(code) < LEAST_CODE or (code.isdigit() and "+" in match[0]):
        return
    if code != painted:
        trail = (*trail, Repair("look-alike letters", painted, code))
    yield Candidate(Kind.TELEGRAM_INVITE, code, start, end, trail, others=_other_cases(code), core=(at, end))


def _latin_keeping_case(char: str) -> str:
    folded = LATIN_OF.get(char)
    return char if folded is None else (folded.upper() if char.isupper() else folded)


def _other_cases(code: str) -> tuple[tuple[str, float], ...]:
    """Hashes with one of the characters that no paint tells apart changed."""
    swaps = {"l": "I", "I": "l", "0": "O", "O": "0", "1": "l"}
    return tuple((code[:at] + swaps[char] + code[at + 1 :], 0.06) for at, char in enumerate(code) if char in swaps)


def _glued(where: Passage, match: re.Match[str]) -> Iterator[Candidate]:
    """`tmeIshop24`: a slash that was lost or read as a letter."""
    path, painted = match["path"], where.text[match.start() : match.end()]
    if not is_name(path) or path in RESERVED or (match["host"] == "tme" and not (match["slash"] and _is_marked(path))):
        return
    if match["lead"].strip() == "" and not match["slash"] and not _is_marked(path):
        return
    others = ((match["slash"] + path, 0.2),) if match["slash"].isalpha() and is_name(match["slash"] + path) else ()
    trail = [Repair("slash lost", painted, f"t.me/{path}")]
    if has_cyrillic(painted):
        trail.insert(0, Repair("look-alike letters", painted, match[0]))
    core = match.span("path")
    yield Candidate(Kind.TELEGRAM, path, match.start(), match.end(), tuple(trail), others=others, core=core)


def _is_marked(name: str) -> bool:
    """Whether a name has what ordinary words have not."""
    return any(char.isdigit() or char == "_" for char in name)


def _subdomain(where: Passage, match: re.Match[str]) -> Iterator[Candidate]:
    name, (start, end) = match["name"], match.span("name")
    if name in NOT_SUBDOMAINS or not is_name(name, explicit=True):
        return
    painted = where.text[start:end]
    trail = (Repair("look-alike letters", painted, name),) if has_cyrillic(where.text[start : match.end()]) else ()
    facts = {"bot": "yes"} if name.endswith("bot") else {}
    yield Candidate(Kind.TELEGRAM, name, match.start(), match.end(), trail, facts, core=(start, end))
