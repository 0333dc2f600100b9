"""Words on a wall that say what the next word is: Telegram, WhatsApp, Instagram, VK, a site."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from vision.addresses.passage import Passage
from vision.addresses.scripts import has_cyrillic, skeleton
from vision.addresses.words import words

SENSES: Mapping[str, frozenset[str]] = {
    "telegram": words("telegram_keywords"),
    "lead": words("telegram_leads"),
    "filler": words("telegram_fillers"),
    "instagram": words("instagram_keywords"),
    "vk": words("vk_keywords"),
    "whatsapp": words("whatsapp_keywords"),
    "web": words("web_keywords"),
    "email": words("email_keywords"),
}
SENSE_OF = {word: sense for sense in reversed(list(SENSES)) for word in SENSES[sense]}
MISREAD = {"tг": "telegram", "tr": "telegram", "tt": "telegram", "tf": "telegram", "тr": "telegram", "t1г": "telegram",
           "tлг": "telegram", "тf": "telegram", "tnг": "telegram", "tnr": "telegram"}  # fmt: skip
"""What a network without Cyrillic makes of ТГ and ТЛГ: too short to be near anything, so they need more after them."""

NEAR_FROM = 6  # shorter words are like too many others
LIKENESS = {6: 84.0, 7: 84.0}
USUAL_LIKENESS = 76.0
LONGEST = 16
REACH = 48
"""Characters between a keyword and what it leads to."""

WORD = re.compile(r"[^\W_]+")
GLUED = re.compile(r"(?:тлгрм|тлг|тгк?|телеграмм?|телега|telegram|tg)(?=[^\W\d_])")
NEAR_SENSES = ("telegram", "instagram", "whatsapp")
_NEAR = {skeleton(word): sense for sense in NEAR_SENSES for word in SENSES[sense] if len(word) >= NEAR_FROM}
_SHAPES = {
    skeleton(word): sense
    for sense in ("lead", "filler", "web")
    for word in SENSES[sense]
    if len(word) > 2 and has_cyrillic(word)
}


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword at [start, end) of a passage; `is_near` when it was not read letter by letter."""

    text: str
    start: int
    end: int
    sense: str
    is_near: bool = False


def keywords(where: Passage) -> tuple[Keyword, ...]:
    """Every keyword of a passage, in order; `тг` after a digit is tenge, not Telegram."""
    return _keywords(where.text, where.lower)


def leading(where: Passage, at: int) -> Keyword | None:
    """The keyword that leads to what starts at `at`, with nothing but fillers and punctuation between."""
    found = None
    near = [word for word in keywords(where) if at - REACH <= word.end <= at]
    for word in near:
        if word.sense not in ("filler", "lead") or found is None:
            found = word
    if found is None:
        return None
    between = WORD.sub(lambda word: "" if sense_of(word[0])[0] else word[0], where.lower[found.end : at])
    return found if not re.search(r"\w", between) else None


@lru_cache(maxsize=64)
def _keywords(text: str, lower: str) -> tuple[Keyword, ...]:
    found = []
    for match in WORD.finditer(lower):
        start, end = match.span()
        if (glued := GLUED.match(lower, start)) is not None and glued.end() < end and _turns(text, glued.end()):
            end = glued.end()
        word = lower[start:end]
        if len(word) > LONGEST or (len(word) <= 3 and re.search(r"\d\s?$", lower[max(0, start - 2) : start])):
            continue
        sense, is_near = sense_of(word)
        if sense:
            found.append(Keyword(text[start:end], start, end, sense, is_near=is_near))
    return tuple(found)


def _turns(text: str, at: int) -> bool:
    """Whether the script changes here, as in `ТГshop24`: a longer word of one script is another word."""
    return text[at].isascii() and has_cyrillic(text[at - 1])


@lru_cache(maxsize=8192)
def sense_of(word: str) -> tuple[str, bool]:
    """What a lower-case word says comes next ("" for nothing), and whether it was only nearly read."""
    if (sense := SENSE_OF.get(word)) is not None:
        return sense, False
    if word in MISREAD:
        return MISREAD[word], True
    shape = skeleton(word)
    if len(word) >= NEAR_FROM - 1:
        least = LIKENESS.get(len(word), USUAL_LIKENESS) if len(word) >= NEAR_FROM else 90.0
        best = process.extractOne(shape, _NEAR.keys(), scorer=fuzz.ratio, score_cutoff=least)
        if best is not None and not _is_other_word(word):
            return _NEAR[best[0]], True
    return _SHAPES.get(shape, ""), True


def _is_other_word(word: str) -> bool:
    """Words of the street that are near a keyword: grams, programmes, telephones."""
    return re.search(
        r"програм|килограм|грамм$|telef|телеф|телев|телек|телят|instal|инстал|инстит|instit|wats(?!ap)", word
    ) is not None and not word.startswith(("телегр", "telegr", "tелегр", "teлегр"))
