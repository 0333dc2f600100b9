"""What Cyrillic word a network without Cyrillic letters may have been looking at.

No letter is made up: every letter of a reading is one that such networks are known to take for the letter they gave.
Words that shops are called settle which reading comes first.
"""

from __future__ import annotations

import re
from itertools import islice, product

from vision.addresses.scripts import READ_FROM, has_cyrillic
from vision.addresses.words import words

SHOPS = words("cyrillic_shop_words")
FROM_DIGITS = {"3": "з", "6": "б", "0": "о", "4": "ч"}
PAIRS = (
    ("bl", "ы"),
    ("bI", "ы"),
    ("b|", "ы"),
    ("JI", "л"),
    ("JL", "л"),
    ("Jl", "л"),
    ("I0", "ю"),
    ("IO", "ю"),
    ("lo", "ю"),
)
MOST = 512
LONGEST = 24


def readings(painted: str) -> list[str]:
    """Cyrillic labels behind a painted one, the likeliest first; empty when nothing supports that it was Cyrillic."""
    if len(painted) > LONGEST:
        return []
    choices = [_choices(word) for word in re.findall(r"[^\W\d_]+(?:[0346][^\W\d_]+)*|\d+|-", painted)]
    if not choices or any(not options for options in choices):
        return []
    is_marked = bool(re.search(r"\d|-", painted)) or has_cyrillic(painted)
    has_shop = any(option in SHOPS for options in choices for option in options)
    if not (is_marked or has_shop) or not any(re.search(r"[^\W\d_]", options[0]) for options in choices):
        return []
    return ["".join(parts) for parts in islice(product(*choices), 12)]


def _choices(word: str) -> list[str]:
    """The readings of one run of letters or digits: words of shops first, then in the order of likelihood."""
    if word.isdigit() or word == "-":
        return [word]
    for seen, letter in PAIRS:
        word = word.replace(seen, letter)
    options = [_letters(char) for char in word]
    if any(not letters for letters in options):
        return []
    made = ["".join(letters) for letters in islice(product(*options), MOST)]
    made = [each for each in made if not each.startswith(("ь", "ы"))] or made
    return sorted(made, key=lambda each: each not in SHOPS)[:6]


def _letters(char: str) -> str:
    if "\u0400" <= char <= "\u052f":
        return char.lower()
    return READ_FROM.get(char, "") or FROM_DIGITS.get(char, "")
