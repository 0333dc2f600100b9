"""Telegram names: which could have been given out, and how one is read from paint.

Rules from TDLib and core.telegram.org: `[a-z][a-z0-9_]*`, 5 to 32 long, no trailing `_`, no `__`; four characters only
in an explicit link or after `@` with a keyword, because such names are sold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from vision.addresses.passage import Passage
from vision.addresses.patterns import SPECKED
from vision.addresses.scripts import HAND_NAME_OF, has_cyrillic, has_latin, is_latin, to_latin
from vision.addresses.words import words
from vision.types import Repair

RESERVED = words("telegram_reserved")
"""First path segments of t.me that are never a name."""

REFUSED_BEGINNINGS = tuple(words("telegram_refused_beginnings"))
LONGEST = 32
TOKEN = re.compile(r"\w{1,64}")
NEXT = re.compile(r"(?P<sep>\s?_\s?|\s?-\s?|\.|\s)(?P<part>[a-z0-9_]{1,32})(?!\w)")
UNIT = re.compile(r"\s?(?:[%$₸/*+:,.]\s?\d|%|₸|\$|(?:тг|тенге|теңге|руб|р|шт|кг|гр?|м|лет|жас|час\w*|сағ\w*)(?!\w))")
TAIL = re.compile(r"(?P<post>/\d{1,9})?(?P<query>/?\?[a-z0-9_=&%-]{1,80})?", re.IGNORECASE)
FIRST_DIGITS = {"5": "s", "1": "l", "0": "o", "8": "b", "3": "e", "4": "a", "6": "b", "7": "t", "9": "g", "2": "z"}
SMALL_ONES_DIFFER = frozenset("вн")
"""Cyrillic letters whose capitals are Latin letters' twins, while the small ones are not: a Cyrillic word is meant."""

ENDINGS = words("name_endings")
NOT_NAMES = words("not_names")
KEYWORDS = words("telegram_keywords") | words("instagram_keywords") | words("whatsapp_keywords") | words("vk_keywords")
MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class Name:
    """A Telegram name read from a passage at [start, end)."""

    value: str
    start: int
    end: int
    trail: tuple[Repair, ...] = ()
    others: tuple[tuple[str, float], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()

    def reach(self, where: Passage) -> tuple[int, int]:
        """The name and what goes on behind a speck: for decoding, which sees whether it was an underscore."""
        rest = SPECKED.match(where.latin, self.end)
        return self.start, rest.end() if rest else self.end


def is_name(name: str, *, explicit: bool = False) -> bool:
    """Whether Telegram could have given out this name; `explicit` allows four characters."""
    least = 4 if explicit else 5
    if not (least <= len(name) <= LONGEST) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return False
    if name.endswith("_") or "__" in name or name in RESERVED:
        return False
    return not name.startswith(REFUSED_BEGINNINGS)


def read_name(where: Passage, at: int, *, explicit: bool, alone: bool = False, whole: bool = False) -> Name | None:
    """The name that starts at `at`, mended where the paint allows; None when there is none.

    Args:
        where: the passage.
        at: of the name's first character.
        explicit: four characters are enough.
        alone: nothing but the address is on the line, so a word after a space is likelier its end than another word.
        whole: a word after a space or a dash never belongs to the name (a keyword led here, not an @ or a link).
    """
    first = TOKEN.match(where.latin, at)
    if first is None or first[0] in RESERVED:
        return None
    alone = alone and not whole
    parts = _parts(where, first, alone=alone)
    if alone and parts[-1][2] not in (len(where.text), *where.joins):
        alone, parts = False, _parts(where, first, alone=False)
    return _longest(where, at, parts, explicit=explicit, alone=alone)


def _parts(where: Passage, first: re.Match[str], *, alone: bool) -> list[tuple[str, str, int]]:
    """The parts that may be one name: text, separator before it, end."""
    parts = [(first[0], "", first.end())]
    while len(parts) < MOST_PARTS and (step := NEXT.match(where.latin, parts[-1][2])) is not None:
        if not _belongs(where, step, alone=alone):
            break
        parts.append((step["part"], step["sep"], step.end()))
    return parts


def _longest(where: Passage, at: int, parts: list[tuple[str, str, int]], *, explicit: bool, alone: bool) -> Name | None:
    """The name of the most parts that makes sense; shorter ones are its alternatives."""
    short = _one(where, at, parts[0][2], explicit=explicit)
    if len(parts) == 1:
        return short
    for count in range(len(parts), 1, -1):
        made = _joined(where, at, parts[:count])
        if made is None:
            continue
        if short is None:
            return made
        rules = {step.rule for step in made.trail}
        if "underscore as space" in rules and not alone:
            return replace(short, others=((made.value, 0.45), *short.others))
        return replace(made, others=((short.value, 0.45), *made.others))
    return short


def _joined(where: Passage, at: int, parts: list[tuple[str, str, int]]) -> Name | None:
    """Several parts as one name with underscores between them."""
    end = parts[-1][2]
    value = re.sub("_+", "_", "_".join(part for part, _, _ in parts)).strip("_")
    if not is_name(value):
        return None
    rules = {_rule(sep) for _, sep, _ in parts[1:]} - {""}
    painted = where.text[at:end]
    trail = [Repair(rule, painted, value) for rule in sorted(rules)]
    if has_cyrillic(painted):
        trail.append(Repair("look-alike letters", painted, value))
    return Name(value, at, end, tuple(trail), (), _facts(value))


def _rule(separator: str) -> str:
    if "_" in separator:
        return "separator" if separator.strip() != separator else ""
    return {"-": "underscore as dash", ".": "underscore as dot"}.get(separator.strip(), "underscore as space")


def _belongs(where: Passage, step: re.Match[str], *, alone: bool) -> bool:  # noqa: PLR0911 - one reason a line
    """Whether what follows a name may be the rest of it."""
    separator, part, end = step["sep"], step["part"], step.end()
    painted = where.text[step.start("part") : end]
    if UNIT.match(where.lower, end) or not (has_latin(painted) or painted.strip("_").isdigit()):
        return False
    if "_" in separator:
        return True
    if separator == "-":
        return True
    if separator == ".":
        return "_" in part
    if separator.strip() == "-" or step.start() in where.joins:
        return False  # a dash with a space is punctuation; a line break is no space within a name
    if part.isdigit():
        return len(part) <= 3 and alone
    if part in KEYWORDS or (part in NOT_NAMES and part not in ENDINGS):
        return False
    return part in ENDINGS or "_" in part or alone


def _one(where: Passage, start: int, end: int, *, explicit: bool) -> Name | None:
    """The name that one unbroken run of characters is."""
    token, painted = where.latin[start:end], where.text[start:end]
    steps: list[Repair] = []
    others: list[tuple[str, float]] = []
    if has_cyrillic(painted):
        steps.append(Repair("look-alike letters", painted, token))
    name = _tight(token, steps)
    if not name.isascii():
        name, before = "".join(HAND_NAME_OF.get(char, char) for char in name), name
        steps.append(Repair("no look-alike letters", before, name))
    elif SMALL_ONES_DIFFER.intersection(painted) and not has_latin(painted):
        steps.append(Repair("no look-alike letters", painted, name))
    if (fixed := _capital_i(painted)) is not None and name == token:
        others.append((name, 0.5))
        steps.append(Repair("capital I", painted, fixed))
        name = fixed
    if name[:1] in FIRST_DIGITS and not name.isdigit() and len(name) >= 5 and name[1].isalpha():
        name, before = FIRST_DIGITS[name[0]] + name[1:], name
        steps.append(Repair("first digit", before, name))
    if not is_name(name, explicit=explicit):
        return None
    facts = dict(_facts(name))
    if token.endswith("_") and end == len(where.text):
        facts["truncated"] = "yes"
    return Name(name, start, end, tuple(steps), tuple(others), tuple(facts.items()))


def _tight(token: str, steps: list[Repair]) -> str:
    """A name without underscores that none may have."""
    name = re.sub("_+", "_", token).strip("_")
    if "__" in token.strip("_") or token.startswith("_"):
        steps.append(Repair("underscore doubled", token, name))
    return name


def _capital_i(painted: str) -> str | None:
    """A name whose capital I stands among small letters, where nobody paints one: an l."""
    others = painted[1:].replace("I", "")
    letters = [char for char in others if is_latin(char)]
    if "I" not in painted[1:] or len(letters) < 3 or not painted.isascii() or not all(map(str.islower, letters)):
        return None
    return to_latin(painted[0]) + painted[1:].replace("I", "l")


def _facts(name: str) -> tuple[tuple[str, str], ...]:
    return (("bot", "yes"),) if name.endswith("bot") else ()


def with_tail(where: Passage, name: Name) -> Name:
    """The name with the post number and the referral painted after it, kept as facts."""
    tail = TAIL.match(where.text, name.end)
    if tail is None or not tail[0]:
        return name
    facts = dict(name.facts)
    if tail["post"]:
        facts["post"] = tail["post"][1:]
    if tail["query"]:
        facts["referral"] = tail["query"].lstrip("/")[1:]
    return replace(name, end=tail.end(), facts=tuple(facts.items()))
