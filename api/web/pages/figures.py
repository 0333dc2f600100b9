"""The figures of a month, to be printed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import h3
from fastapi import APIRouter, Request, Response

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, needs
from api.evidence.words import Language
from api.languages.refusals import in_words
from api.press.service import Press, press_of
from api.press.text import PressTemplateUnusable, press_text
from api.settings import Settings
from api.stats.month import Counts, Month, month_after, month_and_before, month_before, month_named
from api.stats.periods import Period, day_of, floor
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking

router = APIRouter(include_in_schema=False)

PLACES = 10


@router.get("/figures", dependencies=[needs(Scope.STATS_READ)])
def month_figures(request: Request, viewer: Looking, unit: ReadingUnit, services: Process, month: str = "") -> Response:
    """One month beside the one before it; without one, the last that is whole."""
    zone = services.settings.zone
    this = floor(day_of(unit.clock.now(), zone), Period.MONTH)
    first = month_named(month) if month else month_before(this)
    found, before = month_and_before(unit, services.shelf, first, zone)
    following = month_after(first)
    return pages_of(request).page(
        request,
        viewer,
        "figures/figures.html",
        first=first,
        last=following - timedelta(days=1),
        before=month_before(first),
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
        press=_press(services.settings, press_of(unit, found, before), viewer.language) if first <= this else None,
    )


def _press(settings: Settings, told: Press, language: str) -> dict[str, str]:
    """The text for the press in the page's language, or why the operator's template gives none."""
    try:
        return {"text": press_text(told, Language(language), settings.zone, settings.press.templates)}
    except PressTemplateUnusable as refusal:
        return {"text": "", "refused": in_words(refusal.as_json(), language)}


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
