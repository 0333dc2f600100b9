"""Words on a wall that say what the next word is: Telegram, WhatsApp, Instagram, VK."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from vision.addresses.passage import Passage
from vision.addresses.scripts import skeleton
from vision.addresses.wordlists import WORDS_OF
from vision.types import Kind

TELEGRAM = WORDS_OF["telegram_keywords"]
OTHER = {
    Kind.WHATSAPP: ["whatsapp", "вотсап", "ватсап", "уотсап", "вацап", "whatsap", "wa"],
    Kind.INSTAGRAM: ["instagram", "инстаграм", "инстаграмм", "инста", "insta", "inst", "инст"],
    Kind.VK: ["вк", "вконтакте", "vk", "vkontakte"],
}
NEAR_FROM = 6  # shorter words are like too many others
LEAST_LIKENESS = 82.0
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword at [start, end) of a passage; `kind` is None for Telegram's."""

    text: str
    start: int
    end: int
    kind: Kind | None = None
    is_near: bool = False

    @property
    def is_telegram(self) -> bool:
        """Whether the next word is a Telegram name."""
        return self.kind is None


_EXACT: dict[str, Kind | None] = dict.fromkeys(TELEGRAM)
_EXACT |= {word: kind for kind, words in OTHER.items() for word in words}
_SKELETONS = {skeleton(word): (word, kind) for word, kind in _EXACT.items() if len(word) >= NEAR_FROM}


def keywords(where: Passage) -> list[Keyword]:
    """Every keyword of a passage, in order; `тг` after a digit is tenge."""
    found = []
    for match in WORD.finditer(where.lower):
        word, start, end = match[0], match.start(), match.end()
        if len(word) <= 3 and re.search(r"\d\s?$", where.lower[max(0, start - 3) : start]):
            continue
        if word in _EXACT:
            found.append(Keyword(where.text[start:end], start, end, _EXACT[word]))
        elif where.latin[start:end] in ("tг", "tr") and re.match(r"\s?[:@]", where.lower[end:]):
            found.append(Keyword(where.text[start:end], start, end, None, is_near=True))
        elif NEAR_FROM - 1 <= len(word) <= 14 and (near := _near(word)) is not None:
            found.append(Keyword(where.text[start:end], start, end, near[1], is_near=True))
    return found


def is_keyword(word: str) -> bool:
    """Whether a word is a keyword itself, read exactly or nearly."""
    return word.lower() in _EXACT or (len(word) >= NEAR_FROM and _near(word.lower()) is not None)


def _near(word: str) -> tuple[str, Kind | None] | None:
    shape = skeleton(word)
    best = max(_SKELETONS, key=lambda known: fuzz.ratio(shape, known))
    return _SKELETONS[best] if fuzz.ratio(shape, best) >= LEAST_LIKENESS else None
