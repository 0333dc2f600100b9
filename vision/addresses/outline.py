"""What of an address is its name, and how that name is painted: for finding names that are alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from vision.addresses.endings import views
from vision.addresses.scripts import has_cyrillic, is_cyrillic, latin
from vision.addresses.words import words
from vision.types import Kind

SAME = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "!": "l", "5": "s", "$": "s"})
"""Characters that are painted the same; look-alikes of other scripts are Latin letters before."""

TOGETHER = (("rn", "m"), ("vv", "w"))
NAMED = (Kind.TELEGRAM, Kind.DOMAIN, Kind.INSTAGRAM, Kind.VK, Kind.EMAIL)
"""Kinds whose values are names that somebody chose, and may have chosen elsewhere too."""

MIRROR_WORDS = words("name_endings") | {"new", "online", "shop", "site", "www", "m"}
"""Words after or before a name that mirrors of one shop differ in."""

JOINED = re.compile(r"(?<=\d)(?:kz|ru|kg|uz|by)$")
"""A country behind a number needs no separator."""

SHORTEST_STEM = 4
SHORTEST_RUN = 5
PHONE_DIGITS = 10
SEPARATOR = re.compile(r"[_.\-–—\s]+")
SOUNDS = dict(zip("абвгдезийклмнопрстуфхцыэәғқңөұүһіё", "abvgdeziiklmnoprstufhcyeagknouuhie", strict=True)) | {
    "ж": "zh", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "yu", "я": "ya", "ъ": "", "ь": "",
}  # fmt: skip
"""Cyrillic letters, Kazakh ones too, as names are written in Latin letters."""


@dataclass(frozen=True, slots=True)
class Name:
    """What an address is compared by.

    Attributes:
        space: names are compared with names of any kind, codes and numbers with those of their own kind.
        whole, stem: outlines of the name with and without the words that mirrors differ in.
        shown, shown_stem: the same as people see them.
        words: those words, in order.
        ending: of a host; empty for the rest.
        latin: the outline of a Cyrillic stem as it sounds; empty for the rest.
        digits: the long numbers in it.
    """

    kind: str
    space: str
    whole: str
    stem: str
    shown: str
    shown_stem: str
    words: tuple[str, ...] = ()
    ending: str = ""
    latin: str = ""
    digits: tuple[str, ...] = ()


def plain(text: str) -> str:
    """Lower case without separators."""
    return SEPARATOR.sub("", text.lower())


@lru_cache(maxsize=65536)
def outline(text: str) -> str:
    """A text with characters that look the same written the same, without separators."""
    folded = "".join(latin(char) for char in text)
    made = SEPARATOR.sub("", folded).translate(SAME)
    for pair, one in TOGETHER:
        made = made.replace(pair, one)
    return made


@lru_cache(maxsize=65536)
def name_of(kind: str, value: str) -> Name:
    """What of an address is its name."""
    if kind == Kind.PHONE:
        digits = re.sub(r"\D", "", value)[-PHONE_DIGITS:]
        return Name(kind, kind, digits, digits, value, value, digits=(digits,))
    if kind not in NAMED:
        shown = value.removesuffix(".onion")
        # Case says something in a code, but a wall seldom tells it.
        made = outline(shown)
        return Name(kind, kind, made, made, shown, shown)
    shown, ending = _split(kind, value)
    stem, dropped = _stem(shown)
    return Name(
        kind=kind,
        space="name",
        whole=outline(shown),
        stem=outline(stem),
        shown=shown,
        shown_stem=stem,
        words=dropped,
        ending=ending,
        latin=outline(_sounded(stem)) if has_cyrillic(stem) else "",
        digits=_runs(value),
    )


def _split(kind: str, value: str) -> tuple[str, str]:
    """The name in a value, and the ending of its host."""
    if kind == Kind.EMAIL:
        name, _, host = value.rpartition("@")
        return name, f"@{host}"
    if kind != Kind.DOMAIN:
        return value, ""
    host, _, path = value.partition("/")
    if path:  # of a host where anybody may have a page the page is the name
        return path.strip("/"), host
    facts = views(host)
    own = facts.get("registrable_private", facts["registrable"])
    label, _, ending = own.partition(".")
    before = host.removesuffix(own).rstrip(".")
    return (f"{before}.{label}" if before else label), ending


def _stem(name: str) -> tuple[str, tuple[str, ...]]:
    """A name without the words that mirrors differ in, and those words; the name stays long enough to be one."""
    parts = [part for part in SEPARATOR.split(name.lower()) if part]
    dropped: list[str] = []
    while len(parts) > 1 and _is_word(parts[-1]) and _length(parts[:-1]) >= SHORTEST_STEM:
        dropped.insert(0, _word(parts.pop()))
    while len(parts) > 1 and _is_word(parts[0]) and _length(parts[1:]) >= SHORTEST_STEM:
        dropped.insert(0, _word(parts.pop(0)))
    last = parts[-1] if parts else ""
    if (tail := JOINED.search(last)) and _length(parts) - len(tail[0]) >= SHORTEST_STEM:
        parts[-1] = last = last[: tail.start()]
        dropped.append(tail[0])
    if outline(last).endswith("bot") and len(last) > 3 and _length(parts) - 3 >= SHORTEST_STEM:
        parts[-1] = last[:-3]
        dropped.append("bot")
    return "_".join(parts), tuple(dropped)


def _is_word(part: str) -> bool:
    return part in MIRROR_WORDS or outline(part) == "bot"


def _word(part: str) -> str:
    return "bot" if outline(part) == "bot" else part


def _length(parts: list[str]) -> int:
    return sum(map(len, parts))


def _sounded(text: str) -> str:
    return "".join(SOUNDS.get(char, "") if is_cyrillic(char) else char for char in text.lower())


def _runs(value: str) -> tuple[str, ...]:
    """Numbers long enough to be somebody's; of phone length, without the country's digit."""
    runs = re.findall(rf"[0-9]{{{SHORTEST_RUN},}}", SEPARATOR.sub("", value))
    return tuple(dict.fromkeys(run[-PHONE_DIGITS:] for run in runs if len(set(run)) > 2))
