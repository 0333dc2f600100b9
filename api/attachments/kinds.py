"""What a file to be attached is, by its bytes, and whether it is safe to hand on. Nothing is unpacked or drawn here."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import IO

from api.errors import Problem
from api.readings.convert import MEDIA_TYPES
from vision.errors import PhotoError
from vision.photo import PhotoLimits, format_of, photo_facts

PDF = "application/pdf"
TEXT = "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFFICE = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
ENDINGS = {PDF: "pdf", TEXT: "txt", DOCX: "docx", XLSX: "xlsx",
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"
}  # fmt: skip

MOST_ENTRIES = 2000
MOST_UNPACKED_BYTES = 256 * 2**20
MOST_PACKED = 200  # an honest office file packs its XML ten to fifty times smaller
ALLOWED = "PDF, JPEG, PNG, WebP, HEIC, plain text in UTF-8, DOCX and XLSX"


class AttachmentTypeRefused(Problem):
    """A file of a kind that is not taken."""

    status = 415

    def __init__(self) -> None:
        super().__init__(f"This file is none of what may be attached: {ALLOWED}. Its name and type do not count.")


class AttachmentRefused(Problem):
    """A file of a kind that is taken, with something in it that is not."""

    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__(f"This file cannot be attached: {reason}.")
        self.reason = reason


class AttachmentEmpty(Problem):
    """A file without a byte."""

    status = 422

    def __init__(self) -> None:
        super().__init__("The file is empty: choose another one.")


def media_type_of(data: bytes, *, limit_bytes: int) -> str:
    """The media type of a file that may be attached.

    Raises:
        AttachmentEmpty, AttachmentTypeRefused, AttachmentRefused: each as its name says.
    """
    if not data:
        raise AttachmentEmpty
    if format_of(data):
        return _picture(data, limit_bytes)
    if data.startswith(b"%PDF-"):
        return _pdf(data)
    if data.startswith(b"PK\x03\x04"):
        return _office(io.BytesIO(data))
    if _is_text(data):
        return TEXT
    raise AttachmentTypeRefused


def _picture(data: bytes, limit_bytes: int) -> str:
    """Pictures keep to the limits of photos: pixels and scans are counted from the header, nothing is decoded."""
    try:
        photo_facts(data, limits=PhotoLimits(size_bytes=limit_bytes, min_side_px=1))
    except PhotoError as error:
        raise AttachmentRefused(str(error).rstrip(".")) from error
    return MEDIA_TYPES[str(format_of(data))]


def _pdf(data: bytes) -> str:
    if b"%%EOF" not in data[-2048:]:
        raise AttachmentRefused("the PDF breaks off before its end")
    for name in (b"/JavaScript", b"/Launch", b"/EmbeddedFile"):
        if name in data:
            raise AttachmentRefused(f"the PDF holds {name.decode()[1:]}: print it to a new PDF and attach that")
    return PDF


def _office(file: IO[bytes]) -> str:
    """Office files are archives: their list of contents is read, their contents never are."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, OSError, EOFError) as error:
        raise AttachmentRefused("the archive in it is damaged") from error
    names = {entry.filename for entry in entries}
    found = [kind for part, kind in OFFICE.items() if part in names]
    if len(found) != 1 or "[Content_Types].xml" not in names:
        raise AttachmentTypeRefused
    if len(entries) > MOST_ENTRIES or len(names) != len(entries):
        raise AttachmentRefused("it holds too many parts, or one of them twice")
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if unpacked > MOST_UNPACKED_BYTES or unpacked > MOST_PACKED * max(1, packed):
        raise AttachmentRefused(f"unpacked it would be {unpacked / 2**20:.0f} MiB, far more than such files are")
    for entry in entries:
        _check_entry(entry)
    return found[0]


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename.replace("\\", "/").lower()
    if entry.flag_bits & 1:
        raise AttachmentRefused("it is locked with a password")
    if name.startswith("/") or ".." in name.split("/") or ":" in name:
        raise AttachmentRefused("a part of it leads out of the file")
    if (
        name.endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs", ".zip", ".bin"))
        and "printersettings" not in name
    ):
        raise AttachmentRefused(f"it holds {entry.filename[:60]!r}: macros, programs and archives are not taken")


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\t\r\n\ufeff" or ord(character) > 159 for character in text)
