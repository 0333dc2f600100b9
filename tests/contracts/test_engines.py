"""What every detector and every recogniser keeps to, whichever engine it is of."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from vision.detect.base import Detector, Region
from vision.detect.dbnet import DbnetDetector
from vision.detect.easyocr import EasyOcrDetector
from vision.engines import DETECTION_WEIGHTS, RECOGNITION_WEIGHTS, ReaderOptions, build_recogniser
from vision.recognise.base import Recognised, Recogniser
from vision.recognise.onnx import OnnxRecogniser
from vision.types import Card
from vision.weights import WeightsFolder

TEXTS = ["Zq7 longer line of paint", "mk9", "vexdor.biz", "", "t.me/qworplx82 and more than that, far more", "8 707"]


class BrightDetector:
    """A detector without weights: every bright patch is a line."""

    card = Card("bright", "1")

    def detect(self, picture):
        mask = (picture.max(axis=2) > 128).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        corners = [(x, y, x + w - 1.0, y + h - 1.0) for x, y, w, h, _ in stats[1:].tolist()]
        return tuple(
            Region(((a, b), (c, b), (c, d), (a, d)), 1.0) for a, b, c, d in sorted(corners, key=lambda r: r[1])
        )


class WidthRecogniser:
    """A recogniser without weights: a crop's text is its size."""

    card = Card("width", "1")

    def recognise(self, crops):
        return tuple(Recognised(f"{crop.shape[1]}x{crop.shape[0]}", 1.0) for crop in crops)


@pytest.fixture(
    scope="module", params=["openvino", "onnxruntime", "trained", "embedded", "easyocr", "cyrillic_g2", "fake"]
)
def recogniser(request):
    if request.param == "easyocr":
        request.getfixturevalue("easyocr_installed")
    if request.param == "cyrillic_g2":
        folder = request.getfixturevalue("easyocr_folder")
        return build_recogniser(ReaderOptions(recogniser="cyrillic_g2", model_dir=folder))
    if request.param == "fake":
        return WidthRecogniser()
    if request.param in ("trained", "embedded", "easyocr"):
        return build_recogniser(ReaderOptions(recogniser=request.param))
    return OnnxRecogniser(WeightsFolder().open(RECOGNITION_WEIGHTS), runtime=request.param)


@pytest.fixture(scope="module", params=["openvino", "onnxruntime", "easyocr", "fake"])
def detector(request):
    if request.param == "easyocr":
        return EasyOcrDetector(request.getfixturevalue("easyocr_folder"))
    if request.param == "fake":
        return BrightDetector()
    return DbnetDetector(WeightsFolder().open(DETECTION_WEIGHTS), runtime=request.param)


@pytest.fixture(scope="module")
def crops():
    return [crop(text, 24 + 12 * index) for index, text in enumerate(TEXTS)]


@pytest.fixture(scope="module")
def night():
    wall = np.zeros((360, 640, 3), np.uint8)
    for row, text in enumerate(("qworplx82", "vexdor biz")):
        cv2.putText(wall, text, (40, 120 + 140 * row), cv2.FONT_HERSHEY_SIMPLEX, 2.2, (255, 255, 255), 6, cv2.LINE_AA)
    return wall


def crop(text, height):
    picture = np.full((60, 60 + 24 * len(text), 3), 220, np.uint8)
    cv2.putText(picture, text, (20, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (20, 20, 60), 3, cv2.LINE_AA)
    return cv2.resize(picture, (round(picture.shape[1] * height / 60), height))


def test_engines_are_what_their_protocols_say(detector, recogniser):
    assert isinstance(detector, Detector)
    assert isinstance(recogniser, Recogniser)
    assert detector.card.name
    assert detector.card.version
    assert all(len(digest) == 64 for card in (detector.card, recogniser.card) for digest in card.weights.values())


def test_answers_come_in_the_order_of_the_crops(recogniser, crops):
    forwards = recogniser.recognise(crops)
    assert len(forwards) == len(crops)
    assert recogniser.recognise(crops[::-1]) == forwards[::-1]


def test_a_crops_answer_does_not_depend_on_its_neighbours(recogniser, crops):
    together = recogniser.recognise(crops)
    for index, alone in enumerate(crops):
        (answer,) = recogniser.recognise([alone])
        assert answer == together[index]
        if answer.lattice is not None:
            assert np.array_equal(answer.lattice.log_probs, together[index].lattice.log_probs)


def test_no_crops_no_answers(recogniser):
    assert recogniser.recognise([]) == ()


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 900, 3), (900, 2, 3), (48, 4000, 3)])
def test_crops_of_any_shape_are_answered(recogniser, shape):
    (answer,) = recogniser.recognise([np.full(shape, 200, np.uint8)])
    assert 0.0 <= answer.confidence <= 1.0
    assert "\n" not in answer.text


def test_crops_are_not_changed(recogniser, crops):
    copies = [picture.copy() for picture in crops]
    for picture in copies:
        picture.flags.writeable = False
    recogniser.recognise(copies)
    assert all(np.array_equal(one, two) for one, two in zip(copies, crops, strict=True))


def test_threads_get_the_answers_they_would_get_alone(recogniser, crops):
    alone = [recogniser.recognise([picture]) for picture in crops]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda picture: recogniser.recognise([picture]), crops * 3))
    assert answers == alone * 3


def test_a_detector_finds_the_lines_from_top_to_bottom(detector, night):
    regions = detector.detect(night)
    tops = [min(y for _, y in region.box) for region in regions]
    assert len(tops) >= 2
    assert tops == sorted(tops)
    assert tops[0] < 130  # the first painted line
    assert tops[-1] > 190  # the second
    assert all(0.0 <= region.score <= 1.0 for region in regions)


def test_a_detectors_picture_is_not_changed(detector, night):
    copy = night.copy()
    copy.flags.writeable = False
    assert detector.detect(copy) == detector.detect(night)


@pytest.mark.parametrize("shape", [(1, 1, 3), (33, 700, 3), (700, 33, 3)])
def test_an_empty_wall_of_any_shape_has_no_lines(detector, shape):
    assert detector.detect(np.zeros(shape, np.uint8)) == ()


def test_threads_find_the_lines_they_would_find_alone(detector, night):
    pictures = [night, night[:, ::-1].copy(), night[:300], np.zeros((64, 64, 3), np.uint8)]
    alone = [detector.detect(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detector.detect, pictures * 2)) == alone * 2
