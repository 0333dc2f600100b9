"""Phone numbers by phonenumbers' metadata; digits are mended only inside a phone-shaped run that becomes valid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from vision.addresses.keywords import leading
from vision.addresses.passage import Passage
from vision.addresses.patterns import LEAD, SLASH, tolerant
from vision.addresses.rank import Candidate
from vision.types import Kind, Repair

REGION = "KZ"
DIGIT_OF = dict(zip("оoзбliі|!sbвzgqdтtчяeaө", "00361111158829907749840", strict=True))
"""Letters that paint or a reader makes of digits; in `lower`."""

_LIKE = "0-9" + "".join(re.escape(char) for char in DIGIT_OF)
RUN = re.compile(rf"[+(]?[{_LIKE}][{_LIKE}()\s.,/_+*-]{{7,}}")
GROUP = re.compile(rf"[{_LIKE}]+")
BEGIN = frozenset("0123456789bвтtlіi|oоo")
BEFORE = re.compile(r"(?:^|[^\w@./\\+№#-]|(?:^|\W)(?:т|тел|tel|ph|моб|тг|tg|wa|н|ном|номер)|[.:](?<!\d[.:]))[.:№#]?$")
LINK = re.compile(
    rf"{LEAD}(?:(?:{tolerant('wa.me')}|{tolerant('t.me')}|{tolerant('telegram.me')}){SLASH}"
    rf"|(?:{tolerant('api.whatsapp.com')}|{tolerant('web.whatsapp.com')}|whatsapp\s?:\s?/){SLASH}"
    r"send/?\s?\?\s?phone\s?=\s?)"
    rf"\+?\s?(?P<digits>[{_LIKE}][{_LIKE}\s()-]{{8,18}}[{_LIKE}])(?!\w)"
)
LEAST_DIGITS, MOST_DIGITS = 9, 15
LEAST_REAL_DIGITS = 6
LENGTHS = (10, 11)  # without +
LEAST_REAL = 0.6
MOST_RUN_GROUPS = 12


def find(where: Passage) -> Iterator[Candidate]:
    """Every valid phone number in a passage."""
    for match in LINK.finditer(where.latin):
        yield from _link(where, match)
    for match in RUN.finditer(where.lower):
        yield from _in_run(where, match)


def _link(where: Passage, match: re.Match[str]) -> Iterator[Candidate]:
    digits = "".join(
        DIGIT_OF.get(char, char) for char in re.sub(r"[\s()-]", "", where.lower[slice(*match.span("digits"))])
    )
    value = number_of("+" + digits) or number_of(digits)
    if value is None or sum(map(str.isdigit, match["digits"])) < LEAST_DIGITS:
        return
    painted = where.text[match.start() : match.end()]
    is_clean = re.fullmatch(r"(?:https?://)?(?:www\.)?[\w.]+/[\w/?=+]*\+?\d+", painted) is not None
    trail = () if is_clean else (Repair("separator", painted, value),)
    if not re.sub(r"[\s()-]", "", match["digits"]).isdigit():
        trail = (*trail, Repair("digits in a number", match["digits"], value))
    yield Candidate(Kind.PHONE, value, match.start(), match.end(), trail, core=match.span("digits"))


def _in_run(where: Passage, match: re.Match[str]) -> Iterator[Candidate]:
    """The numbers in one phone-shaped run: leftmost first, no digit in two of them."""
    if sum(map(str.isdigit, match[0])) < LEAST_REAL_DIGITS:
        return
    groups = []
    for group in GROUP.finditer(where.lower, match.start(), match.end()):
        is_led = group[0][0] in "тt" and len(group[0]) > 10  # т. for телефон, glued
        groups.append((group.start() + is_led, group.end()))
    first = 0
    while first < len(groups):
        found = _from_group(where, groups, first)
        if found is None:
            first += 1
            continue
        candidate, last = found
        yield candidate
        first = last + 1


def _from_group(where: Passage, groups: list[tuple[int, int]], first: int) -> tuple[Candidate, int] | None:
    """The number that begins with this group, the longest first."""
    start = groups[first][0]
    if where.lower[start] not in BEGIN:
        return None
    has_plus = re.search(r"\+\s?\(?$", where.lower[max(0, start - 3) : start])
    opened = start - 1 if start and where.lower[start - 1] == "(" else start
    begin = max(0, start - 3) + has_plus.start() if has_plus else opened
    if not has_plus and BEFORE.search(where.lower[max(0, begin - 7) : begin]) is None:
        return None
    ends, count = [], 0
    for last in range(first, min(len(groups), first + MOST_RUN_GROUPS)):
        count += groups[last][1] - groups[last][0]
        if count > MOST_DIGITS:
            break
        if count >= LEAST_DIGITS and (has_plus or count in LENGTHS):
            ends.append(last)
    for last in reversed(ends):
        end = groups[last][1]
        if re.match(r"[\w@]|[:]\d", where.lower[end : end + 2]):
            continue
        candidate = _number(where, begin, groups[first : last + 1], has_plus=bool(has_plus))
        if candidate is not None:
            return candidate, last
    return None


def _number(where: Passage, begin: int, groups: list[tuple[int, int]], *, has_plus: bool) -> Candidate | None:
    start, end = groups[0][0], groups[-1][1]
    if not has_plus and where.lower[start] not in "78bвтt":
        return None
    parts = [where.lower[low:high] for low, high in groups]
    raw = "".join(parts)
    digits = "".join(DIGIT_OF.get(char, char) for char in raw)
    if not _is_shaped(parts, digits, where.lower[start:end], has_plus=has_plus):
        return None
    value = number_of("+" + digits if has_plus else digits)
    if value is None:
        return None
    painted, steps = where.text[begin:end], []
    if raw != digits:
        if sum(map(str.isdigit, raw)) < LEAST_REAL * len(raw):
            return None
        steps.append(Repair("digits in a number", painted, value))
    if re.search(r"[/_*,+]", where.lower[start:end]):
        steps.append(Repair("separator", painted, value))
    led = leading(where, begin)
    facts = {"keyword": led.text} if led is not None and led.sense in ("telegram", "whatsapp") else {}
    return Candidate(Kind.PHONE, value, begin, end, tuple(steps), facts, core=(begin, end))


def _is_shaped(parts: list[str], digits: str, painted: str, *, has_plus: bool) -> bool:  # noqa: PLR0911 - one reason a line
    """Whether groups and separators are those of a phone number, and not of prices, dates or words."""
    if re.search(r"[^\w]{4,}|[.,/_*+]\s|\s[.,/_*]|\d[.]\d\d[.]\d{4}(?!\d)", painted):
        return False
    if any(not any(map(str.isdigit, part)) and not re.fullmatch("[оo]{2,4}|[bв]", part) for part in parts):
        return False
    if re.fullmatch("[bв]", parts[0]) is None and not any(map(str.isdigit, parts[0])):
        return False
    if has_plus:
        return len(digits) >= 11
    if len(digits) == 11 and digits[0] in "78":
        return digits[1] not in "012" and (parts[0][0] not in "bвтt" or len(parts) > 1 or digits[1] == "7")
    if len(digits) == 10:
        return len(parts[0]) in (3, 10) and digits[:2] in ("70", "74", "77")
    return False


@lru_cache(maxsize=4096)
def number_of(digits: str) -> str | None:
    """E.164 of a number as dialled in Kazakhstan, or with + from anywhere; None when it is not valid."""
    try:
        number = phonenumbers.parse(digits, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
