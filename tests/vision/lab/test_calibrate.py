"""Confidences are fitted so that they mean what they say."""

import tomllib

import numpy as np
import pytest

from vision.addresses.measured import measured
from vision.lab.calibrate import accepted_from, chances, expected_error, fitted, write
from vision.lab.confusions import Confusions
from vision.types import Line

BOX = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def test_a_fitted_model_says_how_often_cases_are_right():
    rng = np.random.default_rng(5)
    features = rng.normal(size=(4000, 1))
    right = (rng.random(4000) < 1 / (1 + np.exp(-(0.5 + 2 * features[:, 0])))).astype(float)
    model = fitted(features, right)
    assert model == pytest.approx((0.5, 2.0), abs=0.2)
    assert expected_error(chances(model, features), right) < 0.03


def test_a_sign_that_speaks_against_gets_no_weight():
    features = np.linspace(-1, 1, 200).reshape(-1, 1)
    assert fitted(features, (features[:, 0] < 0).astype(float))[1] == 0.0


def test_a_few_cases_fit_nothing():
    assert fitted(np.zeros((3, 2)), np.ones(3)) == (0.0, 1.0, 1.0)


def test_the_threshold_is_the_lowest_with_enough_precision():
    confidences = np.array([0.99] * 50 + [0.9] * 50 + [0.8] * 50)
    right = np.array([1.0] * 100 + [0.0] * 50)
    assert accepted_from(confidences, right) == 0.9
    assert accepted_from(confidences, np.zeros(150)) == 0.99


def test_confusions_are_counted_line_by_line():
    photos = [({"lines": [{"text": "@severny_lis_7919"}]}, [Line("@severny_lis_7979", 0.9, BOX)])] * 10
    assert dict(Confusions.of(photos).shares()) == {"7": {"1": pytest.approx(10 / 50, abs=0.11)}}


def test_what_is_written_can_be_read(tmp_path):
    counts = Confusions.of([({"lines": [{"text": "tuman_ool"}]}, [Line("tuman_0ol", 0.9, BOX)])] * 5)
    path = tmp_path / "measured.toml"
    write(path, counts, accepted=0.9, models=((0.1, 1.0), (0.0, 1.0)), note="a test")
    kept = tomllib.loads(path.read_text("utf-8"))
    assert kept["accepted_from"] == 0.9
    assert kept["confused"]["0"]["o"] > 0
    assert measured().accepted_from != 0  # the program's own figures are untouched
