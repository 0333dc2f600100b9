"""Any value can be asked of a lattice, and the answer is the sum over its paths."""

import itertools
import math

import numpy as np
import pytest

from vision.addresses.spelled import log_forward, texts_of
from vision.recognise.lattice import Lattice
from vision.types import Kind


def by_hand(lattice, text):
    """All paths, one by one."""
    total = 0.0
    for path in itertools.product(range(len(lattice.alphabet) + 1), repeat=len(lattice)):
        kept = [column for column, _ in itertools.groupby(path) if column]
        if "".join(lattice.alphabet[column - 1] for column in kept) == text:
            total += math.exp(sum(float(lattice.log_probs[step, column]) for step, column in enumerate(path)))
    return math.log(total) if total else -math.inf


@pytest.mark.parametrize("text", ["", "a", "ab", "aa", "aba", "abba", "c"])
def test_the_forward_score_is_that_of_all_paths_counted_one_by_one(text):
    shares = np.random.default_rng(5).dirichlet(np.ones(3), 5)
    lattice = Lattice(np.log(shares).astype(np.float32), "ab")
    expected = by_hand(lattice, text) if text != "c" else -math.inf
    assert log_forward(lattice, text) == pytest.approx(expected, abs=1e-5)


def test_a_text_longer_than_the_lattice_has_no_path():
    lattice = Lattice(np.log(np.full((2, 2), 0.5)).astype(np.float32), "a")
    assert log_forward(lattice, "aa") == -math.inf


def test_numbers_and_onion_names_are_asked_for_as_they_are_painted():
    assert texts_of(Kind.PHONE, "+77070001234") == ("+77070001234", "87070001234", "77070001234")
    assert texts_of(Kind.ONION, "a" * 56 + ".onion") == ("a" * 56,)
