"""`wallwatch verify`, `backup`, `restore`: is everything there, and could it all be had back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import CANNOT_START, check, load_settings, open_services
from api.errors import Problem


def verify(
    source: Annotated[
        Path | None, typer.Argument(metavar="[BACKUP]", help="A folder that `wallwatch backup` wrote; else this place.")
    ] = None,
) -> None:
    """Hash every original again, walk the audit chain, check its seals.

    Exit status 1 when anything is wrong, 2 when there is nothing to look at.
    """
    from api.audit.verify import verify as troubles_of  # noqa: PLC0415 - `--help` needs no database
    from api.exchange.backup import open_backup  # noqa: PLC0415

    wrong = 0

    def look() -> None:
        nonlocal wrong
        with closing(open_backup(source)) if source else open_services(migrate=False, may_hold_demo=True) as services:
            for found in troubles_of(services):
                wrong += found.is_grave
                print(found)

    _or_exit(look, status=CANNOT_START)
    print("everything is in order" if not wrong else f"{wrong} wrong")
    if wrong:
        raise typer.Exit(1)


def backup(target: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that does not exist yet.")]) -> None:
    """Copy database, photos and keys to a folder while the service runs."""
    from api.exchange.backup import backup as copy  # noqa: PLC0415

    with open_services(migrate=False) as services:
        _or_exit(lambda: copy(services, target))
    print(f"backed up to {target}")


def restore(source: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `wallwatch backup` wrote.")]) -> None:
    """Bring a backup back into an empty installation, and verify it."""
    from api.exchange.backup import restore as bring_back  # noqa: PLC0415

    settings = load_settings()
    check(settings)
    _or_exit(lambda: bring_back(source, settings))
    print(f"restored from {source}")


def _or_exit(act: Callable[[], object], *, status: int = 1) -> None:
    try:
        act()
    except Problem as problem:
        typer.echo(f"wallwatch: {problem.message}", err=True)
        raise typer.Exit(status) from None
