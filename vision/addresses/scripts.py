"""Look-alike letters, folded towards the script that the context demands.

Unicode's confusables are not enough here: т м к н в map to small capitals there. These tables say what a painter's
letter may be taken for.
"""

from __future__ import annotations

_CYRILLIC = "аӓвеёԑһніїјкќмоөорсѕтуүұхԁԛԝьіӏғ"
_LATIN___ = "aabeeehhiijkkmooopcstyyyxdqwbilf"
_UPPER_CYRILLIC = "АВЕЁНІЇЈКМОӨРСЅТУҮХԀԚԜҺӀЬ"
_UPPER_LATIN___ = "abeehiijkmoopcstyyxdqwhib"
_GREEK = "ανορτυκιεηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
_LATIN__ = "avoptukienabezhikmnoptyx"

LATIN_OF = dict(zip(_CYRILLIC + _UPPER_CYRILLIC + _GREEK, _LATIN___ + _UPPER_LATIN___ + _LATIN__, strict=True))
"""Letters that are painted the same; the Latin one is lower case."""

HAND_LATIN_OF = {"и": "u", "п": "n", "г": "r", "л": "n", "б": "6", "з": "3", "ч": "4", "я": "r", "м": "m", "т": "t"}
"""Letters that only a hand or a network without Cyrillic takes for Latin ones."""

CYRILLIC_OF = dict(zip("abcehikmoptxynru360", "аьсенікмортхупгизбо", strict=True))
"""Latin letters and digits before a Cyrillic host ending."""

KAZAKH = set("әғқңөұүһі")


def to_latin(text: str) -> str:
    """Lower case, each look-alike as its Latin letter; the same length as `text`."""
    return "".join(_latin(char) for char in text)


def _latin(char: str) -> str:
    if (folded := LATIN_OF.get(char)) is not None:
        return folded
    lower = char.lower()
    lower = lower if len(lower) == 1 else char
    return LATIN_OF.get(lower, lower)


def is_cyrillic(char: str) -> bool:
    """Whether a character is a Cyrillic letter."""
    return "\u0400" <= char <= "\u052f"


def is_latin(char: str) -> bool:
    """Whether a character is an ASCII letter."""
    return char.isascii() and char.isalpha()


def to_cyrillic(label: str) -> str | None:
    """A label before a Cyrillic ending with its Latin look-alikes as Cyrillic letters; None when one has none."""
    out = []
    for char in label:
        if is_latin(char):
            if char not in CYRILLIC_OF:
                return None
            out.append(CYRILLIC_OF[char])
        else:
            out.append(char)
    return "".join(out)


def skeleton(text: str) -> str:
    """A coarse shape in which a Cyrillic word and its Latin misreading meet: for keywords only."""
    folded = "".join(HAND_LATIN_OF.get(char, char) for char in to_latin(text))
    return folded.translate(str.maketrans("lj1i|0", "nniiio"))
