"""Which way up a wall is, decided for the whole picture: a correct one is never turned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vision.recognise.base import Recognised
from vision.types import Box

UPRIGHT_IS_CLEAR = 0.95
"""Above this mean probability the text is read as it stands, without another look."""
TURNED_IS_CLEAR = 0.95
LEAST_MARGIN = 0.06
PROMISING = 0.88
"""Mean probability of the largest lines the other way up, from which the whole picture is read that way."""

LEAST_CHARACTERS = 5
TALL = 1.5
GUESS = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well a picture's lines read: characters, and their mean probability (0 when there are none)."""

    characters: int
    mean: float

    @property
    def clear(self) -> bool:
        """Whether nothing speaks for turning the picture."""
        return self.mean >= UPRIGHT_IS_CLEAR and self.characters >= LEAST_CHARACTERS

    @property
    def score(self) -> float:
        """What the lines are worth altogether: every character counts by how far its mean lies above a guess."""
        return self.characters * max(0.0, self.mean - GUESS)


def evidence(answers: Sequence[Recognised]) -> Evidence:
    """The evidence of some lines; longer ones count more."""
    characters = sum(len(answer.text) for answer in answers)
    total = sum(len(answer.text) * answer.confidence for answer in answers)
    return Evidence(characters, total / characters if characters else 0.0)


def speaks_for_turning(upright: Evidence, turned: Evidence) -> bool:
    """Whether a picture reads so much better turned that it must have been wrong.

    Whatever way up, a network that knows two alphabets and ten digits finds something: upside down it read drawn walls
    at 0.47 to 0.82, and clean digits at 0.91. So the turned text must be clear by itself, about as long, and better by
    a margin.
    """
    return (
        turned.characters >= max(LEAST_CHARACTERS, upright.characters // 2)
        and turned.mean >= TURNED_IS_CLEAR
        and turned.mean >= upright.mean + LEAST_MARGIN
    )


def worth_a_look(upright: Evidence, some: Evidence) -> bool:
    """Whether a few lines, read the other way up, promise enough that all of them may speak for turning."""
    return some.mean >= max(PROMISING, upright.mean) and some.characters > 1


def is_sideways(boxes: Sequence[Box]) -> bool:
    """Whether most of the text's area runs up or down; squarish boxes have no say."""
    tall = level = 0.0
    for top_left, top_right, _, bottom_left in boxes:
        along, across = math.dist(top_left, top_right), math.dist(top_left, bottom_left)
        if along < TALL * across:
            continue
        if abs(top_right[1] - top_left[1]) > abs(top_right[0] - top_left[0]):
            tall += along * across
        else:
            level += along * across
    return tall > level
