"""`wallwatch templates`: our templates of requests to block and of the press text, to be edited."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import stop


def templates(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Made if it is not there.")]) -> None:
    """Write our templates into a folder, never over others: requests to block, and the press text.

    WALLWATCH_REQUESTS__TEMPLATES and WALLWATCH_PRESS__TEMPLATES name the folder.
    """
    from api.press import text as press  # noqa: PLC0415 - `--help` needs no templates
    from api.requests import letters  # noqa: PLC0415

    ours = [letters.OURS / f"blocking-{language}.docx" for language in letters.LANGUAGES]
    ours += [press.OURS / press.name_of(language) for language in press.FORMS]
    if there := [path.name for path in ours if (folder / path.name).exists()]:
        stop(f"{folder / there[0]} is there already: it may be yours, so give another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in ours:
            shutil.copyfile(path, folder / path.name)
            print(folder / path.name)
    except OSError as error:
        stop(f"{folder} cannot be written: {error.strerror or error}")
