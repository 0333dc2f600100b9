"""`wallwatch import`: a folder of pictures as reports."""

from __future__ import annotations

import csv
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import track

from api.cli.options import open_services, stop
from api.cli.visible import visible
from api.errors import Problem

if TYPE_CHECKING:
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
    with ExitStack() as stack:
        written = stack.enter_context(_opened(refused)) if refused else None
        services = stack.enter_context(open_services())
        try:
            sent, known, why = _send(services, folder, coordinates, besides={refused.resolve()} if refused else ())
        except Problem as problem:
            stop(problem.message)
        if written:
            csv.writer(written).writerows([("photo", "reason"), *why])
    print(f"{sent} sent, {known} sent before, {len(why)} refused")
    for path, reason in why:
        typer.echo(f"refused: {visible(path)}: {visible(reason)}", err=True)
    if why:
        raise typer.Exit(1)


def _opened(refused: Path) -> TextIO:
    """The list of refusals, opened before anything is sent; names that are not Unicode come escaped."""
    try:
        return refused.open("w", encoding="utf-8", newline="", errors="backslashreplace")
    except OSError as error:
        stop(f"{refused} cannot be written: {error.strerror}")


def _send(
    services: Services, folder: Path, coordinates: str, *, besides: Collection[Path]
) -> tuple[int, int, list[tuple[str, str]]]:
    from api.intake.folder import (  # noqa: PLC0415 - `--help` sends nothing
        already_sent,
        draft_of,
        importer,
        key_of,
        placed_pictures,
        send_file,
    )

    limit_bytes = services.settings.limits.photo_bytes
    placed = list(placed_pictures(folder, coordinates, limit_bytes=limit_bytes, besides=besides))
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
