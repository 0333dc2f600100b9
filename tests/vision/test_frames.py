"""A frame knows where its picture lies in the photo, whatever was done to it and in whatever order."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.frames import Frame

SIDES = st.integers(8, 300)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("resized"), SIDES, SIDES),
        st.tuples(st.just("turned"), st.integers(-5, 5), st.just(0)),
        st.tuples(st.just("warped"), st.floats(-0.4, 0.4), st.floats(-0.0008, 0.0008)),
    ),
    max_size=5,
)


def tilt(slant, depth):
    return np.array([[1.0, slant, 7.0], [-slant, 1.1, 3.0], [depth, depth / 2, 1.0]])


def walk(frame, steps, point):
    """The frame after the steps, and the point carried along by hand, one step at a time."""
    x, y = point
    for name, one, two in steps:
        if name == "resized":
            x, y = (x + 0.5) * one / frame.width - 0.5, (y + 0.5) * two / frame.height - 0.5
            frame = frame.resized(one, two)
        elif name == "turned":
            for _ in range(one % 4):
                x, y = frame.height - 1 - y, x
                frame = frame.turned(1)
        else:
            matrix = tilt(one, two)
            x, y, w = matrix @ (x, y, 1.0)
            x, y = x / w, y / w
            frame = frame.warped(matrix, frame.width, frame.height)
    return frame, (x, y)


@given(SIDES, SIDES, STEPS, st.floats(0, 1), st.floats(0, 1))
def test_a_point_carried_step_by_step_is_where_the_frame_says_both_ways(width, height, steps, part_x, part_y):
    start = np.array([[part_x * width, part_y * height]])
    frame, here = walk(Frame.of_photo(width, height), steps, start[0])
    np.testing.assert_allclose(frame.forward(start), [here], rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(frame.back(np.array([here])), start, rtol=1e-5, atol=1e-3)


@given(SIDES, SIDES, st.integers(-9, 9))
def test_many_turns_at_once_are_the_same_as_one_after_the_other(width, height, turns):
    at_once, singly = Frame.of_photo(width, height).turned(turns), Frame.of_photo(width, height)
    for _ in range(turns % 4):
        singly = singly.turned(1)
    np.testing.assert_allclose(at_once.matrix, singly.matrix)
    assert (at_once.width, at_once.height) == (singly.width, singly.height)


def brightest(picture):
    """The centre of the paint, to a part of a pixel."""
    ys, xs = np.mgrid[: picture.shape[0], : picture.shape[1]]
    weight = picture.astype(float)
    return np.array([[(xs * weight).sum(), (ys * weight).sum()]]) / weight.sum()


def marked(x, y, width=120, height=90):
    picture = np.zeros((height, width), np.float32)
    picture[y - 2 : y + 3, x - 2 : x + 3] = 255
    return picture


@pytest.mark.parametrize("size", [(60, 45), (240, 180), (97, 61), (40, 45)])
def test_a_mark_in_a_resized_picture_is_carried_back_to_where_it_was_painted(size):
    small = cv2.resize(marked(80, 30), size, interpolation=cv2.INTER_AREA)
    assert small.shape[::-1] == size
    frame = Frame.of_photo(120, 90).resized(*size)
    np.testing.assert_allclose(frame.back(brightest(small)), [[80, 30]], atol=0.25)


@pytest.mark.parametrize("turns", [-1, 0, 1, 2, 3, 6])
def test_a_mark_in_a_turned_picture_is_carried_back_to_where_it_was_painted(turns):
    turned = np.rot90(marked(80, 30), -turns)
    frame = Frame.of_photo(120, 90).turned(turns)
    assert (frame.height, frame.width) == turned.shape
    np.testing.assert_allclose(frame.back(brightest(turned)), [[80, 30]], atol=1e-9)


def test_a_mark_in_a_warped_part_of_a_turned_small_copy_is_carried_back_to_where_it_was_painted():
    small = np.rot90(cv2.resize(marked(80, 30), (60, 45), interpolation=cv2.INTER_AREA), -1)
    matrix = tilt(0.2, 0.0005)
    warped = cv2.warpPerspective(np.ascontiguousarray(small), matrix, (80, 100))
    frame = Frame.of_photo(120, 90).resized(60, 45).turned(1).warped(matrix, 80, 100)
    np.testing.assert_allclose(frame.back(brightest(warped)), [[80, 30]], atol=0.3)


def test_a_box_keeps_its_corner_order_and_may_leave_the_photo():
    box = ((-5.0, -5.0), (20.0, -5.0), (20.0, 10.0), (-5.0, 10.0))
    frame = Frame.of_photo(100, 50).turned(2)
    assert frame.back_box(frame.back_box(box)) == box
    assert frame.back_box(box)[0] == (104.0, 54.0)


def test_no_points_stay_no_points():
    assert Frame.of_photo(3, 3).back(np.empty((0, 2))).shape == (0, 2)


def test_a_warp_that_cannot_be_undone_and_an_empty_picture_are_refused():
    with pytest.raises(ValueError, match="undone"):
        Frame.of_photo(3, 3).warped(np.zeros((3, 3)), 3, 3)
    with pytest.raises(ValueError, match="pixel"):
        Frame.of_photo(0, 3)


def test_a_frame_cannot_be_changed_through_its_matrix():
    mine = np.eye(3)
    frame = Frame(mine, 3, 3)
    mine[0, 0] = 9
    assert frame.matrix[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        frame.matrix[0, 0] = 9
