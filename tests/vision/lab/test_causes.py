"""Every missed address has one cause, seen from boxes and text."""

import pytest

from vision.lab.causes import cause, shared
from vision.types import Line


def quad(left, top, right, bottom):
    return ((left, top), (right, top), (right, bottom), (left, bottom))


ADDRESS = {"kind": "telegram", "value": "severny_lis", "boxes": [quad(100, 100, 500, 150)]}
PAINTED = [{"text": "@severny_lis", "box": quad(100, 100, 500, 150)}, {"text": "МЯУ", "box": quad(520, 100, 700, 150)}]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([], "not detected"),
        ([("@severny_lis", quad(100, 400, 500, 450))], "not detected"),
        ([("@sever", quad(95, 95, 300, 155)), ("ny_lis", quad(310, 95, 505, 155))], "cut in two"),
        ([("@sever", quad(95, 95, 300, 155))], "wrong crop"),
        ([("@severny_lis MAY", quad(95, 95, 705, 155))], "merged with a neighbour"),
        ([("@severny_1is", quad(95, 95, 505, 155))], "wrong reading"),
        ([("@sevemy", quad(0, 0, 900, 600))], "merged with a neighbour"),
        ([("@severny_lis", quad(95, 95, 505, 155))], "rule"),
    ],
)
def test_the_cause_is_told_from_boxes_and_text(lines, wanted):
    assert cause(ADDRESS, PAINTED, [Line(text, 0.9, box) for text, box in lines]) == wanted


def test_a_box_much_larger_than_the_address_is_a_wrong_crop():
    assert cause(ADDRESS, PAINTED[:1], [Line("@sevemy", 0.9, quad(0, 0, 900, 600))]) == "wrong crop"


def test_the_shared_part_is_of_the_first():
    assert shared(quad(0, 0, 10, 10), quad(5, 0, 100, 10)) == pytest.approx(0.5)
    assert shared(quad(5, 0, 15, 10), quad(0, 0, 100, 100)) == pytest.approx(1.0)
