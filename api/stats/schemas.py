"""What the statistics' route gives."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from api.stats.figures import Figures
from api.stats.periods import Span


class FiguresOut(BaseModel):
    """The figures of a period; null where there is nothing to share out or to take a median of."""

    reports: int
    sightings: int
    walls: int
    addresses: int
    read_alone_share: float | None
    hours_to_watchlist_median: float | None
    hours_to_painted_median: float | None
    walls_painted: int
    walls_reappeared_share: float | None
    blocked_share: float | None
    reappeared_share: float | None
    reappeared_of: int
    walls_per_address_mean: float | None
    walls_per_address_median: float | None
    review_agreement_share: float | None
    review_agreement_of: int


class PeriodOut(FiguresOut):
    """`start` names the period, `since` and `until` are the instants from which and before which it is."""

    start: date
    since: datetime
    until: datetime


class StatisticsOut(BaseModel):
    """Each period in order, and all of them as one; days begin at midnight in `timezone`."""

    by: str
    timezone: str
    periods: list[PeriodOut]
    total: PeriodOut


def statistics_out(
    by: str, timezone: str, spans: tuple[Span, ...], rows: list[Figures], total: Figures
) -> StatisticsOut:
    """The figures as they are shown."""
    whole = Span(spans[0].start, spans[0].since, spans[-1].until)
    shown = period_out(whole, total)
    periods = [period_out(span, row) for span, row in zip(spans, rows, strict=True)]
    return StatisticsOut(by=by, timezone=timezone, periods=periods, total=shown)


def period_out(span: Span, row: Figures) -> PeriodOut:
    """One period as it is shown."""
    told = {name: getattr(row, name) for name in FiguresOut.model_fields}
    return PeriodOut(start=span.start, since=span.since, until=span.until, **told)
