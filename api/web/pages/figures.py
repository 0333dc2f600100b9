"""The figures of a month, to be printed."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import h3
from fastapi import APIRouter, Request, Response

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, needs
from api.intake.draft import FieldNotUnderstood
from api.stats.month import Counts, Month, month_and_before
from api.stats.periods import EARLIEST, LATEST, Period, day_of, floor
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking

router = APIRouter(include_in_schema=False)

PLACES = 10


@router.get("/figures", dependencies=[needs(Scope.STATS_READ)])
def month_figures(request: Request, viewer: Looking, unit: ReadingUnit, services: Process, month: str = "") -> Response:
    """One month beside the one before it; without one, the last that is whole."""
    zone = services.settings.zone
    this = floor(day_of(unit.clock.now(), zone), Period.MONTH)
    first = _first(month) if month else _before(this)
    found, before = month_and_before(unit, services.shelf, first, zone)
    following = _after(first)
    return pages_of(request).page(
        request,
        viewer,
        "figures/figures.html",
        first=first,
        last=following - timedelta(days=1),
        before=_before(first),
        after=following if following <= this else None,
        is_whole=following <= this,
        now_figures=found.figures,
        then_figures=before.figures,
        steps=found.steps,
        steps_before=before.steps,
        kinds=_ordered(found.kinds, before.kinds),
        places=_places(found, before),
        places_in_all=len(found.places),
        timezone=services.settings.timezone,
    )


def _first(month: str) -> date:
    """The first day of `2026-05`. FieldNotUnderstood."""
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month, re.ASCII):
        day = date(max(int(month[:4]), 1), int(month[5:]), 1)
        if _after(EARLIEST) < day < floor(LATEST, Period.MONTH):
            return day
    raise FieldNotUnderstood("month", expected="a year and a month, such as 2026-05")


def _before(first: date) -> date:
    return floor(first - timedelta(days=1), Period.MONTH)


def _after(first: date) -> date:
    return floor(first.replace(day=1) + timedelta(days=31), Period.MONTH)


def _ordered(found: dict[str, Counts], before: dict[str, Counts]) -> list[tuple[str, Counts, Counts]]:
    """By name, with the month before; what was seen most first."""
    names = sorted({*found, *before}, key=lambda name: (-found.get(name, Counts()).sightings, name))
    return [(name, found.get(name, Counts()), before.get(name, Counts())) for name in names]


def _places(found: Month, before: Month) -> list[dict[str, Any]]:
    """The parts of the region in which most was seen, by where their middle is."""
    rows = []
    for cell, now, then in _ordered(found.places, before.places)[:PLACES]:
        lat, lon = h3.cell_to_latlng(cell)
        if now.sightings:
            rows.append({"lat": lat, "lon": lon, "now": now, "then": then})
    return rows
