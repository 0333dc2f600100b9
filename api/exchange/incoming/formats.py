"""Which format a file is in, and who reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import IO

from api.exchange.incoming.claims import Claim, ImportRefused, Refused
from api.exchange.incoming.from_misp import read_misp
from api.exchange.incoming.from_stix import read_stix
from api.exchange.incoming.lines import read_csv, read_list
from api.exchange.incoming.objects import read_geojson, read_json
from api.exchange.incoming.sheets import read_xlsx
from api.exchange.service import Format

HEAD_BYTES = 64 * 1024
SUFFIXES = {"csv": Format.CSV, "xlsx": Format.XLSX, "geojson": Format.GEOJSON, "txt": Format.TEXT, "list": Format.TEXT}
READERS: dict[Format, Callable[[IO[bytes]], Iterator[Claim | Refused]]] = {
    Format.CSV: read_csv,
    Format.XLSX: read_xlsx,
    Format.JSON: read_json,
    Format.GEOJSON: read_geojson,
    Format.STIX: read_stix,
    Format.MISP: read_misp,
}
SIGNS = (
    (re.compile(rb'"type"\s*:\s*"bundle"'), Format.STIX),
    (re.compile(rb'"type"\s*:\s*"FeatureCollection"'), Format.GEOJSON),
    (re.compile(rb'"Event"\s*:'), Format.MISP),
    (re.compile(rb"^(\xef\xbb\xbf)?\s*\["), Format.JSON),
    (re.compile(rb'"addresses"\s*:'), Format.JSON),
)


def guess(name: str, file: IO[bytes]) -> Format:
    """The format by the name's ending, and for JSON by what the file begins with. ImportRefused when neither tells."""
    suffix = name.lower().rpartition(".")[2] if "." in name else ""
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    if suffix == "json":
        head = file.read(HEAD_BYTES)
        file.seek(0)
        for sign, form in SIGNS:
            if sign.search(head):
                return form
    raise ImportRefused(f"its name and its beginning do not say what it is: say the format ({', '.join(Format)})")


def read(file: IO[bytes], form: Format, *, kind: str | None) -> Iterator[Claim | Refused]:
    """Everything that the file claims, in order; `kind` is for the bare names of a plain list. ImportRefused."""
    return read_list(file, kind) if form is Format.TEXT else READERS[form](file)
