"""Telegram names without Telegram's host: after @, after a keyword, or bare with an underscore."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vision.addresses.keywords import Keyword, keywords, leading, sense_of
from vision.addresses.names import NOT_NAMES, Name, is_name, read_name, with_tail
from vision.addresses.passage import Passage
from vision.addresses.rank import Candidate
from vision.addresses.scripts import has_cyrillic, has_latin, is_latin
from vision.addresses.words import words
from vision.types import Kind, Repair

AT = re.compile(r"(?P<at>@|[©®]|[(\[{]\s?(?:@|a|at)\s?[)\]}])\s?(?=\w)")
AT_LIKE = re.compile(r"(?:@|[©®&]|[(\[{]\s?(?:@|a|at)\s?[)\]}])\s?")
AFTER_KEYWORD = re.compile(r"[\s:;.,>=~»\"'–|/*#№-]{0,5}")
BARE = re.compile(
    r"(?<![\w@./\\+?=&-])(?P<sign>[&@©®$]?)(?P<name>_?[a-z0-9]+(?:_+[a-z0-9]+)+_?)"
    r"(?![\w@]|\s?[.,]\s?[a-z]{2,4}\b|[/\\])"
)
LONE = re.compile(r"[a-z@&©][a-z]{4,}\d{2,6}[a-z]{0,5}")
TAG_WORDS = words("tag_words")
MOST_FILLERS = 4
MISREAD_AT = "CQOEBG0"
"""What a network makes of @ most often, as painted."""

ONSETS = re.compile(
    r"[aeiouy]|[bcdfgkpstvz]?[lr][aeiouy]|s[ckhlmnpqtw]|[ckpstwzg]h|[dtskg]w"
    r"|[bcdfghjklmnprstvwxz][aeiouy]|[kgp]n|ps|ts|kv|qu|q[aeio]"
)
OTHER_SERVICES = {"instagram": Kind.INSTAGRAM, "vk": Kind.VK}


def find(where: Passage, *, is_trade: bool = False) -> Iterator[Candidate]:
    """Every Telegram name that no host leads to; `is_trade`: another line says that something is sold here."""
    known = keywords(where)
    for match in AT.finditer(where.latin):
        yield from _after_at(where, match)
    for position, word in enumerate(known):
        if word.sense in ("telegram", "lead"):
            yield from _after_keyword(where, word, known[position + 1 : position + 1 + MOST_FILLERS])
    for match in BARE.finditer(where.latin):
        yield from _bare(where, match)
    if is_trade and (lone := LONE.fullmatch(where.latin)) is not None and has_latin(where.text):
        yield from _alone(where, lone[0])


def _after_at(where: Passage, match: re.Match[str]) -> Iterator[Candidate]:
    start, at = match.start(), match.end()
    if start and re.match(r"[\w.-]", where.text[start - 1]):
        return  # the middle of an e-mail address
    led = leading(where, start)
    if led is not None and led.sense in OTHER_SERVICES:
        return  # social.py's
    is_telegram = led is not None and led.sense == "telegram"
    alone = start == 0 or start in where.joins
    name = read_name(where, at, explicit=is_telegram, alone=alone)
    if name is None or re.match(r"\.[a-z]{2}|@", where.latin[name.end : name.end + 3]):
        return
    core = name.reach(where)
    name = with_tail(where, name)
    trail = name.trail
    if match["at"] != "@":
        trail = (Repair("@ misread" if match["at"] != "(@)" else "separator", match["at"], "@"), *trail)
    if at - match.end("at"):
        trail = (Repair("separator", where.text[start:at], "@"), *trail)
    facts = dict(name.facts) | ({"keyword": led.text} if led is not None and is_telegram else {})
    yield Candidate(Kind.TELEGRAM, name.value, start, name.end, trail, facts, name.others, core=core)


def _after_keyword(where: Passage, word: Keyword, later: Sequence[Keyword]) -> Iterator[Candidate]:
    """The name that a keyword leads to, over fillers such as `канал` or `пиши`."""
    at, skipped = _skip(where, word.end), 0
    for filler in later:
        if (
            filler.start != at
            or filler.sense not in ("lead", "filler", "telegram")
            or where.latin[filler.end :][:1] == "_"
        ):
            break
        at, skipped = _skip(where, filler.end), skipped + 1
    sign = AT_LIKE.match(where.latin, at)
    if sign is not None and sign[0].strip() == "@":
        return  # `_after_at` finds it
    at = sign.end() if sign else at
    if at >= len(where.text) or (at == word.end and not is_latin(where.text[at])):
        return
    name = read_name(where, at, explicit=False, whole=True)
    if name is None or not _may_be_led(where, word, name):
        return
    trail, others, core = list(name.trail), list(name.others), (name.start, name.end)
    if sign:
        trail.insert(0, Repair("@ misread", sign[0], "@"))
    elif _starts_with_misread_at(where.text[name.start : name.end], name.value):
        others.append((name.value, 0.5))
        trail.append(Repair("@ guessed", name.value, "@" + name.value[1:]))
        name, core = replace(name, value=name.value[1:]), (name.start + 1, name.end)
    evidence = _evidence(where, word, name)
    facts = dict(name.facts) | {"keyword": word.text}
    yield Candidate(Kind.TELEGRAM, name.value, name.start, name.end, tuple(trail), facts, tuple(others), evidence, core)


def _skip(where: Passage, at: int) -> int:
    match = AFTER_KEYWORD.match(where.latin, at)
    return match.end() if match else at


def _evidence(where: Passage, word: Keyword, name: Name) -> str:
    if word.sense == "lead":
        return "weak keyword"
    marked = _is_marked(name.value)
    if word.is_near:
        return "keyword read nearly" if marked else "letters only"
    crossed = any(word.end <= join <= name.start for join in where.joins)
    return "keyword above" if crossed else "keyword"


def _may_be_led(where: Passage, word: Keyword, name: Name) -> bool:
    """Whether a word after a keyword is meant as a name, and is not the next word of a sentence."""
    painted = where.text[name.start : name.end]
    after = where.lower[name.end : name.end + 6]
    if re.match(r"\s?[.,]\s?[a-zа-яқ]{2}|\s?[@]|\.\w", after) or painted[0].isdigit():
        return False
    if _is_marked(name.value):
        if word.sense == "lead":
            return has_latin(painted) and len(name.value) >= 6
        return has_latin(painted) or "_" in painted
    if word.sense == "lead" or not has_latin(painted) or name.value in NOT_NAMES or sense_of(name.value)[0]:
        return False
    if has_cyrillic(painted) and len(painted) < 6:
        return False
    is_short_misreading = word.is_near and len(word.text) <= 3
    goes_on = re.match(r"\s[a-zа-яёәғқңөұүһі]", after) is not None
    return not is_short_misreading and not goes_on


def _is_marked(name: str) -> bool:
    return any(char.isdigit() or char == "_" for char in name)


def _bare(where: Passage, match: re.Match[str]) -> Iterator[Candidate]:
    """A word with an underscore: nothing else on a wall has one."""
    start, end = match.span("name")
    painted = where.text[start:end]
    if not (has_latin(painted) or (has_cyrillic(painted) and any(map(str.isdigit, painted)))):
        return
    name = read_name(where, start, explicit=False, whole=True)
    if name is None or len(name.value) < 6 or _is_tag(name.value):
        return
    trail, others, core = list(name.trail), list(name.others), (name.start, name.end)
    value = name.value
    if match["sign"]:
        trail.append(Repair("@ misread", match["sign"], "@"))
    elif _starts_with_misread_at(painted, value, unled=True):
        others.append((value, 0.5))
        trail.append(Repair("@ guessed", painted, "@" + value[1:]))
        value, core = value[1:], (name.start + 1, name.end)
    elif value[0] in MISREAD_AT.lower() + "a" and is_name(value[1:]):
        others.append((value[1:], 0.3))
    facts = dict(name.facts)
    yield Candidate(Kind.TELEGRAM, value, match.start(), name.end, tuple(trail), facts, tuple(others), "bare", core)


def _is_tag(name: str) -> bool:
    return all(part in TAG_WORDS or part.isdigit() for part in name.split("_"))


def _starts_with_misread_at(painted: str, value: str, *, unled: bool = False) -> bool:
    """Whether the first letter is likelier an @: no word begins so, or a lone capital stands before small letters."""
    if painted[:1] not in MISREAD_AT or not is_name(value[1:]) or len(value) < 6:
        return False
    if ONSETS.match(value) is None or value[0] == "0":
        return True
    return unled and painted[1:2].islower() and painted[0] in "CQOEB0"


def _alone(where: Passage, name: str) -> Iterator[Candidate]:
    """A lone Latin word with digits on a wall that sells: perhaps a name whose @ was not read."""
    painted = where.text
    start = 1 if not name[0].isalpha() or _starts_with_misread_at(painted, name, unled=True) else 0
    if is_name(name[start:]) and len(name) >= 8:
        other = name[1:] if not start else name
        trail = (Repair("@ guessed", painted, "@" + name[start:]),)
        others = ((other, 0.4),) if is_name(other) else ()
        core = (start, len(painted))
        yield Candidate(Kind.TELEGRAM, name[start:], 0, len(painted), trail, {}, others, "alone", core)
