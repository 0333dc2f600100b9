"""`wallwatch verify`, `backup`, `restore`: is everything there, and could it all be had back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import CANNOT_START, check, load_settings, open_services, stop
from api.cli.visible import visible
from api.errors import Problem


def verify(
    source: Annotated[
        Path | None,
        typer.Argument(metavar="[PACK|BACKUP]", help="An evidence pack, or a folder that `wallwatch backup` wrote."),
    ] = None,
    *,
    key: Annotated[str | None, typer.Option(help="The fingerprint that the pack's key must have.")] = None,
    public_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The key that the pack must be signed with.", dir_okay=False)
    ] = None,
) -> None:
    """Check this installation, a backup of it, or an evidence pack, which needs neither server nor database.

    Exit status 1 when anything is wrong, 2 when there is nothing to look at.
    """
    if source is not None and not source.is_dir():
        _verify_pack(source, key, public_key)
        return
    if key or public_key:
        stop("--key and --public-key are for evidence packs: name the pack")
    wrong = _verify_installation(source)
    print("everything is in order" if not wrong else f"{wrong} wrong")
    if wrong:
        raise typer.Exit(1)


def _verify_installation(source: Path | None) -> int:
    """Hash every original again, walk the audit chain, check its seals; how many things are wrong."""
    from api.audit.verify import verify as troubles_of  # noqa: PLC0415 - `--help` needs no database
    from api.evidence.keys import fingerprint, is_there, signing_key  # noqa: PLC0415
    from api.exchange.backup import open_backup  # noqa: PLC0415

    wrong = 0

    def look() -> None:
        nonlocal wrong
        with closing(open_backup(source)) if source else open_services(migrate=False, may_hold_demo=True) as services:
            for found in troubles_of(services):
                wrong += found.is_grave
                print(found)
            if not source and is_there(services.settings):
                print(
                    f"evidence packs are signed with the key {fingerprint(signing_key(services.settings).public_key())}"
                )

    _or_exit(look, status=CANNOT_START)
    return wrong


def _verify_pack(path: Path, key: str | None, public_key: Path | None) -> None:
    from api.evidence.checking import check_pack  # noqa: PLC0415
    from api.evidence.keys import KeyRefused, public_key_of  # noqa: PLC0415

    try:
        verdict = check_pack(path, key=key, public_key=public_key_of(public_key) if public_key else None)
    except KeyRefused as error:
        stop(str(error))
    except OSError as error:
        stop(f"{error.filename or path} cannot be read: {error.strerror or error}")
    for sign, sentences in (("ok   ", verdict.holds), ("note ", verdict.notes), ("WRONG", verdict.wrong)):
        for sentence in sentences:
            print(f"{sign}  {visible(sentence)}")
    print(
        "the pack is whole and unchanged" if not verdict.wrong else f"{len(verdict.wrong)} wrong: do not rely on this"
    )
    if verdict.wrong:
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
