"""Pieces of regular expressions for paint: separators, slashes and hosts as they are read, all of bounded length.

They are meant for `Passage.latin` (or `lower` where said): lower case, look-alikes folded, single spaces.
"""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

TYPED_DOT = r"\[\s?\.\s?\]|\(\s?\.\s?\)|\{\.\}|[\[(]\s?dot\s?[\])]"
"""A dot that somebody wrote out of caution."""

SPOKEN_DOT = r"(?:dot|точка|toчka|нүкте|hykte|тчк)"
"""In `latin`, where т о к а are folded, as well as in `lower`."""

DOT = rf"(?:\s?(?:{TYPED_DOT}|[.,·•∙●⋅:;'\"*°~_-])\s?|\s{SPOKEN_DOT}\s|\s)"
"""Anything that may be a dot between two parts of a *known* host."""

SLASH = r"(?:\s?[/\\|]{1,3}\s?)"

SCHEME = r"(?:h[tx]{1,2}ps?\s?[:;.]?\s?[/\\]{0,3}\s?)"

WWW = r"(?:(?:w{3}|vvww?|wvv|wvw|wwvv|vvvvvv|шшш|ww)\s?[.,:]?\s?)"

LEAD = rf"(?<![a-z0-9_.-])(?P<lead>@?{SCHEME}?{WWW}?)"
"""What may stand before a known host; nothing that belongs to a longer word before it."""

_LOOKS = {"o": "[o0]", "i": "[il1|!]", "l": "[l1i|]", "m": "(?:m|rn|nn)", "g": "[gq9]", "s": "[s5]", "t": "[t7]"}


TELEGRAM = "telegram"
NEARLY = 2
"""Letters of a platform's name that may be read wrong."""

SIGNS = "[](){}|!\\"
"""What a network reads a letter as that is a bare stroke."""

SPECKED = re.compile(rf"(?:[.'~:;*_{re.escape(SIGNS)}-]{{1,3}}[a-z0-9_]+)+(?=\s|$)")
"""The rest of a name behind specks and strokes that may have been an underscore or a letter, in `latin`; never a path
or a query."""


CUT = re.compile(r"[\[\](){}|!\\<>*#^~=+$%&]{1,2}[a-z0-9_]{2}|\s(?=[a-z0-9_]*[a-z_])[a-z0-9_]{3,}")
"""What follows, in `latin`, where the paint of a name goes on behind a sign or a space that no name has."""


def is_nearly_telegram(host: str) -> bool:
    """Whether a host is `telegram.me` with a letter or two read wrong."""
    label, dot, ending = host.rpartition(".")
    return dot == "." and ending == "me" and 0 < Levenshtein.distance(label, TELEGRAM, score_cutoff=NEARLY) <= NEARLY


def tolerant(host: str) -> str:
    """A known host as an expression that forgives its dots and the usual confusions in its letters."""
    return DOT.join("".join(_LOOKS.get(char, re.escape(char)) for char in label) for label in host.split("."))


def tidy(painted: str) -> str:
    """A painted host without what may stand in for its dots: to compare with the host it should be."""
    return re.sub(DOT, ".", painted.strip())
