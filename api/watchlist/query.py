"""What a query string narrows the watchlist to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from api.errors import Problem
from api.instants import asked
from api.watchlist.filters import Filters, Region, Sort, box, circle
from models import AddressStatus
from vision.types import Kind


class RegionNotUnderstood(Problem):
    """A region in another form than its field wants."""

    status = 422

    def __init__(self, name: str, form: str) -> None:
        super().__init__(f"{name} must be {form}, as numbers with commas between them.")
        self.field = name


def filters(
    *,
    kind: Kind | None = None,
    value: Annotated[str | None, Query(max_length=300, description="exactly this canonical value")] = None,
    prefix: Annotated[str | None, Query(max_length=300, description="values that start so")] = None,
    status: AddressStatus | None = None,
    in_box: Annotated[str | None, Query(alias="box", max_length=100, examples=["54.8,69.0,54.95,69.3"])] = None,
    in_circle: Annotated[str | None, Query(alias="circle", max_length=100, examples=["54.87,69.15,1500"])] = None,
    since: Annotated[datetime | None, Query(description="seen at or after; with its zone")] = None,
    until: Annotated[datetime | None, Query(description="seen at or before; with its zone")] = None,
    min_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
    sort: Sort = Sort.LAST_SEEN,
    order: Annotated[str, Query(pattern="^(asc|desc)$")] = "desc",
) -> Filters:
    """The filters in a query string. RegionNotUnderstood, RegionRefused, TimeWithoutZone, TimeOutOfRange."""
    text = prefix if prefix is not None else value
    return Filters(
        kind=kind,
        text=text,
        is_prefix=prefix is not None,
        status=status,
        region=_region(in_box, in_circle),
        since=asked("since", since),
        until=asked("until", until),
        min_confidence=min_confidence,
        sort=sort,
        is_descending=order == "desc",
    )


Narrowed = Annotated[Filters, Depends(filters)]


def _region(in_box: str | None, in_circle: str | None) -> Region | None:
    if in_box is not None:
        numbers = _numbers(in_box)
        if len(numbers) != 4:
            raise RegionNotUnderstood("box", "south,west,north,east")
        return box(*numbers)
    if in_circle is not None:
        numbers = _numbers(in_circle)
        if len(numbers) != 3:
            raise RegionNotUnderstood("circle", "lat,lon,radius in metres")
        return circle(*numbers)
    return None


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        return []
