"""Statistics over HTTP."""

from __future__ import annotations

import csv
import io
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.accounts.roles import Scope as Allowed
from api.connections.asked import Asked, OnlyThese
from api.deps import Process, ReadingUnit, needs
from api.stats.figures import figures
from api.stats.periods import Period
from api.stats.schemas import PeriodOut, StatisticsOut, statistics_out

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])
CSV = "text/csv; charset=utf-8"


class Format(StrEnum):
    """How the answer is written."""

    JSON = "json"
    CSV = "csv"


@router.get(
    "",
    dependencies=[
        needs(Allowed.STATS_READ),
        Depends(OnlyThese("by", "since", "until", "kind", "status", "box", "circle", "format")),
    ],
    summary="Counts and medians by period",
    response_model=StatisticsOut,
    responses={200: {"content": {"text/csv": {}}}},
)
def statistics(
    unit: ReadingUnit,
    services: Process,
    scope: Asked,
    by: Period = Period.MONTH,
    format: Annotated[Format, Query(description="csv: a row for each period")] = Format.JSON,
) -> StatisticsOut | Response:
    """Exact figures of each day, week, month, quarter or year, narrowed to a region, a kind and a status."""
    rows, total = figures(unit, services.shelf, scope)
    told = statistics_out(by, services.settings.timezone, scope.spans, rows, total)
    if format is Format.JSON:
        return told
    name = f'attachment; filename="wallwatch-statistics-by-{by}.csv"'
    return Response(_csv(told), media_type=CSV, headers={"Content-Disposition": name})


def _csv(told: StatisticsOut) -> str:
    """A head, and a row for each period; empty where there is no figure. The whole is asked for as one long period."""
    text = io.StringIO()
    names = ["start", "since", "until", *(name for name in PeriodOut.model_fields if name not in _WHEN)]
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    for row in told.periods:
        writer.writerow(row.model_dump(mode="json"))
    return text.getvalue()


_WHEN = ("start", "since", "until")
