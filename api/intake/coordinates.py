"""Where somebody says a photo was taken: decimal degrees, degrees and minutes, or a link to a map. Nothing is fetched.

>>> parse_place("54,87 69,15")
Place(lat=54.87, lon=69.15, source='text')
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from api.errors import Problem
from api.intake.geo import Region, check_point
from api.intake.links import find_link, point_of_link

LONGEST_PLACE = 2000

EXAMPLES = "write decimal degrees (54.8700, 69.1500), degrees and minutes (54°52'12\"N 69°09'00\"E) or a map link"

_SIGNS = str.maketrans(
    {"º": "°", "˚": "°", "′": "'", "’": "'", "‘": "'", "ʹ": "'", "`": "'", "´": "'", "″": '"', "”": '"', "“": '"'}
    | {"„": '"', "ʺ": '"', "−": "-", "–": "-", "—": "-", "‑": "-", "\u00a0": " ", "\u202f": " ", "\ufeff": " "}
)
"""The many signs that people and programs type for the same thing."""

_WORDS: Sequence[tuple[str, str]] = (
    (r"с(?:ев(?:ерн(?:ой|ая)?)?)?\.?\s*ш(?:ирот[аы])?\b\.?|солтүстік ендік|с\.\s*е\.", "N"),
    (r"ю(?:жн(?:ой|ая)?)?\.?\s*ш(?:ирот[аы])?\b\.?|оңтүстік ендік|о\.\s*е\.", "S"),
    (r"в(?:ост(?:очн(?:ой|ая)?)?)?\.?\s*д(?:олгот[аы])?\b\.?|шығыс бойлық|ш\.\s*б\.", "E"),
    (r"з(?:ап(?:адн(?:ой|ая)?)?)?\.?\s*д(?:олгот[аы])?\b\.?|батыс бойлық|б\.\s*б\.", "W"),
    (r"latitude|lat|широт[аы]|ендік", "φ"),
    (r"longitude|long|lon|lng|долгот[аы]|бойлық", "λ"),
    (r"north|n|север|с|c", "N"),  # С and its Latin look-alike
    (r"south|s|юг|ю", "S"),
    (r"east|e|восток|в|b", "E"),
    (r"west|w|запад|з", "W"),
    (r"градус(?:ов|а)?|град\.?|degrees|deg", "°"),
    (r"минут[аы]?|мин\.?|minutes|min", "'"),
    (r"секунд[аы]?|сек\.?|seconds|sec", '"'),
)
_WORD = re.compile(
    "|".join(f"(?<![a-zа-яё])(?:{words})(?![a-zа-яё])" for words, _mark in _WORDS).replace("(?<!", "(?<!")
)
_EACH = tuple((re.compile(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])"), mark) for words, mark in _WORDS)
_TOKEN = re.compile(r"""\s*(?:(?P<number>[-+]?[0-9]{1,9}(?:\.[0-9]{1,20})?)|(?P<sign>[°'"NSEWφλ,;/|\n:=()\[\]]))""")

_PAIR = re.compile(
    r"""(?<![\w.,°'"])(?P<first>[-+]?[0-9]{1,3}(?:\.|(?P<comma>,))[0-9]{2,20})"""
    r"""(?(comma)(?:,?\s+)|(?:\s*[,;/|]\s*|\s+))"""
    r"""(?P<second>[-+]?[0-9]{1,3}(?(comma),|\.)[0-9]{2,20})(?![\w°'"]|[.,]\w)"""
)
_PREPOSITION = re.compile(r"(?<!\w)[вс]\s+(?=[^\W\d_]{4})")  # not an axis when a word follows: "в гаражах"
_LETTER = re.compile(r"[^\W\d_]")
_WORDS_ONLY = re.compile(r"""(?:[^\W\d_]|[\s.,:;!?()"'«»№/-])*""")

_AXIS = {"N": "lat", "S": "lat", "φ": "lat", "E": "lon", "W": "lon", "λ": "lon"}
_UNITS = ("°", "'", '"')


class PlaceNotUnderstood(Problem):
    """A text in which no coordinates can be found, or more than one pair."""

    status = 422

    def __init__(self) -> None:
        super().__init__(f"No coordinates can be read from this place: {EXAMPLES}.")


class MinutesOutOfRange(Problem):
    """Sixty or more minutes or seconds."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Minutes and seconds of a degree go from 0 to 59: check the digits.")


class PlaceTooCoarse(Problem):
    """Whole degrees only: a hundred kilometres either way."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "Whole degrees leave a hundred kilometres open. Give four or more decimals, or minutes and seconds."
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the earth in WGS 84 degrees, and how it was given: numbers, text, a link, the photo, a messenger."""

    lat: float
    lon: float
    source: Literal["typed", "text", "link", "exif", "shared"]


@dataclass(frozen=True, slots=True)
class _Angle:
    degrees: float
    axis: str | None
    is_coarse: bool


def parse_place(text: str, *, region: Region | None = None) -> Place:
    """The one point that the text names.

    Args:
        text: what a person typed or pasted; a link may stand among other words.
        region: where reports are expected, to recognise swapped numbers.

    Raises:
        Problem: one that says what to do instead; never anything else, for any text.
    """
    if len(text) > LONGEST_PLACE:
        raise PlaceNotUnderstood
    if link := find_link(text):
        point = point_of_link(link)
        check_point(*point, order_known=True)
        return Place(*point, "link")
    pair = _pair_among_words(text, region)
    first, second = _angles(_tokens(pair or text))
    lat, lon = (second, first) if first.axis == "lon" else (first, second)
    check_point(lat.degrees, lon.degrees, region=region, order_known=first.axis is not None)
    if lat.is_coarse and lon.is_coarse:
        raise PlaceTooCoarse
    return Place(lat.degrees, lon.degrees, "text")


def _pair_among_words(text: str, region: Region | None) -> str | None:
    """The one decimal pair of a text whose other words hold no number and name no axis: "54.87, 69.15 у гаражей".

    Words leave more room for error than a bare pair, so a pair that lies where no report is expected, either way
    around, is none.
    """
    text = text.translate(_SIGNS)
    found = _PAIR.search(text)
    if not found:
        return None
    before, after = text[: found.start()].lower(), text[found.end() :].lower()
    words = _PREPOSITION.sub(" ", f"{before} ; {after}")
    is_signed = bool(before.strip()) and found["first"][0] in "+-"  # or is that a dash?
    if not _LETTER.search(words) or is_signed or not _WORDS_ONLY.fullmatch(words):
        return None
    if any(pattern.search(words) for pattern, _mark in _EACH):
        return None
    lat, lon = (found[name].replace(",", ".") for name in ("first", "second"))
    if region and not region.holds(float(lat), float(lon)) and not region.holds(float(lon), float(lat)):
        return None
    return f"{lat}, {lon}"


def _tokens(text: str) -> list[str]:
    """Numbers and one-letter signs; commas inside numbers have become points."""
    text = text.translate(_SIGNS).replace("''", '"').strip().lower()
    for pattern, mark in _EACH:
        text = pattern.sub(f" {mark} ", text)
    if text[:1] not in ("+", "-") and re.search(r"[0-9]-[0-9]", text):
        raise PlaceNotUnderstood  # a dash between, or a minus sign?
    if not re.search(r"[0-9]\.[0-9]", text):
        text = re.sub(r"(?<=[0-9]),(?=[0-9])", ".", text)
    text = re.sub(r"(?<=\s)-(?=\s)", ";", text)
    text = re.sub(r"(?<=[0-9])\s*\n", " ;", text)
    tokens, at = [], 0
    while at < len(text) and (found := _TOKEN.match(text, at)):
        tokens.append(found["number"] or found["sign"])
        at = found.end()
    if text[at:].strip(" ."):
        raise PlaceNotUnderstood
    return [token for token in tokens if token not in set(":=()[]\n")]


def _angles(tokens: list[str]) -> tuple[_Angle, _Angle]:
    if set(tokens) & {*"NSEW"}:
        tokens = [each for each in tokens if each not in {*"φλ"}]
    first, second = _halves(tokens)
    if len(first) != len(second) and not set(tokens) & {*_UNITS, *_AXIS}:
        raise PlaceNotUnderstood  # "54, 69 15" may mean anything
    one, two = _angle(first), _angle(second)
    if {one.axis, two.axis} not in ({None}, {"lat", "lon"}):
        raise PlaceNotUnderstood
    return one, two


def _halves(tokens: list[str]) -> tuple[list[str], list[str]]:
    """The tokens of either coordinate."""
    marks = [at for at, token in enumerate(tokens) if token in _AXIS]
    if marks:
        if len(marks) != 2:
            raise PlaceNotUnderstood
        return _split(tokens, marks[1] if marks[0] == 0 else marks[0] + 1)
    commas = [at for at, each in enumerate(tokens) if each in {*",;/|"}]
    if commas and commas[-1] == len(tokens) - 1:
        del tokens[commas.pop()]
    if len(commas) == 1:
        return _split(tokens, commas[0])
    degrees = [at for at, each in enumerate(tokens) if each == "°"]
    if commas or len(degrees) == 1 or (len(degrees) != 2 and len(tokens) % 2):
        raise PlaceNotUnderstood
    return _split(tokens, degrees[1] - 1 if len(degrees) == 2 else len(tokens) // 2)


def _split(tokens: list[str], at: int) -> tuple[list[str], list[str]]:
    first, second = ([each for each in half if each not in {*",;/|"}] for half in (tokens[:at], tokens[at:]))
    return first, second


def _angle(tokens: list[str]) -> _Angle:
    marks = [token for token in tokens if token in _AXIS]
    rest = [token for token in tokens if token not in _AXIS]
    numbers = [token for token in rest if token not in _UNITS]
    mark_inside = bool(marks) and tokens[0] not in _AXIS and tokens[-1] not in _AXIS
    if not 1 <= len(numbers) <= 3 or not _units_fit(rest) or len(marks) > 1 or mark_inside:
        raise PlaceNotUnderstood
    whole, *parts = numbers
    if any("." in number for number in numbers[:-1]) or any(not part[0].isdigit() for part in parts):
        raise PlaceNotUnderstood
    mark = marks[0] if marks else None
    if whole[0] == "-" and mark in ("N", "S", "E", "W"):
        raise PlaceNotUnderstood
    if any(float(part) >= 60 for part in parts):
        raise MinutesOutOfRange
    size = abs(float(whole)) + sum(float(part) / 60**power for power, part in enumerate(parts, start=1))
    negative = whole[0] == "-" or mark in ("S", "W")
    return _Angle(-size if negative else size, _AXIS[mark] if mark else None, not parts and "." not in whole)


def _units_fit(tokens: list[str]) -> bool:
    """Whether numbers and units alternate as degrees, minutes, seconds; units may be left out."""
    number = -1
    unit_seen = True
    for token in tokens:
        if token in _UNITS:
            if unit_seen or token != _UNITS[min(number, 2)]:
                return False
            unit_seen = True
        else:
            number += 1
            unit_seen = False
    return True
