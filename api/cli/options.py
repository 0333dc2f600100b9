"""What the commands have in common: settings with errors for people, services, the reader's options."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer
from pydantic import ValidationError

from api.cli.visible import visible
from api.errors import Problem
from api.settings import DEVELOPMENT_SECRET, Settings

if TYPE_CHECKING:
    from api.services import Services
    from vision import ReaderOptions

CANNOT_START = 2  # the exit status of a command that said what a person has to mend
DRIVERS = frozenset({"sqlite", "sqlite+pysqlite", "postgresql+psycopg"})


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
    """The reader's options from the settings, photo limits too: reading a photo needs no secret and no database."""
    from api.readings.reader import options_from  # noqa: PLC0415 - `--help` needs no reader

    try:
        settings = Settings(stage="development", secret=DEVELOPMENT_SECRET)
    except ValidationError:
        settings = load_settings()
    return options_from(settings.vision, settings.limits)


@contextmanager
def open_services(*, migrate: bool = True, may_hold_demo: bool = False) -> Iterator[Services]:
    """Services on the environment's settings; exit status 2 and one line when they cannot be had.

    Args:
        migrate: bring the database up to date, making it and its folder if need be; else they must be there, and a
            command that only looks makes nothing.
        may_hold_demo: for looking only: also a database with demo data in the production stage.
    """
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from api.db import SchemaUnknown, upgrade  # noqa: PLC0415
    from api.demo import refuse_demo_in_production  # noqa: PLC0415
    from api.exchange.known_ids import fill_ids  # noqa: PLC0415
    from api.services import build  # noqa: PLC0415
    from api.web.logs import set_level, set_up  # noqa: PLC0415

    settings = load_settings()
    check(settings, must_exist=not migrate)
    set_up(settings)
    with ExitStack() as stack:
        try:
            services = build(settings)
            stack.callback(services.close)
            services.running.heard.append(set_level)
            if migrate:
                upgrade(services.engine)
                fill_ids(services.engine)
            else:
                _must_hold_tables(services)
            if not may_hold_demo:
                refuse_demo_in_production(services)
        except DBAPIError as error:
            stop(f"the database cannot be used ({_first_line(error.orig)}): check WALLWATCH_DATABASE__URL")
        except SchemaUnknown as error:
            stop(f"the database is of another version of WallWatch ({error}): use that version, or a newer one")
        except ImportError as error:
            stop(f"a package is missing ({error}): pip install wallwatch[s3] for the photo store s3")
        except OSError as error:
            stop(f"WALLWATCH_DATA_DIR {settings.data_dir} cannot be used: {error.strerror or error}")
        except Problem as problem:
            stop(problem.message)
        yield services


def stop(message: str) -> NoReturn:
    """End the command with one line for a person and exit status 2."""
    typer.echo(f"wallwatch: {visible(message)}", err=True)
    raise typer.Exit(CANNOT_START) from None


def check(settings: Settings, *, must_exist: bool = False) -> None:
    """Nothing, or the command's end: what can be known of settings before anything is opened or made."""
    from sqlalchemy.engine import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        url = make_url(settings.database_url)
    except (ArgumentError, ValueError):
        stop("WALLWATCH_DATABASE__URL is not a database's address: write postgresql://user:password@host/name")
    if url.drivername not in DRIVERS:
        stop(f"WALLWATCH_DATABASE__URL begins with {url.drivername}: there are postgresql://… and sqlite:///…")
    if settings.blobs.store == "s3" and not settings.blobs.bucket:
        stop("WALLWATCH_BLOBS__STORE is s3 and no bucket is named: set WALLWATCH_BLOBS__BUCKET")
    if settings.data_dir.exists() and not settings.data_dir.is_dir():
        stop(f"WALLWATCH_DATA_DIR {settings.data_dir} is a file: name a folder")
    file = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
    for needed in (settings.data_dir, file):
        if must_exist and needed is not None and not needed.exists():
            stop(
                f"nothing is installed here: {needed} is missing. Check WALLWATCH_DATA_DIR and WALLWATCH_DATABASE__URL"
            )


def _must_hold_tables(services: Services) -> None:
    from sqlalchemy import inspect  # noqa: PLC0415

    if not inspect(services.engine).has_table("alembic_version"):
        stop("nothing is installed here: the database is empty. Check WALLWATCH_DATABASE__URL")


def _first_line(error: object) -> str:
    return next(iter(str(error).strip().splitlines()), "it does not answer")
