"""The watchlist as a table, CSV or XLSX: a row for an address, and no cell that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import tempfile
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from api.exchange.rows import Entry

BOM = "\ufeff"  # without it a spreadsheet takes UTF-8 for the local code page
FORMULA_STARTS = frozenset("=+-@\t\r\n")
COLUMNS = (
    "id", "kind", "value", "defanged", "status", "first_seen_at", "last_seen_at", "sightings", "photos",
    "best_confidence", "registrable", "punycode", "tlp", "tags", "mirrors",
)  # fmt: skip
WIDTHS = {"id": 34, "value": 32, "defanged": 36, "first_seen_at": 28, "last_seen_at": 28}
SHEET_ROWS = 1_000_000  # a worksheet ends at 1,048,576
PIECE_BYTES = 64 * 1024


def as_json(entry: Entry) -> dict[str, Any]:
    """The columns of an address as JSON values."""
    cells: dict[str, Any] = {}
    for column in COLUMNS:
        value = getattr(entry, column) if column != "mirrors" else tuple(each.value for each in entry.mirrors)
        if isinstance(value, datetime):
            value = value.isoformat().replace("+00:00", "Z")
        cells[column] = list(value) if isinstance(value, tuple) else value
    return cells


def escape_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before one that starts like one.

    The first character counts in its plain form (NFKC), because full-width signs start formulas too.
    """
    plain = unicodedata.normalize("NFKC", text).lstrip(" \u00a0\u200b\ufeff")
    return "'" + text if plain[:1] in FORMULA_STARTS or (text[:1] in FORMULA_STARTS and text) else text


def unescape_cell(text: str) -> str:
    """The text that `escape_cell` made this of; any other stays as it is."""
    return text[1:] if text[:1] == "'" and escape_cell(text[1:]) == text else text


def csv_pieces(rows: Iterator[Entry]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, commas, CR LF."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(BOM)
    writer.writerow(COLUMNS)
    for entry in rows:
        writer.writerow([_cell(value) for value in _cells(entry)])
        if buffer.tell() > PIECE_BYTES:
            yield _taken(buffer)
    yield _taken(buffer)


def xlsx_pieces(rows: Iterator[Entry]) -> Iterator[bytes]:
    """A workbook whose texts are text cells; written to the disk row by row and sent when it is whole."""
    with tempfile.TemporaryFile() as file:
        _write_workbook(file, rows)
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece


def _write_workbook(file: IO[bytes], rows: Iterator[Entry]) -> None:
    from xlsxwriter import Workbook  # noqa: PLC0415 - only one format needs it

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(file, options)
    # The same list is the same file: without this the moment of writing would be in it.
    book.set_properties({"title": "WallWatch", "created": datetime(2026, 1, 1)})  # noqa: DTZ001 - the library wants it so
    sheet, number = None, 0
    for entry in rows:
        if sheet is None or number > SHEET_ROWS:
            sheet, number = _new_sheet(book), 1
        for column, value in enumerate(_cells(entry)):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write_number(number, column, value)
        number += 1
    if sheet is None:
        _new_sheet(book)
    book.close()


def _new_sheet(book: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(COLUMNS):
        sheet.set_column(column, column, WIDTHS.get(name, 16))
        sheet.write_string(0, column, name)
    return sheet


def _cells(entry: Entry) -> Iterator[str | int | float | None]:
    for value in as_json(entry).values():
        yield " ".join(value) if isinstance(value, list) else value


def _cell(value: object) -> object:
    return "" if value is None else escape_cell(value) if isinstance(value, str) else value


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
