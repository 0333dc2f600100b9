"""Words of several languages, known ones and invented ones, so that letters are learnt and not a list of words."""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path

from numpy.random import Generator

from vision.lab.lines.alphabet import CYRILLIC, DIGITS, LATIN
from vision.lab.synth.fields import chosen
from vision.lab.synth.subjects import words as of_samples

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


DICTIONARIES = {"russian": "ru_RU.dic", "kazakh": "kk_KZ.dic", "english": "en_US.dic"}
"""Hunspell's word lists, as Debian packages them (hunspell-ru, hunspell-kk, hunspell-en-us)."""

_folders: list[Path] = []


def use_dictionaries(folder: Path | None) -> None:
    """From now on words also come from the dictionaries in the folder; None for the lists beside this file alone."""
    _folders[:] = [folder] if folder else []
    dictionary.cache_clear()


@lru_cache(maxsize=4)
def dictionary(language: str) -> tuple[str, ...]:
    """The words of a dictionary, without those that samples are made of: a score must not come from knowing them.

    Empty where no folder was named, or it lacks the file.
    """
    path = _folders[0] / DICTIONARIES[language] if _folders else None
    if path is None or not path.is_file():
        return ()
    reserved = set(of_samples("stems")) | set(of_samples("tails"))
    entries = {line.split("/")[0].strip().lower() for line in path.read_text("utf-8-sig").splitlines()[1:]}
    letters = {entry for entry in entries if 3 <= len(entry) <= 12 and entry.isalpha()}
    return tuple(sorted(entry for entry in letters if not reserved & {entry, *spellings(entry)}))


LATIN_OF_LETTERS = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "ә": "a", "ғ": "g", "қ": "q", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "і": "i",
}  # fmt: skip
OTHER_SPELLINGS = {
    "х": "kh",
    "ц": "c",
    "щ": "shch",
    "й": "j",
    "я": "ia",
    "ю": "iu",
    "ё": "e",
    "қ": "k",
    "ж": "j",
    "ғ": "gh",
}
"""As people type it, one way or the other."""


def spellings(text: str) -> tuple[str, ...]:
    """Two ways to write a Russian or Kazakh word in Latin letters."""
    plain = "".join(LATIN_OF_LETTERS.get(letter, letter) for letter in text)
    return plain, "".join(OTHER_SPELLINGS.get(letter, LATIN_OF_LETTERS.get(letter, letter)) for letter in text)


def spelt(rng: Generator) -> str:
    """A dictionary's word as a name on the net writes it: in Latin letters; an invented one without dictionaries."""
    entries = dictionary(chosen(rng, ("russian", "russian", "kazakh", "english")))
    return chosen(rng, spellings(chosen(rng, entries))) if entries else invented(rng, "latin", 3)


def word(rng: Generator, language: str) -> str:
    """A word: listed, from a dictionary, invented, or now and then mere letters."""
    roll = rng.random()
    if roll < 0.3 and (
        entries := dictionary({"latin": "english"}.get(language, language)) if language != "other" else ()
    ):
        return chosen(rng, entries)
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
