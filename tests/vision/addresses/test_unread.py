"""What is painted as an address and is none by the rules is left to a person, not dropped."""

from pathlib import Path

import pytest

from vision.addresses import extract, left_over
from vision.types import Line

NEGATIVES = (Path(__file__).parent / "negatives.txt").read_text("utf-8").splitlines()


def line(text, top=0.0):
    return Line(text, 0.9, ((0.0, top), (300.0, top), (300.0, top + 30), (0.0, top + 30)))


@pytest.mark.parametrize(
    "text",
    [
        "@support_tuman",
        "@северный",
        "@zhuldyz.kot",
        "@severnytuman.kz",
        "t.me/+KqZt",
        "t.me/addlist/KqZtuman7L",
        "www.severny24.zz",
        "телеграм шоп24туман",
    ],
)
def test_a_line_with_the_marks_of_an_address_is_left_to_a_person(text):
    lines = [line("СОЛЬ МУКА"), line(text, 40.0)]
    assert extract(lines) == ()
    assert [left.text for left in left_over(lines, ())] == [text]


def test_a_line_that_an_address_came_from_is_not():
    lines = [line("t.me/"), line("severny_lis_8812", 40.0), line("@severny_koyan_77", 80.0)]
    assert left_over(lines, extract(lines)) == ()


def test_street_text_is_not():
    assert [text for text in NEGATIVES if left_over([line(text)], ())] == []
