"""Two recognisers make one answer."""

import numpy as np
import pytest

from vision.recognise.onnx import OnnxRecogniser
from vision.recognise.pair import PairRecogniser, has_cyrillic
from vision.types import Card

CROP = np.zeros((48, 96, 3), np.uint8)


class Scripted:
    """A recogniser that sees what it is told: rows of {character: probability}, the rest is blank."""

    def __init__(self, name, alphabet, rows):
        self.alphabet = alphabet
        self.card = Card(name, "1", {f"{name}.onnx": "0" * 64})
        self._rows = rows

    def probabilities(self, crop):
        out = np.zeros((len(self._rows), len(self.alphabet) + 1), np.float32)
        for row, seen in zip(out, self._rows, strict=True):
            for character, probability in seen.items():
                row[self.alphabet.index(character) + 1] = probability
            row[0] = 1 - row.sum()
        return out


def read(stock, trained):
    pair = PairRecogniser(Scripted("stock", " BPabΓ", stock), Scripted("trained", " BPabВР", trained))
    (answer,) = pair.recognise([CROP])
    return answer


def test_a_line_with_cyrillic_is_the_trained_networks():
    answer = read([{"B": 1.0}, {}, {"P": 1.0}], [{"В": 0.6}, {}, {"Р": 0.6}])
    assert answer.text == "ВР"
    assert answer.confidence == pytest.approx(0.6)


def test_a_latin_line_is_what_both_together_find_most_probable():
    answer = read([{"a": 0.9}, {}, {"b": 0.9}], [{"a": 0.4, "b": 0.6}, {}, {"b": 1.0}])
    assert answer.text == "ab"
    assert answer.confidence == pytest.approx((0.65 + 0.95) / 2)


def test_what_only_the_stock_network_knows_is_left_out():
    assert read([{"Γ": 0.9}], [{"a": 0.8}]).text == "a"


def test_the_lattice_is_that_of_the_answer():
    answer = read([{"a": 0.9}], [{"a": 0.7}])
    assert np.exp(answer.lattice.log_probs[0, answer.lattice.alphabet.index("a") + 1]) == pytest.approx(0.8)


def test_the_card_names_both_files():
    pair = PairRecogniser(Scripted("stock", "a", []), Scripted("trained", "a", []))
    assert set(pair.card.weights) == {"stock.onnx", "trained.onnx"}
    assert pair.recognise([]) == ()


@pytest.mark.parametrize(("text", "expected"), [("қ", True), ("abc 12", False), ("", False), ("aя", True)])
def test_cyrillic_is_seen(text, expected):
    assert has_cyrillic(text) is expected


def test_the_stock_network_keeps_its_bare_letters_and_has_no_cyrillic(stock):
    assert "й" not in stock.alphabet
    assert not has_cyrillic(stock.alphabet)
    assert "é" not in stock.alphabet


@pytest.fixture(scope="module")
def stock():
    from vision.engines import RECOGNITION_WEIGHTS
    from vision.weights import WeightsFolder

    return OnnxRecogniser(WeightsFolder().open(RECOGNITION_WEIGHTS), threads=1)
