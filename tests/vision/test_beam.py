"""Prefix beam search is exact on what can be counted out, with an automaton and without."""

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.recognise.beam import Anything, prefix_beam
from vision.recognise.lattice import BLANK, NEVER, Lattice, joined

LETTERS = "abж1"


class Alternating:
    """No character twice in a row, the last one an a or a b."""

    start = ""

    def step(self, state, char):
        return None if char == state else char

    def is_final(self, state):
        return state in ("a", "b")


def counted(lattice, automaton, prior=None):
    """Every label path, added up text by text."""
    masses = defaultdict(float)
    steps, columns = lattice.log_probs.shape
    for path in itertools.product(range(columns), repeat=steps):
        text = "".join(lattice.alphabet[column - 1] for column, _ in itertools.groupby(path) if column)
        masses[text] += math.exp(sum(float(lattice.log_probs[at, column]) for at, column in enumerate(path)))
    let_through = {}
    for text, mass in masses.items():
        state, weight = automaton.start, 1.0
        for at, char in enumerate(text):
            state = None if state is None else automaton.step(state, char)
            weight *= prior(text[:at], char) if prior else 1.0
        if state is not None and automaton.is_final(state) and mass > 0:
            let_through[text] = mass * weight
    return let_through


@st.composite
def lattices(draw, *, lowest=-12.0):
    steps, letters = draw(st.integers(0, 6)), draw(st.integers(1, 3))
    cells = draw(st.lists(st.floats(lowest, 0.0), min_size=steps * (letters + 1), max_size=steps * (letters + 1)))
    return Lattice(np.array(cells, np.float32).reshape(steps, letters + 1), LETTERS[:letters])


@settings(max_examples=60, deadline=None)
@given(lattice=lattices(), automaton=st.sampled_from([Anything(), Alternating()]), weighted=st.booleans())
def test_the_masses_are_those_of_all_label_paths(lattice, automaton, weighted):
    prior = (lambda before, char: 0.5 if before.endswith(char) else 2.0) if weighted else None
    wanted = counted(lattice, automaton, prior)
    found = {one.text: one.log_mass for one in prefix_beam(lattice, automaton, beam=10_000, floor=0, prior=prior)}
    assert set(found) == set(wanted)
    for text, mass in wanted.items():
        assert found[text] == pytest.approx(math.log(mass), abs=1e-4)


def test_six_steps_over_four_letters_are_exact():
    rng = np.random.default_rng(3)
    lattice = Lattice(np.log(rng.dirichlet(np.ones(5), size=6)).astype(np.float32), LETTERS)
    for automaton in (Anything(), Alternating()):
        wanted = counted(lattice, automaton)
        found = prefix_beam(lattice, automaton, beam=100_000, floor=0)
        assert {one.text for one in found} == set(wanted)
        assert found[0].text == max(wanted, key=wanted.get)
        assert sum(math.exp(one.log_mass) for one in found) == pytest.approx(sum(wanted.values()), rel=1e-5)


def test_masses_far_below_the_smallest_number_stay_apart():
    steps = 400
    logs = np.full((steps, 3), -40.0, np.float32)
    logs[::2, 0], logs[1::2, 1] = -3.0, -3.0
    found = prefix_beam(Lattice(logs, "ab"), Anything(), beam=8)
    assert found[0].text == "a" * (steps // 2)
    assert found[0].log_mass == pytest.approx(-3.0 * steps, abs=1.0)


def test_what_the_automaton_refuses_is_not_found():
    class Nothing(Anything):
        def step(self, state, char):
            return None

        def is_final(self, state):
            return False

    assert prefix_beam(Lattice(np.zeros((4, 2), np.float32), "a"), Nothing()) == ()


def test_an_empty_lattice_is_the_empty_text():
    (only,) = prefix_beam(Lattice(np.zeros((0, 3), np.float32), "ab"), Anything())
    assert (only.text, only.log_mass) == ("", 0.0)


def test_a_fold_adds_up_what_comes_to_mean_the_same():
    lattice = Lattice(np.log(np.array([[0.1, 0.3, 0.4, 0.2]], np.float32)), "Aa-")
    folded = lattice.folded(lambda char: [(BLANK, 1.0)] if char == "-" else [(char.lower(), 1.0)])
    assert folded.alphabet == "a"
    assert np.exp(folded.log_probs[0]) == pytest.approx([0.3, 0.7])


def test_no_character_reaches_over_a_line_break():
    ends_with_a = Lattice(np.log(np.array([[0.01, 0.99]], np.float32)), "a")
    text = prefix_beam(joined([ends_with_a, ends_with_a]), Anything())[0].text
    assert text == "aa"
    assert joined([ends_with_a, Lattice(ends_with_a.log_probs, "b")]).alphabet == "ab"


def test_the_runs_of_a_line_are_those_of_its_text():
    path = [0, 1, 1, 0, 3, 2, 2, 3]
    logs = np.full((len(path), 4), NEVER, np.float32)
    logs[range(len(path)), path] = 0.0
    lattice = Lattice(logs, "xy ")
    assert [(run.char, run.start, run.end) for run in lattice.runs()] == [("x", 1, 3), (" ", 4, 5), ("y", 5, 7)]
    assert lattice.runs_of("x y") == lattice.runs()
    assert lattice.runs_of("xy") == ()
