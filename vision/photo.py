"""From the bytes of a photo to upright pixels and the facts it tells of itself.

Decoding happens once, by Pillow, in a limited child process; everything after works on the array. The original bytes
are never changed and never shown: pages get the re-encoded `upright_copy`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from vision import errors, exif
from vision.decoders import Answer, Decoders
from vision.frames import Frame
from vision.types import PhotoFacts, Picture

WORKING_SIDE_PX = 2000
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """How much a photo may cost.

    Attributes:
        size_bytes: of the file.
        pixels: width times height as the file declares them, checked before any is decoded.
        min_side_px: of the shorter side.
        scans: of a JPEG; an honest progressive one has about ten.
        wall_s: until the decoding child is killed.
        cpu_s: processor seconds of the decoding child, rounded up to whole ones.
        memory_bytes: address space of the decoding child; 64 megapixels with transparency need about 0.8 GiB.
    """

    size_bytes: int = 32 * 2**20
    pixels: int = 64_000_000
    min_side_px: int = 32
    scans: int = 50
    wall_s: float = 20.0
    cpu_s: float = 15.0
    memory_bytes: int = 5 * 2**28


DEFAULT_LIMITS = PhotoLimits()


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """An upright photo, decoded.

    Attributes:
        pixels: (H, W, 3) uint8 BGR; shrunk by a whole number if the photo is much larger than it has to be.
        frame: of `pixels`; carries boxes back to the full photo of `facts.width` x `facts.height` pixels.
        facts: what the photo says of itself.
    """

    pixels: Picture
    frame: Frame
    facts: PhotoFacts


def open_photo(
    data: bytes,
    *,
    limits: PhotoLimits = DEFAULT_LIMITS,
    working_side_px: int | None = WORKING_SIDE_PX,
    decoders: Decoders | None = None,
) -> Photo:
    """The photo in these bytes, turned upright as its EXIF says.

    Args:
        data: a JPEG, PNG, WebP or HEIC file.
        limits: what it may cost.
        working_side_px: the long side of the pixels stays at least this; None decodes every pixel.
        decoders: children to use instead of this process's own.

    Raises:
        PhotoError: one of its kinds, when the bytes are not a photo that can be read within the limits.
        DecoderUnavailable: the decoding program does not start.
    """
    answer = _ask(data, limits, decoders, facts_only=False, working_side_px=working_side_px or limits.pixels)
    pixels = answer.pixels
    if pixels is None or pixels.shape[0] * pixels.shape[1] > limits.pixels:
        raise errors.PhotoDamaged
    facts = _facts(data, answer)
    height, width = pixels.shape[:2]
    return Photo(pixels, Frame.of_photo(facts.width, facts.height).resized(width, height), facts)


def photo_facts(data: bytes, *, limits: PhotoLimits = DEFAULT_LIMITS, decoders: Decoders | None = None) -> PhotoFacts:
    """What the photo says of itself, without decoding its pixels: the same checks, but damage may go unseen.

    Raises:
        PhotoError: one of its kinds, when the bytes do not begin like a photo within the limits.
        DecoderUnavailable: the decoding program does not start.
    """
    return _facts(data, _ask(data, limits, decoders, facts_only=True, working_side_px=1))


def format_of(data: bytes) -> str | None:
    """By the first bytes, one of "JPEG", "PNG", "WEBP" and "HEIF"; None for everything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        return "HEIF"
    return None


def read_file(path: str | os.PathLike[str], *, limits: PhotoLimits = DEFAULT_LIMITS) -> bytes:
    """The bytes of an ordinary file; never waits on a pipe or a device.

    Raises:
        PhotoMissing, PhotoForbidden, PhotoNotAFile, PhotoEmpty, PhotoTooLarge: each as its name says.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise errors.PhotoMissing from error
    except PermissionError as error:
        raise errors.PhotoForbidden from error
    except OSError as error:
        nowhere = error.errno in (errno.ENAMETOOLONG, errno.ELOOP)
        raise (errors.PhotoMissing if nowhere else errors.PhotoNotAFile) from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise errors.PhotoNotAFile
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(limits.size_bytes + 1)
    except OSError as error:
        raise errors.PhotoNotAFile(f"{Path(path).name} cannot be read from the disk: {error.strerror}.") from error
    finally:
        os.close(handle)
    _check_size(data, limits)
    return data


def encode_png(picture: Picture) -> bytes:
    """The picture as a PNG, exactly its pixels and nothing else."""
    is_done, data = cv2.imencode(".png", picture)
    if not is_done:
        raise ValueError("this picture cannot be written as a PNG")
    return data.tobytes()


def encode_jpeg(picture: Picture, *, max_side_px: int = 2000, quality: int = 85) -> bytes:
    """The picture as a JPEG that carries nothing but its pixels, shrunk to fit `max_side_px`; never enlarged."""
    height, width = picture.shape[:2]
    if (scale := max_side_px / max(height, width)) < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    done, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:  # only a picture larger than JPEG's 65,535 pixels a side, which the line above rules out
        raise ValueError("the picture cannot be written as a JPEG")
    return encoded.tobytes()


def upright_copy(
    data: bytes, *, max_side_px: int = 2000, quality: int = 85, limits: PhotoLimits = DEFAULT_LIMITS
) -> bytes:
    """A JPEG of the photo for pages: upright, re-encoded, without EXIF or anything else of the original's bytes.

    Raises:
        PhotoError: as `open_photo`.
    """
    photo = open_photo(data, limits=limits, working_side_px=max_side_px)
    return encode_jpeg(photo.pixels, max_side_px=max_side_px, quality=quality)


@cache
def _own_decoders() -> Decoders:
    return Decoders()


def _check_size(data: bytes, limits: PhotoLimits) -> None:
    if not data:
        raise errors.PhotoEmpty
    if len(data) > limits.size_bytes:
        raise errors.PhotoTooLarge(f"A photo may be at most {limits.size_bytes / 2**20:g} MiB.")


def _ask(
    data: bytes, limits: PhotoLimits, decoders: Decoders | None, *, facts_only: bool, working_side_px: int
) -> Answer:
    _check_size(data, limits)
    if (file_format := format_of(data)) is None:
        raise errors.PhotoTypeUnknown
    request = {
        "format": file_format,
        "facts_only": facts_only,
        "working_side_px": max(1, working_side_px),
        "pixels": limits.pixels,
        "min_side_px": limits.min_side_px,
        "scans": limits.scans,
        "cpu_s": limits.cpu_s,
        "memory_bytes": limits.memory_bytes,
    }
    answer = (decoders or _own_decoders()).ask(data, request, wall_s=limits.wall_s)
    if "refused" in answer.said:
        raise _refusal(answer.said["refused"], limits)
    return answer


def _refusal(reason: object, limits: PhotoLimits) -> errors.PhotoError:
    refusals = {
        "type_unknown": errors.PhotoTypeUnknown(),
        "too_many_pixels": errors.PhotoTooManyPixels(f"A photo may have at most {limits.pixels / 1e6:g} megapixels."),
        "too_small": errors.PhotoTooSmall(
            f"The shorter side of a photo must have {limits.min_side_px} pixels or more."
        ),
        "too_many_scans": errors.PhotoTooManyScans(),
        "animated": errors.PhotoAnimated(),
        "out_of_memory": errors.PhotoTookTooLong(),
    }
    return refusals.get(str(reason)) or errors.PhotoDamaged()


def _facts(data: bytes, answer: Answer) -> PhotoFacts:
    """The facts in a child's answer, each checked to be what it should be."""
    try:
        width, height = (int(side) for side in answer.said["full"])
        said = dict(answer.said["exif"])
    except (LookupError, TypeError, ValueError) as error:
        raise errors.PhotoDamaged from error
    if min(width, height) < 1:
        raise errors.PhotoDamaged
    where = exif.place(said)
    return PhotoFacts(
        sha256=hashlib.sha256(data).hexdigest(),
        format=str(format_of(data)),
        width=width,
        height=height,
        lat=where[0] if where else None,
        lon=where[1] if where else None,
        taken_at=exif.taken_at(said),
        camera=exif.camera(said),
    )
