"""Pictures that tests send, made in memory; invented places, nobody's addresses."""

import io
import math
import struct
import zlib

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

WALL = (54.8702, 69.1503)
GPS, EXIF = 0x8825, 0x8769


def jpeg(seed=1, *, size=(320, 240), gps=None, taken_at=None, camera=None, quality=80):
    """A small grey JPEG, another one for every seed; gps is (lat, lon) or raw values for the GPS tags."""
    out = io.BytesIO()
    exif = Image.Exif()
    if camera:
        exif[0x010F], exif[0x0110] = camera
    if gps is not None:
        exif[GPS] = gps_tags(*gps)
    if taken_at:
        exif[EXIF] = {0x9003: taken_at.strftime("%Y:%m:%d %H:%M:%S"), 0x9011: taken_at.strftime("%z")[:3] + ":00"}
    picture(seed, size).save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def picture(seed, size=(320, 240)):
    noise = np.random.default_rng(seed).integers(90, 200, (size[1] // 8, size[0] // 8, 3), np.uint8)
    return Image.fromarray(noise).resize(size)


def gps_tags(lat, lon):
    """NaN becomes 0/0, which is how files spell it."""
    degrees = [IFDRational(0, 0) if math.isnan(angle) else abs(angle) for angle in (lat, lon)]
    return {
        1: "S" if lat < 0 else "N",
        2: (degrees[0], 0.0, 0.0),
        3: "W" if lon < 0 else "E",
        4: (degrees[1], 0.0, 0.0),
    }


def encoded(kind, seed=1, **options):
    out = io.BytesIO()
    picture(seed).save(out, kind, **options)
    return out.getvalue()


def animated_webp():
    out = io.BytesIO()
    picture(1).save(out, "WEBP", save_all=True, append_images=[picture(2)], duration=100)
    return out.getvalue()


def mpo():
    out = io.BytesIO()
    picture(3).save(out, "MPO", save_all=True, append_images=[picture(4)])
    return out.getvalue()


def pixel_bomb(side=9000):
    """A PNG of a few kilobytes that unpacks to 81 megapixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 2) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def many_scans(count=1000):
    """A progressive JPEG whose scans are repeated until it has `count` of them."""
    out = io.BytesIO()
    picture(5).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + b"\xff\xd9"


POLYGLOT = b"GIF89a/*" + bytes(40) + b"*/=1;alert(document.cookie)//"


def boundary_form(*parts, boundary="edge", end=True):
    """A multipart body from (disposition, bytes) pairs, as raw as can be."""
    body = b"".join(
        b"--" + boundary.encode() + b"\r\nContent-Disposition: " + head + b"\r\n\r\n" + data + b"\r\n"
        for head, data in parts
    )
    return body + (b"--" + boundary.encode() + b"--\r\n" if end else b"")
