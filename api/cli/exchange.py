"""`wallwatch export`: the watchlist as a file."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import open_services, stop
from api.exchange.service import Format
from api.exchange.service import export as rows_of
from api.watchlist.filters import Filters
from models import AddressStatus
from vision.types import Kind


def export(
    *,
    format: Annotated[Format, typer.Option(help="What to write.")] = Format.CSV,
    output: Annotated[Path | None, typer.Option(help="A file; without it, standard output.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only this kind.")] = None,
    status: Annotated[AddressStatus | None, typer.Option(help="Only this status.")] = None,
) -> None:
    """Write the watchlist; a file appears whole or not at all."""
    if output is not None and not output.resolve().parent.is_dir():
        stop(f"there is no folder {output.resolve().parent} to write {output.name} into: make it first")
    with open_services() as services:
        chunks = rows_of(services, format, Filters(kind=kind, status=status))
        if output is None:
            for chunk in chunks:
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            return
        try:
            _write(output, chunks)
        except OSError as error:
            stop(f"{output} cannot be written: {error.strerror or error}")


def _write(output: Path, chunks: Iterable[bytes]) -> None:
    handle, name = tempfile.mkstemp(dir=output.resolve().parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(chunks)
        Path(name).replace(output)
    finally:
        Path(name).unlink(missing_ok=True)
