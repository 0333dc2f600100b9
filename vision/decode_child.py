"""The program that decodes photos, run as a child process by `vision.decoders`. It imports nothing of ours.

A photo is hostile until shown otherwise, so the code that parses it (libjpeg, libpng, libwebp, libheif) runs here,
under limits on memory and processor time, with no open files but two pipes. The child takes one request after another
from standard input and answers each on standard output. Both ways a message is a 4-byte big-endian length, a JSON
object of that length, and raw bytes whose number the JSON tells. Never pickle: the answer of a decoder that was taken
over must stay data.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import re
import resource
import select
import signal
import struct
import sys
import warnings
from typing import Any, BinaryIO

from PIL import Image, ImageFile, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

PLUGINS = (
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)  # imported so that Pillow looks for no more
LENGTH = struct.Struct(">I")
PARENT_CHECK_S = 5.0

GPS_IFD, EXIF_IFD, ORIENTATION = 0x8825, 0x8769, 0x0112
TEXT_TAGS = {"make": 0x010F, "model": 0x0110, "changed_at": 0x0132}
EXIF_TEXT_TAGS = {
    "taken_at": 0x9003,
    "digitized_at": 0x9004,
    "changed_offset": 0x9010,
    "taken_offset": 0x9011,
    "digitized_offset": 0x9012,
}
LONGEST_TEXT = 100

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation to what sets the picture upright."""

_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01


class RefusedError(Exception):
    """A photo that is not decoded; the only argument is the name of the reason, which `vision.decoders` knows."""


def count_scans(data: bytes) -> int:
    """How many scans a decoder would go through in this JPEG, found without decoding; linear in the data.

    Markers are followed as libjpeg follows them, since thumbnails, depth maps and films inside or behind the picture
    hold the same two bytes without costing a scan.
    """
    scans, at = 0, 2
    while found := _MARKER.search(data, at):
        at, marker = found.end(), found.group(1)[0]
        if marker == _EOI:
            break
        if marker in (_SOI, _TEM):
            continue
        scans += marker == _SOS
        at += max(2, int.from_bytes(data[at : at + 2], "big"))
    return scans


def decode(data: bytes, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The answer about one photo, and its pixels as BGR bytes row by row (empty when only the facts were asked for).

    Raises:
        RefusedError: with the reason's name.
    """
    if request["format"] == "HEIF":
        import pillow_heif  # noqa: PLC0415  # most photos are JPEG and need not wait for it

        pillow_heif.register_heif_opener(thumbnails=False)
    elif request["format"] == "JPEG" and count_scans(data) > request["scans"]:
        raise RefusedError("too_many_scans")
    Image.MAX_IMAGE_PIXELS = request["pixels"]
    try:
        # Only the parser that the first bytes ask for may look at the rest.
        image = Image.open(io.BytesIO(data), formats=(request["format"],))
        _check(image, request)
        exif = read_exif(image)
        turn = UPRIGHT.get(exif["orientation"])
        answer = {"exif": exif, "full": _turned_size(image.size, turn)}
        if request["facts_only"]:
            return {**answer, "size": answer["full"]}, b""
        small = _working_copy(image, request)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise RefusedError("too_many_pixels") from None
    upright = small.transpose(turn) if turn is not None else small
    return {**answer, "size": upright.size}, upright.tobytes("raw", "BGR")


def _check(image: ImageFile.ImageFile, request: dict[str, Any]) -> None:
    # An MPO is what many phones call a JPEG with further pictures behind it; the first one is the photo.
    if {"MPO": "JPEG"}.get(str(image.format), image.format) != request["format"]:
        raise RefusedError("type_unknown")
    if image.width * image.height > request["pixels"]:
        raise RefusedError("too_many_pixels")
    if min(image.size) < request["min_side_px"]:
        raise RefusedError("too_small")
    # HEIC keeps bursts as several still pictures, of which the camera names one; it is the one that is read.
    if image.format in ("PNG", "WEBP") and getattr(image, "n_frames", 1) > 1:
        raise RefusedError("animated")


def _working_copy(image: ImageFile.ImageFile, request: dict[str, Any]) -> Image.Image:
    """RGB pixels, shrunk by a whole number as far as the long side stays at least the working side."""
    wanted = max(1, max(image.size) // request["working_side_px"])
    if wanted > 1 and image.format in ("JPEG", "MPO"):
        # libjpeg leaves out the finest detail while decoding: half the size for less than half the work.
        image.draft(None, (image.width // wanted, image.height // wanted))
    full = image.size
    image.load()
    if image.size != full and image.width * image.height > request["pixels"]:
        raise RefusedError("too_many_pixels")  # a HEIC container may promise less than it unpacks to
    rgb = to_rgb(image)
    wanted = max(1, max(rgb.size) // request["working_side_px"])
    return rgb.reduce(wanted) if wanted > 1 else rgb


def to_rgb(image: Image.Image) -> Image.Image:
    """The picture as a person sees it, in RGB: what is transparent is white, 16 bits become the upper 8."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I;16"):
        high = image.tobytes()[0 if image.mode == "I;16B" else 1 :: 2]
        return Image.frombytes("L", image.size, high).convert("RGB")
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(seen, mask=seen.getchannel("A"))
        return white
    return image.convert("RGB")


def read_exif(image: Image.Image) -> dict[str, Any]:
    """What EXIF says, as short texts and lists of numbers that nobody has checked; empty where it is broken."""
    said: dict[str, Any] = {"orientation": 1, "lat": None, "lon": None}
    with contextlib.suppress(Exception):  # any error in a hostile block of metadata means that it says nothing
        exif = image.getexif()
        turn = exif.get(ORIENTATION)
        said["orientation"] = turn if isinstance(turn, int) and 1 <= turn <= 8 else 1
        said |= {name: text for name, tag in TEXT_TAGS.items() if (text := _text(exif.get(tag)))}
        inner = exif.get_ifd(EXIF_IFD)
        said |= {name: text for name, tag in EXIF_TEXT_TAGS.items() if (text := _text(inner.get(tag)))}
        gps = exif.get_ifd(GPS_IFD)
        said["lat"] = [_text(gps.get(1)), _numbers(gps.get(2))]
        said["lon"] = [_text(gps.get(3)), _numbers(gps.get(4))]
    return said


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value[:LONGEST_TEXT] if isinstance(value, str) else None


def _numbers(value: object) -> list[float | None]:
    values = value if isinstance(value, tuple) else (value,)
    return [_number(each) for each in values[:4]]


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return number if math.isfinite(number) else None


def _turned_size(size: tuple[int, int], turn: Image.Transpose | None) -> tuple[int, int]:
    sideways = (
        Image.Transpose.ROTATE_90,
        Image.Transpose.ROTATE_270,
        Image.Transpose.TRANSPOSE,
        Image.Transpose.TRANSVERSE,
    )
    return (size[1], size[0]) if turn in sideways else size


def _limit(request: dict[str, Any]) -> None:
    """Bound this one request: the processor limit counts from the start of the process, so it moves along."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime + request["cpu_s"]))
    _lower(resource.RLIMIT_AS, request["memory_bytes"])


def _lower(kind: int, wanted: int) -> None:
    hard = resource.getrlimit(kind)[1]
    with contextlib.suppress(ValueError, OSError):  # macOS refuses to limit memory
        resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _answer(data: bytes, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        _limit(request)
        return decode(data, request)
    except RefusedError as refusal:
        return {"refused": str(refusal)}, b""
    except MemoryError:
        return {"refused": "out_of_memory"}, b""
    except Exception as error:  # noqa: BLE001  # the libraries raise anything at all on hostile bytes
        # libjpeg and libpng report a failed allocation as a text of Pillow's, not as MemoryError.
        return {"refused": "out_of_memory" if "memory" in str(error).lower() else "damaged"}, b""


def _read_exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        sys.exit(0)  # the parent is gone
    return data


def _wait_for_request(parent: int) -> None:
    """Return when there is something to read; end the process when the parent has ended.

    The end of the pipe tells as much, unless a fork of the parent still holds the other end open.
    """
    while not select.select([0], [], [], PARENT_CHECK_S)[0]:
        if os.getppid() != parent:
            sys.exit(0)


def main() -> None:
    """Answer requests until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    parent = os.getppid()
    source, sink = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    sink.write(LENGTH.pack(0))
    sink.flush()
    while True:
        _wait_for_request(parent)
        request = json.loads(_read_exactly(source, LENGTH.unpack(_read_exactly(source, LENGTH.size))[0]))
        answer, pixels = _answer(_read_exactly(source, request["size_bytes"]), request)
        header = json.dumps({**answer, "pixel_bytes": len(pixels)}).encode()
        sink.write(LENGTH.pack(len(header)) + header)
        sink.write(pixels)
        sink.flush()


if __name__ == "__main__":
    main()
