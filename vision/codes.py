"""QR codes and barcodes on the wall."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
import zxingcpp

from vision.frames import Frame, as_box
from vision.prepare.scale import shrink
from vision.types import Box, Picture

MOST_CODES = 16
LONGEST_TEXT = 2048
_QR = zxingcpp.barcode_formats_from_str("QRCode,MicroQRCode")
_OTHER = zxingcpp.barcode_formats_from_str("Aztec,DataMatrix,EAN13,EAN8,UPCA,Code128,Code39")
_SEARCHES = ((_QR, 2000, True), (_OTHER, 960, False))
"""Formats, long side in pixels, inverted ones too. QR codes are what is painted, and cost a tenth of the others."""


@dataclass(frozen=True, slots=True)
class Code:
    """One decoded code.

    Attributes:
        text: what it says, on one line of printable characters; bytes that are no text are written as hex after "0x".
        symbology: "QRCode", "EAN13", …
        box: in photo pixels; top-left is the code's own, so a code painted sideways has it elsewhere.
    """

    text: str
    symbology: str
    box: Box


def read_codes(picture: Picture, frame: Frame) -> tuple[Code, ...]:
    """The codes in the picture, turned and slanted ones too, at most `MOST_CODES`; their checksums hold.

    Args:
        picture: (H, W, 3) uint8 BGR; not mutated.
        frame: of the picture.
    """
    codes = (code for search in _SEARCHES for code in _search(picture, frame, *search) if code.text)
    return tuple(islice(codes, MOST_CODES))


def _search(
    picture: Picture,
    frame: Frame,
    formats: zxingcpp.BarcodeFormats,
    side_px: int,
    inverted: bool,  # noqa: FBT001
) -> Iterator[Code]:
    small, small_frame = shrink(picture, frame, side_px)
    grey = np.ascontiguousarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
    found = zxingcpp.read_barcodes(
        grey,
        formats=formats,
        try_rotate=True,
        try_downscale=True,
        try_invert=inverted,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return (_code(barcode, small_frame) for barcode in found if barcode.valid)


def _code(barcode: zxingcpp.Barcode, frame: Frame) -> Code:
    at = barcode.position
    corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    points = np.array([[corner.x, corner.y] for corner in corners], np.float64)
    binary = barcode.content_type in (zxingcpp.ContentType.Binary, zxingcpp.ContentType.UnknownECI)
    text = _text(bytes(barcode.bytes)) if binary else barcode.text
    return Code(_printable(text), barcode.symbology.name, as_box(frame.back(points)))


def _text(payload: bytes) -> str:
    """The payload as text, though it claims to be none, if it is mostly readable; else as hex."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        text = ""
    if text and sum(unicodedata.category(each)[0] == "C" for each in text) * 4 <= len(text):
        return text  # an address behind one control character must not get lost
    return f"0x{payload[: LONGEST_TEXT // 2].hex()}"


def _printable(text: str) -> str:
    """One line without control, bidi and private characters: a code may hold anything at all."""
    shown = (" " if unicodedata.category(each)[0] in "CZ" else each for each in text[:LONGEST_TEXT])
    return " ".join(unicodedata.normalize("NFC", "".join(shown)).split())[:LONGEST_TEXT]
