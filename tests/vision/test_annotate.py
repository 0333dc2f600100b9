"""What was read is drawn so that a person can check it at a glance."""

import numpy as np
import pytest
from PIL import ImageFont

from vision.annotate import ACCEPTED, FONT, ON_ACCEPTED, REVIEW, annotate
from vision.frames import Frame
from vision.types import Card, Finding, Kind, Line, PhotoFacts, Reading

GREY = 128


def box(x, y, width, height):
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def reading(*findings, lines=(), width=800, height=600):
    return Reading(PhotoFacts("0" * 64, "JPEG", width, height), findings, lines, Card("test", "1"), {})


def finding(value="qqwallsample_24", *, accepted=True, at=None):
    return Finding(Kind.TELEGRAM, value, 0.93, accepted, value, at or box(200, 200, 240, 60))


def drawn(what, width=800, height=600):
    wall = np.full((height, width, 3), GREY, np.uint8)
    return annotate(wall, Frame.of_photo(width, height), what)


def coloured(picture, colour):
    ys, xs = np.nonzero((picture == colour[::-1]).all(axis=2))
    return xs, ys


def test_accepted_and_doubtful_findings_have_colours_of_their_own():
    sure, unsure = drawn(reading(finding())), drawn(reading(finding(accepted=False)))
    assert len(coloured(sure, ACCEPTED)[0]) > 500
    assert len(coloured(sure, REVIEW)[0]) == 0
    assert len(coloured(unsure, REVIEW)[0]) > 500
    assert len(coloured(unsure, ACCEPTED)[0]) == 0


def test_the_paint_inside_the_box_stays_as_it_was():
    assert (drawn(reading(finding()))[206:254, 206:434] == GREY).all()


@pytest.mark.parametrize("at", [box(0, 0, 799, 60), box(2, 560, 100, 38), box(700, 2, 98, 590), box(0, 0, 799, 599)])
def test_a_label_at_the_edge_stays_inside_the_picture(at):
    value = "x" * 40
    labels = (drawn(reading(finding(value, at=place))) for place in (at, box(300, 300, 240, 60)))
    letters, free = (len(coloured(label, ON_ACCEPTED)[0]) for label in labels)
    assert free > 200
    assert letters == pytest.approx(free, rel=0.1)  # a label that is cut off has lost letters


def test_a_label_keeps_clear_of_the_other_findings_boxes():
    upper, lower = box(200, 200, 300, 60), box(200, 268, 300, 60)
    picture = drawn(reading(finding(at=upper), finding("qqwallsample_25", at=lower)))
    for _, y in (upper[0], lower[0]):
        assert (picture[y + 6 : y + 54, 206:494] == GREY).all()


@pytest.mark.parametrize(
    "around",
    [
        [box(200, 150, 240, 40)],
        [box(200, 150, 240, 40), box(200, 270, 240, 40)],
        [box(150, 120, 400, 75), box(150, 265, 400, 75), box(0, 200, 190, 60)],
    ],
    ids=["above", "above-and-below", "all-but-right"],
)
def test_a_label_covers_no_painted_line_while_there_is_room_beside_it(around):
    lines = tuple(Line("СОЛЬ", 0.9, at) for at in around)
    picture = drawn(reading(finding(at=box(200, 200, 240, 60)), lines=lines))
    for (left, top), (right, _), (_, bottom), _ in around:
        assert (picture[top + 6 : bottom - 6, left + 6 : right - 6] == GREY).all()
    assert len(coloured(picture, ACCEPTED)[0]) > 1500  # and it is there


def test_a_label_leaves_paint_alone_that_no_line_was_read_from():
    wall = np.full((600, 800, 3), GREY, np.uint8)
    wall[155:195, 200:440:8] = 20
    picture = annotate(wall, Frame.of_photo(800, 600), reading(finding(at=box(200, 200, 240, 60))))
    assert (picture[155:195, 200:440] == wall[155:195, 200:440]).all()


def test_boxes_are_carried_to_a_smaller_copy():
    wall = np.full((300, 400, 3), GREY, np.uint8)
    picture = annotate(wall, Frame.of_photo(800, 600).resized(400, 300), reading(finding()))
    _, ys = coloured(picture, ACCEPTED)
    assert ys.max() == pytest.approx(130, abs=3)
    assert (wall == GREY).all()


def test_every_letter_of_cyrillic_and_kazakh_has_a_drawing_of_its_own():
    font = ImageFont.truetype(str(FONT), 40)
    letters = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі" + "ӘҒҚҢӨҰҮҺІЇЄҐЂЋЉЊЏ" + "✓…@_"
    nothing = bytes(font.getmask("\uffff"))
    assert nothing
    assert [letter for letter in letters if bytes(font.getmask(letter)) in (nothing, b"")] == []


def test_a_cyrillic_label_is_drawn_with_those_letters():
    one, other = drawn(reading(finding("дүкенқұм.қаз"))), drawn(reading(finding("дүкенқұл.қаз")))
    assert (one != other).any()


def test_an_endless_value_on_a_tiny_picture_is_cut_and_nothing_breaks():
    tiny = drawn(reading(finding("я" * 300 + "\u202e\n", at=box(1, 1, 20, 10))), 32, 32)
    assert tiny.shape == (32, 32, 3)


def test_lines_without_an_address_are_outlined_too():
    assert (drawn(reading(lines=(Line("примерная", 0.9, box(100, 100, 200, 50)),))) != GREY).any()


def test_a_reading_without_anything_leaves_the_wall_as_it_is():
    assert (drawn(reading()) == GREY).all()
