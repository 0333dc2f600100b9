"""Readings of one inscription, and of one address elsewhere, add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.addresses import extract, extract_text
from vision.fuse import Seen, fuse
from vision.types import Alternative, Finding, Kind, Line

BOX = ((100.0, 100.0), (500.0, 100.0), (500.0, 160.0), (100.0, 160.0))
ELSEWHERE = ((100.0, 400.0), (500.0, 400.0), (500.0, 460.0), (100.0, 460.0))
TRUE, WRONG = "severny_tuman_4417", "severny_tuman_4411"


def finding(value=TRUE, confidence=0.6, others=(), *, kind=Kind.TELEGRAM, accepted=False, box=BOX):
    alternatives = tuple(Alternative(other, share) for other, share in others if other != value)
    return Finding(kind, value, confidence, accepted, "@" + value, box, alternatives)


def seen(name, *findings, wall="garage", to_wall=None):
    homography = np.eye(3) if to_wall is None else to_wall
    return Seen(name * 64, tuple(findings), (), 800, 600, wall, homography if wall else None)


def test_one_photo_comes_back_as_it_is():
    made = extract_text("ТГ severny_tuman_4417\n8 707 000 12 34")
    fused = fuse([Seen("a" * 64, made)])
    assert sorted(one.finding.value for one in fused) == sorted(one.value for one in made)
    assert all(one.finding in made for one in fused)
    assert all(one.seen_in == one.supported_by == ("a" * 64,) for one in fused)


def test_two_photos_that_agree_are_surer_than_each():
    (fused,) = fuse([seen("a", finding(confidence=0.7)), seen("b", finding(confidence=0.68))])
    assert fused.finding.value == TRUE
    assert fused.finding.confidence > 0.7
    assert fused.supported_by == ("a" * 64, "b" * 64)


def test_what_two_photos_offer_second_wins_over_what_only_one_offers_first():
    one = seen("a", finding(WRONG, 0.4, [(TRUE, 0.35)]))
    other = seen("b", finding("severny_turnan_4417", 0.4, [(TRUE, 0.35)]))
    (fused,) = fuse([one, other])
    assert fused.finding.value == TRUE
    assert fused.supported_by == ()
    assert not fused.finding.accepted, "no photo reads it by itself, so a person looks"


def test_the_same_photo_twice_adds_nothing():
    one, other = seen("a", finding(confidence=0.7)), seen("b", finding(WRONG, 0.5, [(TRUE, 0.3)]))
    assert fuse([one, other, one, other]) == fuse([one, other])


def test_a_photo_that_shows_the_place_and_nothing_there_takes_confidence_away():
    (alone,) = fuse([seen("a", finding(confidence=0.6))])
    (doubted,) = fuse([seen("a", finding(confidence=0.6)), seen("b")])
    assert doubted.finding.confidence < alone.finding.confidence
    aside = np.array([[1.0, 0, 5000], [0, 1, 0], [0, 0, 1]])
    (unseen,) = fuse([seen("a", finding(confidence=0.6)), seen("b", to_wall=aside)])
    assert unseen.finding.confidence == alone.finding.confidence


def test_one_place_has_one_address_whatever_kinds_were_read_there():
    site = finding("severny-tuman-4417.com", 0.4, kind=Kind.DOMAIN)
    fused = fuse([seen("a", finding()), seen("b", finding(confidence=0.7)), seen("c", site)])
    assert [(one.finding.kind, one.finding.value) for one in fused] == [(Kind.TELEGRAM, TRUE)]


def test_two_places_of_a_wall_stay_two_addresses():
    two = finding("sugrob_boran_9891", 0.7, box=ELSEWHERE)
    fused = fuse([seen("a", finding(), two), seen("b", two, finding())])
    assert {one.finding.value for one in fused} == {TRUE, "sugrob_boran_9891"}


def test_two_sure_values_on_other_walls_that_differ_in_a_character_stay_two_addresses():
    one = seen("a", finding(TRUE, 0.97, accepted=True), wall="")
    other = seen("b", finding("severny_tuman_4418", 0.97, accepted=True), wall="")
    assert {each.finding.value for each in fuse([one, other])} == {TRUE, "severny_tuman_4418"}


def test_a_doubtful_value_elsewhere_joins_the_sure_one_that_it_may_be():
    one = seen("a", finding(TRUE, 0.95, accepted=True), wall="")
    other = seen("b", finding(WRONG, 0.4, [(TRUE, 0.3)]), wall="")
    (fused,) = fuse([one, other])
    assert fused.finding.value == TRUE
    assert fused.seen_in == ("a" * 64, "b" * 64)


def test_guesses_that_agree_still_go_to_a_person():
    (guess,) = extract_text("severny_tuman_4417")
    assert not guess.accepted
    lines = (Line("severny_tuman_4417", 1.0, BOX),)
    photos = [Seen(name * 64, extract(lines), lines, inscription="garage") for name in "abcde"]
    (fused,) = fuse(photos)
    assert not fused.finding.accepted


def test_more_photos_of_one_wall_say_less_than_photos_of_other_walls():
    walls = [fuse([seen(name, finding(confidence=0.6), wall=wall) for name in "abc"]) for wall in ("garage", "")]
    assert walls[0][0].finding.confidence < walls[1][0].finding.confidence


VALUES = st.sampled_from([TRUE, WRONG, "severny_turnan_4417", "sugrob_boran_9891"])
FINDINGS = st.builds(
    finding,
    VALUES,
    st.floats(0.05, 1.0).map(lambda number: round(number, 3)),
    st.lists(st.tuples(VALUES, st.floats(0.0, 0.3)), max_size=2, unique_by=lambda pair: pair[0]),
    box=st.sampled_from([BOX, ELSEWHERE]),
)
PHOTOS = st.lists(
    st.builds(seen, st.sampled_from("0123456789abcdef"), FINDINGS, wall=st.sampled_from(["garage", "gate", ""])),
    max_size=5,
    unique_by=lambda one: one.sha256,
)


@settings(max_examples=150, deadline=None)
@given(PHOTOS, st.randoms(use_true_random=False))
def test_the_order_of_the_photos_does_not_matter_and_every_figure_is_a_probability(photos, chance):
    shuffled = list(photos)
    chance.shuffle(shuffled)
    fused = fuse(photos)
    assert fused == fuse(shuffled)
    keys = [(one.finding.kind, one.finding.value) for one in fused]
    assert len(keys) == len(set(keys))
    assert {name for one in fused for name in one.seen_in} == {one.sha256 for one in photos}
    for one in fused:
        assert 0.0 <= one.finding.confidence <= 1.0
        assert all(0.0 <= each.confidence <= 1.0 for each in one.finding.alternatives)
        assert one.finding.value not in {each.value for each in one.finding.alternatives}
        assert set(one.supported_by) <= set(one.seen_in)
        assert one.photo in one.seen_in


@pytest.mark.parametrize("count", [2, 3, 5])
def test_agreement_never_lowers_a_confidence(count):
    (fused,) = fuse([seen(name, finding(confidence=0.55)) for name in "abcde"[:count]])
    (fewer,) = fuse([seen(name, finding(confidence=0.55)) for name in "abcde"[: count - 1]])
    assert fused.finding.confidence >= fewer.finding.confidence
