"""What a lattice adds to the rules: the likeliest value, what else it may be, which characters are in doubt."""

import numpy as np
import pytest

from vision.addresses import extract, extract_text
from vision.addresses.automata import Code, Digits, Mail, Name, host
from vision.addresses.measured import Measured, Signs, measured
from vision.addresses.onion import ALPHABET
from vision.recognise.lattice import Lattice
from vision.types import Kind, Line


def line(*cells, row=0, confidence=0.97):
    """A line whose characters are given with their probabilities: "a" for a sure one, {"a": 0.6, "o": 0.4}."""
    cells = [cell if isinstance(cell, dict) else {cell: 0.999} for part in cells for cell in _parts(part)]
    alphabet = "".join(sorted({char for cell in cells for char in cell}))
    rows = []
    for cell in cells:
        ink = np.full(len(alphabet) + 1, 1e-6, np.float32)
        for char, chance in cell.items():
            ink[alphabet.index(char) + 1] = chance
        ink[0] = max(1e-6, 1.0 - ink.sum())
        blank = np.full(len(alphabet) + 1, 1e-6, np.float32)
        blank[0] = 0.999
        rows += [ink, blank]
    text = "".join(max(cell, key=cell.get) for cell in cells)
    top = 40.0 * row
    box = ((0.0, top), (20.0 * len(text), top), (20.0 * len(text), top + 30.0), (0.0, top + 30.0))
    return Line(text, confidence, box, Lattice(np.log(np.array(rows, np.float32)), alphabet))


def _parts(part):
    return list(part) if isinstance(part, str) else [part]


def lets_through(automaton, text):
    state = automaton.start
    for char in text:
        state = automaton.step(state, char)
        if state is None:
            return False
    return automaton.is_final(state)


@pytest.mark.parametrize(
    ("automaton", "good", "bad"),
    [
        (Name(), ["severny_lis", "a1234"], ["1abcd", "abc", "ab__cd", "abcde_", "x" * 33]),
        (
            host("biz", cyrillic=False),
            ["shop24.biz", "a.b.com"],
            ["shop24", "shop24.", "-a.biz", "a..biz", "a.nothing"],
        ),
        (host("рф", cyrillic=True), ["соль24.рф", "дүкен.қаз"], ["соль.biz"]),
        (
            Mail(host("kz", cyrillic=False)),
            ["lis@tuman.kz", "a.b_c@tuman.kz"],
            ["@tuman.kz", "lis@kz", "lis.@tuman.kz"],
        ),
        (Digits(), ["87075009665", "+77075009665", "7075009665"], ["12345", "17075009665", "8+7075009665"]),
        (Code(frozenset(ALPHABET), 56, 56), ["a" * 56], ["a" * 55, "1" * 56]),
    ],
)
def test_an_automaton_lets_its_values_through_and_nothing_else(automaton, good, bad):
    assert all(lets_through(automaton, text) for text in good)
    assert not any(lets_through(automaton, text) for text in bad)


def test_a_sure_lattice_changes_nothing_but_the_confidence():
    (finding,) = extract([line("@severny_lis_24")])
    (typed,) = extract_text("@severny_lis_24")
    assert (finding.kind, finding.value, finding.text) == (typed.kind, typed.value, typed.text)
    assert finding.trail == ()
    assert 0.0 < finding.confidence < 1.0


def test_the_case_of_a_name_is_no_doubt():
    (split,) = extract([line("@sever", {"n": 0.5, "N": 0.49}, "y_lis_24")])
    (whole,) = extract([line("@sever", {"n": 0.99}, "y_lis_24")])
    assert split.value == whole.value == "severny_lis_24"
    assert split.uncertain == () or all(doubt.position != 5 for doubt in split.uncertain)


def test_a_rival_is_named_with_its_place_and_probability():
    (finding,) = extract([line("@severny_", {"l": 0.55, "k": 0.43}, "is_24")])
    assert finding.value == "severny_lis_24"
    (doubt,) = [doubt for doubt in finding.uncertain if doubt.position == 8]
    assert (doubt.char, doubt.rivals[0][0]) == ("l", "k")
    assert doubt.rivals[0][1] == pytest.approx(0.43, abs=0.08)
    assert finding.alternatives[0].value == "severny_kis_24"
    assert finding.alternatives[0].confidence < finding.confidence


def test_what_no_name_may_hold_gives_way_to_what_it_may():
    (finding,) = extract([line("t.me/severny", {"-": 0.5, "_": 0.45}, "lis_24")])
    assert finding.value == "severny_lis_24"


def test_digits_of_a_number_are_chosen_by_the_numbering_plan():
    (finding,) = extract([line("8 70", {"7": 0.9}, " 500 96 65")])
    assert (finding.kind, finding.value) == (Kind.PHONE, "+77075009665")


def test_a_value_over_two_lines_uses_both_lattices():
    (finding,) = extract([line("t.me/"), line("severny_", {"l": 0.55, "k": 0.43}, "is_24", row=1)])
    assert finding.value == "severny_lis_24"
    assert finding.alternatives[0].value == "severny_kis_24"


def test_cyrillic_letters_of_a_lattice_meet_the_script_that_the_ending_demands():
    (domain,) = extract([line("с", {"о": 0.5, "o": 0.49}, "ль24.рф")])
    assert domain.value == "соль24.рф"
    (name,) = extract([line("@t", {"о": 0.5, "o": 0.49}, "rtuga_24")])
    assert name.value == "tortuga_24"


def test_the_hash_of_an_invite_keeps_its_case():
    (finding,) = extract([line("t.me/+AbCdEf", {"g": 0.6, "G": 0.39}, "HiJkLmNo")])
    assert finding.value == "AbCdEfgHiJkLmNo"
    assert finding.alternatives[0].value == "AbCdEfGHiJkLmNo"


def test_a_host_that_no_rule_knows_is_left_to_a_person():
    (finding,) = extract([line("telegram.ine/severny_lis_24")])
    assert (finding.kind, finding.value, finding.accepted) == (Kind.TELEGRAM, "severny_lis_24", False)
    assert extract_text("telegram.ine/severny_lis_24") == ()


@pytest.mark.parametrize(
    "text", ["УЛ. АБАЯ 24/7", "КУРЬЕР 15000 ТГ", "12.05.2024", "ШКОЛА №7", "КОФЕ/ЧАЙ 500", "CASH 24"]
)
def test_street_text_with_a_lattice_yields_nothing(text):
    assert extract([line(text)]) == ()


def test_confidence_never_falls_when_a_sign_grows():
    figures = measured()
    low = Signs(0.5, 0.8, -2.0, 0.5, 0.5)
    for better in (Signs(0.9, 0.8, -2.0, 0.5, 0.5), Signs(0.5, 0.9, -2.0, 0.5, 0.5), Signs(0.5, 0.8, -1.0, 0.5, 0.5),
                   Signs(0.5, 0.8, -2.0, 0.9, 0.5), Signs(0.5, 0.8, -2.0, 0.5, 0.9)):  # fmt: skip
        assert figures.probability(better) >= figures.probability(low)


def test_the_figures_in_use_are_probabilities():
    figures = measured()
    assert isinstance(figures, Measured)
    assert 0.5 < figures.accepted_from < 1.0
    assert all(sum(share for _, share in rivals) < 0.5 for rivals in figures.confused.values())
