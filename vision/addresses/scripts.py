"""Letters that are painted alike in several scripts: our own tables, because Unicode's confusables are about print.

Unicode maps т м к н в to small capitals, and knows nothing of what a hand or a network without Cyrillic confuses.
"""

from __future__ import annotations

from functools import lru_cache

_CYRILLIC = "аӓвеёԑһніїјкқќмңоөорсѕтуүұхҳԁԛԝьіӏғ"
_LATIN___ = "aabeeehhiijkkkmhooopcstyyyxxdqwbilf"
_GREEK = "ανορτυκιεηβγχωςσ"
_LATIN__ = "avoptukienbyxwco"
_UPPER_GREEK = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
_UPPER_LATIN = "abezhikmnoptyx"

LATIN_OF = (
    dict(zip(_CYRILLIC, _LATIN___, strict=True))
    | dict(zip(_CYRILLIC.upper(), _LATIN___, strict=False))
    | dict(zip(_GREEK, _LATIN__, strict=True))
    | dict(zip(_UPPER_GREEK, _UPPER_LATIN, strict=True))
    | dict(zip("ı‚¡ſɑɡʘ", "i,isago", strict=True))
)
"""Letters that are painted the same; the Latin one is lower case."""

HAND_LATIN_OF = dict(zip("иглпбзчядшжцюфэы", "urnn634rgwxuooen", strict=True))
"""Cyrillic letters that only a hand or a network without Cyrillic takes for Latin letters and digits."""

HAND_NAME_OF = {"и": "u", "п": "n", "г": "r", "л": "n", "б": "6", "з": "3", "ч": "4", "д": "g", "ш": "w", "я": "r"}
"""The same, where a Telegram name demands Latin: one character each, always left to a person."""

CYRILLIC_OF = dict(zip("abcehikmoptxyf", "авсеһікмортхуғ", strict=True)) | {"h": "н", "u": "и", "n": "п", "r": "г"}
"""Latin letters before a Cyrillic host ending."""

READ_FROM = {
    "A": "адл", "B": "вб", "C": "с", "D": "д", "E": "е", "F": "ғ", "G": "бс", "H": "нйип", "I": "і", "J": "л", "K": "к",
    "L": "л", "M": "мл", "N": "ипл", "O": "оюф", "P": "р", "Q": "о", "R": "я", "S": "с", "T": "тг", "U": "иц", "V": "в",
    "W": "шщ", "X": "хж", "Y": "уч", "Z": "з", "a": "ад", "b": "ьбв", "c": "с", "d": "д", "e": "е", "f": "ғ", "g": "д",
    "h": "н", "i": "і", "k": "к", "l": "л", "m": "мт", "n": "плий", "o": "о", "p": "р", "q": "д", "r": "г", "s": "с",
    "t": "т", "u": "ий", "v": "в", "w": "ш", "x": "х", "y": "у", "z": "з", "j": "л",
}  # fmt: skip
"""What a network without Cyrillic may have seen behind each Latin letter, the likeliest first."""

KAZAKH = frozenset("әғқңөұүһі")


@lru_cache(maxsize=4096)
def latin(char: str) -> str:
    """The character in lower case, as its Latin look-alike if it has one; always one character."""
    if (folded := LATIN_OF.get(char)) is not None:
        return folded
    lower = char.lower()
    lower = lower if len(lower) == 1 else char
    return LATIN_OF.get(lower, lower)


def to_latin(text: str) -> str:
    """Lower case, each look-alike as its Latin letter; the same length as `text`."""
    return "".join(map(latin, text))


def is_cyrillic(char: str) -> bool:
    """Whether a character is a Cyrillic letter."""
    return "\u0400" <= char <= "\u052f"


def is_latin(char: str) -> bool:
    """Whether a character is an ASCII letter."""
    return char.isascii() and char.isalpha()


def has_cyrillic(text: str) -> bool:
    """Whether any character is Cyrillic."""
    return any(map(is_cyrillic, text))


def has_latin(text: str) -> bool:
    """Whether any character is an ASCII letter."""
    return any(map(is_latin, text))


def to_cyrillic(label: str) -> str:
    """A lower-case label with its Latin look-alikes as Cyrillic letters; others stay."""
    return "".join(CYRILLIC_OF.get(char, char) for char in label)


def skeleton(text: str) -> str:
    """A coarse shape in which a Cyrillic word and its Latin misreading meet: for keywords only."""
    folded = "".join(HAND_LATIN_OF.get(char, char) for char in to_latin(text))
    return folded.translate(_COARSE)


_COARSE = str.maketrans({"l": "n", "j": "n", "1": "n", "i": "n", "|": "n", "0": "o", "y": "u", "v": "u", "f": "t"})
