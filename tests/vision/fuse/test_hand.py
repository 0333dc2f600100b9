"""Stencils and hands: what is compared, what is kept of it, and how alike drawn lines come out."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.fuse.hand import (
    BAND_BITS,
    BANDS,
    SECTORS,
    SIDE,
    STENCIL_FROM,
    Hand,
    bands,
    hand_likeness,
    hand_of,
    packed,
    stencil_likeness,
    unpacked,
)

BOX = ((20.0, 30.0), (780.0, 30.0), (780.0, 150.0), (20.0, 150.0))


def written(text, font=cv2.FONT_HERSHEY_SIMPLEX, *, ink=40, wall=190, seed=1, thick=7):
    """A line on a noisy wall, as large as BOX."""
    picture = np.full((180, 800, 3), wall, np.uint8)
    cv2.putText(picture, text, (35, 125), font, 3.0, (ink, ink, ink), thick, cv2.LINE_AA)
    noise = np.random.default_rng(seed).normal(0, 5, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def test_lines_cut_alike_are_more_alike_than_lines_of_another_shape():
    one = hand_of(written("qzwal73b"), BOX)
    same = hand_of(written("bq37zals", seed=2, ink=210, wall=60), BOX)
    other = hand_of(written("bq37zals", cv2.FONT_HERSHEY_SCRIPT_COMPLEX, seed=3), BOX)
    assert stencil_likeness(one, same) >= STENCIL_FROM > stencil_likeness(one, other)
    assert hand_likeness(one, same) > hand_likeness(one, other)
    assert len(set(enumerate(bands(one))) & set(enumerate(bands(same)))) > 0


def test_the_order_of_the_two_does_not_matter_and_a_line_is_like_itself():
    one, other = hand_of(written("qzwal73b"), BOX), hand_of(written("tuman481", thick=12), BOX)
    for likeness in (stencil_likeness, hand_likeness):
        assert likeness(one, other) == pytest.approx(likeness(other, one), abs=1e-6)
        assert likeness(one, one) == pytest.approx(1.0, abs=1e-5)


def test_the_same_picture_gives_the_same_bytes_and_is_not_changed():
    picture = written("qzwal73b")
    before = picture.copy()
    assert packed(hand_of(picture, BOX)) == packed(hand_of(picture, BOX))
    assert (picture == before).all()


@pytest.mark.parametrize("picture", [np.full((180, 800, 3), 128, np.uint8), written("i")])
def test_where_too_few_letters_stand_nothing_is_said(picture):
    assert hand_of(picture, BOX) is None


def test_a_box_beyond_the_picture_is_no_error():
    beyond = ((700.0, 100.0), (1700.0, 100.0), (1700.0, 400.0), (700.0, 400.0))
    assert hand_of(written("qzwal73b"), beyond) is None


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 24))
def test_what_is_packed_comes_back(seed, letters):
    rng = np.random.default_rng(seed)
    strokes = rng.random(SECTORS * SECTORS).astype(np.float32)
    made = Hand(
        rng.random((letters, SIDE, SIDE)) > 0.5, rng.uniform(0.2, 1.4, (letters, 2)).astype(np.float32),
        strokes / strokes.sum(),
    )  # fmt: skip
    data = packed(made)
    back = unpacked(data)
    assert len(data) < 2500
    assert (back.letters == made.letters).all()
    assert np.abs(back.sizes - made.sizes).max() <= 1 / 512
    assert np.abs(back.strokes - made.strokes).max() < 1e-5
    assert len(bands(back)) == BANDS
    assert max(bands(back)) < 2**BAND_BITS


@pytest.mark.parametrize("data", [b"", b"no hand", packed(hand_of(written("qzwal73b"), BOX))[:-9]])
def test_other_bytes_are_no_hand(data):
    with pytest.raises(ValueError, match="no packed hand"):
        unpacked(data)
