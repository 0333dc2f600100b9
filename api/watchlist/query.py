"""What a query string narrows the watchlist to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated

from fastapi import Depends, Query, Request

from api.deps import Process
from api.errors import Problem
from api.instants import asked
from api.watchlist.filters import Filters, Region, Sort, box, circle
from models import AddressStatus, Tlp
from vision.types import Kind

MOST_IDS = 200
"""As many as one page of the list has at most; such an address is about 7,000 characters long."""

PARAMETERS = (
    "kind",
    "value",
    "prefix",
    "status",
    "box",
    "circle",
    "since",
    "until",
    "min_confidence",
    "min_score",
    "assignee",
    "tag",
    "tlp",
    "case",
    "warned",
    "ids",
    "sort",
    "order",
)


class ParameterUnknown(Problem):
    """A query parameter that would narrow nothing: the answer would be taken for a narrowed one."""

    status = 422

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = get_close_matches(name, known, n=1)
        advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
        super().__init__(f"{name[:60]} is not a parameter of this list: {advice}")
        self.field = name[:60]


class FiltersContradict(Problem):
    """Two filters of which only one could hold."""

    status = 422

    def __init__(self, *names: str) -> None:
        super().__init__(f"{' and '.join(names)} cannot be asked for together: send one of them.")
        self.fields = names


class RegionNotUnderstood(Problem):
    """A region in another form than its field wants."""

    status = 422

    def __init__(self, name: str, form: str) -> None:
        super().__init__(f"{name} must be {form}, as numbers with commas between them.")
        self.field = name


class IdsRefused(Problem):
    """A list of ids that is none, or has too many."""

    status = 422

    def __init__(self) -> None:
        super().__init__(f"ids must be 1 to {MOST_IDS} ids of addresses with commas between them.")
        self.limit = MOST_IDS


class Only:
    """A dependency that refuses query parameters other than the filters and these. ParameterUnknown."""

    def __init__(self, *names: str) -> None:
        self._known = (*PARAMETERS, *names)

    def __call__(self, request: Request) -> None:
        """Look at the names alone."""
        for name in request.query_params:
            if name not in self._known:
                raise ParameterUnknown(name, self._known)


def filters(
    services: Process,
    *,
    kind: Kind | None = None,
    value: Annotated[str | None, Query(max_length=300, description="exactly this address, however it is typed")] = None,
    prefix: Annotated[str | None, Query(max_length=300, description="values that start so")] = None,
    status: AddressStatus | None = None,
    in_box: Annotated[str | None, Query(alias="box", max_length=100, examples=["54.8,69.0,54.95,69.3"])] = None,
    in_circle: Annotated[str | None, Query(alias="circle", max_length=100, examples=["54.87,69.15,1500"])] = None,
    since: Annotated[datetime | None, Query(description="seen at or after; with its zone")] = None,
    until: Annotated[datetime | None, Query(description="seen at or before; with its zone")] = None,
    min_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
    min_score: Annotated[float | None, Query(gt=0, le=1, description="as fresh as this, after decay")] = None,
    assignee: Annotated[str | None, Query(max_length=64, description="an account's name; empty: nobody's")] = None,
    tag: Annotated[str | None, Query(max_length=64)] = None,
    tlp: Tlp | None = None,
    case: Annotated[str | None, Query(max_length=32, description="the id of a case")] = None,
    warned: Annotated[bool | None, Query(description="on a warning list, or said to be benign")] = None,
    ids: Annotated[str | None, Query(max_length=8000, description="only these, with commas between them")] = None,
    sort: Sort = Sort.LAST_SEEN,
    order: Annotated[str, Query(pattern="^(asc|desc)$")] = "desc",
) -> Filters:
    """The filters in a query string.

    Raises:
        FiltersContradict, RegionNotUnderstood, RegionRefused, TimeWithoutZone, TimeOutOfRange, IdsRefused: each as its
            name says.
    """
    if value is not None and prefix is not None:
        raise FiltersContradict("value", "prefix")
    text = prefix if prefix is not None else value
    return Filters(
        kind=kind,
        text=text,
        is_prefix=prefix is not None,
        status=status,
        region=region_of(in_box, in_circle),
        since=asked("since", since),
        until=asked("until", until),
        min_confidence=min_confidence,
        min_score=min_score,
        assignee=assignee,
        tag=tag.strip().lower() if tag is not None else None,
        tlp=tlp,
        case_id=case,
        is_warned=warned,
        ids=ids_of(ids),
        half_lives=services.settings.watchlist.half_lives,
        sort=sort,
        is_descending=order == "desc",
    )


Narrowed = Annotated[Filters, Depends(filters)]


def ids_of(text: str | None) -> tuple[str, ...] | None:
    """The ids in a list, each once; None for no list. IdsRefused."""
    if text is None:
        return None
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if len(found) > MOST_IDS or not all(part.isascii() and part.isalnum() and len(part) <= 32 for part in found):
        raise IdsRefused
    return found


def region_of(in_box: str | None, in_circle: str | None) -> Region | None:
    """The region that one of the two names, if any does. FiltersContradict, RegionNotUnderstood, RegionRefused."""
    if in_box is not None and in_circle is not None:
        raise FiltersContradict("box", "circle")
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
