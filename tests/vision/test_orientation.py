import cv2
import numpy as np
import pytest

from vision.engines import ReaderOptions
from vision.pipeline import build_reader
from vision.recognise.base import Recognised
from vision.recognise.orient import Evidence, evidence, is_sideways, speaks_for_turning

WALLS = {
    "one line": ("@qworplx82",),
    "two lines": ("Telegram", "@vexdorum7"),
    "a site": ("zqumbel.biz",),
    "a phone": ("8 707 500 96 65",),
    "a link": ("t.me/plovkrin_5",),
}


@pytest.fixture(scope="module")
def reader():
    return build_reader(ReaderOptions())


def jpeg(picture):
    return cv2.imencode(".jpg", picture)[1].tobytes()


@pytest.mark.parametrize("lines", WALLS.values(), ids=WALLS)
def test_an_upright_wall_is_never_turned(reader, painted, lines):
    reading = reader.read(jpeg(painted(*lines)))
    assert reading.quarter_turns == 0
    assert reading.findings


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("lines", WALLS.values(), ids=WALLS)
def test_a_turned_wall_reads_the_same_as_upright(reader, painted, lines, turns):
    upright = reader.read(jpeg(painted(*lines)))
    turned = reader.read(jpeg(np.ascontiguousarray(np.rot90(painted(*lines), turns))))
    assert turned.quarter_turns == turns
    assert {(found.kind, found.value) for found in turned.findings} >= {
        (found.kind, found.value) for found in upright.findings if found.accepted
    }


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_boxes_of_a_turned_wall_lie_where_the_paint_is_with_the_texts_own_top_left(reader, painted, turns):
    wall = painted("@qworplx82")
    upright = reader.read(jpeg(wall))
    turned = reader.read(jpeg(np.ascontiguousarray(np.rot90(wall, turns))))
    height, width = wall.shape[:2]
    wanted = np.array(upright.lines[0].box)
    for _ in range(turns):  # np.rot90 turns counter-clockwise: (x, y) -> (y, width - 1 - x)
        wanted = np.stack([wanted[:, 1], width - 1 - wanted[:, 0]], axis=1)
        width, height = height, width
    assert np.array(turned.lines[0].box) == pytest.approx(wanted, abs=16)


def answers(*pairs):
    return [Recognised(text, confidence) for text, confidence in pairs]


def test_long_lines_count_more_as_evidence():
    assert evidence(answers(("abcdefgh", 1.0), ("xy", 0.5))).mean == pytest.approx(0.9)
    assert evidence([]) == Evidence(0, 0.0)


@pytest.mark.parametrize(
    ("upright", "turned", "turn"),
    [
        (Evidence(12, 0.95), Evidence(12, 0.99), False),
        (Evidence(12, 0.55), Evidence(12, 0.97), True),
        (Evidence(12, 0.55), Evidence(3, 0.99), False),
        (Evidence(0, 0.0), Evidence(10, 0.81), False),
        (Evidence(0, 0.0), Evidence(10, 0.95), True),
        (Evidence(40, 0.7), Evidence(8, 0.95), False),
    ],
)
def test_only_a_clearly_better_reading_turns_a_picture(upright, turned, turn):
    assert speaks_for_turning(upright, turned) is turn


def test_sideways_is_decided_by_area_and_squares_have_no_say():
    level = ((0.0, 0.0), (100.0, 0.0), (100.0, 20.0), (0.0, 20.0))
    tall = ((50.0, 0.0), (50.0, 300.0), (10.0, 300.0), (10.0, 0.0))
    square = ((0.0, 0.0), (400.0, 0.0), (400.0, 400.0), (0.0, 400.0))
    assert is_sideways([level, tall, square])
    assert not is_sideways([level, level, square])
    assert not is_sideways([])
