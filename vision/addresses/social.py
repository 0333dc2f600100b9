"""WhatsApp groups, Instagram and VK names, e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vision.addresses.keywords import keywords
from vision.addresses.passage import Passage
from vision.addresses.rank import Candidate
from vision.addresses.web import is_host, views
from vision.addresses.wordlists import WORDS_OF
from vision.types import Kind, Repair

_LEAD = r"(?<![a-z0-9_@-])(?:https?\s?:?\s?/{0,2}\s?)?(?:www\.|m\.)?"
WHATSAPP = re.compile(_LEAD + r"chat\s?[.,]\s?whatsapp\s?[.,]\s?com\s?/\s?(?P<code>[a-z0-9]{15,30})")
INSTAGRAM = re.compile(_LEAD + r"(?:instagram\s?[.,]\s?com|instagr\.am)\s?/\s?@?(?P<name>[a-z0-9_][a-z0-9_.]{0,29})")
VK = re.compile(_LEAD + r"vk\s?[.,]\s?(?:com|ru)\s?/\s?(?P<name>[a-z0-9_][a-z0-9_.]{1,31})")
EMAIL = re.compile(
    r"(?<![a-z0-9._%+-])(?P<local>[a-z0-9][a-z0-9._%+-]{0,63})\s?@\s?(?P<host>[a-z0-9-]+(?:\s?\.\s?[a-z0-9-]+){1,3})(?![a-z0-9-])"
)
AFTER_WORD = re.compile(r"[\s:;=>-]{0,4}@?\s?(?P<name>[a-z0-9_][a-z0-9_.]{2,29})(?![a-z0-9_])")
NOT_INSTAGRAM = WORDS_OF["instagram_not_names"]
NOT_VK = WORDS_OF["vk_not_names"]


def find(where: Passage) -> Iterator[Candidate]:
    """Every address of these kinds in a passage."""
    for match in WHATSAPP.finditer(where.latin):
        start, end = match.span("code")
        yield Candidate(Kind.WHATSAPP, where.text[start:end], match.start(), match.end())
    for kind, pattern, not_names in ((Kind.INSTAGRAM, INSTAGRAM, NOT_INSTAGRAM), (Kind.VK, VK, NOT_VK)):
        for match in pattern.finditer(where.latin):
            name = match["name"].rstrip(".")
            if name not in not_names:
                yield Candidate(kind, name, match.start(), match.start("name") + len(name))
    yield from _after_words(where)
    yield from _emails(where)


def _after_words(where: Passage) -> Iterator[Candidate]:
    for word in keywords(where):
        if word.kind not in (Kind.INSTAGRAM, Kind.VK) or where.latin[word.end : word.end + 1] == ".":
            continue
        match = AFTER_WORD.match(where.latin, word.end)
        if match is None or match.start("name") == word.end:
            continue
        painted = where.text[match.start("name") : match.end("name")]
        has_sign = "@" in match[0]
        if not painted.isascii() or not (has_sign or any(char.isdigit() or char == "_" for char in painted)):
            continue
        trail = (Repair("keyword", word.text, str(word.kind)),)
        yield Candidate(word.kind, match["name"].rstrip("."), match.start("name"), match.end("name"), trail)


def _emails(where: Passage) -> Iterator[Candidate]:
    for match in EMAIL.finditer(where.latin):
        host = re.sub(r"\s", "", match["host"])
        if not is_host(host):
            continue
        value = f"{match['local']}@{host}"
        painted = where.text[match.start() : match.end()]
        trail = () if " " not in match[0] else (Repair("separator", painted, value),)
        yield Candidate(Kind.EMAIL, value, match.start(), match.end(), trail, views(host))
