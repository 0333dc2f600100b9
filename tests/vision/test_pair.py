"""Two recognisers, one answer a line."""

import numpy as np
import pytest

from vision.recognise.base import Recognised
from vision.recognise.pair import PairRecogniser, is_cyrillic
from vision.types import Card

CROP = np.zeros((48, 96, 3), np.uint8)


class Says:
    """A recogniser that gives the answers it is told."""

    def __init__(self, name, *answers):
        self.card = Card(name, "1", {f"{name}.onnx": "0" * 64})
        self._answers = answers

    def recognise(self, crops):
        return self._answers[: len(crops)]


@pytest.mark.parametrize(
    ("stock", "trained", "kept"),
    [
        (("@qworplx", 0.9), ("@qwarplx", 0.8), "@qworplx"),
        (("@qworplx", 0.8), ("@qwarplx", 0.9), "@qwarplx"),
        (("COMb24.PO", 0.9), ("СОЛЬ24.РФ", 0.8), "СОЛЬ24.РФ"),  # bold, and blind to Cyrillic
        (("Welcome", 0.99), ("Шеlсоме", 0.5), "Welcome"),
        (("COCHA", 0.9), ("СОСНА", 0.8), "COCHA"),  # nobody can tell: look-alikes are folded by the rules
        (("", 0.0), ("ДҮКЕН", 0.4), "ДҮКЕН"),
    ],
)
def test_the_better_answer_of_a_line_is_kept(stock, trained, kept):
    pair = PairRecogniser(Says("stock", Recognised(*stock)), Says("trained", Recognised(*trained)))
    (answer,) = pair.recognise([CROP])
    assert answer.text == kept


def test_look_alikes_do_not_make_a_line_cyrillic():
    assert not is_cyrillic("СОСНА-24")
    assert is_cyrillic("соль")


def test_the_card_names_both_files():
    pair = PairRecogniser(Says("stock"), Says("trained"))
    assert set(pair.card.weights) == {"stock.onnx", "trained.onnx"}
    assert pair.recognise([]) == ()


class Asked(Says):
    """Notes how many crops it was asked for."""

    def recognise(self, crops):
        self.count = len(crops)
        return self._answers[: len(crops)]


@pytest.mark.parametrize(
    ("trained", "count"),
    [
        (("ПИШИТЕ НАМ", 0.9), 0),
        (("ПИШИТЕ НАМ", 0.6), 1),  # the stock network may be sure enough to overrule it
        (("ТГ @qworplx", 0.9), 1),  # its lattice counts for the name
        (("соль24.рф", 0.9), 1),
        (("qworplx", 0.99), 1),
    ],
)
def test_the_stock_network_is_asked_only_where_its_answer_can_count(trained, count):
    stock = Asked("stock", Recognised("COMb", 0.95))
    (answer,) = PairRecogniser(stock, Says("trained", Recognised(*trained))).recognise([CROP])
    assert stock.count == count
    assert answer.text in (trained[0], "COMb")
