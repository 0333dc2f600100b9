"""The board counts what it says it counts."""

import json

import numpy as np
import pytest
from PIL import Image

from vision.lab.baseline import find_plainly, opened
from vision.lab.evaluate import accept, compare, load_cases, misses, table
from vision.lab.score import Answer, Case, Found, board, calibration, tally
from vision.types import Kind


def case(*values, name="a.jpg", style="spray"):
    return Case(name, b"", frozenset((Kind.TELEGRAM, value) for value in values), style, "easy")


def answer(one, *values, confidence=0.9, accepted=True, seconds=1.0):
    return Answer(one, tuple(Found(Kind.TELEGRAM, value, confidence, accepted) for value in values), seconds)


def test_precision_recall_and_f1_count_exact_values_per_photo():
    answers = [answer(case("qar_lis_1", "qar_lis_2"), "qar_lis_1", "qar_lis_9"), answer(case(), "qar_lis_2")]
    whole = tally(answers)
    assert (whole.right, whole.found, whole.true) == (1, 3, 2)
    assert whole.precision == pytest.approx(1 / 3)
    assert whole.recall == pytest.approx(1 / 2)
    assert whole.f1 == pytest.approx(2 / 5)


def test_one_wrong_character_is_near_and_two_are_not():
    assert tally([answer(case("abcdef"), "abcdeg")]).within_one == 1
    assert tally([answer(case("abcdef"), "abcdgg")]).within_one == 0


def test_the_right_value_of_another_kind_is_wrong():
    found = Answer(case("abcdef"), (Found(Kind.VK, "abcdef"),), 1.0)
    assert tally([found]).right == 0


def test_accepted_findings_are_scored_by_themselves():
    one = case("abcdef")
    both = Answer(one, (Found(Kind.TELEGRAM, "abcdef", 0.9, True), Found(Kind.TELEGRAM, "abcdeg", 0.3, False)), 1.0)
    scores = board([both])
    assert scores.whole.precision == 0.5
    assert scores.accepted.precision == 1


def test_a_blank_wall_is_exact_when_nothing_is_found():
    assert answer(case()).exact
    assert not answer(case(), "abcdef").exact


def test_calibration_sets_promise_beside_truth():
    one = case("abcdef")
    answers = [answer(one, "abcdef", confidence=0.92), answer(one, "abcdeg", confidence=0.94)]
    (row,) = calibration(answers)
    assert (row.count, row.right) == (2, 0.5)
    assert row.mean_confidence == pytest.approx(0.93)


def test_readers_take_turns_in_going_first():
    order = []

    def reader(name):
        def read(one):
            order.append(name)
            return answer(one)

        return read

    compare([case(name="1"), case(name="2")], [reader("a"), reader("b")])
    assert order == ["a", "b", "a", "b", "b", "a"]


def test_a_name_accepted_once_stays_and_gained_ones_are_named(tmp_path):
    assert accept(tmp_path, ["b.jpg", "a.jpg"]) == ["a.jpg", "b.jpg"]
    assert accept(tmp_path, ["c.jpg"]) == ["c.jpg"]
    assert (tmp_path / "exact.txt").read_text() == "a.jpg\nb.jpg\nc.jpg\n"


def test_cases_are_read_from_a_folder_with_truth(tmp_path):
    record = {"photo": "x.png", "split": "val", "style": "spray", "difficulty": "hard"}
    record["addresses"] = [{"kind": "phone", "value": "+77070004152", "boxes": []}]
    (tmp_path / "truth.jsonl").write_text(json.dumps(record) + "\n")
    (tmp_path / "x.png").write_bytes(b"bytes")
    (one,) = load_cases(tmp_path, split="val")
    assert one.truth == {(Kind.PHONE, "+77070004152")}
    assert load_cases(tmp_path, split="test") == []


def test_the_board_and_the_misses_name_what_was_lost():
    answers = [answer(case("zhuldyz_kot_7319"), "zhuldyz_kot_7310")]
    text = table(["ours"], [board(answers)])
    assert "kind telegram (1)" in text
    assert "style spray (1)" in text
    assert "zhuldyz_kot_7319" in next(misses(answers))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("T.ME/Severny_lis_8812", Kind.TELEGRAM, "severny_lis_8812"),
        ("@zhuldyz_kot_7319", Kind.TELEGRAM, "zhuldyz_kot_7319"),
        ("ТГ zhuldyz_kot_7319", Kind.TELEGRAM, "zhuldyz_kot_7319"),
        ("t.me/+4rMzjKDtmu6SgmAG", Kind.TELEGRAM_INVITE, "4rMzjKDtmu6SgmAG"),
        ("WWW.tuman-gorod-5521.biz", Kind.DOMAIN, "tuman-gorod-5521.biz"),
        ("ТУМАН-ЛИСЁНОК-5521.РФ", Kind.DOMAIN, "туман-лисёнок-5521.рф"),
        ("8-707-000-41-52", Kind.PHONE, "+77070004152"),
        ("zhuldyz7319@tuman-gorod-5521.com", Kind.EMAIL, "zhuldyz7319@tuman-gorod-5521.com"),
        ("instagram.com/zhuldyz_kot_7319", Kind.INSTAGRAM, "zhuldyz_kot_7319"),
    ],
)
def test_the_baseline_reads_clean_text_of_every_kind(text, kind, value):
    assert find_plainly(text) == {(kind, value)}


@pytest.mark.parametrize("text", ["ХЛЕБ 150 ТГ", "улица Тупиковая 14", "12.05.2024", "Айгуль + Марат"])
def test_the_baseline_finds_nothing_in_street_text(text):
    assert find_plainly(text) == set()


def test_the_baseline_sees_a_photo_as_its_exif_turns_it(tmp_path):
    image = Image.fromarray(np.zeros((20, 40, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "x.jpg", exif=exif)
    assert opened((tmp_path / "x.jpg").read_bytes()).shape == (40, 20, 3)
