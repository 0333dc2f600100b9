"""How letters follow each other, and what a second lattice adds."""

from __future__ import annotations

import numpy as np
import pytest

from vision.addresses import extract, grammar, painted, spelling, weigh
from vision.lab.spelling import counted, smoothed
from vision.recognise.lattice import Lattice
from vision.types import Line

BOX = ((0.0, 0.0), (200.0, 0.0), (200.0, 20.0), (0.0, 20.0))


def lattice_for(text, doubts=None, sure=0.95):
    """A lattice that says `text`, with rivals at some positions: {position: (rival, its share)}."""
    doubts = doubts or {}
    alphabet = "".join(sorted(set(text) | {rival for rival, _ in doubts.values()}))
    rows = []
    for at, char in enumerate(text):
        row = np.full(len(alphabet) + 1, 1e-6)
        rival, share = doubts.get(at, ("", 0.0))
        row[alphabet.index(char) + 1] = sure - share
        if rival:
            row[alphabet.index(rival) + 1] = share
        blank = np.full(len(alphabet) + 1, 1e-6)
        blank[0] = 1.0
        rows += [row, blank]
    return Lattice(np.log(np.array(rows)).astype(np.float32), alphabet)


@pytest.mark.parametrize(
    ("before", "likelier", "rarer"),
    [("sobra", "n", "q"), ("volko", "v", "x"), ("стро", "и", "ъ"), ("sh", "o", "z"), ("", "s", "x")],
)
def test_letters_that_follow_often_weigh_more(before, likelier, rarer):
    assert spelling.likelihood(before, likelier) > spelling.likelihood(before, rarer)


def test_what_is_no_letter_begins_a_new_word_and_weighs_nothing_itself():
    assert spelling.likelihood("kot_", "s") == spelling.likelihood("", "s") == spelling.likelihood("кот", "s")
    assert [spelling.likelihood("kot", char) for char in "7_-."] == [1.0] * 4


def test_probabilities_add_up_after_every_context():
    table = smoothed(counted(["bora", "bor", "sopka", "sor"], "abkoprs", 3))
    assert np.allclose(table.sum(axis=-1), 1.0)
    b, o, r = (1 + "abkoprs".index(char) for char in "bor")
    assert table[b, o].argmax() == r


def test_the_table_decides_between_letters_that_the_picture_leaves_open():
    text = "@lesnoy_bxron_77412"
    line = Line(text, 0.9, BOX, lattice_for(text, {9: ("a", 0.4)}))
    (finding,) = extract([line], threshold=0.75)
    assert finding.value == "lesnoy_baron_77412"


def test_a_second_lattice_overrules_a_narrow_choice_and_not_a_clear_one():
    text = "@lesnoy_koyan_77412"
    other = lattice_for("@lesnoy_koyin_77412")
    for share, value in ((0.42, "lesnoy_koyin_77412"), (1e-6, "lesnoy_koyan_77412")):
        line = Line(text, 0.9, BOX, lattice_for(text, {11: ("i", share)}), (other,))
        (finding,) = extract([line], threshold=0.75)
        assert finding.value == value


def claims(lines):
    return [claim for claim, _ in painted.claims(lines)]


def test_agreement_is_told_apart_from_no_second_opinion():
    text = "@lesnoy_koyan_77412"
    both = [Line(text, 0.9, BOX, lattice_for(text), others) for others in ((), (lattice_for(text),))]
    found = [weigh.weigh(claim.found, claim.where) for line in both for claim in claims([line])]
    assert found[0].others is None
    assert found[1].others["lesnoy_koyan_77412"] > 0.8


def test_a_lattice_without_cyrillic_has_no_say_in_a_cyrillic_host():
    assert not weigh._speaks(lattice_for("cobep"), grammar._host("рф", cyrillic=True))
    assert weigh._speaks(lattice_for("север"), grammar._host("рф", cyrillic=True))
