"""`wallwatch territories`: the areas of condo associations from a GeoJSON file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cleanup.geojson import Read, read_areas
from api.cleanup.territories import Outcome, import_areas
from api.cli.options import open_services, stop
from api.cli.visible import visible
from api.errors import Problem
from api.intake.geo import Region
from api.services import Services
from api.unit import Actor

COMMAND = Actor(name="territories")


def territories(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="GeoJSON, in degrees.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    remove_missing: Annotated[
        bool, typer.Option("--remove-missing", help="Remove those that the file no longer has.")
    ] = False,
) -> None:
    """Take areas of a GeoJSON file as territories. Exit status 1 if any is refused, 2 if the file cannot be read."""
    with open_services() as services:
        try:
            read = _read(services, file)
            with services.unit(COMMAND) as unit:
                outcome = import_areas(unit, read, is_removing=remove_missing, is_dry_run=dry_run)
        except Problem as problem:
            stop(problem.message)
        except OSError as error:
            stop(f"{file} cannot be read: {error.strerror or error}")
    _tell(outcome, is_dry_run=dry_run)
    if outcome.refused:
        raise typer.Exit(1)


def _read(services: Services, file: Path) -> Read:
    settings = services.settings
    region = Region(*settings.intake.region) if settings.intake.region else None
    limits = settings.cleanup
    with file.open("rb") as opened:
        return read_areas(
            opened, limit_bytes=limits.geojson_bytes, limit_points=limits.points, region=region, name=file.stem
        )


def _tell(outcome: Outcome, *, is_dry_run: bool) -> None:
    would = "would be " if is_dry_run else ""
    print(
        f"{outcome.added} {would}added, {outcome.changed} {would}changed, {outcome.same} the same,"
        f" {len(outcome.removed)} {would}removed, {len(outcome.refused)} refused"
    )
    for area in outcome.mended:
        print(f"mended: {visible(area.name_ru)}: {area.mended}")
    for overlap in outcome.overlaps:
        print(f"overlap: {visible(overlap.one)} and {visible(overlap.other)}: {overlap.area_m2:.0f} m2")
    for name in outcome.kept:
        print(f"not in the file, kept: {visible(name)}")
    for each in outcome.refused:
        typer.echo(f"refused: feature {each.number} {visible(each.name)}: {visible(each.reason)}", err=True)
