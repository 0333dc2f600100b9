"""What imports say of single entries, for people: found again in the words of the program, and translated."""

from __future__ import annotations

import re

from api.languages.language import translations

SAID = (
    "row {n}",
    "line {n}",
    "object {n}",
    "feature {n}",
    "attribute {n}",
    "it was rejected here and stays so",
    "it is benign here and stays so",
    "it was seen earlier",
    "it was seen later",
    "{n} sightings that are not known here",
    "written before this import was cut off",
    "It names no address.",
    "An address has at most {n} characters.",
    "An address has at most {n} printable characters and no hidden ones.",
    "There is no kind “{kind}”: there are {kinds}.",
    "Nothing says what this is: write @name, a link, a host or a number, or give its kind.",
    "{name} is not a time with its zone, such as 2026-05-04T12:00:00+05:00.",
    "Its place has no latitude and longitude.",
    "Its place is not on the earth.",
    "Its geometry is no point.",
    "It is longer than {n} MiB.",
    "It is not UTF-8.",
    "Column {name} holds a formula.",
    "Column {name} is not UTF-8.",
    "An account of the type {name} is no address of a kind known here.",
    "An attribute of the type {name} is no address of a kind known here.",
    "Its pattern is not a simple comparison in STIX.",
    "Its pattern is not a simple comparison of one address.",
    "“{value}” is not a valid Telegram name: only Latin letters, digits and _ may be in it, not {wrong}.",
    "“{value}” is not a valid Telegram name: it has 5 to {n} characters.",
    "“{value}” is not a valid Telegram name: Telegram keeps this word for itself.",
    "“{value}” is not a valid Telegram name: it starts with a letter, does not end with _ and has no two _ together.",
    "“{value}” is not a valid onion address: its checksum is wrong, so a character was misread.",
    "“{value}” is not a valid Telegram invite: it looks like t.me/+ and the hash of ten characters or more.",
    "“{value}” is not a valid domain: it looks like severny-tuman.biz, with an ending that exists.",
    "“{value}” is not a valid onion address: it has 56 characters, a to z and 2 to 7, and .onion.",
    "“{value}” is not a valid phone number: it looks like +7 707 and seven digits, {more}",
    "“{value}” is not a valid WhatsApp group: it looks like chat.whatsapp.com/ and a code.",
    "“{value}” is not a valid Instagram name: Latin letters, digits, _ and dots, at most 30.",
    "“{value}” is not a valid VK page: Latin letters, digits, _ and dots, at most 32.",
    "“{value}” is not a valid mail address: it looks like name@severny-tuman.kz.",
)
"""What the readers of files, the rules of addresses and imports say; catalogues translate it as `import`."""


def _pattern(said: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", said)
    text = "".join(f"(?P<{part}>.*)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    return re.compile(text, re.DOTALL)


PATTERNS = tuple((said, _pattern(said)) for said in SAID)


def in_language(text: str, language: str | None) -> str:
    """A reason, or several with `; ` between them, in a language; as it is where the catalogue knows none of it."""
    if language in {None, "en"} or not text:
        return text
    return _one(text, str(language)) or "; ".join(_one(part, str(language)) or part for part in text.split("; "))


def _one(text: str, language: str) -> str | None:
    for said, pattern in PATTERNS:
        if found := pattern.fullmatch(text):
            return str(translations(language).upgettext("import", said)).format_map(found.groupdict())
    return None
