"""What is blurred cannot be read, and nothing else is changed."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.blur import LEAST_MARGIN_PX, MARGIN, blur_boxes, hide_writing
from vision.photo import encode_png, open_photo
from vision.pipeline import build_reader

SAMPLES = Path("samples")
WIDTH, HEIGHT = 240, 180
RECORDS = [json.loads(line) for line in (SAMPLES / "truth.jsonl").read_text("utf-8").splitlines()]
PAINTED = [record for record in RECORDS if record["addresses"]]


def wall(seed=3):
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def box(x, y, width, height, angle_deg=0.0):
    turn = np.deg2rad(angle_deg)
    along = np.array([np.cos(turn), np.sin(turn)])
    down = np.array([-np.sin(turn), np.cos(turn)])
    corners = [(-width, -height), (width, -height), (width, height), (-width, height)]
    return np.array([(x, y) + a / 2 * along + b / 2 * down for a, b in corners])


def distances(outline):
    """How far each pixel lies inside of a rectangle; negative outside."""
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
    at = np.stack([xs, ys], axis=2) - outline.mean(axis=0)
    sides = np.stack([outline[1] - outline[0], outline[3] - outline[0]])
    lengths = np.linalg.norm(sides, axis=1)
    beyond = np.abs(at @ (sides / lengths[:, None]).T) - lengths / 2
    return np.where(beyond.max(axis=2) <= 0, -beyond.max(axis=2), -np.linalg.norm(np.maximum(beyond, 0), axis=2))


boxes = st.builds(
    box,
    st.floats(-60, WIDTH + 60),
    st.floats(-60, HEIGHT + 60),
    st.floats(1, 150),
    st.floats(1, 60),
    st.floats(-90, 90),
)


@settings(max_examples=12)
@given(boxes, st.integers(0, 9))
def test_pixels_beyond_the_margin_stay_and_those_in_the_box_become_smooth(outline, seed):
    picture = wall(seed)
    blurred = blur_boxes(picture, outline[None])
    inside = distances(outline)
    shorter = min(np.linalg.norm(outline[1] - outline[0]), np.linalg.norm(outline[3] - outline[0]))
    margin = max(LEAST_MARGIN_PX, MARGIN * shorter)
    assert (blurred[inside < -margin - 2] == picture[inside < -margin - 2]).all()
    here = blurred[inside >= 0].astype(float)
    assert len(here) < 2 or here.std(axis=0).max() < 20  # the noise has 74
    steps = np.abs(np.diff(blurred.astype(int), axis=1)).max(axis=2)
    within = (inside[:, 1:] >= 0) & (inside[:, :-1] >= 0)
    assert not within.any() or steps[within].max() < 20


@settings(max_examples=12)
@given(boxes, st.integers(0, 9))
def test_nothing_of_the_writing_but_its_mean_colour_is_in_the_answer(outline, seed):
    picture, other = wall(seed), wall(seed)
    within = distances(outline) >= 0
    other[within] = np.random.default_rng(seed).permutation(other[within])
    blurred = [blur_boxes(one, outline[None]).astype(int) for one in (picture, other)]
    assert np.abs(blurred[0] - blurred[1]).max() <= 1


def test_no_boxes_are_a_copy_and_the_picture_itself_is_never_touched():
    picture = wall()
    copy = blur_boxes(picture, np.zeros((0, 4, 2)))
    assert copy is not picture
    assert (copy == wall()).all()
    blur_boxes(picture, np.stack([box(60, 60, 80, 30), box(100, 90, 80, 30, 30)]))
    assert (picture == wall()).all()


@pytest.mark.parametrize("outline", [box(-400, 50, 60, 20), box(80, 1e9, 60, 20), box(1e7, -1e7, 10, 10)])
def test_a_box_outside_changes_nothing(outline):
    assert (blur_boxes(wall(), outline[None]) == wall()).all()


def test_a_box_over_everything_leaves_nothing_and_a_point_hides_its_surroundings():
    everything = blur_boxes(wall(), box(120, 90, 1e6, 1e6)[None])
    assert everything.std(axis=(0, 1)).max() < 1
    point = blur_boxes(wall(), np.full((1, 4, 2), 50.0))
    assert (point[50, 50] != wall()[50, 50]).any()
    assert (point != wall()).any(axis=2).sum() < 150


def test_corners_in_any_order_hide_the_whole_box():
    outline = box(120, 90, 100, 40, 20)
    crossed = blur_boxes(wall(), outline[[0, 2, 1, 3]][None])
    assert (crossed == blur_boxes(wall(), outline[None])).all()


@pytest.mark.parametrize("wrong", [np.zeros((4, 2)), np.zeros((1, 3, 2)), np.full((1, 4, 2), np.nan)])
def test_what_is_no_box_is_refused(wrong):
    with pytest.raises(ValueError, match="boxes"):
        blur_boxes(wall(), wrong)


@pytest.fixture(scope="module")
def reader():
    return build_reader()


def read_after_blur(reader, record):
    """What the reader finds in a sample whose true boxes are blurred, and in one whose writing was found by itself."""
    photo = open_photo((SAMPLES / record["photo"]).read_bytes())
    true = [line["box"] for line in record["lines"]] + [b for one in record["addresses"] for b in one["boxes"]]
    points = photo.frame.forward(np.array(true).reshape(-1, 2)).reshape(-1, 4, 2)
    pictures = blur_boxes(photo.pixels, points), hide_writing(photo, reader)
    readings = [reader.read(encode_png(picture)) for picture in pictures]
    return [{(one.kind.value, one.value) for one in reading.findings} for reading in readings]


@pytest.mark.parametrize("record", PAINTED[1:30:20], ids=lambda record: record["photo"])
def test_the_reader_finds_no_address_where_it_was_blurred(reader, record):
    assert read_after_blur(reader, record) == [set(), set()]


@pytest.mark.slow
def test_the_reader_finds_no_address_on_any_blurred_sample(reader):
    found = {record["photo"]: read_after_blur(reader, record) for record in PAINTED}
    assert len(found) > 50
    assert {name: said for name, said in found.items() if any(said)} == {}
