"""`wallwatch press`: a month for the press."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api.cli.options import open_services, stop
from api.errors import Problem
from api.evidence.words import Language


def press(
    *,
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Which month; without it, the last that is over.")
    ] = None,
    language: Annotated[Language, typer.Option(help="Of the text.")] = Language.RU,
    json: Annotated[bool, typer.Option("--json", help="The sums as JSON instead.")] = False,
) -> None:
    """Write the monthly text for the press: sums of the whole region, never an address."""
    from api.press.schemas import press_out  # noqa: PLC0415 - `--help` counts nothing
    from api.press.service import last_whole  # noqa: PLC0415
    from api.press.service import press as told_of  # noqa: PLC0415
    from api.press.text import press_text  # noqa: PLC0415
    from api.stats.month import month_named  # noqa: PLC0415

    with open_services(migrate=False) as services, services.reading_unit() as unit:
        settings = services.settings
        try:
            first = month_named(month) if month else last_whole(unit, settings.zone)
            told = told_of(unit, services.shelf, first, settings.zone)
            if json:
                text = press_out(told, settings.timezone).model_dump_json(indent=2) + "\n"
            else:
                text = press_text(told, language, settings.zone, settings.press.templates)
        except Problem as problem:
            stop(problem.message)
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
