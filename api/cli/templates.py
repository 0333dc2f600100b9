"""`wallwatch templates`: our templates of requests to block, to be edited in a word processor."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import stop


def templates(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Made if it is not there.")]) -> None:
    """Write the templates of requests to block into a folder, for WALLWATCH_REQUESTS__TEMPLATES; never over others."""
    from api.requests.letters import LANGUAGES, OURS  # noqa: PLC0415 - `--help` needs no word processor

    names = [f"blocking-{language}.docx" for language in LANGUAGES]
    if there := [name for name in names if (folder / name).exists()]:
        stop(f"{folder / there[0]} is there already: it may be yours, so give another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copyfile(OURS / name, folder / name)
            print(folder / name)
    except OSError as error:
        stop(f"{folder} cannot be written: {error.strerror or error}")
