"""Statistics as charts, each with its figures as a table."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.accounts.roles import Scope as Allowed
from api.connections.asked import MOST_PERIODS, dates
from api.deps import Process, ReadingUnit, needs
from api.errors import Problem
from api.intake import geo
from api.intake.coordinates import parse_place
from api.intake.draft import FieldNotUnderstood
from api.languages.refusals import in_words
from api.services import Services
from api.stats.figures import Figures, figures
from api.stats.periods import Period, Span, day_of
from api.stats.scope import Scope
from api.unit import Unit
from api.watchlist.filters import Region, circle
from api.watchlist.query import region_of
from api.web.pages.charts import CHARTS
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from models import AddressStatus
from vision.types import Kind

router = APIRouter(include_in_schema=False)

USUAL_KM = 1.5
T = TypeVar("T", Period, Kind, AddressStatus)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters as they stand in the address bar: texts, empty ones leave it open.

    Attributes:
        near: a place in any usual form, or a link to a map; with `km` around it.
        box: instead of both, as the API has it: a map's link.
    """

    by: str = Period.MONTH
    since: str = ""
    until: str = ""
    kind: str = ""
    status: str = ""
    near: str = ""
    km: str = ""
    box: str = ""


@router.get("/statistics", dependencies=[needs(Allowed.STATS_READ)])
def statistics(  # noqa: PLR0917 - FastAPI fills them by name
    request: Request,
    viewer: Looking,
    unit: ReadingUnit,
    services: Process,
    by: str = Period.MONTH,
    since: str = "",
    until: str = "",
    kind: str = "",
    status: str = "",
    near: str = "",
    km: str = "",
    box: str = "",
) -> Response:
    """Charts of what the filters leave; a filter that is not understood is said, and nothing is shown for it."""
    wanted = Wanted(by, *(text.strip() for text in (since, until, kind, status, near, km, box)))
    said, scope = "", None
    try:
        scope = scope_of(unit, services, wanted)
    except Problem as problem:
        said = in_words(problem.as_json(), viewer.language)
    rows, total = figures(unit, services.shelf, scope) if scope else ([], None)
    spans = scope.spans if scope else ()
    return pages_of(request).page(
        request,
        viewer,
        "statistics/statistics.html",
        status=422 if said else 200,
        said=said,
        wanted=wanted,
        periods=[str(each) for each in Period],
        kinds=[str(each) for each in Kind],
        statuses=[str(each) for each in AddressStatus],
        usual_km=USUAL_KM,
        charts=CHARTS,
        rows=[_row(span, row, wanted.by) for span, row in zip(spans, rows, strict=True)],
        total=asdict(total) if total else None,
        csv=_csv(wanted, scope) if scope else "",
        first=day_of(spans[0].since, services.settings.zone) if spans else None,
        last=day_of(spans[-1].until - timedelta(seconds=1), services.settings.zone) if spans else None,
        timezone=services.settings.timezone,
    )


def _row(span: Span, row: Figures, by: str) -> dict[str, Any]:
    return {"start": span.start, "by": by, **asdict(row)}


def scope_of(unit: Unit, services: Services, wanted: Wanted) -> Scope:
    """The scope that the filters ask for. Problem: which of them is not understood."""
    period = _one_of(Period, "by", wanted.by or str(Period.MONTH))
    since, until = _day("since", wanted.since), _day("until", wanted.until)
    found = dates(unit, services, since, until, period, most=MOST_PERIODS)
    return Scope(
        tuple(found),
        kind=_one_of(Kind, "kind", wanted.kind) if wanted.kind else None,
        status=_one_of(AddressStatus, "status", wanted.status) if wanted.status else None,
        region=_region(services, wanted),
    )


def _one_of(of: type[T], name: str, text: str) -> T:
    try:
        return of(text)
    except ValueError:
        raise FieldNotUnderstood(name, expected=", ".join(of)) from None


def _day(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise FieldNotUnderstood(name, expected="a date, such as 2026-05-04") from None


def _region(services: Services, wanted: Wanted) -> Region | None:
    if wanted.box or not wanted.near:
        return region_of(wanted.box or None, None)
    here = services.settings.intake.region
    place = parse_place(wanted.near, region=geo.Region(*here) if here else None)
    try:
        km = float((wanted.km or str(USUAL_KM)).replace(",", "."))
    except ValueError:
        raise FieldNotUnderstood("km", expected="a number of kilometres") from None
    return circle(place.lat, place.lon, km * 1000)


def _csv(wanted: Wanted, scope: Scope) -> str:
    """Where the API has the same figures as CSV."""
    asked = {name: getattr(wanted, name) for name in ("by", "since", "until", "kind", "status", "box")}
    region = scope.region
    if region is not None and region.radius_m is not None:
        asked["circle"] = f"{region.lat:.7f},{region.lon:.7f},{region.radius_m:.0f}"
    return "/v1/statistics?" + urlencode({name: text for name, text in asked.items() if text} | {"format": "csv"})
