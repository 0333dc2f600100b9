"""What a painted host ending means, and which labels and hosts are valid.

tldextract offline; labels are validated here; idna (UTS 46) gives the punycode view.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import idna
import tldextract

from vision.addresses.scripts import has_cyrillic, has_latin, to_cyrillic, to_latin
from vision.addresses.words import inverse, words

COMMON = words("endings")
"""Latin endings worth mending a separator or a letter for; others must be painted clean and with evidence."""

ARE_WORDS = words("endings_that_are_words") | words("cyrillic_endings_that_are_words")
CYRILLIC = words("cyrillic_endings")
LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
NEARLY = inverse("endings_misread")
"""Misreadings of endings, as `lower` or `latin` has them, and what they are."""

SPOKEN = inverse("endings_spoken")
"""Latin endings written down as they sound."""

GUESSED = words("endings_read_for_rf")
"""What a network without Cyrillic makes of `рф`."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A host ending, and the rule that was needed to see it in the paint ("" for none)."""

    value: str
    rule: str = ""


@lru_cache(maxsize=1)
def _extractor() -> tldextract.TLDExtract:
    """The public suffix list as shipped: never fetched, nothing cached on disk."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, extra_suffixes=("i2p",))


@lru_cache(maxsize=8192)
def ending(painted: str) -> Ending | None:  # noqa: PLR0911 - one way to see an ending a line
    """The ending that a lower-case word is, None when it is none."""
    if painted in COMMON or painted in CYRILLIC:
        return Ending(painted)
    folded, cyrillic = to_latin(painted), to_cyrillic(painted)
    if painted in SPOKEN:
        return Ending(SPOKEN[painted], "ending spoken")
    if has_cyrillic(painted) and folded in COMMON:
        return Ending(folded, "look-alike letters")
    if cyrillic in CYRILLIC and (has_cyrillic(painted) or cyrillic == "рф"):
        return Ending(cyrillic, "look-alike letters")
    if painted in NEARLY or folded in NEARLY:
        return Ending(NEARLY.get(painted) or NEARLY[folded], "ending read nearly")
    if painted in GUESSED:
        return Ending("рф", "ending guessed")
    if re.fullmatch(r"[a-z]{2,18}|xn--[a-z0-9-]{2,40}|[а-яёәғқңөұүһі]{2,12}", painted) and _is_suffix(painted):
        return Ending(painted)
    return None


def _is_suffix(painted: str) -> bool:
    return _extractor()(f"a.{painted}").suffix == painted


def is_label(label: str) -> bool:
    """Whether a lower-case label is of one script and may stand in a host."""
    if not LABEL.fullmatch(label) or (label[2:4] == "--" and not label.startswith("xn--")) or "_" in label:
        return False
    return not (has_cyrillic(label) and has_latin(label))


def in_script(label: str, *, cyrillic: bool) -> tuple[str, str]:
    """A lower-case label in the script that its ending demands, and the rule that took ("" for none).

    A label without a letter that only the other script has is folded; one that would be torn stays as it is.
    """
    if cyrillic:
        folded = to_cyrillic(label)
        keeps = not has_latin(label) or (has_latin(folded) and not has_cyrillic(label))
        return (label, "") if keeps else (folded, "look-alike letters")
    if not has_cyrillic(label) and label.isascii():
        return label, ""
    folded = to_latin(label)
    return (folded, "look-alike letters") if folded.isascii() else (label, "")


@lru_cache(maxsize=4096)
def punycode(host: str) -> str | None:
    """The host as name servers know it; None when it is not valid."""
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError, ValueError, IndexError):
        return None


def unicode_host(host: str) -> str:
    """The host in Unicode (NFC), lower case; punycode labels decoded where they can be."""
    if "xn--" in host:
        try:
            host = idna.decode(host, uts46=True)
        except (idna.IDNAError, UnicodeError, ValueError, IndexError):
            return host
    return unicodedata.normalize("NFC", host)


@lru_cache(maxsize=4096)
def is_host(host: str) -> bool:
    """Whether a host has valid labels and a public suffix that is not all of it."""
    if len(host) > 253 or "." not in host or not all(map(is_label, host.split("."))):
        return False
    ascii_host = punycode(host)
    if ascii_host is None:
        return False
    parts = _extractor()(ascii_host)
    return bool(parts.suffix and parts.domain)


def views(host: str) -> dict[str, str]:
    """The registrable domain, the owner's part of a shared host, and the punycode where it differs."""
    ascii_host = punycode(host) or host
    public = _extractor()(host)
    shared = _extractor()(host, include_psl_private_domains=True)
    facts = {"registrable": public.top_domain_under_public_suffix or host}
    if shared.top_domain_under_public_suffix and shared.top_domain_under_public_suffix != facts["registrable"]:
        facts["registrable_private"] = shared.top_domain_under_public_suffix
    if ascii_host != host:
        facts["punycode"] = ascii_host
    return facts
