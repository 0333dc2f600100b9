from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest

import vision
from vision.detect.base import Region
from vision.errors import PhotoEmpty, PhotoTypeUnknown
from vision.pipeline import build_reader, read
from vision.types import Card, Kind


@pytest.fixture(scope="module")
def reader():
    return build_reader()


def jpeg(picture):
    return cv2.imencode(".jpg", picture)[1].tobytes()


def inside(box, picture_shape, margin=4):
    points = np.array(box)
    return (points >= -margin).all() and (points <= np.array(picture_shape[1::-1]) + margin).all()


def test_a_painted_name_becomes_a_finding_with_its_place(reader, painted):
    wall = painted("@kedrovy_veter_75")
    reading = reader.read(jpeg(wall))
    (finding,) = reading.findings
    assert (finding.kind, finding.value) == (Kind.TELEGRAM, "kedrovy_veter_75")
    assert finding.accepted
    assert inside(finding.box, wall.shape)
    assert np.ptp(np.array(finding.box)[:, 0]) > 300


def test_lines_carry_text_confidence_and_lattice(reader, painted):
    (line,) = reader.read(jpeg(painted("zqumbel.biz"))).lines
    assert line.text == "zqumbel.biz"
    assert 0.8 < line.confidence <= 1.0
    assert set("zqumbel.i") <= set(line.lattice.alphabet)


def test_boxes_are_in_photo_pixels_whatever_the_photos_size(reader, painted):
    wall = painted("@qworplx82")
    large = cv2.resize(wall, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    small_box, large_box = (np.array(reader.read(jpeg(each)).findings[0].box) for each in (wall, large))
    assert large_box / 4 == pytest.approx(small_box, abs=14)


def test_every_stage_is_timed_in_the_order_it_ran(reader, painted):
    reading = reader.read(jpeg(painted("@qworplx82")))
    assert list(reading.stages) == ["open", "prepare", "detect", "recognise", "addresses", "codes"]
    assert all(seconds >= 0 for seconds in reading.stages.values())
    assert reading.seconds == pytest.approx(sum(reading.stages.values()))


def test_the_card_names_the_engines_and_every_weights_file(reader):
    card = reader.card
    assert card.name == "embedded"
    assert set(card.weights) == {"PP-OCRv6_det_small_int8.onnx", "PP-OCRv6_rec_small.onnx", "wallwatch_rec.onnx"}
    assert all(len(digest) == 64 for digest in card.weights.values())


def test_settings_that_can_change_a_reading_change_the_card(reader):
    options = reader.options
    for other in (
        replace(options, threshold=0.9),
        replace(options, working_side_px=800),
        replace(options, second_side_px=0),
    ):
        assert replace(reader, options=other).card.version != reader.card.version
    assert replace(reader, options=replace(options, threads=1)).card == reader.card


def test_reading_twice_reads_the_same(reader, painted):
    data = jpeg(painted("t.me/plovkrin_5", "vexdor.biz"))
    first, second = reader.read(data), reader.read(data)
    assert first.findings == second.findings
    assert first.lines == second.lines


def test_threads_read_what_they_would_read_alone(reader, painted):
    photos = [jpeg(painted(text)) for text in ("@qworplx82", "vexdor.biz", "t.me/plovkrin_5")]
    alone = [reader.read(photo).findings for photo in photos]
    with ThreadPoolExecutor(3) as pool:
        assert [reading.findings for reading in pool.map(reader.read, photos * 2)] == alone * 2


def test_a_bare_wall_has_no_findings(reader, painted):
    reading = reader.read(jpeg(painted()))
    assert reading.findings == ()
    assert reading.quarter_turns == 0


def test_bytes_that_are_no_photo_are_refused(reader):
    with pytest.raises(PhotoEmpty):
        reader.read(b"")
    with pytest.raises(PhotoTypeUnknown):
        reader.read(b"these are words")


class Crowd:
    """A detector that sees lines everywhere."""

    card = Card("crowd", "1")

    def detect(self, picture):
        del picture
        return tuple(
            Region(((x, y), (x + 20.0, y), (x + 20.0, y + 8.0), (x, y + 8.0)), (x + y) / 2000)
            for x in range(0, 600, 20)
            for y in range(0, 400, 10)
        )


def test_a_crowd_of_regions_is_cut_to_the_best(reader, painted):
    options = replace(reader.options, most_lines=12, second_side_px=0)
    crowded = replace(reader, detector=Crowd(), options=options)
    assert len(crowded.read(jpeg(painted("@qworplx82"))).lines) <= 12


class Counting:
    """A detector that counts its looks."""

    def __init__(self, inner):
        self.inner, self.card, self.looks = inner, inner.card, 0

    def detect(self, picture):
        self.looks += 1
        return self.inner.detect(picture)


@pytest.mark.parametrize(("line", "most"), [("@qworplx82", 1), ("qwo", 4)])
def test_a_wall_with_an_address_is_looked_at_once_and_any_other_a_few_times(reader, painted, line, most):
    detector = Counting(reader.detector)
    replace(reader, detector=detector).read(jpeg(painted(line)))
    assert 1 <= detector.looks <= most


def test_the_package_offers_what_it_promises(painted):
    assert vision.read is read
    assert vision.read(jpeg(painted("@qworplx82"))).findings[0].value == "qworplx82"
    assert {name for name in vision.__all__ if getattr(vision, name, None) is None} == set()
    with pytest.raises(AttributeError):
        _ = vision.no_such_name
