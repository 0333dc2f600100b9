"""Lists and tables of text, line by line: no line, however long, is ever held whole beyond its limit."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import IO

from api.exchange.incoming.claims import Claim, ImportRefused, Refused, address_of, claim_of
from api.exchange.tables import unescape_cell
from vision.addresses import AddressInvalid

LINE_BYTES = 2**20
COLUMNS_AT_MOST = 200
ALIASES = {"address": "value", "адрес": "value", "значение": "value", "вид": "kind", "type": "kind"}
FORMULA = "\0formula"
"""What a reader of spreadsheets puts in the place of a cell that computes something."""


def read_list(file: IO[bytes], kind: str | None) -> Iterator[Claim | Refused]:
    """A claim for each line that is neither empty nor a comment (#); `kind` is for bare names."""
    for number, raw in _lines(file):
        where = f"line {number}"
        if raw is None:
            yield Refused(where, "", f"It is longer than {LINE_BYTES // 2**20} MiB.")
            continue
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError:
            yield Refused(where, repr(raw[:60]), "It is not UTF-8.")
            continue
        if not text or text.startswith("#"):
            continue
        yield _listed(where, text, kind)


def _listed(where: str, text: str, kind: str | None) -> Claim | Refused:
    try:
        try:
            known, value = address_of(None, text)
        except AddressInvalid:
            if not kind:
                raise
            known, value = address_of(kind, text)
    except AddressInvalid as error:
        return Refused(where, text[:200], str(error))
    return Claim(where, known, value, text)


def read_csv(file: IO[bytes]) -> Iterator[Claim | Refused]:
    """A claim for each row of a table that has a column `value`; commas, semicolons or tabs."""
    lines = _decoded(file)
    head = next(lines, "")
    delimiter = max(",;\t", key=head.count)
    try:
        yield from read_table(enumerate(csv.reader(_again(head, lines), delimiter=delimiter), start=1))
    except csv.Error as error:
        raise ImportRefused(f"it is not a CSV table ({error})") from None


def read_table(rows: Iterable[tuple[int, list[str]]]) -> Iterator[Claim | Refused]:
    """The claims of numbered rows, of which the first names the columns."""
    columns: list[str] = []
    for number, cells in rows:
        if not columns:
            columns = [ALIASES.get(name.strip().lower(), name.strip().lower()) for name in cells[:COLUMNS_AT_MOST]]
            if "value" not in columns:
                raise ImportRefused("its first row names no column 'value' (a plain list is --format text)")
        elif any(cells):
            yield _row(f"row {number}", dict(zip(columns, cells, strict=False)))
    if not columns:
        raise ImportRefused("it is empty")


def _row(where: str, cells: dict[str, str]) -> Claim | Refused:
    given = cells.get("value", "")
    for name, text in cells.items():
        if text == FORMULA or text.startswith("="):
            return Refused(where, given[:200].strip("\0"), f"Column {name[:40]} holds a formula.")
        if "\udc80" <= max(text, default="") <= "\udcff":
            return Refused(where, repr(given[:60]), f"Column {name[:40]!r} is not UTF-8.")
    plain: dict[str, object] = {name: unescape_cell(text) for name, text in cells.items()}
    if isinstance(tags := plain.get("tags"), str):
        plain["tags"] = tags.split()
    try:
        return claim_of(where, plain)
    except AddressInvalid as error:
        return Refused(where, given[:200], str(error))


def _decoded(file: IO[bytes]) -> Iterator[str]:
    for number, raw in _lines(file):
        if raw is None:
            raise ImportRefused(f"line {number} is longer than {LINE_BYTES // 2**20} MiB")
        if number == 1 and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ImportRefused("it is UTF-16: save it as CSV in UTF-8")
        # Bytes that are no UTF-8 are carried on as lone surrogates, so that one bad row does not hide the others.
        text = raw.removeprefix(b"\xef\xbb\xbf" if number == 1 else b"").decode("utf-8", "surrogateescape")
        yield text.replace("\0", "\ufffd")


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines; None for one over the limit, whose rest is passed over."""
    number = 0
    while raw := file.readline(LINE_BYTES + 1):
        number += 1
        if len(raw) <= LINE_BYTES or raw.endswith(b"\n"):
            yield number, raw
            continue
        while raw and not raw.endswith(b"\n"):
            raw = file.readline(LINE_BYTES)
        yield number, None
