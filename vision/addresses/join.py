"""Which painted lines may carry one object together: decided by geometry and by how a line ends."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vision.addresses.keywords import is_keyword
from vision.addresses.passage import Passage, passage
from vision.types import Line

OPEN_END = re.compile(
    r"(?:(?:t|telegram)\s?[.,]?\s?me\s?[/\\il|]?|[/\\._@+-]|joinchat/|https?:?/*|www\.?|\.(?:com|biz|net|org|cc|ru|kz|рф)/)\s*$"
)
OPEN_START = re.compile(r"\s*[./\\_]")
ENDING_START = re.compile(r"\s*\.\s?[a-zа-яқ]{2,6}(?!\w)")
BASE32 = re.compile(r"[a-z2-7\s-]{8,60}")
DIGITS = re.compile(r"\+?[\d\s()-]+")
MOST_LINES = 400  # a wall has a few; a page of text is not searched for pairs of everything
MOST_IN_CHAIN = 5


def passages(lines: Sequence[Line]) -> list[Passage]:
    """Each line by itself, then each run of lines that may be one object."""
    ordered = sorted(lines, key=lambda line: (_middle(line)[1], _middle(line)[0]))
    found = [passage([line]) for line in ordered]
    for number, line in enumerate(ordered[:MOST_LINES]):
        follower = _follower(line, ordered[number + 1 : number + 13])
        if follower is None:
            continue
        upper, lower = passage([line]), passage([follower])
        if _is_open(upper, lower):
            found.append(passage([line, follower]))
        if _ends_with_keyword(upper):
            found.append(passage([line, follower], glue=" "))
        if _is_base32(upper):
            found += _chain(line, ordered[number + 1 :])
    return found


def _is_open(upper: Passage, lower: Passage) -> bool:
    if OPEN_END.search(upper.latin) or (OPEN_START.match(lower.lower) and re.search(r"\w$", upper.text)):
        return True
    if ENDING_START.match(lower.lower):
        return True
    both = DIGITS.fullmatch(upper.text.strip()) and DIGITS.fullmatch(lower.text.strip())
    return bool(both) and 10 <= sum(char.isdigit() for char in upper.text + lower.text) <= 12


def _ends_with_keyword(upper: Passage) -> bool:
    words = re.findall(r"[^\W\d_]+", upper.text)
    return bool(words) and is_keyword(words[-1]) and not re.search(r"\d\s?\w{1,3}\W*$", upper.text)


def _is_base32(where: Passage) -> bool:
    text = where.latin.strip()
    return bool(BASE32.fullmatch(text)) and len(text) >= 10 and " " not in text


def _chain(first: Line, rest: Sequence[Line]) -> list[Passage]:
    """An onion address painted over several lines, until its ending."""
    chain = [first]
    for _ in range(MOST_IN_CHAIN):
        follower = _follower(chain[-1], [line for line in rest[:20] if line not in chain])
        if follower is None:
            return []
        chain.append(follower)
        if "onion" in passage([follower]).latin:
            return [passage(chain)]
    return []


def _follower(line: Line, others: Sequence[Line]) -> Line | None:
    """The line that goes on from this one: to the right on the same baseline, else the next below."""
    right = [other for other in others if _is_right_of(line, other)]
    if right:
        return min(right, key=_left)
    below = [other for other in others if _is_below(line, other)]
    return min(below, key=lambda other: _middle(other)[1]) if below else None


def _is_right_of(line: Line, other: Line) -> bool:
    height = _height(line)
    gap = _left(other) - _right(line)
    return (
        abs(_middle(other)[1] - _middle(line)[1]) < 0.5 * height
        and -0.5 * height < gap < 3 * height
        and 0.5 < _height(other) / height < 2
    )


def _is_below(line: Line, other: Line) -> bool:
    height = _height(line)
    drop = _middle(other)[1] - _middle(line)[1]
    overlap = min(_right(line), _right(other)) - max(_left(line), _left(other))
    return (
        0.4 * height < drop < 3.2 * max(height, _height(other)) and overlap > 0 and 0.4 < _height(other) / height < 2.5
    )


def _middle(line: Line) -> tuple[float, float]:
    return sum(x for x, _ in line.box) / 4, sum(y for _, y in line.box) / 4


def _left(line: Line) -> float:
    return min(line.box[0][0], line.box[3][0])


def _right(line: Line) -> float:
    return max(line.box[1][0], line.box[2][0])


def _height(line: Line) -> float:
    (_, tl), (_, tr), (_, br), (_, bl) = line.box
    return max(1e-6, abs((bl - tl + br - tr) / 2))
