"""Phone numbers by phonenumbers' metadata; digits are mended only inside a phone-shaped run that becomes valid."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from vision.addresses.passage import Passage
from vision.addresses.rank import Candidate
from vision.types import Kind, Repair

REGION = "KZ"
DIGIT_OF = {
    "о": "0",
    "o": "0",
    "з": "3",
    "б": "6",
    "l": "1",
    "i": "1",
    "|": "1",
    "s": "5",
    "b": "8",
    "в": "8",
    "z": "2",
    "g": "9",
    "q": "9",
    "d": "0",
    "т": "7",
    "ч": "4",
}
RUN = re.compile(
    r"(?<![\w.@/])(?P<run>\+?\s?[(]?[0-9oоlз|isb][0-9oоlзбв|isbzgqdтч()\s.,_\-–]{8,24}[0-9oоlзбв|isbzgqdтч])(?![\w@])"
)
LINK = re.compile(
    r"(?<![a-z0-9_-])(?:https?\s?:?\s?/{0,2}\s?)?(?:(?:wa|t|telegram)\s?[.,]\s?me\s?/\s?|(?:api\.)?whatsapp\.com/send/?\?phone=)\+?\s?(?P<digits>\d{10,15})(?!\d)"
)
MOST = 100


def find(where: Passage) -> Iterator[Candidate]:
    """Every phone number in a passage."""
    for match in LINK.finditer(where.latin):
        if (value := e164("+" + match["digits"])) is not None:
            yield Candidate(Kind.PHONE, value, match.start(), match.end(), facts={"via": match[0].split("/")[0]})
    for match, _ in zip(RUN.finditer(where.lower), range(MOST), strict=False):
        yield from _run(match)


def _run(match: re.Match[str]) -> Iterator[Candidate]:
    painted = match["run"]
    digits = sum(char.isdigit() for char in painted)
    letters = sum(char.isalpha() or char == "|" for char in painted)
    if digits < 6 or letters > 5 or digits + letters > 15:
        return
    if re.search(r"\d{1,2}\.\d{1,2}\.\d{4}", painted) or re.search(r"\d:\d", painted):
        return
    plain = "".join(DIGIT_OF.get(char, char) for char in painted)
    value = e164(plain)
    if value is None or not _is_shaped(plain):
        return
    steps = (Repair("digits in a number", painted, plain),) if letters else ()
    yield Candidate(Kind.PHONE, value, match.start("run"), match.end("run"), steps)


def _is_shaped(plain: str) -> bool:
    """A trunk or country code in front, or the ten digits of a mobile number: not a price, a date, an account."""
    digits = re.sub(r"\D", "", plain)
    if plain.strip().startswith("+"):
        return len(digits) >= 10
    return (len(digits) == 11 and digits[0] in "78") or (len(digits) == 10 and digits[0] == "7")


def e164(text: str) -> str | None:
    """The number in E.164, region Kazakhstan where no country is given; None when it is not valid."""
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
