"""WhatsApp groups, Instagram and VK pages: by link or by keyword. WhatsApp numbers are phones (phone.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vision.addresses.handles import AT_LIKE
from vision.addresses.keywords import keywords, leading, sense_of
from vision.addresses.passage import Passage
from vision.addresses.patterns import DOT, LEAD, SLASH, tidy, tolerant
from vision.addresses.rank import Candidate
from vision.addresses.scripts import LATIN_OF, has_cyrillic, has_latin
from vision.addresses.words import words
from vision.types import Kind, Repair

VK_HOSTS = rf"(?:m{DOT})?(?:vk|вк|bk){DOT}(?:{tolerant('com')}|ru|me)|{tolerant('vkontakte.ru')}"
INSTAGRAM_HOSTS = rf"(?:{tolerant('instagram.com')}|{tolerant('instagr.am')}|ig{DOT}me{SLASH}m)"
NEAR_WHATSAPP = rf"c[hnk]?at{DOT}(?:w|vv|uu)[hnk]?a?t[s5]?a?p{{1,2}}{DOT}(?:c[o0]m|corn|con)"
"""The host with one or two of its letters lost or doubled; what follows must still be a code."""

WHATSAPP = re.compile(
    rf"{LEAD}(?P<host>(?:{tolerant('chat.whatsapp.com')}|{NEAR_WHATSAPP})(?:{SLASH}invite)?"
    rf"|(?:{tolerant('whatsapp.com')}){SLASH}channel"
    rf"|(?:{tolerant('wa.me')}){SLASH}(?:message|qr))(?P<slash>{SLASH})(?P<code>[a-z0-9_-]{{10,40}})(?![\w-])"
)
VK = re.compile(rf"{LEAD}(?P<host>{VK_HOSTS})(?P<slash>{SLASH})(?P<name>[a-z0-9_][a-z0-9_.]{{1,40}})")
INSTAGRAM = re.compile(
    rf"{LEAD}(?P<host>{INSTAGRAM_HOSTS})(?P<slash>{SLASH})(?:stories/)?@?(?P<name>[a-z0-9_][a-z0-9_.]{{0,30}})"
)
NAMED = {"instagram": (Kind.INSTAGRAM, "[a-z0-9_.]{3,30}"), "vk": (Kind.VK, "[a-z0-9_.]{3,32}")}
AFTER_KEYWORD = re.compile(r"[\s:;.,>=~»\"'–|/-]{0,5}")
NOT_VK, NOT_INSTAGRAM = words("vk_not_names"), words("instagram_not_names")
CLEAN_HOSTS = words("platform_hosts") | {"chat.whatsapp.com", "m.vk.com", "www.instagram.com"}


def find(where: Passage) -> Iterator[Candidate]:
    """Every WhatsApp group, Instagram name and VK page in a passage."""
    for match in WHATSAPP.finditer(where.latin):
        start, end = match.span("code")
        code = "".join(map(_keep_case, where.text[start:end]))
        yield Candidate(Kind.WHATSAPP, code, match.start(), end, _trail(where, match), core=(start, end))
    for match in VK.finditer(where.latin):
        yield from _page(where, match, Kind.VK, NOT_VK, least=2)
    for match in INSTAGRAM.finditer(where.latin):
        yield from _page(where, match, Kind.INSTAGRAM, NOT_INSTAGRAM, least=1)
    yield from _after_keywords(where)


def _page(
    where: Passage, match: re.Match[str], kind: Kind, refused: frozenset[str], *, least: int
) -> Iterator[Candidate]:
    name = match["name"].rstrip(".")
    if (
        name in refused
        or len(name) < least
        or (kind is Kind.VK and match["host"][:1] == "b" and not has_cyrillic(where.text[match.start("host")]))
    ):
        return
    start, end = match.start("name"), match.start("name") + len(name)
    yield Candidate(kind, name, match.start(), end, _trail(where, match), core=(start, end))


def _trail(where: Passage, match: re.Match[str]) -> tuple[Repair, ...]:
    """The steps from the painted host and slash to the clean ones."""
    painted, host = where.text[match.start("host") : match.end("host")], match["host"]
    steps = []
    if has_cyrillic(where.text[match.start() : match.end()]):
        steps.append(Repair("look-alike letters", where.text[match.start() : match.end()], match[0]))
    base = re.split(SLASH, host)[0]
    if base not in CLEAN_HOSTS:
        is_near = tidy(base).replace(" ", "").replace("bk.", "vk.") not in CLEAN_HOSTS
        steps.append(Repair("host read nearly" if is_near else "separator", painted, tidy(base)))
    if match["slash"] != "/":
        steps.append(Repair("separator", match["slash"], "/"))
    return tuple(steps)


def _after_keywords(where: Passage) -> Iterator[Candidate]:
    """`инста: name`, `вк name`: a name that is marked, or that a sign leads to."""
    known = keywords(where)
    for number, word in enumerate(known):
        if word.sense not in NAMED:
            continue
        kind, shape = NAMED[word.sense]
        gap = AFTER_KEYWORD.match(where.latin, word.end)
        at = gap.end() if gap else word.end
        for filler in known[number + 1 : number + 3]:
            if filler.start == at and filler.sense in ("filler", "lead"):
                step = AFTER_KEYWORD.match(where.latin, filler.end)
                at = step.end() if step else filler.end
        sign = AT_LIKE.match(where.latin, at)
        at = sign.end() if sign else at
        named = re.compile(shape).match(where.latin, at)
        if named is None or (at == word.end and not sign) or leading(where, at) is not word:
            continue
        name = named[0].strip(".")
        if _is_a_name(where, name, at, led=bool(sign) or ":" in where.text[word.end : at], goes_on=named.end()):
            painted = where.text[at : at + len(name)]
            steps = [Repair("look-alike letters", painted, name)] if has_cyrillic(painted) else []
            if sign and sign[0].strip() != "@":
                steps.insert(0, Repair("@ misread", sign[0], "@"))
            crossed = any(word.end <= join <= at for join in where.joins)
            evidence = "keyword above" if crossed else "keyword read nearly" if word.is_near else "keyword"
            start, end = sign.start() if sign else at, at + len(name)
            facts = {"keyword": word.text}
            yield Candidate(kind, name, start, end, tuple(steps), facts, (), evidence, (at, end))


def _is_a_name(where: Passage, name: str, at: int, *, led: bool, goes_on: int) -> bool:
    painted = where.text[at : at + len(name)]
    if len(name) < 3 or not has_latin(painted) or name.isdigit() or sense_of(name)[0]:
        return False
    if re.match(r"\w|\s?[@/]", where.text[goes_on : goes_on + 2]) or re.search(r"\.(?:com|ru|kz)$", name):
        return False
    return led or any(char.isdigit() or char in "_." for char in name)


def _keep_case(char: str) -> str:
    folded = LATIN_OF.get(char)
    return char if folded is None else (folded.upper() if char.isupper() else folded)
