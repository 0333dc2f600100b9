"""The watchlist and its review over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, WritingUnit, needs
from api.errors import NotFound
from api.intake.cursors import decode_cursor, encode_cursor
from api.watchlist import repository, review
from api.watchlist.crop import crop_jpeg
from api.watchlist.query import Narrowed
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
from models import Finding

router = APIRouter(prefix="/v1", tags=["watchlist"])
READ = [needs(Scope.WATCHLIST_READ)]
REVIEW = [needs(Scope.WATCHLIST_REVIEW)]


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
