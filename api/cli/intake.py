"""`wallwatch import`: a folder of pictures as reports."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from api.cli.options import open_services
from api.errors import Problem
from api.intake.folder import already_sent, draft_of, importer, key_of, placed_pictures, send_file
from api.services import Services

ELSEWHERE = "sent before with other coordinates: what was sent then stays as it is"


def import_folder(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Pictures; sub-folders too")
    ],
    *,
    coordinates: Annotated[str, typer.Option(metavar="file.csv|exif", help="Where the places come from.")],
    refused: Annotated[Path | None, typer.Option(help="Write what was refused, and why, to this CSV.")] = None,
) -> None:
    """Send every picture of a folder as a report; may be stopped and started again. Exit status 1 if any is refused."""
    with open_services() as services:
        try:
            sent, known, why = _send(services, folder, coordinates)
        except Problem as problem:
            typer.echo(f"wallwatch: {problem.message}", err=True)
            raise typer.Exit(2) from None
    print(f"{sent} sent, {known} sent before, {len(why)} refused")
    for path, reason in why:
        typer.echo(f"refused: {path}: {reason}", err=True)
    if refused is not None:
        with refused.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("photo", "reason"), *why])
    if why:
        raise typer.Exit(1)


def _send(services: Services, folder: Path, coordinates: str) -> tuple[int, int, list[tuple[str, str]]]:
    placed = list(placed_pictures(folder, coordinates))
    actor = importer(services)
    before = already_sent(services, actor)
    sent, known, why = 0, 0, []
    console = Console(stderr=True)
    for each in track(placed, description="Importing", console=console, disable=not console.is_terminal):
        if isinstance(each, tuple):
            why.append((str(each[0]), each[1]))
            continue
        try:
            key = key_of(each.path, folder)
            if key not in before:
                send_file(services, actor, each, channel="folder", key=key)
                sent += 1
            elif before[key].is_elsewhere(draft_of(services, each).place):
                why.append((str(each.path), ELSEWHERE))
            else:
                known += 1
        except Problem as problem:
            why.append((str(each.path), problem.message))
        except OSError as error:
            why.append((str(each.path), error.strerror or "cannot be read"))
    return sent, known, why
