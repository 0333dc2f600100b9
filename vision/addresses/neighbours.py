"""Values that a reader may have meant when it read one: one confusion away."""

from __future__ import annotations

from vision.addresses.likeness import DIGITS_ALIKE
from vision.addresses.measured import measured
from vision.addresses.names import is_name
from vision.addresses.rank import CONFUSED
from vision.types import Kind

LONGEST = 64
TWO_AS_ONE = (("rn", "m"), ("vv", "w"))


def one_confusion_away(kind: str, value: str) -> tuple[str, ...]:
    """Values of the kind that differ in one character, or in one pair of strokes, that readers take for another.

    In order and without the value itself; empty for codes and onion services, whose characters say nothing of their
    neighbours. Of a host the ending stays.
    """
    if kind == Kind.PHONE:
        return _unique(value, _renumbered(value))
    if kind == Kind.DOMAIN:
        name, dot, rest = value.rpartition(".") if "/" not in value else (value, "", "")
        return _unique(value, [each + dot + rest for each in _reread(name)])
    if kind == Kind.TELEGRAM:
        return _unique(value, [each for each in _reread(value) if is_name(each, explicit=True)])
    if kind in (Kind.INSTAGRAM, Kind.VK):
        return _unique(value, _reread(value))
    return ()


def _reread(name: str) -> list[str]:
    """The name with one character, or pair, as it may have been painted."""
    made = []
    for at, char in enumerate(name[:LONGEST]):
        others = [*CONFUSED.get(char, ""), *(true for true, _ in measured().confused.get(char, ()))]
        made += [name[:at] + other + name[at + 1 :] for other in others]
        for two, one in TWO_AS_ONE:
            if name.startswith(two, at):
                made.append(name[:at] + one + name[at + 2 :])
            if char == one:
                made.append(name[:at] + two + name[at + 1 :])
        if char in "_-":
            made.append(name[:at] + name[at + 1 :])
    return made


def _renumbered(number: str) -> list[str]:
    made = []
    for at, char in enumerate(number):
        others = [pair.replace(char, "") for pair in DIGITS_ALIKE if char in pair]
        made += [number[:at] + other + number[at + 1 :] for other in others]
    return made


def _unique(value: str, made: list[str]) -> tuple[str, ...]:
    return tuple(each for each in dict.fromkeys(made) if each != value)
