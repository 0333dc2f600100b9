"""The watchlist as files: streamed page by page, so that a hundred thousand rows take the memory of one page.

Each page is a transaction of its own: on SQLite a reader that stays open would keep every writer waiting.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

from api.services import Services
from api.unit import SYSTEM, Actor
from api.watchlist.filters import Filters
from api.watchlist.repository import page
from api.watchlist.schemas import AddressOut, address_out

PAGE = 1000
BOM = "\ufeff"  # without it a spreadsheet takes UTF-8 for the local code page
FORMULA_STARTS = frozenset("=+-@\t\r\n")
COLUMNS = tuple(AddressOut.model_fields)


class Format(StrEnum):
    """What an export may be written as."""

    CSV = "csv"
    JSON = "json"


MEDIA_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.JSON: "application/json"}


def export(services: Services, form: Format, filters: Filters, *, actor: Actor = SYSTEM) -> Iterator[bytes]:
    """The addresses of a filtered list in order, as the bytes of a file."""
    rows = _rows(services, filters, actor)
    return _csv(rows) if form is Format.CSV else _json(rows)


def escape_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before one that starts like one.

    The first character counts in its plain form (NFKC), because full-width signs start formulas too.
    """
    plain = unicodedata.normalize("NFKC", text).lstrip(" \u00a0\u200b\ufeff")
    return "'" + text if plain[:1] in FORMULA_STARTS or (text[:1] in FORMULA_STARTS and text) else text


def _rows(services: Services, filters: Filters, actor: Actor) -> Iterator[AddressOut]:
    cursor: str | None = None
    while True:
        with services.reading_unit(actor) as unit:
            found, cursor = page(unit, filters, cursor=cursor, limit=PAGE)
            shown = [address_out(row) for row in found]
        yield from shown
        if cursor is None:
            return


def _csv(rows: Iterator[AddressOut]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(BOM)
    writer.writerow(COLUMNS)
    for row in rows:
        cells = row.model_dump(mode="json")
        writer.writerow([_cell(cells[column]) for column in COLUMNS])
        if buffer.tell() > 64 * 1024:
            yield _taken(buffer)
    yield _taken(buffer)


def _cell(value: object) -> object:
    return "" if value is None else escape_cell(value) if isinstance(value, str) else value


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _json(rows: Iterator[AddressOut]) -> Iterator[bytes]:
    """A JSON array, one canonical object on a line."""
    yield b"["
    before = b"\n"
    for row in rows:
        text = json.dumps(row.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        yield before + text.encode()
        before = b",\n"
    yield b"\n]\n"
