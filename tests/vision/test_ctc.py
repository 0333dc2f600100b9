import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.recognise.ctc import greedy, small_lattice

ALPHABET = "ab "


def steps(path, *, sure=0.9, columns=4):
    rows = np.full((len(path), columns), (1 - sure) / (columns - 1), np.float32)
    rows[np.arange(len(path)), path] = sure
    return rows


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ([], ""),
        ([0, 0, 0], ""),
        ([1, 1, 0, 1, 2, 2], "aab"),
        ([3, 1, 3, 2, 3, 0], "a b"),
        ([1, 0, 1, 1], "aa"),
        ([2], "b"),
    ],
)
def test_repeats_collapse_blanks_vanish_and_outer_spaces_go(path, text):
    assert greedy(steps(path), ALPHABET).text == text


def test_a_character_is_as_sure_as_its_surest_step():
    rows = np.array(
        [[0.1, 0.6, 0.2, 0.1], [0.1, 0.8, 0.05, 0.05], [0.7, 0.1, 0.1, 0.1], [0.2, 0.2, 0.5, 0.1]], np.float32
    )
    decoded = greedy(rows, ALPHABET)
    assert decoded.text == "ab"
    assert decoded.probabilities == pytest.approx((0.8, 0.5))
    assert decoded.confidence == pytest.approx(0.65)


def test_nothing_read_has_no_confidence():
    assert greedy(steps([0, 0]), ALPHABET).confidence == 0.0


def test_text_is_nfc():
    assert greedy(steps([1, 2], columns=3), "e\u0301").text == "\u00e9"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.floats(0.01, 1), min_size=4, max_size=4), min_size=1, max_size=5))
def test_greedy_is_the_text_of_the_single_most_probable_path(rows):
    grid = np.array(rows, np.float32)
    grid += np.arange(grid.size, dtype=np.float32).reshape(grid.shape) * 1e-4  # no ties
    best = max(itertools.product(range(4), repeat=len(rows)), key=lambda path: math.prod(grid[range(len(path)), path]))
    kept = [column for column, _ in itertools.groupby(best) if column]
    assert greedy(grid, ALPHABET).text == "".join(ALPHABET[column - 1] for column in kept).strip()


def test_a_lattice_keeps_the_blank_and_what_is_probable_somewhere():
    rows = np.array([[0.9, 0.09, 0.0001, 0.0], [0.0005, 0.0005, 0.0001, 0.9]], np.float32)
    lattice = small_lattice(rows, ALPHABET)
    assert lattice.alphabet == "a "
    assert lattice.log_probs.shape == (2, 3)
    assert lattice.log_probs.dtype == np.float32
    assert np.exp(lattice.log_probs[1]) == pytest.approx([0.0005, 0.0005, 0.9], rel=1e-3)


def test_a_lattice_decodes_to_the_same_text():
    rows = steps([1, 1, 0, 1, 3, 2, 2])
    lattice = small_lattice(rows, ALPHABET)
    assert greedy(np.exp(lattice.log_probs), lattice.alphabet).text == greedy(rows, ALPHABET).text == "aa b"


def test_an_empty_lattice_is_allowed():
    lattice = small_lattice(np.zeros((0, 4), np.float32), ALPHABET)
    assert lattice.log_probs.shape == (0, 1)
    assert lattice.alphabet == ""
