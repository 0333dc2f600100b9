"""The characters that a trained recogniser knows, and what each of them starts out from."""

from __future__ import annotations

import string

LATIN = string.ascii_letters
DIGITS = string.digits
PUNCTUATION = string.punctuation
SIGNS = "№©®·•«»—…×°₸"

RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
KAZAKH = "әғқңөұүһі"
UKRAINIAN = "ґєїў"
SERBIAN = "ђјљњћџ"
CYRILLIC = "".join(dict.fromkeys(RUSSIAN + KAZAKH + UKRAINIAN + SERBIAN))

CHARACTERS = "".join(dict.fromkeys(PUNCTUATION + DIGITS + LATIN + SIGNS + CYRILLIC.upper() + CYRILLIC))
"""Every character but the space, in the order of the network's columns 1, 2, …; the space is the last column."""

LOOKS_LIKE = {
    "А": "A", "В": "B", "Е": "E", "Ё": "E", "З": "3", "К": "K", "М": "M", "Н": "H", "О": "O", "Р": "P", "С": "C",
    "Т": "T", "У": "y", "Х": "X", "Ь": "b", "Ъ": "b", "Ы": "bl", "Б": "6", "Г": "Γ", "Д": "Δ", "Л": "Λ", "П": "Π",
    "Ф": "Φ", "Ч": "4", "Ш": "W", "Щ": "W", "Ц": "U", "И": "N", "Й": "N", "Я": "R", "Э": "3", "Ж": "X", "Ю": "O",
    "а": "a", "б": "6", "в": "B", "г": "r", "д": "g", "е": "e", "ё": "e", "ж": "x", "з": "3", "и": "u", "й": "u",
    "к": "k", "л": "n", "м": "m", "н": "H", "о": "o", "п": "n", "р": "p", "с": "c", "т": "m", "у": "y", "ф": "φ",
    "х": "x", "ц": "u", "ч": "4", "ш": "w", "щ": "w", "ъ": "b", "ы": "b", "ь": "b", "э": "3", "ю": "o", "я": "R",
    "Ә": "E", "Ғ": "F", "Қ": "K", "Ң": "H", "Ө": "O", "Ұ": "Y", "Ү": "Y", "Һ": "h", "І": "I",
    "ә": "e", "ғ": "f", "қ": "k", "ң": "H", "ө": "o", "ұ": "y", "ү": "y", "һ": "h", "і": "i",
    "Ґ": "Γ", "Є": "E", "Ї": "I", "Ў": "y", "ґ": "r", "є": "e", "ї": "i", "ў": "y",
    "Ђ": "h", "Ј": "J", "Љ": "b", "Њ": "H", "Ћ": "h", "Џ": "U", "ђ": "h", "ј": "j", "љ": "b", "њ": "b", "ћ": "h",
    "џ": "u", "₸": "T",
}  # fmt: skip
"""Characters of the stock alphabet whose columns a character without one starts from, the first that is there."""

TWINS = dict(zip("АВЕКМНОРСТХаеорсухІіЈјҺһ", "ABEKMHOPCTXaeopcyxIiJjHh", strict=True))
"""Cyrillic letters that nobody can tell from a Latin one by their shape."""


def unwritable(text: str) -> str:
    """The characters of the text that the alphabet lacks."""
    return "".join(sorted({character for character in text if character != " " and character not in CHARACTERS}))
