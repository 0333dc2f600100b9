"""Steps before reading: what they do to the picture, and that their frames stay true."""

import cv2
import numpy as np
import pytest

from vision.frames import Frame
from vision.prepare.light import even_light, unevenness
from vision.prepare.rectify import WIDEST_PX, crop_line
from vision.prepare.scale import shrink
from vision.prepare.turn import turn


def wall(width=640, height=400):
    """A plain wall with one painted line, smooth enough to be resampled."""
    picture = np.full((height, width, 3), 170, np.uint8)
    cv2.putText(picture, "qqwall_24", (140, 220), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (20, 20, 90), 8, cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (0, 0), 1.5)


LINE = ((130.0, 165.0), (470.0, 165.0), (470.0, 245.0), (130.0, 245.0))


def own(picture):
    return Frame.of_photo(picture.shape[1], picture.shape[0])


def alike(one, two):
    return float(np.abs(one.astype(int) - two.astype(int)).mean())


def test_a_large_picture_is_shrunk_and_a_small_one_left_alone():
    picture = wall()
    small, frame = shrink(picture, own(picture), 320)
    assert small.shape == (200, 320, 3)
    np.testing.assert_allclose(frame.back(np.array([[-0.5, -0.5], [319.5, 199.5]])), [[-0.5, -0.5], [639.5, 399.5]])
    assert shrink(picture, own(picture), 640)[0] is picture


@pytest.mark.parametrize("turns", [1, 2, 3, -1])
def test_a_turned_wall_holds_the_same_pixels_where_its_frame_says(turns):
    picture = wall()
    turned, frame = turn(picture, own(picture), turns)
    for x, y in ((140, 200), (639, 0), (0, 399)):
        there = np.rint(frame.forward(np.array([[x, y]], float))[0]).astype(int)
        assert (turned[there[1], there[0]] == picture[y, x]).all()
    assert turned.flags.c_contiguous


@pytest.mark.parametrize("angle_deg", [-40, -12, 5, 25])
def test_the_crop_of_a_slanted_line_equals_the_crop_of_the_upright_one(angle_deg):
    picture = wall()
    upright, _ = crop_line(picture, own(picture), LINE)
    spin = np.vstack([cv2.getRotationMatrix2D((320, 200), angle_deg, 0.9), [0, 0, 1]])
    spun = cv2.warpPerspective(picture, spin, (640, 400), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    frame = own(picture).warped(spin, 640, 400)
    crop, _ = crop_line(spun, frame, frame.forward_box(LINE))
    assert crop.shape == upright.shape
    assert alike(crop, upright) < 2.0


def test_the_crop_of_a_line_in_perspective_equals_the_upright_one():
    picture = wall()
    upright, _ = crop_line(picture, own(picture), LINE)
    lean = np.array([[1.0, 0.1, 5], [0.05, 1.0, 10], [0.0004, 0.0002, 1]])
    seen = cv2.warpPerspective(picture, lean, (640, 400), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    frame = own(picture).warped(lean, 640, 400)
    crop, _ = crop_line(seen, frame, frame.forward_box(LINE))
    resized = cv2.resize(crop, upright.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    assert alike(resized, upright) < 4.0


@pytest.mark.parametrize("height_px", [12, 48, 200])
def test_the_corners_of_a_crop_are_carried_back_to_the_corners_of_its_box(height_px):
    picture = wall()
    slanted = ((130.0, 165.0), (470.0, 185.0), (460.0, 262.0), (128.0, 240.0))
    crop, frame = crop_line(picture, own(picture), slanted, height_px=height_px)
    assert crop.shape[0] == height_px == frame.height
    right, bottom = frame.width - 0.5, height_px - 0.5
    corners = np.array([[-0.5, -0.5], [right, -0.5], [right, bottom], [-0.5, bottom]])
    np.testing.assert_allclose(frame.back(corners), slanted, atol=0.02)


def test_a_crop_far_smaller_than_its_line_is_averaged_not_skipped():
    stripes = np.zeros((900, 3000, 3), np.uint8)
    stripes[:, ::2] = 255
    crop, _ = crop_line(stripes, own(stripes), ((100, 100), (2900, 100), (2900, 800), (100, 800)))
    assert abs(crop.mean() - 127.5) < 3
    assert crop.std() < 12


def test_a_margin_shows_the_wall_around_the_line_and_keeps_its_middle():
    picture = wall()
    frame = crop_line(picture, own(picture), LINE, margin=0.25)[1]
    middle = frame.back(np.array([[(frame.width - 1) / 2, (frame.height - 1) / 2]]))
    np.testing.assert_allclose(middle, [[300, 205]], atol=0.5)
    np.testing.assert_allclose(frame.back(np.array([[-0.5, -0.5]])), [[110, 145]], atol=0.5)


@pytest.mark.parametrize(
    "box",
    [
        ((5, 5), (5, 5), (5, 5), (5, 5)),
        ((10, 10), (90, 10), (10, 60), (90, 60)),
        ((float("nan"),) * 2,) * 4,
        ((0, 50), (600, 50), (600, 50), (0, 50)),
        ((-900, -900), (-700, -900), (-700, -850), (-900, -850)),
        ((-50, -400), (9000, -400), (9000, -300), (-50, -300)),
        ((0, 0), (639, 0), (639, 399), (0, 399)),
    ],
)
def test_no_box_is_too_odd_to_be_cropped(box):
    picture = wall()
    before = picture.copy()
    crop, _ = crop_line(picture, own(picture), box)
    assert crop.shape[0] == 48
    assert 8 <= crop.shape[1] <= WIDEST_PX
    assert (picture == before).all()


def test_half_a_wall_in_shadow_comes_out_evenly_lit():
    picture = wall()
    light = np.linspace(0.2, 1.2, picture.shape[1])[None, :, None]
    shaded = np.clip(picture * light, 0, 255).astype(np.uint8)
    before = shaded.copy()
    assert unevenness(shaded) > 0.5 > unevenness(picture)
    assert unevenness(even_light(shaded)) < 0.6 * unevenness(shaded)
    assert (shaded == before).all()


@pytest.mark.parametrize("level", [0, 3, 255])
def test_a_black_or_white_picture_survives_the_light_step(level):
    flat = np.full((40, 50, 3), level, np.uint8)
    assert even_light(flat).shape == flat.shape
    assert unevenness(flat) == pytest.approx(0, abs=1e-6)


def test_an_evenly_lit_wall_keeps_its_brightness():
    picture = wall()
    assert abs(float(even_light(picture).mean()) - float(picture.mean())) < 12
