"""Features kept as bytes match as the ones that they were made of."""

import cv2
import numpy as np
import pytest

from vision.fuse import Features, features_of, features_of_photo, match, packed, unpacked
from vision.photo import open_photo


@pytest.fixture(scope="module")
def wall():
    rng = np.random.default_rng(4)
    stains = sum(cv2.resize(rng.normal(0, 30, (900 // n, 1200 // n)), (1200, 900)) for n in (10, 20, 50))
    return np.repeat(np.clip(150 + stains, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def test_what_is_kept_matches_as_before_and_within_its_size(wall):
    one, other = features_of(wall[:, :1000].copy()), features_of(wall[:, 200:].copy())
    before, after = match(one, other), match(unpacked(packed(one)), unpacked(packed(other)))
    assert abs(after.inliers - before.inliers) <= 0.05 * before.inliers
    assert np.abs(after.homography - before.homography)[:2, 2].max() < 1
    assert len(packed(one)) <= 190_000
    again = unpacked(packed(one))
    assert (again.width, again.height, again.scale) == (one.width, one.height, one.scale)
    assert np.abs(again.points - one.points).max() <= one.scale / 64
    assert np.abs(again.descriptors - one.descriptors).max() < 0.01


def test_a_photo_opened_at_any_size_has_its_features_in_the_photos_own_pixels(wall):
    data = cv2.imencode(".jpg", cv2.resize(wall, (4800, 3600)))[1].tobytes()
    small, large = (features_of_photo(open_photo(data, working_side_px=side)) for side in (720, 4800))
    assert (small.width, small.height) == (large.width, large.height) == (4800, 3600)
    found = match(small, large)
    assert np.allclose(found.homography[:2, :2], np.eye(2), atol=0.005)
    assert np.allclose(found.homography[:2, 2], 0, atol=4), "pixels of a photo of 4,800"
    assert np.allclose(found.homography[2], (0, 0, 1), atol=1e-5)


def test_a_wall_without_features_is_kept_too():
    none = features_of(np.full((60, 80, 3), 170, np.uint8))
    assert len(unpacked(packed(none)).points) == 0
    assert match(unpacked(packed(none)), none) is None


@pytest.mark.parametrize("data", [b"", b"WWF1", b"WWF0" + bytes(60), b"WWF1" + bytes(60)])
def test_bytes_of_another_form_are_refused(data):
    with pytest.raises(ValueError, match="hold no features"):
        unpacked(data)


def test_places_outside_of_what_can_be_kept_are_held_at_the_edge():
    far = Features(np.array([[-3.0, 1e6]]), np.full((1, 128), 0.0884, np.float32), 800, 600, 1.0)
    assert unpacked(packed(far)).points.tolist() == [[0.0, 65_535 / 64]]
