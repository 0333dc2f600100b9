"""Good photos come out upright, in the right colours, with what they say of themselves."""

import hashlib
import io
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from photo_corpus import CORNER, deep_png, exif, fix, jpeg, mpo, picture, saved, with_zip_behind
from PIL import Image

from vision import exif as exif_rules
from vision.photo import encode_jpeg, open_photo, photo_facts, upright_copy

ALMATY = fix([(43, 1), (14, 1), (1234, 100)], [(76, 1), (53, 1), (0, 1)])


def colour_at(photo, x, y):
    """RGB of the pixel that a point of the full photo falls on."""
    at = np.rint(photo.frame.forward(np.array([[x, y]], float))[0]).astype(int)
    return photo.pixels[at[1], at[0]][::-1].astype(int)


@pytest.mark.parametrize(
    ("file_format", "name"), [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WEBP"), ("HEIF", "HEIF")]
)
def test_every_accepted_format_is_opened(file_format, name):
    data = saved(picture(), file_format, quality=95)
    photo = open_photo(data)
    assert photo.facts.format == name
    assert photo.facts.sha256 == hashlib.sha256(data).hexdigest()
    assert photo.pixels.shape == (120, 160, 3)
    np.testing.assert_allclose(colour_at(photo, 20, 20), CORNER, atol=12)
    np.testing.assert_allclose(colour_at(photo, 140, 100), 120, atol=12)


CORNER_AFTER = {1: "left top", 2: "right top", 3: "right bottom", 4: "left bottom", 5: "left top", 6: "right top"}
CORNER_AFTER |= {7: "right bottom", 8: "left bottom"}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("side", [None, 40])
def test_the_exif_turn_is_applied(orientation, side):
    photo = open_photo(jpeg(exif=exif(orientation=orientation)), working_side_px=side)
    wide, tall = (160, 120) if orientation < 5 else (120, 160)
    assert (photo.facts.width, photo.facts.height) == (wide, tall)
    assert photo.pixels.shape[1] / photo.pixels.shape[0] == wide / tall
    x = wide * (0.2 if "left" in CORNER_AFTER[orientation] else 0.8)
    y = tall * (0.2 if "top" in CORNER_AFTER[orientation] else 0.8)
    np.testing.assert_allclose(colour_at(photo, x, y), CORNER, atol=12)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_a_large_photo_is_decoded_smaller_and_its_frame_leads_back(file_format):
    photo = open_photo(saved(picture(1600, 1200), file_format), working_side_px=350)
    assert photo.pixels.shape == (300, 400, 3)
    assert (photo.facts.width, photo.facts.height) == (1600, 1200)
    edges = photo.frame.back(np.array([[-0.5, -0.5], [399.5, 299.5]]))
    np.testing.assert_allclose(edges, [[-0.5, -0.5], [1599.5, 1199.5]])


def test_every_pixel_is_decoded_when_asked_for():
    assert open_photo(saved(picture(2600, 1200)), working_side_px=None).pixels.shape == (1200, 2600, 3)


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (saved(picture(mode="CMYK"), "JPEG", quality=95), CORNER),
        (saved(picture().quantize(4), "PNG"), CORNER),
        (saved(picture(mode="RGBA"), "PNG"), CORNER),
        (saved(picture(mode="L"), "PNG"), (82, 82, 82)),
        (saved(picture(mode="1"), "PNG"), None),
        (saved(picture(mode="LA"), "PNG"), (82, 82, 82)),
        (deep_png(), (0x78, 0x78, 0x78)),
    ],
    ids=["CMYK", "palette", "alpha", "grey", "bitmap", "grey alpha", "16 bit"],
)
def test_every_kind_of_pixel_is_converted_right(data, seen):
    photo = open_photo(data)
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.shape[2] == 3
    if seen:
        np.testing.assert_allclose(colour_at(photo, 5, 5), seen, atol=12)


def test_the_white_of_a_16_bit_picture_is_white():
    assert open_photo(deep_png()).pixels[10, 60].tolist() == [255, 255, 255]


def test_what_is_transparent_is_white():
    clear = saved(Image.new("RGBA", (64, 64), (10, 10, 10, 0)), "PNG")
    index = picture().quantize(4).getpixel((0, 0))
    palette = open_photo(saved(picture().quantize(4), "PNG", transparency=index))
    assert (open_photo(clear).pixels == 255).all()
    assert colour_at(palette, 5, 5).tolist() == [255, 255, 255]
    np.testing.assert_allclose(colour_at(palette, 140, 100), 120, atol=6)


def test_the_first_picture_of_an_mpo_is_the_photo():
    photo = open_photo(mpo())
    assert photo.facts.format == "JPEG"
    np.testing.assert_allclose(colour_at(photo, 20, 20), CORNER, atol=16)


@pytest.mark.parametrize("data", [with_zip_behind(jpeg()), saved(picture(), "PNG") + b"<html><script>qq()</script>"])
def test_what_lies_behind_a_picture_is_ignored_and_not_copied(data):
    copy = upright_copy(data)
    assert open_photo(data).pixels.shape == (120, 160, 3)
    assert b"script" not in copy
    assert b"PK\x03\x04" not in copy


def test_the_copy_for_pages_is_upright_smaller_and_says_nothing():
    data = jpeg(400, 200, exif=exif(orientation=6, gps=ALMATY, make="Примермейк"))
    copy = Image.open(io.BytesIO(upright_copy(data, max_side_px=100)))
    assert copy.size == (50, 100)
    assert not copy.getexif()
    assert copy.format == "JPEG"


def test_a_small_picture_is_not_enlarged():
    small = np.zeros((40, 50, 3), np.uint8)
    assert Image.open(io.BytesIO(encode_jpeg(small, max_side_px=500))).size == (50, 40)


def test_place_time_and_camera_are_read():
    block = exif(gps=ALMATY, taken="2031:05:06 07:08:09", offset="+05:00", make="Qqmaker", model="Qqmaker Z9\x07")
    facts = photo_facts(jpeg(exif=block))
    assert facts.lat == pytest.approx(43 + 14 / 60 + 12.34 / 3600, abs=1e-6)
    assert facts.lon == pytest.approx(76 + 53 / 60, abs=1e-6)
    assert facts.taken_at == datetime(2031, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=5)))
    assert facts.camera == "Qqmaker Z9"
    assert facts == open_photo(jpeg(exif=block)).facts


def test_a_camera_name_is_one_printable_line():
    assert exif_rules.camera({"make": "Qqmaker\u202e", "model": "Z\n9\0"}) == "Qqmaker Z 9"
    assert exif_rules.camera({"make": " \0"}) is None


def test_a_time_without_offset_stays_naive():
    assert photo_facts(jpeg(exif=exif(taken="2031:05:06 07:08:09"))).taken_at == datetime(2031, 5, 6, 7, 8, 9)  # noqa: DTZ001


def test_south_and_west_are_negative():
    facts = photo_facts(jpeg(exif=exif(gps=fix([(12, 1), (30, 1), (0, 1)], [(45, 1), (0, 1), (0, 1)], "S", "W"))))
    assert (facts.lat, facts.lon) == (-12.5, -45.0)


ZERO, BROKEN = [(0, 1)] * 3, [(43, 0), (0, 0), (0, 0)]


@pytest.mark.parametrize(
    "gps",
    [
        fix(ZERO, ZERO),
        fix(BROKEN, BROKEN),
        fix(BROKEN, [(76, 1), (0, 1), (0, 1)]),
        fix([(91, 1), (0, 1), (0, 1)], [(76, 1), (0, 1), (0, 1)]),
        fix([(43, 1), (0, 1), (0, 1)], [(181, 1), (0, 1), (0, 1)]),
        fix([(43, 1), (60, 1), (0, 1)], [(76, 1), (0, 1), (0, 1)]),
        fix([(43, 1), (0, 1), (0, 1)], [(76, 1), (0, 1), (0, 1)], "X", "E"),
        fix([(43, 1), (0, 1), (0, 1)], [(76, 1), (0, 1), (0, 1)], "", "E"),
        {1: "N", 2: ALMATY[2]},
        {2: ALMATY[2], 4: ALMATY[4]},
    ],
)
def test_a_place_that_cannot_be_is_no_place_and_the_photo_is_read_all_the_same(gps):
    photo = open_photo(jpeg(exif=exif(gps=gps)))
    assert (photo.facts.lat, photo.facts.lon) == (None, None)


def test_a_broken_exif_block_costs_nothing_but_itself():
    broken = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 300
    assert open_photo(jpeg(exif=broken)).facts.lat is None


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["lat", "lon", "taken_at", "taken_offset", "make", "model"]), JSONISH))
def test_whatever_exif_says_the_facts_are_possible(said):
    where = exif_rules.place(said)
    assert where is None or (abs(where[0]) <= 90 and abs(where[1]) <= 180 and where != (0, 0))
    assert exif_rules.taken_at(said) is None or exif_rules.taken_at(said).year >= 1
    name = exif_rules.camera(said)
    assert name is None or (name.isprintable() and 0 < len(name) <= 80)


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True))
def test_degrees_are_within_the_globe_or_refused(lat, lon):
    where = exif_rules.place({"lat": ["N", [lat]], "lon": ["E", [lon]]})
    assert where is None or (0 <= where[0] <= 90 and 0 <= where[1] <= 180)
