"""What the commands have in common: settings with errors for people, services, the reader's options."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from pydantic import ValidationError

from api.settings import DEVELOPMENT_SECRET, Settings, VisionSettings

if TYPE_CHECKING:
    from api.services import Services
    from vision import ReaderOptions


def load_settings() -> Settings:
    """Settings from the environment; exit status 2 with each wrong setting named."""
    try:
        return Settings()
    except ValidationError as error:
        for wrong in error.errors():
            name = "__".join(str(part) for part in wrong["loc"]).upper()
            typer.echo(f"wallwatch: {'WALLWATCH_' + name + ': ' if name else ''}{wrong['msg']}", err=True)
        raise typer.Exit(2) from None


def reader_options() -> ReaderOptions:
    """The reader's options from `WALLWATCH_VISION__…` alone: reading a photo needs no secret and no database."""
    from api.readings.reader import options_from  # noqa: PLC0415 - `--help` needs no reader

    try:
        vision: VisionSettings = Settings(stage="development", secret=DEVELOPMENT_SECRET).vision
    except ValidationError:
        vision = load_settings().vision
    return options_from(vision)


@contextmanager
def open_services(*, migrate: bool = True) -> Iterator[Services]:
    """Services on the environment's settings, the database brought up to date."""
    from api.db import upgrade  # noqa: PLC0415
    from api.services import build  # noqa: PLC0415
    from api.web.logs import set_up  # noqa: PLC0415

    settings = load_settings()
    set_up(settings)
    services = build(settings)
    try:
        if migrate:
            upgrade(services.engine)
        yield services
    finally:
        services.close()
