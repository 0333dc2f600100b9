import math

import cv2
import numpy as np
import pytest

from vision.detect.base import Region
from vision.detect.dbnet import DbnetOptions, mean_inside, network_input, rectangles
from vision.detect.merge import Found, are_one_line, merge_cut_lines, reading_order
from vision.detect.rectangle import Rectangle


def heat_with(*boxes, shape=(320, 480)):
    heat = np.zeros(shape, np.float32)
    for box in boxes:
        cv2.fillPoly(heat, [np.round(box.box()).astype(np.int32)], 0.9)
    return heat


def test_a_kernel_comes_back_as_the_whole_line():
    kernel = Rectangle(200, 100, 160, 20, 0)
    ((found, score, _),) = rectangles(heat_with(kernel), DbnetOptions())
    margin = 1.6 * (160 * 20) / (2 * (160 + 20))
    assert found.width == pytest.approx(160 + 2 * margin, abs=5)
    assert found.height == pytest.approx(20 + 2 * margin, abs=5)
    assert (found.x, found.y) == pytest.approx((200, 100), abs=1.5)
    assert score > 0.8


@pytest.mark.parametrize("angle_deg", [-40, -20, 0, 10, 30, 60, 90, 120])
def test_text_runs_along_the_long_side_rightwards_or_downwards(angle_deg):
    shape = Rectangle(200, 160, 180, 24, angle_deg)
    again = Rectangle.around(np.array(shape.box(), np.float32))
    assert (again.width, again.height) == pytest.approx((180, 24), abs=0.1)
    assert again.angle_deg == pytest.approx(angle_deg, abs=0.1)
    assert np.array(again.box()) == pytest.approx(np.array(shape.box()), abs=0.1)


@pytest.mark.parametrize("angle_deg", [-80, -50])
def test_a_steep_line_is_read_downwards_first(angle_deg):
    again = Rectangle.around(np.array(Rectangle(200, 160, 180, 24, angle_deg).box(), np.float32))
    assert again.angle_deg == pytest.approx(angle_deg + 180, abs=0.1)


def test_a_squarish_box_is_read_across():
    again = Rectangle.around(np.array(Rectangle(100, 100, 30, 40, 2).box(), np.float32))
    assert (again.width, again.height) == pytest.approx((30, 40), abs=0.1)
    assert again.angle_deg == pytest.approx(2, abs=0.1)


def test_corners_are_top_left_top_right_bottom_right_bottom_left():
    assert Rectangle(10, 20, 8, 4, 0).box() == ((6, 18), (14, 18), (14, 22), (6, 22))


def test_a_box_stretches_about_pixel_edges_as_resize_does():
    box = Rectangle(49.5, 49.5, 100, 100, 0).box((2, 2))
    assert box == ((-0.5, -0.5), (199.5, -0.5), (199.5, 199.5), (-0.5, 199.5))


def test_dust_and_faint_patches_are_left_out():
    heat = np.zeros((320, 480), np.float32)
    heat[50, 50] = 1.0
    heat[200:230, 100:300] = 0.35
    assert rectangles(heat, DbnetOptions()) == []
    assert rectangles(np.zeros((64, 64), np.float32), DbnetOptions()) == []


def test_only_the_best_boxes_are_kept():
    heat = np.zeros((640, 640), np.float32)
    for row in range(20):
        heat[10 + 30 * row : 20 + 30 * row, 50:300] = 0.6 + row / 100
    found = rectangles(heat, DbnetOptions(limit=5))
    assert len(found) == 5
    assert min(one.shape.y for one in found) > 400


def test_the_mean_counts_only_what_is_inside_the_map():
    assert mean_inside(np.full((50, 50), 0.5, np.float32), np.array(Rectangle(0, 0, 40, 40, 0).box())) == pytest.approx(
        0.5
    )
    assert mean_inside(np.full((50, 50), 0.5, np.float32), np.array(Rectangle(500, 500, 40, 40, 0).box())) == 0.0


def test_the_network_gets_multiples_of_its_stride_and_the_picture_unstretched():
    picture = np.full((100, 130, 3), 255, np.uint8)
    blob = network_input(picture)
    assert blob.shape == (1, 3, 128, 192)
    assert blob[:, :, :100, :130].min() == blob[:, :, :100, :130].max() == 1.0
    assert not blob[:, :, 100:].any()


def test_a_line_cut_in_two_is_joined():
    left, right = Rectangle(100, 100, 120, 40, 0), Rectangle(240, 104, 140, 38, 2)
    ((joined, score, _),) = merge_cut_lines([Found(right, 0.7), Found(left, 0.9)])
    assert score == 0.9
    assert joined.width == pytest.approx(270, abs=6)
    assert joined.height == pytest.approx(44, abs=6)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (Rectangle(290, 100, 120, 40, 0), "too far along"),
        (Rectangle(230, 125, 120, 40, 0), "another line"),
        (Rectangle(230, 100, 120, 15, 0), "another size"),
        (Rectangle(210, 130, 120, 40, 40), "another direction"),
    ],
)
def test_lines_that_are_apart_stay_apart(other, why):
    assert not are_one_line(Rectangle(100, 100, 120, 40, 0), other), why


def test_three_pieces_become_one_whatever_their_order():
    pieces = [Found(Rectangle(100 + 130 * index, 100, 120, 40, 0), 0.5) for index in (2, 0, 1)]
    assert len(merge_cut_lines(pieces)) == 1


def test_reading_order_is_top_to_bottom_then_left_to_right():
    def region(x, y):
        return Region(Rectangle(x, y, 60, 30, 0).box(), 1.0)

    wanted = [region(100, 100), region(300, 106), region(90, 160), region(310, 155)]
    shuffled = [wanted[index] for index in (3, 1, 0, 2)]
    assert reading_order(shuffled) == tuple(wanted)
    assert reading_order([]) == ()


def test_growing_adds_the_same_margin_on_every_side():
    grown = Rectangle(10, 10, 20, 5, 30).grown(2)
    assert (grown.width, grown.height) == (24, 9)
    assert math.dist(grown.box()[0], grown.box()[1]) == pytest.approx(24)
