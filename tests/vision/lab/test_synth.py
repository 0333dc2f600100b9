"""Drawn photos are repeatable and their truth is true."""

import base64
import hashlib
from pathlib import Path

import numpy as np
import phonenumbers
import pytest

from vision.lab.synth.fonts import FontsMissing, faces_in, find_faces
from vision.lab.synth.letters import Hand, ends_of, set_line, skeleton
from vision.lab.synth.paint import STYLES
from vision.lab.synth.scene import draw
from vision.lab.synth.subjects import ROUND, subject_for
from vision.lab.synth.truth import SPLITS, TRAIN_FROM, sample_of, seeds_for, split_of
from vision.lab.synth.walls import WALLS
from vision.types import Kind

FONTS = Path("vision/fonts")


@pytest.fixture(scope="module")
def faces():
    return find_faces(FONTS)


@pytest.fixture(scope="module")
def drawn(faces):
    return draw(1_011, faces)


def test_the_same_seed_gives_the_same_bytes_and_the_same_truth(faces, drawn):
    first, again = sample_of(drawn), sample_of(draw(1_011, faces))
    assert first.data == again.data
    assert first.record == again.record


def test_another_seed_gives_another_photo(faces, drawn):
    assert sample_of(draw(1_051, faces)).data != sample_of(drawn).data


def test_boxes_lie_within_the_photo_and_read_from_left_to_right(faces):
    for seed in (1_011, 1_051, 2_011):
        drawn = draw(seed, faces)
        height, width = drawn.picture.shape[:2]
        for line in drawn.lines:
            assert (line.box > -3).all()
            assert (line.box <= np.array([width + 3, height + 3])).all()
            (tl, tr, _, bl) = line.box
            right, down = tr - tl, bl - tl
            assert right[0] * down[1] - right[1] * down[0] > 0, "corners go clockwise"


def test_paint_is_where_the_truth_says_a_line_is(faces):
    drawn = draw(1_051, faces)
    line = max(drawn.lines, key=lambda one: np.ptp(one.box[:, 0]))
    left, top = line.box.min(0).astype(int)
    right, bottom = line.box.max(0).astype(int)
    grey = drawn.picture.astype(float).mean(2)
    inside = grey[top:bottom, left:right]
    height = bottom - top
    above = grey[max(top - height, 0) : max(top - height // 4, 1), left:right]
    assert np.abs(np.diff(inside, axis=1)).mean() > np.abs(np.diff(above, axis=1)).mean()


def test_forty_seeds_in_a_row_hold_every_kind_of_address_but_the_rarest_and_six_plain_walls():
    subjects = [subject_for(seed, np.random.default_rng(seed)) for seed in range(1_000, 1_000 + len(ROUND))]
    kinds = {address.kind for subject in subjects for address in subject.addresses}
    assert kinds >= set(Kind) - {Kind.INSTAGRAM, Kind.VK, Kind.EMAIL}
    assert sum(not subject.addresses for subject in subjects) >= 6


def test_every_address_of_a_subject_is_painted_or_coded():
    for seed in range(1_000, 1_200):
        subject = subject_for(seed, np.random.default_rng(seed))
        shown = {line.address for line in subject.lines} | ({len(subject.addresses) - 1} if subject.code else set())
        assert set(range(len(subject.addresses))) <= shown


def test_phone_numbers_are_valid_in_form_and_begin_with_000():
    for seed in range(7, 4_000, 40):
        (address,) = subject_for(seed, np.random.default_rng(seed)).addresses
        number = phonenumbers.parse(address.value)
        assert phonenumbers.is_valid_number(number)
        assert address.value[5:8] == "000"


def test_onion_names_carry_the_checksum_of_their_key():
    subject = subject_for(24, np.random.default_rng(24))
    (address,) = subject.addresses
    raw = base64.b32decode(address.value.removesuffix(".onion").upper())
    assert hashlib.sha3_256(b".onion checksum" + raw[:32] + b"\x03").digest()[:2] == raw[32:34]
    assert "".join(line.text for line in subject.lines) == address.value


def test_no_seed_belongs_to_two_sets_and_training_has_none_of_val_or_test():
    assert not set(SPLITS["val"]) & set(SPLITS["test"])
    assert min(seeds_for("train", 5)) >= TRAIN_FROM > max(max(seeds) for seeds in SPLITS.values())
    assert {split_of(seed) for seed in seeds_for("test", 3)} == {"test"}


def test_more_seeds_than_a_set_has_are_refused():
    with pytest.raises(ValueError, match="val has the seeds 1000 to 1999"):
        seeds_for("val", 1_001)


def test_a_seed_of_no_set_is_refused():
    with pytest.raises(ValueError, match="belongs to no set"):
        split_of(50_000)


def test_a_folder_without_fonts_is_refused_by_name(tmp_path):
    with pytest.raises(FontsMissing, match=str(tmp_path)):
        find_faces(tmp_path)


def test_a_face_knows_what_it_can_write(faces):
    face = faces_in([FONTS])[0]
    assert face.writes("дүкен @_/.")
    assert not face.writes("漢字 \U0001f9ff\u3042")


@pytest.mark.parametrize("style", STYLES)
def test_every_style_covers_the_letters_and_not_the_rest(style, faces):
    rng = np.random.default_rng(3)
    ink = set_line(rng, "t.me/qar", faces[0], 80, Hand())
    alpha = STYLES[style](rng, ink, 80)
    assert alpha.shape == ink.shape
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert alpha[ink > 0.5].mean() > 3 * alpha[ink < 0.1].mean()


@pytest.mark.parametrize("name", WALLS)
def test_every_wall_is_a_picture_with_relief(name):
    wall = WALLS[name](np.random.default_rng(5), (200, 260), 100)
    assert wall.name == name
    assert wall.albedo.shape == (200, 260, 3)
    assert np.isfinite(wall.albedo).all()
    assert 0 <= wall.recess.min() <= wall.recess.max() <= 1
    assert wall.relief.std() > 0.05


def test_a_skeleton_is_thin_and_keeps_its_ends(faces):
    ink = set_line(np.random.default_rng(0), "IT", faces[0], 100, Hand())
    thin = skeleton(ink, 100)
    assert thin.sum() < 0.35 * (ink > 0.5).sum()
    assert 4 <= ends_of(thin).sum() <= 9
