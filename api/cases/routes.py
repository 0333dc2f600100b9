"""Cases over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.accounts.roles import Scope
from api.cases import service
from api.cases.schemas import CaseAddressesIn, CaseEditIn, CaseIn, CaseOut, CasePageOut, case_out
from api.deps import ReadingUnit, WritingUnit, needs
from api.intake.cursors import decode_cursor, encode_cursor
from models import CaseBook

router = APIRouter(prefix="/v1/cases", tags=["watchlist"])
READ = [needs(Scope.WATCHLIST_READ)]
WRITE = [needs(Scope.WATCHLIST_WRITE)]


@router.post("", status_code=201, dependencies=WRITE, summary="Open a case")
def open_case(body: CaseIn, unit: WritingUnit) -> CaseOut:
    """A КУИ or ЕРДР number that addresses can belong to; 409 with `case_id` when it is here already."""
    case = service.open_case(unit, book=body.book, number=body.number, title=body.title, note=body.note)
    return case_out(case, 0)


@router.get("", dependencies=READ, summary="Cases")
def get_cases(
    unit: ReadingUnit,
    book: CaseBook | None = None,
    number: Annotated[str | None, Query(max_length=80)] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CasePageOut:
    """Cases, the newest first; with `book` and `number` the one of that number."""
    before = decode_cursor(cursor) if cursor else None
    found = service.cases(unit, book=book, number=number, before=before, limit=limit)
    shown = found[:limit]
    sizes = service.sizes_of(unit, [case.id for case in shown])
    following = encode_cursor(shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    return CasePageOut(cases=[case_out(case, sizes.get(case.id, 0)) for case in shown], next=following)


@router.get("/{case_id}", dependencies=READ, summary="One case")
def get_case(case_id: str, unit: ReadingUnit) -> CaseOut:
    """A case and how many addresses belong to it."""
    case = service.case_of(unit, case_id)
    return case_out(case, service.sizes_of(unit, [case.id]).get(case.id, 0))


@router.patch("/{case_id}", dependencies=WRITE, summary="Title and note of a case")
def edit_case(case_id: str, body: CaseEditIn, unit: WritingUnit) -> CaseOut:
    """Change what is given and leave the rest. 409 when somebody changed it meanwhile."""
    case = service.edit_case(unit, case_id, version=body.version, title=body.title, note=body.note)
    return case_out(case, service.sizes_of(unit, [case.id]).get(case.id, 0))


@router.post("/{case_id}/addresses", dependencies=WRITE, summary="Put several addresses in")
def put_several_in(case_id: str, body: CaseAddressesIn, unit: WritingUnit) -> CaseOut:
    """All of them belong to the case, or none when one of them cannot; those that did already change nothing."""
    for address_id in dict.fromkeys(body.addresses):
        service.put_in(unit, case_id, address_id)
    unit.session.flush()
    case = service.case_of(unit, case_id)
    return case_out(case, service.sizes_of(unit, [case.id]).get(case.id, 0))


@router.put("/{case_id}/addresses/{address_id}", status_code=204, dependencies=WRITE, summary="Put an address in")
def put_in(case_id: str, address_id: str, unit: WritingUnit) -> None:
    """The address belongs to the case; again changes nothing."""
    service.put_in(unit, case_id, address_id)


@router.delete("/{case_id}/addresses/{address_id}", status_code=204, dependencies=WRITE, summary="Take an address out")
def take_out(case_id: str, address_id: str, unit: WritingUnit) -> None:
    """The address no longer belongs to the case; the audit log knows that it did."""
    service.take_out(unit, case_id, address_id)
