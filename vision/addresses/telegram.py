"""Telegram names, invites and private links, painted in all the ways they are.

Names: TDLib and core.telegram.org: `[a-z][a-z0-9_]*`, 5 to 32 long, no trailing `_`, no `__`; four characters only in
an explicit link or after `@` with a keyword.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vision.addresses.keywords import Keyword, keywords
from vision.addresses.passage import Passage
from vision.addresses.rank import Candidate
from vision.addresses.scripts import LATIN_OF, is_cyrillic, is_latin
from vision.addresses.wordlists import WORDS_OF
from vision.types import Kind, Repair

RESERVED = WORDS_OF["telegram_reserved"]
"""First path segments of t.me that are never a name."""

NOT_REGISTRABLE = ("admin", "telegram", "support", "security", "settings", "contacts", "service", "telegraph")
NOT_SUBDOMAINS = WORDS_OF["telegram_not_subdomains"]

_EXACT = r"(?:t\s?\.\s?me|telegram\s?\.\s?me|telegram\s?\.\s?dog)"
_NEAR = r"(?:[tiтfl17]\s?[.,·•:;'-]?\s?(?:me|rne|nne|rn e|m e)|te[li1]e?gr?a[mn]{1,2}\s?[.,·•:;-]\s?(?:me|dog))"
_SLASH = r"\s?[/\\|]{1,2}\s?"
_NAME = r"[a-z0-9_]+(?:[ -][a-z0-9_]+)*"
_LEAD = r"(?<![a-z0-9_@.-])(?P<lead>(?:h[tx]{2}ps?\s?[:;.]?\s?[/\\]{1,3}\s?)?(?:www\s?[.,]\s?)?)"

LINK = re.compile(_LEAD + rf"(?P<host>{_EXACT}|{_NEAR})(?P<slash>{_SLASH}|\s?:\s?|\s)(?P<path>[+a-z0-9_@].*)")
GLUED = re.compile(r"(?<![a-z0-9_@.])(?P<host>t\.?me)(?P<slash>[il1|])(?P<path>[a-z][a-z0-9_]{4,31})(?![a-z0-9_])")
SUBDOMAIN = re.compile(r"(?<![a-z0-9_@.-])(?P<name>[a-z][a-z0-9_]{3,31})\s?\.\s?t\s?\.\s?me(?![a-z0-9_])")
SCHEME = re.compile(
    r"tg:(?://)?(?P<verb>resolve|join)\?(?P<key>domain|invite)=(?P<value>[A-Za-z0-9_+-]+)", re.IGNORECASE
)
AT = re.compile(r"(?P<at>[@©®]|\(\s?[aа@]\s?\))\s?(?P<name>[a-z][a-z0-9_]{3,31})(?![a-z0-9_])")
BARE = re.compile(r"(?<![\w@./+-])(?P<name>[a-z0-9@&][a-z0-9]*(?:_[a-z0-9]+)+)(?![\w@]|[.]\w)")
TAIL = re.compile(r"(?P<post>/\d+)?(?P<query>\?[a-z0-9_=&-]+)?", re.IGNORECASE)
MISREAD_AT = "cqobe&g0a"
MOST_LINKS = 200  # in one line; a wall has a handful


def is_name(name: str, *, explicit: bool = False) -> bool:
    """Whether Telegram could have given out this name; `explicit` allows four characters."""
    least = 4 if explicit else 5
    if not (least <= len(name) <= 32) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return False
    if name.endswith("_") or "__" in name or name in RESERVED:
        return False
    return not name.startswith(NOT_REGISTRABLE)


def find(where: Passage) -> Iterator[Candidate]:
    """Every Telegram address in a passage, overlapping ones included."""
    yield from _schemes(where)
    yield from _links(where)
    yield from _subdomains(where)
    words = keywords(where)
    yield from _handles(where, words)
    yield from _after_keywords(where, words)
    yield from _bare(where, words)


def _schemes(where: Passage) -> Iterator[Candidate]:
    for match in SCHEME.finditer(where.text):
        value, is_invite = match["value"], match["key"].lower() == "invite"
        if is_invite:
            yield Candidate(Kind.TELEGRAM_INVITE, value, match.start(), match.end())
        elif is_name(value.lower(), explicit=True):
            yield Candidate(Kind.TELEGRAM, value.lower(), match.start(), match.end(), facts=_facts(value.lower()))


def _links(where: Passage) -> Iterator[Candidate]:
    at = 0
    for _ in range(MOST_LINKS):
        match = LINK.search(where.latin, at, at + 400)
        if match is None:
            if at + 400 >= len(where.latin):
                break
            at += 300
            continue
        yield from _link(where, match, _host_trail(where, match))
        at = match.end("host")
    for match in GLUED.finditer(where.latin):
        trail = (Repair("slash lost", match[0], f"t.me/{match['path']}"),)
        if is_name(match["path"]):
            yield Candidate(Kind.TELEGRAM, match["path"], match.start(), match.end(), trail, _facts(match["path"]))


def _host_trail(where: Passage, match: re.Match[str]) -> tuple[Repair, ...]:
    start, end = match.span("host")
    painted, host = where.text[start:end], match["host"]
    steps = []
    if any(is_cyrillic(char) for char in painted):
        steps.append(Repair("look-alike letters", painted, host))
    tight = re.sub(r"\s", "", host)
    if tight not in ("t.me", "telegram.me", "telegram.dog"):
        is_separator = re.fullmatch(r"(?:t|telegram)[.,·•:;'-]?me|telegram[.,·•:;-]dog", tight) is not None
        steps.append(Repair("separator" if is_separator else "host read nearly", painted, "t.me"))
    elif tight != host:
        steps.append(Repair("separator", painted, tight))
    if re.sub(r"\s", "", match["slash"]) != "/":
        steps.append(Repair("separator" if match["slash"].strip() else "slash lost", match["slash"], "/"))
    return tuple(steps)


def _link(where: Passage, match: re.Match[str], trail: tuple[Repair, ...]) -> Iterator[Candidate]:
    start, at = match.start(), match.start("path")
    rest, raw = where.latin[at:], where.text[at:]
    if raw.startswith("@"):
        rest, raw, at = rest[1:], raw[1:], at + 1
    if invite := re.match(r"(?:\+\s?|joinchat\s?/\s?)([A-Za-z0-9_-]{4,64})", raw, re.IGNORECASE):
        code = invite[1]
        if not (code.isdigit() and raw.startswith("+")):
            if len(code) >= 10:
                latin = "".join(_keep_case(char) for char in code)
                yield Candidate(Kind.TELEGRAM_INVITE, latin, start, at + invite.end(), trail)
            return
        return  # digits only: a phone, and phone.py finds it
    if preview := re.match(r"s\s?/\s?", rest):
        at, rest, raw = at + preview.end(), rest[preview.end() :], raw[preview.end() :]
    if private := re.match(r"c\s?/\s?(\d{5,})", rest):
        yield Candidate(Kind.TELEGRAM_INVITE, f"c/{private[1]}", start, at + private.end(), trail, {"private": "yes"})
        return
    named = re.match(_NAME, rest)
    if named is None:
        return
    yield from _named(where, start, at, named[0], trail, explicit=True)


def _named(
    where: Passage, start: int, at: int, words: str, trail: tuple[Repair, ...], *, explicit: bool
) -> Iterator[Candidate]:
    """A name that may go on after a space or a dash which was an underscore."""
    first = re.split(r"[ -]", words, maxsplit=1)[0]
    parts = re.split(r"[ -]", words)
    others: list[tuple[str, float]] = []
    name, end = first.rstrip("_"), at + len(first.rstrip("_"))
    steps = list(trail)
    if len(parts) > 1:
        longer = "_".join(parts[:2]).strip("_")
        dashed = words[len(first)] == "-"
        if is_name(longer) and (dashed or not is_name(name, explicit=explicit) or _goes_on(parts[1])):
            if dashed or not is_name(name, explicit=explicit):
                others = [(name, 0.3)] if is_name(name, explicit=explicit) else []
                steps.append(
                    Repair("separator" if dashed else "cut at a space", words[: len(first) + 1 + len(parts[1])], longer)
                )
                name, end = longer, at + len(first) + 1 + len(parts[1])
            else:
                others = [(longer, 0.4)]
    if len(name) > 32 or not is_name(name, explicit=explicit):
        return
    painted = where.text[at:end]
    if any(is_cyrillic(char) for char in painted):
        steps.append(Repair("look-alike letters", painted, name))
    facts = _facts(name)
    tail = TAIL.match(where.text, end)
    if tail and tail[0]:
        end = tail.end()
        facts |= {"referral": tail["query"][1:]} if tail["query"] else {}
        facts |= {"post": tail["post"][1:]} if tail["post"] else {}
    elif end == len(where.text) and where.text[end - 1 : end] in "_-":
        facts["truncated"] = "yes"
    yield Candidate(Kind.TELEGRAM, name, start, end, tuple(steps), facts, tuple(others))


def _goes_on(part: str) -> bool:
    """Whether a word after a name looks like the rest of it: digits, or a country or bot ending."""
    return part.isdigit() or part in {"kz", "bot", "shop", "ru", "chat", "official", "rc", "24"} or "_" in part


def _subdomains(where: Passage) -> Iterator[Candidate]:
    for match in SUBDOMAIN.finditer(where.latin):
        name = match["name"]
        if name not in NOT_SUBDOMAINS and is_name(name):
            trail = _folded(where, match.start("name"), match.end("name"), name)
            yield Candidate(Kind.TELEGRAM, name, match.start(), match.end(), trail, _facts(name))


def _handles(where: Passage, words: list[Keyword]) -> Iterator[Candidate]:
    for match in AT.finditer(where.latin):
        if match.start() and re.match(r"[a-z0-9._-]", where.latin[match.start() - 1]):
            continue  # the middle of an e-mail address
        if (
            re.match(r"\s?[.]\s?[a-z]{2}", where.latin[match.end() :])
            and match.start() != 0
            and not where.latin[match.start() - 1].isspace()
        ):
            continue
        led = any(word.end <= match.start() <= word.end + 3 for word in words if word.is_telegram)
        if any(word.kind is not None and word.end <= match.start() <= word.end + 3 for word in words):
            continue  # another service's name
        trail = [] if match["at"] == "@" else [Repair("@ misread", match["at"], "@")]
        name = match["name"]
        going_on = re.match(r"[ -][a-z0-9_]+", where.latin[match.end() :])
        whole = name + (going_on[0] if going_on else "")
        yield from _named(where, match.start(), match.start("name"), whole, tuple(trail), explicit=led)


def _after_keywords(where: Passage, words: list[Keyword]) -> Iterator[Candidate]:
    for word in words:
        if not word.is_telegram:
            continue
        match = re.compile(
            r"[\s:;.,>=~-]{0,4}(?:kanal|kahaл|бot|bot|чat)?[\s:;>=-]{0,3}@?\s?(?P<name>[a-z0-9][a-z0-9_]{3,31})(?![a-z0-9_])"
        ).match(where.latin, word.end)
        if match is None or match.start("name") == word.end:
            continue
        name = match["name"]
        painted = where.text[match.start("name") : match.end("name")]
        rule = "keyword read nearly" if word.is_near else "keyword"
        if (
            painted[0].isdigit()
            or not _looks_like_name(painted)
            or re.match(r"\s?\.\s?[a-z]", where.latin[match.end() :])
        ):
            continue
        trail = (Repair(rule, word.text, "telegram"),)
        going_on = re.match(r"[ -][a-z0-9_]+", where.latin[match.end() :])
        rest = going_on[0] if going_on and _goes_on(going_on[0][1:]) else ""
        yield from _named(where, match.start("name"), match.start("name"), name + rest, trail, explicit=False)


def _looks_like_name(painted: str) -> bool:
    """Whether a word is meant in Latin: a Russian word that happens to have only look-alike letters is not."""
    if any(is_latin(char) for char in painted):
        return True
    return any(char.isdigit() or char == "_" for char in painted)


def _bare(where: Passage, words: list[Keyword]) -> Iterator[Candidate]:
    if any(word.kind is not None for word in words):
        return
    for match in BARE.finditer(where.latin):
        name, painted = match["name"], where.text[match.start() : match.end()]
        if not _looks_like_name(painted) or len(name) < 6:
            continue
        trail = list(_folded(where, match.start(), match.end(), name))
        if name[0] in "@&" or (name[0] in MISREAD_AT and painted[0] in "CQOBE&0GА©" and painted[1:2].islower()):
            if is_name(name[1:]):
                trail.append(Repair("@ guessed", painted, "@" + name[1:]))
                others = ((name, 0.5),) if is_name(name) else ()
                yield Candidate(
                    Kind.TELEGRAM, name[1:], match.start(), match.end(), tuple(trail), _facts(name[1:]), others
                )
        elif is_name(name):
            trail.append(Repair("bare name", painted, "@" + name))
            others = ((name[1:], 0.5),) if name[0] in MISREAD_AT and is_name(name[1:]) else ()
            yield Candidate(Kind.TELEGRAM, name, match.start(), match.end(), tuple(trail), _facts(name), others)


def _folded(where: Passage, start: int, end: int, made: str) -> tuple[Repair, ...]:
    painted = where.text[start:end]
    return (Repair("look-alike letters", painted, made),) if any(map(is_cyrillic, painted)) else ()


def _keep_case(char: str) -> str:
    folded = LATIN_OF.get(char)
    return char if folded is None else (folded.upper() if char.isupper() else folded)


def _facts(name: str) -> dict[str, str]:
    return {"bot": "yes"} if name.endswith("bot") else {}
