"""Workbooks (XLSX): read as a stream of cells, never unpacked to the disk, never as a whole.

Only the worksheets and the table of shared texts are looked at. What is not needed cannot do harm: no styles, no links,
no macros, no formula is evaluated. DTDs, and with them entities, are refused by defusedxml.
"""

from __future__ import annotations

import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from typing import IO, Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import create_parser

from api.exchange.incoming.claims import Claim, ImportRefused, Refused
from api.exchange.incoming.lines import FORMULA, read_table

PARTS_AT_MOST = 2000
UNPACKED_BYTES = 256 * 2**20
ROWS_AT_MOST = 1_048_576
COLUMNS = 64
CELL_CHARS = 32_767
TAG_BYTES = 2**20
PIECE = 64 * 1024
SHEET = re.compile(r"xl/worksheets/sheet(\d{1,4})\.xml")
STRINGS = "xl/sharedStrings.xml"


def read_xlsx(file: IO[bytes]) -> Iterator[Claim | Refused]:
    """A claim for each row of the worksheets that have a column `value`. ImportRefused for anything that is none."""
    try:
        with zipfile.ZipFile(file) as book, closing(sqlite3.connect("")) as shared:
            names = _checked(book)
            shared.execute("CREATE TABLE texts (n INTEGER PRIMARY KEY, text TEXT)")
            if STRINGS in names:
                texts = enumerate(_parsed(book, STRINGS, _Strings()))
                shared.executemany("INSERT INTO texts VALUES (?, ?)", texts)
            sheets = sorted((int(found[1]), name) for name in names if (found := SHEET.fullmatch(name)))
            if not sheets:
                raise ImportRefused("the workbook has no worksheet")
            for number, (_, name) in enumerate(sheets):
                yield from _sheet(book, name, shared, is_first=number == 0)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise ImportRefused(f"it is not a whole XLSX workbook ({str(error)[:100]})") from None


def _checked(book: zipfile.ZipFile) -> set[str]:
    parts = book.infolist()
    if len(parts) > PARTS_AT_MOST:
        raise ImportRefused(f"the workbook has more than {PARTS_AT_MOST} parts")
    for part in parts:
        if part.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", part.filename) or ":" in part.filename:
            raise ImportRefused(f"the archive has a part that leads out of it ({part.filename[:60]!r})")
        if part.flag_bits & 1:
            raise ImportRefused("the workbook is encrypted: save it without a password")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ImportRefused("the workbook is packed in an unusual way: save it again")
    # What a part says of its size is believed, because reading it stops there.
    if sum(part.file_size for part in parts) > UNPACKED_BYTES:
        raise ImportRefused(f"the workbook unpacks to more than {UNPACKED_BYTES // 2**20} MiB")
    return {part.filename for part in parts}


def _sheet(
    book: zipfile.ZipFile, name: str, shared: sqlite3.Connection, *, is_first: bool
) -> Iterator[Claim | Refused]:
    rows = _rows(book, name, shared)
    try:
        yield from read_table(rows)
    except ImportRefused:
        if is_first:
            raise  # a further sheet without our columns is somebody's notes


def _rows(book: zipfile.ZipFile, name: str, shared: sqlite3.Connection) -> Iterator[tuple[int, list[str]]]:
    for number, cells in _parsed(book, name, _Rows()):
        row = [""] * (max(cells, default=-1) + 1)
        for column, (is_shared, text) in cells.items():
            row[column] = _shared(shared, text) if is_shared else text
        yield number, row


def _shared(shared: sqlite3.Connection, text: str) -> str:
    if not re.fullmatch(r"\d{1,9}", text):
        return ""
    found = shared.execute("SELECT text FROM texts WHERE n = ?", (int(text),)).fetchone()
    return str(found[0]) if found else ""


class _Collector(ContentHandler):
    """Collects what is complete; `events` shows that the parser gets on."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[Any] = []
        self.events = 0
        self._text: list[str] | None = None
        self._chars = 0
        self._phonetic = 0

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - SAX names it
        """An element begins."""
        self.events += 1
        name = name.rpartition(":")[2]
        self._phonetic += name == "rPh"
        self.begin(name, attrs)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX names it
        """An element ends."""
        self.events += 1
        name = name.rpartition(":")[2]
        self._phonetic -= name == "rPh"
        self.end(name)

    def characters(self, content: str) -> None:
        """Text, in pieces."""
        self.events += 1
        if self._text is not None and not self._phonetic:
            self._chars += len(content)
            if self._chars > CELL_CHARS:
                raise ImportRefused(f"a cell of the workbook has more than {CELL_CHARS} characters")
            self._text.append(content)

    def begin(self, name: str, attrs: Any) -> None:
        """An element of this local name begins."""

    def end(self, name: str) -> None:
        """An element of this local name ends."""


class _Strings(_Collector):
    """The shared texts in order."""

    def begin(self, name: str, attrs: Any) -> None:  # noqa: ARG002
        """Start a text."""
        if name == "si":
            self._text, self._chars = [], 0

    def end(self, name: str) -> None:
        """Finish a text."""
        if name == "si" and self._text is not None:
            self.made.append("".join(self._text))
            self._text = None


class _Rows(_Collector):
    """Rows as (number, column -> (is it the number of a shared text, text))."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._cells: dict[int, tuple[bool, str]] = {}
        self._column = -1
        self._kind = ""
        self._computes = False

    def begin(self, name: str, attrs: Any) -> None:
        """A row, a cell, or what is in it."""
        if name == "row":
            self._number += 1
            if self._number > ROWS_AT_MOST:
                raise ImportRefused(f"a worksheet has more than {ROWS_AT_MOST} rows")
            self._cells, self._column = {}, -1
        elif name == "c":
            self._column = _column(attrs.get("r", ""), self._column + 1)
            self._kind, self._computes = attrs.get("t", "n"), False
            self._text, self._chars = [], 0
        elif name == "f":
            self._computes = True

    def end(self, name: str) -> None:
        """A cell or a row is complete."""
        if name == "c" and self._text is not None:
            text = FORMULA if self._computes else "".join(self._text)
            if 0 <= self._column < COLUMNS:
                self._cells[self._column] = (self._kind == "s" and not self._computes, text)
            self._text = None
        elif name == "row":
            self.made.append((self._number, self._cells))
            self._cells = {}


def _column(reference: str, following: int) -> int:
    letters = re.match(r"[A-Z]{1,3}", reference)
    if not letters:
        return following
    column = 0
    for letter in letters[0]:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _parsed(book: zipfile.ZipFile, name: str, collector: _Collector) -> Iterator[Any]:
    parser = create_parser(forbid_dtd=True)
    parser.setContentHandler(collector)
    silent_bytes, events = 0, 0
    try:
        with book.open(name) as part:
            while piece := part.read(PIECE):
                parser.feed(piece)
                yield from collector.made
                collector.made.clear()
                silent_bytes = 0 if collector.events != events else silent_bytes + len(piece)
                events = collector.events
                if silent_bytes > TAG_BYTES:
                    raise ImportRefused(f"{name} has a tag that does not end")
        parser.close()
        yield from collector.made
    except DefusedXmlException:
        raise ImportRefused(f"{name} declares a document type or entities, as no spreadsheet does") from None
    except (SAXException, UnicodeError) as error:
        raise ImportRefused(f"{name} is not well-formed ({str(error)[:100]})") from None
