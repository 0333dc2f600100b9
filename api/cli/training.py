"""`wallwatch export-training`: what people corrected, as labelled pictures for the reader's lab."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import open_services, stop
from api.errors import Problem
from vision.types import Kind


def export_training(
    *,
    output: Annotated[Path, typer.Option(help="A folder that does not exist yet.")],
    kind: Annotated[Kind | None, typer.Option(help="Only this kind.")] = None,
    with_confirmed: Annotated[bool, typer.Option(help="Also what was read rightly, not only corrections.")] = False,
) -> None:
    """Write crops of decided findings with what they say: labels.csv and truth.jsonl."""
    from api.watchlist.training import write_examples  # noqa: PLC0415 - `--help` needs no pictures

    with open_services() as services:
        try:
            written = write_examples(services, output, kind=kind, with_confirmed=with_confirmed)
        except Problem as problem:
            stop(problem.message)
        except OSError as error:
            stop(f"{output} cannot be written: {error.strerror or error}")
    for finding_id in written.skipped:
        typer.echo(f"skipped {finding_id}: its photo is missing or cannot be decoded", err=True)
    typer.echo(f"{written.count} examples in {output}")
