"""Query parameters that connections and statistics have in common."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query, Request

from api.connections.walls import known
from api.deps import Process, ReadingUnit
from api.stats.periods import EARLIEST, LATEST, DateOutOfRange, Period, Span, day_of, spans
from api.stats.scope import Scope
from api.unit import Unit
from api.watchlist.query import ParameterUnknown, region_of
from models import AddressStatus
from vision.types import Kind

MOST_YEARS = 300
USUAL_DAYS = 365
"""What a question without dates is about: the year up to today."""

In = Annotated[str | None, Query(alias="box", max_length=100, examples=["54.8,69.0,54.95,69.3"])]
Round = Annotated[str | None, Query(alias="circle", max_length=100, examples=["54.87,69.15,1500"])]
Of = Annotated[str | None, Query(max_length=64, description="the id of the only address that is asked for")]
Since = Annotated[date | None, Query(description="the first day, in the region's time zone")]
Until = Annotated[date | None, Query(description="the last day, itself included")]


class OnlyThese:
    """A dependency that refuses query parameters other than these. ParameterUnknown."""

    def __init__(self, *names: str) -> None:
        self._known = names

    def __call__(self, request: Request) -> None:
        """Look at the names alone."""
        for name in request.query_params:
            if name not in self._known:
                raise ParameterUnknown(name, self._known)


def dates(
    unit: Unit, services: Process, since: date | None, until: date | None, period: Period, *, most: int
) -> list[Span]:
    """The periods between two days; without them the year up to today, or a year from the one that is given."""
    zone = services.settings.zone
    try:
        if until is None:
            today = day_of(unit.clock.now(), zone)
            until = today if since is None or since <= today else since + timedelta(days=USUAL_DAYS - 1)
        since = since or until - timedelta(days=USUAL_DAYS - 1)
    except OverflowError:
        raise DateOutOfRange("since or until") from None
    return spans(since, until, period, zone, most=most)


class Asking:
    """A dependency: the scope in a query string, split into periods of the kind that `by` names.

    Raises:
        FiltersContradict, RegionNotUnderstood, RegionRefused, PeriodsReversed, DateOutOfRange, PeriodsTooMany: each as
            its name says.
        NotFound: there is no such address.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most

    def __call__(
        self,
        unit: ReadingUnit,
        services: Process,
        *,
        by: Period = Period.MONTH,
        since: Since = None,
        until: Until = None,
        kind: Kind | None = None,
        status: Annotated[AddressStatus | None, Query(description="what it is now")] = None,
        in_box: In = None,
        in_circle: Round = None,
        address: Of = None,
    ) -> Scope:
        """The scope."""
        found = dates(unit, services, since, until, by, most=self._most)
        kept_id = known(unit, address).id if address else None
        region = region_of(in_box, in_circle)
        return Scope(tuple(found), kind=kind, status=status, region=region, address_id=kept_id)


MOST_PERIODS = 400
Asked = Annotated[Scope, Depends(Asking(most=MOST_PERIODS))]


def instants(services: Process, since: date | None, until: date | None) -> tuple[datetime | None, datetime | None]:
    """From which instant and before which one the days last; None leaves an end open.

    Raises:
        PeriodsReversed, DateOutOfRange: each as its name says.
    """
    whole = spans(since or EARLIEST, until or LATEST, Period.YEAR, services.settings.zone, most=MOST_YEARS)
    return whole[0].since if since else None, whole[-1].until if until else None
