"""Codes on the wall are read, wherever they are and whatever they hold."""

import cv2
import numpy as np
import pytest
import zxingcpp

from vision.codes import LONGEST_TEXT, MOST_CODES, read_codes
from vision.frames import Frame

LINK = "https://t.me/qqwallsample_24"


def printed(payload, kind=zxingcpp.BarcodeFormat.QRCode, scale=5):
    grey = np.array(zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(payload, kind), scale=scale))
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)


def on_wall(code, x=300, y=120, width=900, height=700):
    wall = np.full((height, width, 3), 140, np.uint8)
    wall[y : y + code.shape[0], x : x + code.shape[1]] = code
    return wall


def codes_on(picture, frame=None):
    return read_codes(picture, frame or Frame.of_photo(picture.shape[1], picture.shape[0]))


def test_a_qr_code_is_read_with_its_name_and_its_place():
    code = printed(LINK)
    (found,) = codes_on(on_wall(code))
    assert (found.text, found.symbology) == (LINK, "QRCode")
    (left, top), _, (right, bottom), _ = found.box
    assert 300 <= left < right <= 300 + code.shape[1]
    assert 120 <= top < bottom <= 120 + code.shape[0]


@pytest.mark.parametrize("change", [lambda wall: 255 - wall, np.rot90, lambda wall: wall[::-1, ::-1]])
def test_an_inverted_or_turned_code_is_read(change):
    assert [code.text for code in codes_on(np.ascontiguousarray(change(on_wall(printed(LINK)))))] == [LINK]


def test_a_slanted_blurred_code_is_read():
    spin = cv2.getRotationMatrix2D((400, 220), 27, 0.8)
    wall = cv2.warpAffine(on_wall(printed(LINK)), spin, (900, 700), borderValue=(140, 140, 140))
    assert [code.text for code in codes_on(cv2.GaussianBlur(wall, (0, 0), 1.0))] == [LINK]


def test_the_box_is_in_photo_pixels_when_the_picture_is_a_smaller_turned_copy():
    wall = on_wall(printed(LINK, scale=8))
    (whole,) = codes_on(wall)
    small = cv2.resize(np.ascontiguousarray(np.rot90(wall, -1)), (350, 450), interpolation=cv2.INTER_AREA)
    (part,) = codes_on(small, Frame.of_photo(900, 700).turned(1).resized(350, 450))
    np.testing.assert_allclose(part.box, whole.box, atol=6)


def test_a_code_in_a_picture_larger_than_the_working_size_is_read_and_placed():
    wall = cv2.resize(on_wall(printed(LINK)), (3600, 2800), interpolation=cv2.INTER_NEAREST)
    (found,) = codes_on(wall)
    assert found.text == LINK
    assert 1200 < found.box[0][0] < 1320


def test_a_barcode_is_read():
    (found,) = codes_on(on_wall(printed("4006381333931", zxingcpp.BarcodeFormat.EAN13, 3)))
    assert found.text == "4006381333931"
    assert found.symbology.startswith("EAN")


def test_cyrillic_in_a_code_is_read():
    assert codes_on(on_wall(printed("дүкен-примерный.қаз")))[0].text == "дүкен-примерный.қаз"


def test_bytes_that_are_no_text_come_out_as_hex():
    payload = bytes([0, 1, 2, 255, 254, 0, 128, 7])
    (found,) = codes_on(on_wall(printed(payload)))
    assert found.text == "0x" + payload.hex()


def test_control_and_bidi_characters_in_a_code_are_dropped():
    (found,) = codes_on(on_wall(printed("t.me/qqwall\u202egpj\n\x1b[31m_24")))
    assert found.text == "t.me/qqwall gpj [31m_24"


def test_the_text_and_the_number_of_codes_are_capped():
    long = codes_on(on_wall(printed("q" * 2300, scale=4), x=5, y=5))
    assert [len(code.text) for code in long] == [LONGEST_TEXT]
    small = printed("1", scale=4)
    tall, wide = small.shape[:2]
    sheet = np.full((5 * (tall + 30), 5 * (wide + 30), 3), 255, np.uint8)
    for index in range(25):
        y, x = (index // 5) * (tall + 30) + 15, (index % 5) * (wide + 30) + 15
        sheet[y : y + tall, x : x + wide] = small
    assert len(codes_on(sheet)) == MOST_CODES


def test_a_wall_without_codes_yields_none():
    noise = np.random.default_rng(3).integers(0, 255, (300, 400, 3), np.uint8)
    assert codes_on(cv2.resize(noise, (1200, 900))) == ()
