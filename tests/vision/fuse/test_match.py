"""Photos of one wall match, photos of other walls do not."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from vision.fuse import features_of, match, on_one_wall, same_lines
from vision.lab.synth.camera import lit
from vision.lab.synth.fonts import find_faces
from vision.lab.synth.series import draw_series
from vision.lab.synth.walls import WALLS
from vision.types import Line

FONTS = Path("vision/fonts")


def bgr(picture):
    return np.ascontiguousarray(picture[:, :, ::-1])


@pytest.fixture(scope="module")
def shots():
    return draw_series(1_503, find_faces(FONTS), 2)


@pytest.fixture(scope="module")
def features(shots):
    return [features_of(bgr(shot.picture)) for shot in shots]


def bricks(seed):
    rng = np.random.default_rng(seed)
    scene = lit(rng, WALLS["brick"](rng, (600, 800), 240.0), "overcast")
    return (np.clip(scene, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)


def test_the_same_wall_from_two_places_matches_and_its_lines_are_found_again(shots, features):
    found = match(*features)
    assert found is not None
    width = shots[1].picture.shape[1]
    for line, other in zip(shots[0].lines, shots[1].lines, strict=True):
        there = np.array(found.carried(tuple(map(tuple, line.box.tolist()))))
        assert np.abs(there - other.box).max() < 0.01 * width
    lines = [[Line(one.text, 1.0, tuple(map(tuple, one.box.tolist()))) for one in shot.lines] for shot in shots]
    assert same_lines(lines[0], lines[1], found) == tuple((at, at) for at in range(len(lines[0])))


def test_a_photo_matches_itself_with_next_to_the_identity(features):
    found = match(features[0], features[0])
    assert found is not None
    assert np.allclose(found.homography, np.eye(3), atol=1e-3)
    assert found.score > 0.95


def test_bricks_of_another_wall_do_not_match():
    walls = [features_of(bricks(seed)) for seed in range(6)]
    assert all(len(wall.points) > 100 for wall in walls)
    pairs = [(one, other) for one in range(6) for other in range(one)]
    assert [pair for pair in pairs if match(walls[pair[0]], walls[pair[1]])] == []


def test_bricks_moved_by_a_few_courses_match_where_they_are():
    wall = cv2.resize(bricks(9), (1600, 1200), interpolation=cv2.INTER_CUBIC)
    found = match(features_of(wall[:900, :1200].copy()), features_of(wall[200:1100, 300:1500].copy()))
    assert found is not None
    assert np.allclose(found.homography[:2, 2], (-300, -200), atol=2)


def test_a_blank_wall_does_not_match_even_itself():
    blank = np.full((600, 800, 3), 180, np.uint8)
    assert match(features_of(blank), features_of(blank)) is None


def test_a_mirrored_wall_is_another_wall(shots, features):
    assert match(features[0], features_of(bgr(shots[0].picture)[:, ::-1].copy())) is None


def test_photos_of_one_wall_share_a_frame_and_a_stranger_has_none(features):
    stranger = features_of(bricks(3))
    walls = on_one_wall([features[0], stranger, features[1]])
    assert walls[0][0] == walls[2][0] != walls[1][0]
    assert walls[1][1] is None
    assert any(np.allclose(walls[at][1], np.eye(3)) for at in (0, 2))
