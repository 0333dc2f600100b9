"""Reads line crops with two networks, the stock one and the trained one, and keeps the better answer of each line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vision.recognise.base import Recognised, Recogniser
from vision.types import Card, Picture

VERSION = "2"
CYRILLIC_TRUST = 0.25
"""How much surer the stock network must be to overrule Cyrillic: it has none, and reads it as Latin, often boldly."""

PLAIN = frozenset(" ,!?;\"'()")
"""ASCII characters that stand between words and are no part of an address."""

TWINS = frozenset("АВЕКМНОРСТХаеорсухІіЈјҺһ")
"""Cyrillic letters that look like Latin ones: they do not show that a line is Cyrillic."""


class PairRecogniser:
    """Lines with a letter that only Cyrillic has as the trained network reads them, others as the surer one does.

    The stock network has no Cyrillic but has seen more of the world's Latin letters than our drawings hold. Chosen by
    line, not by the mean of their probabilities: their mean read 0.26 of the Cyrillic and 0.71 of the Latin
    lines of real signs (docs/reader.md).
    """

    def __init__(self, stock: Recogniser, trained: Recogniser) -> None:
        self._stock, self._trained = stock, trained
        weights = {**stock.card.weights, **trained.card.weights}
        self._card = Card("paired-rec", f"{VERSION}.{stock.card.version}.{trained.card.version}", weights)

    @property
    def card(self) -> Card:
        """What this engine is."""
        return self._card

    def recognise(self, crops: Sequence[Picture]) -> tuple[Recognised, ...]:
        """One answer per crop, in the order given."""
        trained = self._trained.recognise(crops)
        asked = [number for number, answer in enumerate(trained) if not is_settled(answer)]
        stock = dict(zip(asked, self._stock.recognise([crops[number] for number in asked]), strict=True))
        return tuple(
            better(stock[number], answer) if number in stock else answer for number, answer in enumerate(trained)
        )


def is_settled(trained: Recognised) -> bool:
    """Whether the stock network need not be asked: words in Cyrillic alone, and it could not be sure enough anyway.

    It is asked wherever a Latin letter, a digit or a sign of an address stands: there its lattice counts.
    """
    return (
        trained.confidence >= 1.0 - CYRILLIC_TRUST
        and is_cyrillic(trained.text)
        and not any(character.isascii() and character not in PLAIN for character in trained.text)
    )


def better(stock: Recognised, trained: Recognised) -> Recognised:
    """The answer to keep of two to the same crop."""
    head_start = CYRILLIC_TRUST if is_cyrillic(trained.text) else 0.0
    kept, other = (stock, trained) if stock.confidence > trained.confidence + head_start else (trained, stock)
    return replace(kept, others=(other.lattice,)) if other.lattice is not None else kept


def is_cyrillic(text: str) -> bool:
    """Whether any letter is one that only Cyrillic has."""
    return any("Ѐ" <= character <= "ԯ" and character not in TWINS for character in text)
