"""QR codes and barcodes on the wall."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import zxingcpp

from vision.frames import Frame, as_box
from vision.prepare.scale import shrink
from vision.types import Box, Picture

SIDE_PX = 1280
MOST_CODES = 16
LONGEST_TEXT = 2048
_FORMATS = zxingcpp.barcode_formats_from_str(
    "QRCode,MicroQRCode,Aztec,DataMatrix,PDF417,EAN13,EAN8,UPCA,Code128,Code39"
)


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
    """The codes in the picture, turned, inverted and small ones too, at most `MOST_CODES`; their checksums hold.

    Args:
        picture: (H, W, 3) uint8 BGR; not mutated.
        frame: of the picture.
    """
    small, small_frame = shrink(picture, frame, SIDE_PX)
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(small),
        formats=_FORMATS,
        try_rotate=True,
        try_downscale=True,
        try_invert=True,
        text_mode=zxingcpp.TextMode.Plain,
    )
    codes = (_code(barcode, small_frame) for barcode in found[:MOST_CODES] if barcode.valid)
    return tuple(code for code in codes if code.text)


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
