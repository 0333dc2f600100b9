"""The watchlist and its review over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, WritingUnit, needs
from api.errors import NotFound
from api.intake.cursors import decode_cursor, encode_cursor
from api.lifecycle.desk import cases_of
from api.near.known import raised
from api.watchlist import queue as order
from api.watchlist import repository, review
from api.watchlist.crop import crop_jpeg
from api.watchlist.listed import AddressPageOut, CaseRefOut, PageOut, listed
from api.watchlist.query import Narrowed, Only
from api.watchlist.schemas import (
    Correction,
    Decision,
    DecisionsOut,
    Rejection,
    ReviewOut,
    ReviewPageOut,
    decision_out,
    review_out,
    sighting_out,
)
from models import Finding

router = APIRouter(prefix="/v1", tags=["watchlist"])
READ = [needs(Scope.WATCHLIST_READ)]
REVIEW = [needs(Scope.WATCHLIST_REVIEW)]


@router.get(
    "/watchlist", dependencies=[*READ, Depends(Only("cursor", "limit"))], summary="Addresses, filtered and sorted"
)
def watchlist(
    unit: ReadingUnit,
    narrowed: Narrowed,
    cursor: Annotated[str | None, Query(max_length=600)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PageOut:
    """One page. Region and period together mean: seen inside the region within the period."""
    found, following = repository.page(unit, narrowed, cursor=cursor, limit=limit)
    return PageOut(addresses=listed(unit, found, narrowed.half_lives), next=following)


@router.get("/watchlist/{address_id}", dependencies=READ, summary="One address with its sightings")
def address(
    address_id: str,
    unit: ReadingUnit,
    services: Process,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AddressPageOut:
    """Where it was seen, when, on which photo and where on it; where it stands, and which steps may follow."""
    row = repository.address(unit, address_id)
    before = decode_cursor(cursor) if cursor else None
    found = repository.sightings(unit, address_id, before=before, limit=limit)
    shown = found[:limit]
    last = shown[-1][0] if len(found) > limit else None
    return AddressPageOut(
        **listed(unit, [row], services.settings.watchlist.half_lives)[0].model_dump(),
        cases=[
            CaseRefOut(id=case.id, book=case.book, number=case.number, title=case.title)
            for case in cases_of(unit.session, row.id)
        ],
        page=[sighting_out(sighting, finding) for sighting, finding in shown],
        next=encode_cursor(last.seen_at, last.id) if last else None,
    )


@router.get("/review", dependencies=REVIEW, summary="Findings that wait for a person")
def queue(
    unit: ReadingUnit,
    *,
    on_list: Annotated[bool, Query(description="those that are on the watchlist by themselves instead")] = False,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ReviewPageOut:
    """Findings below the threshold: not on the watchlist until somebody confirms or corrects them.

    New addresses come first, then those with the most characters in doubt, then the oldest.
    """
    after = order.decode(cursor) if cursor else None
    found = review.waiting(unit, after=after, limit=limit, is_listed=on_list)
    shown = found[:limit]
    following = order.encode(order.key_of(shown[-1])) if len(found) > limit else None
    alternatives = raised(unit, shown)
    return ReviewPageOut(findings=[review_out(finding, alternatives[finding.id]) for finding in shown], next=following)


@router.get("/findings/{finding_id}", dependencies=REVIEW, summary="One finding")
def finding(finding_id: str, unit: ReadingUnit) -> ReviewOut:
    """A finding with its reading's words and what was decided."""
    row = _finding(unit, finding_id)
    return review_out(row, raised(unit, [row])[row.id])


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
    """The right address goes on the watchlist, confirmed; the reading is kept as it was, and becomes an example."""
    if body.kind is None or body.value is None:
        number = body.alternative if body.alternative is not None else -1
        chosen = review.choose(unit, finding_id, version=body.version, alternative=number, painted=body.painted)
        return review_out(chosen)
    typed = review.correct(
        unit, finding_id, version=body.version, kind=body.kind, value=body.value, painted=body.painted
    )
    return review_out(typed)


@router.post("/findings/{finding_id}/reject", dependencies=REVIEW, summary="It is no address")
def reject(finding_id: str, body: Rejection, unit: WritingUnit) -> ReviewOut:
    """Its sightings no longer count; an address with none left leaves the list."""
    return review_out(review.reject(unit, finding_id, version=body.version, reason=body.reason))


@router.post("/findings/{finding_id}/undo", dependencies=REVIEW, summary="Take the last decision back")
def undo(finding_id: str, body: Decision, unit: WritingUnit) -> ReviewOut:
    """What held before it holds again. 409 when somebody decided meanwhile, or when there is nothing to undo."""
    return review_out(review.undo(unit, finding_id, version=body.version))


@router.get("/findings/{finding_id}/decisions", dependencies=REVIEW, summary="What was decided about a finding")
def get_decisions(finding_id: str, unit: ReadingUnit) -> DecisionsOut:
    """Every decision, the oldest first, those that were undone too."""
    _finding(unit, finding_id)
    return DecisionsOut(decisions=[decision_out(row) for row in review.decisions(unit, finding_id)])


def _finding(unit: ReadingUnit, finding_id: str) -> Finding:
    row = unit.session.get(Finding, finding_id)
    if row is None:
        raise NotFound("finding")
    return row
