"""What two photos of a wall say: sure only where it is, and a person is asked about everything else."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from vision.after import Reason, Shown, Verdict, check, shown_in, writing_of
from vision.frames import Frame
from vision.photo import Photo
from vision.types import Card, Finding, Kind, Line, PhotoFacts, Reading

WIDTH, HEIGHT = 480, 360
NAME, CALL = "@qqkoyan_4821", "RABOTA 24"
BOXES = np.array([[(75, 150), (345, 150), (345, 185), (75, 185)], [(75, 100), (260, 100), (260, 135), (75, 135)]])


def photo(pixels):
    return Photo(pixels, Frame.of_photo(WIDTH, HEIGHT), PhotoFacts("0" * 64, "JPEG", WIDTH, HEIGHT))


def bare(seed=1):
    """A wall with stains and cracks of its own."""
    rng = np.random.default_rng(seed)
    stains = sum(
        cv2.resize(rng.normal(0, 1, (round(HEIGHT / cell), round(WIDTH / cell))), (WIDTH, HEIGHT)) * weight
        for cell, weight in ((80, 14), (20, 10), (8, 6))
    )
    return np.clip(150 + stains[..., None] * (1, 0.9, 1.1), 0, 255)


def written(wall):
    ink = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.putText(ink, NAME, (75, 180), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 255, 5, cv2.LINE_AA)
    cv2.putText(ink, CALL, (75, 130), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 255, 5, cv2.LINE_AA)
    return wall + ink[..., None] / 255 * ((40, 30, 30) - wall)


def rolled(wall, place=(55, 85, 370, 200), hides=0.99):
    wall, (left, top, right, bottom) = wall.astype(float), place
    wall[top:bottom, left:right] += hides * ((165, 160, 150) - wall[top:bottom, left:right])
    return wall


def shot(wall, seed, *, moved=15):
    """Another photo of a wall: from elsewhere, in other light, with noise of its own."""
    rng = np.random.default_rng(seed)
    corners = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners + rng.uniform(-moved, moved, (4, 2)).astype(np.float32), corners)
    seen = cv2.warpPerspective(wall, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
    light = np.linspace(*rng.uniform(0.7, 1.1, 2), WIDTH)[:, None]
    return photo(np.clip(seen * light + rng.normal(0, 1.5, seen.shape), 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def before():
    return shot(written(bare()), 1, moved=0)


@pytest.fixture(scope="module")
def clean():
    return shot(rolled(written(bare())), 2)


def test_a_wall_that_was_painted_over_is_painted_and_the_facts_say_why(before, clean):
    said = check(before, clean, BOXES, ())
    assert (said.verdict, said.reason) == (Verdict.PAINTED, Reason.GONE)
    assert said.score > 0.6
    assert said.facts["is_aligned"]
    assert said.facts["writing_gone"] == 1
    assert said.facts["wall_kept"] > 0.9
    assert json.loads(json.dumps(dict(said.facts))) == said.facts


def test_the_same_writing_in_another_photo_is_not_painted(before):
    said = check(before, shot(written(bare()), 3), BOXES, ())
    assert (said.verdict, said.reason) == (Verdict.NOT_PAINTED, Reason.STILL_THERE)
    assert said.score < 0.1
    assert said.facts["writing_there"] > 0.9


@pytest.mark.parametrize("place", [(55, 85, 370, 142), (55, 142, 370, 200), (55, 85, 200, 200)])
def test_half_of_a_wall_is_never_painted(before, place):
    said = check(before, shot(rolled(written(bare()), place), 4), BOXES, ())
    assert said.verdict is Verdict.NOT_PAINTED
    assert said.reason in (Reason.PARTLY_THERE, Reason.STILL_THERE)


@pytest.mark.parametrize("hides", [0.4, 0.85])
def test_writing_that_shines_through_is_never_painted(before, hides):
    said = check(before, shot(rolled(written(bare()), hides=hides), 5), BOXES, ())
    assert said.verdict is not Verdict.PAINTED


def test_the_same_photo_again_is_known_as_such(before):
    again = cv2.imdecode(cv2.imencode(".jpg", before.pixels, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)
    said = check(before, photo(again), BOXES, ())
    assert (said.verdict, said.reason) == (Verdict.NOT_PAINTED, Reason.SAME_PHOTO)
    assert said.facts["is_same_shot"]


def test_paint_in_the_picture_instead_of_on_the_wall_is_for_a_person(before):
    retouched = rolled(before.pixels).astype(np.uint8)
    said = check(before, photo(retouched), BOXES, ())
    assert (said.verdict, said.reason) == (Verdict.UNCLEAR, Reason.RETOUCHED)


def test_another_wall_is_unclear_and_never_painted(before):
    said = check(before, shot(bare(9), 6), BOXES, ())
    assert (said.verdict, said.reason) == (Verdict.UNCLEAR, Reason.NOT_ALIGNED)
    assert said.facts["is_aligned"] is False


def test_a_known_address_speaks_also_where_the_photos_do_not_match(before):
    shown = (Shown("telegram", "qqkoyan_4821", ((5.0, 5.0), (50.0, 5.0), (50.0, 20.0), (5.0, 20.0)), 0.9),)
    said = check(before, shot(bare(9), 6), BOXES, shown, known={("telegram", "qqkoyan_4821")})
    assert (said.verdict, said.reason) == (Verdict.NOT_PAINTED, Reason.ADDRESS_READ)


@pytest.mark.parametrize(
    ("kind", "confidence", "answer"),
    [
        ("telegram", 0.8, (Verdict.NOT_PAINTED, Reason.ADDRESS_READ)),
        ("telegram", 0.1, (Verdict.UNCLEAR, Reason.ADDRESS_READ)),
        ("unread", 0.9, (Verdict.UNCLEAR, Reason.ADDRESS_READ)),
        ("line", 0.9, (Verdict.UNCLEAR, Reason.LINE_READ)),
        ("line", 0.3, (Verdict.PAINTED, Reason.GONE)),
        ("drop", 0.9, (Verdict.PAINTED, Reason.GONE)),
    ],
)
def test_what_is_read_on_the_fresh_paint_is_heeded(before, clean, kind, confidence, answer):
    box = ((100.0, 150.0), (250.0, 150.0), (250.0, 175.0), (100.0, 175.0))
    said = check(
        before, clean, BOXES, (Shown(kind.replace("drop", "line"), "+U" if kind == "drop" else "new", box, confidence),)
    )
    assert (said.verdict, said.reason) == answer


def test_an_address_beside_the_fresh_paint_is_for_a_person_and_other_text_is_nobodys_business(before, clean):
    box = ((100.0, 300.0), (250.0, 300.0), (250.0, 325.0), (100.0, 325.0))
    assert check(before, clean, BOXES, (Shown("domain", "new.example", box, 0.9),)).verdict is Verdict.UNCLEAR
    assert check(before, clean, BOXES, (Shown("line", "подъезд 4", box, 0.9),)).verdict is Verdict.PAINTED


def test_something_in_the_way_darkness_and_fog_are_unclear(before, clean):
    pixels = clean.pixels.copy()
    stripes = np.random.default_rng(1).integers(0, 2, (30, 80, 1)).repeat(4, 0).repeat(5, 1) * 255
    pixels[82:202, 52:373] = stripes[:, :321]
    assert check(before, photo(pixels), BOXES, ()).reason is Reason.SOMETHING_IN_THE_WAY
    dark = clean.pixels.copy()
    dark[82:202, 52:373] = 4
    assert check(before, photo(dark), BOXES, ()).reason is Reason.NOT_SEEN
    away = shot(np.roll(rolled(written(bare())), -165, axis=1), 2)
    assert check(before, away, BOXES, ()).verdict is Verdict.UNCLEAR


def test_without_boxes_or_with_bare_ones_nothing_is_painted_and_wrong_ones_are_refused(before, clean):
    for nothing in ((), np.zeros((0, 4, 2))):
        said = check(before, clean, nothing, ())
        assert (said.verdict, said.reason) == (Verdict.UNCLEAR, Reason.NO_WRITING_BEFORE)
    assert check(before, clean, BOXES[:1] + (0, 130), ()).verdict is not Verdict.PAINTED  # noqa: RUF005
    for wrong in (np.zeros((4, 2)), np.full((1, 4, 2), np.nan)):
        with pytest.raises(ValueError, match="boxes"):
            check(before, clean, wrong, ())


def test_a_box_that_is_flat_or_far_outside_does_not_fail(before, clean):
    odd = np.array([np.full((4, 2), 150.0), np.array([(9e3, 9e3), (9.1e3, 9e3), (9.1e3, 9.1e3), (9e3, 9.1e3)])])
    assert check(before, clean, np.concatenate([BOXES, odd]), ()).verdict is Verdict.UNCLEAR


def test_pictures_smaller_than_their_photos_give_the_same_answer(before, clean):
    facts = replace(clean.facts, width=4 * WIDTH, height=4 * HEIGHT)
    frame = Frame.of_photo(facts.width, facts.height).resized(WIDTH, HEIGHT)
    large = [Photo(one.pixels, frame, facts) for one in (before, clean)]
    said = check(*large, BOXES * 4.0 + 1.5, ())
    assert said.verdict is Verdict.PAINTED
    assert said.facts["height_px"] == pytest.approx(4 * 35, rel=0.1)


def test_all_that_a_reading_says_is_shown():
    box = ((0.0, 0.0), (9.0, 0.0), (9.0, 3.0), (0.0, 3.0))
    lines = (Line("@qq", 0.9, box), Line("24", 0.8, box))
    finding = Finding(Kind.TELEGRAM, "qqkoyan_4821", 0.7, False, "@qqkoyan", box)
    reading = Reading(PhotoFacts("0" * 64, "JPEG", 9, 9), (finding,), lines, Card("test", "1"), {}, 0, lines[:1])
    assert shown_in(reading) == (
        Shown("telegram", "qqkoyan_4821", box, 0.7),
        Shown("unread", "@qq", box, 0.9),
        Shown("line", "@qq", box, 0.9),
        Shown("line", "24", box, 0.8),
    )


def test_the_inscription_is_the_addresses_and_the_lines_next_to_them():
    def line(text, left, top):
        return Line(text, 0.9, ((left, top), (left + 90.0, top), (left + 90.0, top + 20.0), (left, top + 20.0)))

    name, call, above = line("@qqkoyan", 100.0, 100.0), line("RABOTA", 110.0, 72.0), line("24/7", 90.0, 40.0)
    lines = (above, call, line("U", 100.0, 125.0), name, line("подъезд 4", 400.0, 100.0))
    finding = Finding(Kind.TELEGRAM, "qqkoyan_4821", 0.7, False, "@qqkoyan", name.box)
    facts, card = PhotoFacts("0" * 64, "JPEG", 9, 9), Card("test", "1")
    boxes = writing_of(Reading(facts, (finding,), lines, card, {}))
    assert boxes.tolist() == [[list(corner) for corner in each.box] for each in (name, call, above)]
    assert writing_of(Reading(facts, (), lines, card, {})).shape == (0, 4, 2)
    assert len(writing_of(Reading(facts, (), lines, card, {}, 0, (name,)))) == 3
