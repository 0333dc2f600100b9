"""Line crops for training are repeatable, and their labels say what was drawn."""

from pathlib import Path

import numpy as np
import pytest

from vision.lab.lines.alphabet import CHARACTERS, CYRILLIC, LOOKS_LIKE, TWINS, unwritable
from vision.lab.lines.draw import STYLES, Studio, contact_sheet, draw_crop, plain
from vision.lab.lines.glyphs import SIZE_PX, glyph, segments
from vision.lab.lines.grounds import Grounds
from vision.lab.lines.shot import HEIGHT_PX, WIDEST_PX, altered
from vision.lab.lines.texts import PRINTED, STREET, text_for
from vision.lab.lines.words import SYLLABLES, listed, word
from vision.lab.synth.fonts import find_faces
from vision.lab.synth.truth import TRAIN_FROM

FONTS = Path("vision/fonts")


@pytest.fixture(scope="module")
def studio():
    return Studio(find_faces(FONTS), Grounds(walls=2))


@pytest.fixture(scope="module")
def crops(studio):
    return [draw_crop(TRAIN_FROM + index, studio) for index in range(24)]


def test_the_same_seed_gives_the_same_pixels_and_text(studio, crops):
    for index in (0, 7, 23):
        again = draw_crop(TRAIN_FROM + index, studio)
        assert again.text == crops[index].text
        assert np.array_equal(again.picture, crops[index].picture)


def test_crops_have_the_height_that_recognisers_read_and_differ(crops):
    assert all(crop.picture.shape[0] == HEIGHT_PX and crop.picture.shape[1] <= WIDEST_PX for crop in crops)
    assert len({crop.text for crop in crops}) > 20
    assert {crop.style for crop in crops} <= set(STYLES)


def test_seeds_of_the_samples_are_refused(studio):
    with pytest.raises(ValueError, match="belongs to the samples"):
        draw_crop(TRAIN_FROM - 1, studio)


@pytest.mark.parametrize("makers", [STREET, PRINTED])
def test_every_kind_of_text_stays_within_the_alphabet(makers):
    for index, (maker, _) in enumerate(makers):
        for seed in range(60):
            text = text_for(np.random.default_rng([seed, index]), [(maker, 1.0)], 30)
            assert 1 <= len(text) <= 30
            assert not unwritable(text)
            assert text == " ".join(text.split())


@pytest.mark.parametrize("name", ["russian", "kazakh", "english", "signs", "slang", "ukrserb"])
def test_word_lists_stay_within_the_alphabet(name):
    assert listed(name)
    assert not unwritable("".join(listed(name)).replace(" ", ""))


@pytest.mark.parametrize("language", SYLLABLES)
def test_a_word_is_of_one_script(language):
    for seed in range(200):
        letters = {letter for letter in word(np.random.default_rng(seed), language).lower() if letter.isalpha()}
        assert letters <= set(CYRILLIC) or not letters & set(CYRILLIC)


def test_the_alphabet_has_every_letter_once():
    assert len(set(CHARACTERS)) == len(CHARACTERS)
    assert " " not in CHARACTERS
    assert set("әғқңөұүһіӘҒҚҢӨҰҮҺІёЁйЙґєїўђјљњћџ@_№") <= set(CHARACTERS)
    assert set(CYRILLIC) | set(CYRILLIC.upper()) <= set(LOOKS_LIKE) | set(TWINS)


def test_without_a_folder_of_textures_walls_are_drawn(tmp_path):
    assert Grounds.found(None).patches == ()
    assert Grounds.found(tmp_path / "nowhere").patches == ()


def test_middle_lines_stay_within_the_ink():
    face = find_faces(FONTS)[0]
    one = glyph(face, "Ж")
    points = segments(face, "Ж").reshape(-1, 2)
    assert len(points) > 40
    assert points[:, 0].min() >= one.left - 1
    assert points[:, 0].max() <= one.left + one.ink.shape[1] + 1
    assert points[:, 1].min() >= -SIZE_PX
    assert not len(segments(face, " "))


def test_a_real_crop_comes_back_a_little_different(crops):
    one = altered(np.random.default_rng(1), crops[0].picture)
    two = altered(np.random.default_rng(2), crops[0].picture)
    assert one.shape[0] == two.shape[0] == HEIGHT_PX
    assert one.shape != two.shape or (one != two).any()


def test_faces_for_reading_are_told_from_faces_for_show():
    assert plain(find_faces(FONTS)[0])


def test_a_contact_sheet_holds_all_crops(crops):
    assert contact_sheet(crops, columns=4).shape[0] == 6 * (HEIGHT_PX + 4)
