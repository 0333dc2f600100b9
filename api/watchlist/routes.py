"""The watchlist and its review over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, WritingUnit, needs
from api.errors import NotFound, Problem
from api.intake.cursors import decode_cursor, encode_cursor
from api.watchlist import repository, review
from api.watchlist.crop import crop_jpeg
from api.watchlist.filters import Filters, Region, Sort, box, circle
from api.watchlist.schemas import (
    AddressPageOut,
    Correction,
    Decision,
    PageOut,
    Rejection,
    ReviewOut,
    ReviewPageOut,
    address_out,
    review_out,
    sighting_out,
)
from models import AddressStatus, Finding
from vision.types import Kind

router = APIRouter(prefix="/v1", tags=["watchlist"])
READ = [needs(Scope.WATCHLIST_READ)]
REVIEW = [needs(Scope.WATCHLIST_REVIEW)]


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
    """The filters in a query string. RegionNotUnderstood, RegionRefused, TimeWithoutZone."""
    for name, moment in (("since", since), ("until", until)):
        if moment is not None and moment.tzinfo is None:
            raise TimeWithoutZone(name)
    text = prefix if prefix is not None else value
    return Filters(
        kind=kind,
        text=text,
        is_prefix=prefix is not None,
        status=status,
        region=_region(in_box, in_circle),
        since=since,
        until=until,
        min_confidence=min_confidence,
        sort=sort,
        is_descending=order == "desc",
    )


class TimeWithoutZone(Problem):
    """A time that may mean several instants."""

    status = 422

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} needs its time zone, such as 2026-05-04T00:00:00+05:00 (with + as %2B).")
        self.field = name


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


@router.get("/watchlist", dependencies=READ, summary="Addresses, filtered and sorted")
def watchlist(
    unit: ReadingUnit,
    narrowed: Narrowed,
    cursor: Annotated[str | None, Query(max_length=600)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PageOut:
    """One page. Region and period together mean: seen inside the region within the period."""
    found, following = repository.page(unit, narrowed, cursor=cursor, limit=limit)
    return PageOut(addresses=[address_out(row) for row in found], next=following)


@router.get("/watchlist/{address_id}", dependencies=READ, summary="One address with its sightings")
def address(
    address_id: str,
    unit: ReadingUnit,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AddressPageOut:
    """Where it was seen, when, on which photo and where on it."""
    row = repository.address(unit, address_id)
    before = decode_cursor(cursor) if cursor else None
    found = repository.sightings(unit, address_id, before=before, limit=limit)
    shown = found[:limit]
    last = shown[-1][0] if len(found) > limit else None
    return AddressPageOut(
        **address_out(row).model_dump(),
        page=[sighting_out(sighting, finding) for sighting, finding in shown],
        next=encode_cursor(last.seen_at, last.id) if last else None,
    )


@router.get("/review", dependencies=REVIEW, summary="Findings that wait for a person")
def queue(
    unit: ReadingUnit,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ReviewPageOut:
    """Findings below the threshold, the oldest first: not on the watchlist until somebody confirms or corrects them."""
    found = review.waiting(unit, after=decode_cursor(cursor) if cursor else None, limit=limit)
    shown = found[:limit]
    following = encode_cursor(shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    return ReviewPageOut(findings=[review_out(finding) for finding in shown], next=following)


@router.get("/findings/{finding_id}", dependencies=REVIEW, summary="One finding")
def finding(finding_id: str, unit: ReadingUnit) -> ReviewOut:
    """A finding with its reading's words and what was decided."""
    return review_out(_finding(unit, finding_id))


@router.get(
    "/findings/{finding_id}/crop", dependencies=REVIEW, summary="The picture of a finding", response_class=Response
)
def crop(finding_id: str, unit: ReadingUnit, services: Process) -> Response:
    """A JPEG of the painted line with some wall around it; made anew, so it carries no EXIF."""
    row = _finding(unit, finding_id)
    return Response(crop_jpeg(services, row.photo_sha256, row.box), media_type="image/jpeg")


@router.post("/findings/{finding_id}/confirm", dependencies=REVIEW, summary="It is what was read")
def confirm(finding_id: str, body: Decision, unit: WritingUnit) -> ReviewOut:
    """The address goes on the watchlist, confirmed. 409 when somebody decided meanwhile."""
    return review_out(review.confirm(unit, finding_id, version=body.version))


@router.post("/findings/{finding_id}/correct", dependencies=REVIEW, summary="It says something else")
def correct(finding_id: str, body: Correction, unit: WritingUnit) -> ReviewOut:
    """The right address goes on the watchlist, confirmed; the reading is kept as it was."""
    return review_out(review.correct(unit, finding_id, version=body.version, kind=body.kind, value=body.value))


@router.post("/findings/{finding_id}/reject", dependencies=REVIEW, summary="It is no address")
def reject(finding_id: str, body: Rejection, unit: WritingUnit) -> ReviewOut:
    """Its sightings no longer count; an address with none left leaves the list."""
    return review_out(review.reject(unit, finding_id, version=body.version, reason=body.reason))


def _finding(unit: ReadingUnit, finding_id: str) -> Finding:
    row = unit.session.get(Finding, finding_id)
    if row is None:
        raise NotFound("finding")
    return row
