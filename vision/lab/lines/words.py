"""Words of several languages, known ones and invented ones, so that letters are learnt and not a list of words."""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

from numpy.random import Generator

from vision.lab.lines.alphabet import CYRILLIC, DIGITS, LATIN
from vision.lab.synth.fields import chosen

SYLLABLES: dict[str, tuple[Sequence[str], Sequence[str], Sequence[str]]] = {
    "russian": (
        ("", "б", "в", "г", "д", "ж", "з", "к", "л", "м", "н", "п", "р", "с", "т", "ф", "х", "ц", "ч", "ш", "щ",
         "ст", "пр", "кр", "гл", "др", "вз", "сл", "тр", "хл", "бр", "зн", "шк"),
        ("а", "о", "е", "и", "у", "ы", "я", "ю", "э", "ё"),
        ("", "", "", "н", "р", "л", "к", "т", "м", "с", "й", "в", "ж", "ш", "сть", "нь", "ль", "рь", "ть", "нт", "щ"),
    ),
    "kazakh": (
        ("", "б", "ғ", "г", "д", "ж", "з", "к", "қ", "л", "м", "н", "п", "р", "с", "т", "ш", "һ", "у"),
        ("а", "ә", "е", "ы", "і", "о", "ө", "ұ", "ү", "и"),
        ("", "", "н", "ң", "р", "л", "к", "қ", "т", "м", "с", "й", "з", "ш", "рт", "ғ", "лық", "лік", "дың"),
    ),
    "other": (
        ("", "б", "в", "г", "ґ", "д", "ж", "з", "к", "л", "љ", "м", "н", "њ", "п", "р", "с", "т", "ћ", "ђ", "џ", "ц"),
        ("а", "о", "е", "и", "у", "і", "ї", "є", "ја", "је"),
        ("", "", "н", "р", "л", "к", "т", "м", "с", "й", "ў", "ш", "сь", "ць"),
    ),
    "latin": (
        ("", "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "qu", "x",
         "sh", "ch", "tr", "st", "kr", "bl", "gr", "zh", "kh", "ya", "yu"),
        ("a", "e", "i", "o", "u", "y", "oo", "ee", "ai", "ey"),
        ("", "", "", "n", "r", "l", "k", "t", "m", "s", "x", "z", "ff", "ck", "ng", "sh", "y", "v", "d", "p", "b"),
    ),
}  # fmt: skip
"""Beginnings, vowels and endings; "other" is Ukrainian, Belarusian and Serbian letters together."""


@lru_cache(maxsize=16)
def listed(name: str) -> tuple[str, ...]:
    """The entries of one of the word lists beside this file: split at "|" where a list has any, else at spaces."""
    text = resources.files("vision.lab.lines").joinpath("words", f"{name}.txt").read_text("utf-8")
    parts = text.replace("\n", "|").split("|") if "|" in text else text.split()
    return tuple(part.replace("_", " ").strip() for part in parts if part.strip())


def invented(rng: Generator, language: str, longest: int = 4) -> str:
    """A word that no dictionary has, of one to `longest` syllables."""
    first, vowels, last = SYLLABLES[language]
    count = int(rng.integers(1, longest + 1))
    return "".join(chosen(rng, first) + chosen(rng, vowels) + chosen(rng, last) for _ in range(count))


def jumble(rng: Generator, alphabet: str, shortest: int, longest: int) -> str:
    """Characters of the alphabet at random."""
    return "".join(chosen(rng, alphabet) for _ in range(int(rng.integers(shortest, longest + 1))))


def word(rng: Generator, language: str) -> str:
    """A word: listed, invented, or now and then mere letters."""
    roll = rng.random()
    if roll < 0.5:
        return chosen(rng, listed({"other": "ukrserb", "latin": "english"}.get(language, language)))
    if roll < 0.9:
        return invented(rng, language)
    letters = {"latin": LATIN, "kazakh": "әғқңөұүһі" * 2 + "абгджзклмнрстуышіе"}.get(language, CYRILLIC)
    return jumble(rng, letters, 2, 9)


def cased(rng: Generator, text: str, *, capitals: float = 0.45) -> str:
    """The text in capitals, as it is, capitalised, or with capitals here and there."""
    roll = rng.random()
    if roll < capitals:
        return text.upper()
    if roll < 0.78:
        return text
    if roll < 0.94:
        return string.capwords(text)
    return "".join(c.upper() if rng.random() < 0.4 else c for c in text)


def number(rng: Generator) -> str:
    """Digits as they stand on walls and signs: numbers, prices, dates, hours."""
    digits = jumble(rng, DIGITS, 1, 6)
    roll = int(rng.integers(9))
    a, b = int(rng.integers(1, 32)), int(rng.integers(1, 13))
    forms = (
        digits, digits, f"{digits}%", f"{digits} ₸", f"№{digits}", f"{a:02d}.{b:02d}.20{int(rng.integers(10, 30))}",
        f"{int(rng.integers(6, 12))}:00-{int(rng.integers(18, 24))}:00", f"{digits} тг", f"+{digits}",
    )  # fmt: skip
    return forms[roll]
