"""Pictures good and bad, made in memory: nothing hostile lies in the repository."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pillow_heif
from PIL import Image, TiffImagePlugin

pillow_heif.register_heif_opener()

CORNER = (200, 30, 40)  # RGB of the top-left quarter; the rest is grey


def picture(width=160, height=120, mode="RGB"):
    pixels = np.full((height, width, 3), 120, np.uint8)
    pixels[: height // 2, : width // 2] = CORNER
    return Image.fromarray(pixels).convert(mode)


def saved(image, file_format="JPEG", **options):
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def jpeg(width=160, height=120, **options):
    return saved(picture(width, height), quality=95, **options)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def huge_png(side=9000):
    """81 megapixels in about ten kilobytes: one bit a pixel, all the same."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side + 7) // 8 + 1) * side, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def scan_bomb(scans=1000, side=1600):
    """A progressive JPEG whose last scan is repeated."""
    data = saved(picture(side, side), progressive=True, quality=90)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * (scans - data.count(b"\xff\xda")) + b"\xff\xd9"


def gif_with_script():
    return b"GIF89a=1;/*" + bytes(40) + b"*/alert('qq');" + bytes(200)


def with_zip_behind(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("qqnote.txt", "nothing")
    return data + out.getvalue()


def animated(file_format):
    return saved(picture(), file_format, save_all=True, append_images=[picture(mode="L").convert("RGB")], duration=100)


def mpo():
    return saved(picture(), "MPO", save_all=True, append_images=[Image.new("RGB", (160, 120), "blue")])


def deep_png():
    """A grey PNG of 16 bits whose value is 0x7800 on the left and 0xFFFF on the right."""
    pixels = np.full((64, 64), 0x7800, np.uint16)
    pixels[:, 32:] = 0xFFFF
    return saved(Image.fromarray(pixels), "PNG")


def exif(*, orientation=None, gps=None, taken=None, offset=None, make=None, model=None):
    block = Image.Exif()
    for tag, value in ((0x0112, orientation), (0x010F, make), (0x0110, model)):
        if value is not None:
            block[tag] = value
    if taken:
        block.get_ifd(0x8769)[0x9003] = taken
    if offset:
        block.get_ifd(0x8769)[0x9011] = offset
    if gps:
        block.get_ifd(0x8825).update(gps)
    return block


def fix(lat, lon, lat_ref="N", lon_ref="E"):
    """A GPS block; each coordinate three (numerator, denominator) pairs."""
    rationals = [tuple(TiffImagePlugin.IFDRational(*pair) for pair in each) for each in (lat, lon)]
    return {1: lat_ref, 2: rationals[0], 3: lon_ref, 4: rationals[1]}
