"""`wallwatch export` and `wallwatch import-watchlist`: the watchlist as a file, and files into the watchlist."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import open_services, stop
from api.cli.visible import visible
from api.errors import Problem
from api.exchange.incoming.service import Fate, Told, take_in
from api.exchange.service import Format
from api.exchange.service import export as rows_of
from api.unit import Actor
from api.watchlist.filters import Filters
from models import AddressStatus
from vision.types import Kind

COMMAND = Actor(name="import-watchlist")


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


def import_watchlist(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="What to take in.")],
    *,
    format: Annotated[Format | None, typer.Option(help="Without it, name and beginning of the file tell.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Of bare names in a plain list.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Take a file of addresses in. Exit status 1 if any entry is refused, 2 if the file cannot be read."""

    def tell(told: Told) -> None:
        if told.fate is Fate.KNOWN and not told.reason:
            return
        named = " ".join(filter(None, [told.where, told.kind, told.value]))
        line = f"{told.fate}: {visible(named)}{': ' + visible(told.reason) if told.reason else ''}"
        typer.echo(line, err=told.fate is Fate.REFUSED)

    with open_services() as services:
        try:
            with file.open("rb") as opened:
                outcome = take_in(
                    services, COMMAND, opened, name=file.name, form=format, kind=kind, is_dry_run=dry_run, tell=tell
                )
        except Problem as problem:
            stop(problem.message)
        except OSError as error:
            stop(f"{file} cannot be read: {error.strerror or error}")
    would = "would be " if dry_run else ""
    print(
        f"{outcome.entries} entries of {outcome.format}: {outcome.added} {would}added, {outcome.merged} {would}merged,"
        f" {outcome.known} known, {outcome.refused} refused"
    )
    if outcome.refused:
        raise typer.Exit(1)
