"""Cases with their addresses, and requests to block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select

from api.accounts.roles import Scope
from api.cases import service
from api.deps import Process, ReadingUnit, needs
from api.errors import Problem
from api.intake.cursors import decode_cursor, encode_cursor
from api.languages.refusals import in_words
from api.requests.schemas import request_out
from api.requests.service import requests
from api.services import Services
from api.unit import Unit
from api.watchlist import repository
from api.watchlist.filters import Filters
from api.watchlist.listed import ListedOut, listed
from api.watchlist.query import ids_of
from api.web.pages.asking import begun
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from models import Address, AddressStatus, Case, CaseBook

router = APIRouter(include_in_schema=False)
READ = [needs(Scope.WATCHLIST_READ)]
WRITE = [needs(Scope.WATCHLIST_WRITE)]
PAGE, FOUND, LETTER = 50, 10, 100

Cursor = Annotated[str | None, Query(max_length=600)]


@router.get("/cases", dependencies=READ)
def cases(  # noqa: PLR0917 - FastAPI fills them by name
    request: Request, viewer: Looking, unit: ReadingUnit, book: str = "", number: str = "", cursor: Cursor = None
) -> Response:
    """Cases, the newest first, and a form for a new one."""
    shown: Sequence[Case] = []
    following, refused = None, ""
    try:
        found = service.cases(
            unit,
            book=CaseBook(book) if book in set(CaseBook) else None,
            number=number.strip()[:80] or None,
            before=decode_cursor(cursor) if cursor else None,
            limit=PAGE,
        )
        shown = found[:PAGE]
        following = encode_cursor(shown[-1].created_at, shown[-1].id) if len(found) > PAGE else None
    except Problem as problem:
        refused = in_words(problem.as_json(), viewer.language)
    return pages_of(request).page(
        request,
        viewer,
        "cases/cases.html",
        cases=shown,
        sizes=service.sizes_of(unit, [case.id for case in shown]),
        books=[str(each) for each in CaseBook],
        book=book,
        number=number,
        following=following,
        refused=refused,
    )


@router.get("/cases/{case_id}", dependencies=READ)
def case(  # noqa: PLR0917 - FastAPI fills them by name
    case_id: str, request: Request, viewer: Looking, unit: ReadingUnit, services: Process, cursor: Cursor = None
) -> Response:
    """A case: what it says, its addresses whatever their status, its letters, its pack."""
    row = service.case_of(unit, case_id)
    addresses, following = _addresses(unit, services, case_id, cursor)
    letters = requests(unit, address_id=None, case_id=case_id, before=None, limit=PAGE)
    off = [
        each
        for status in repository.OFF_THE_LIST
        for each in listed(
            unit,
            repository.page(unit, Filters(case_id=case_id, status=status), cursor=None, limit=PAGE)[0],
            services.settings.watchlist.half_lives,
        )
    ]
    return pages_of(request).page(
        request,
        viewer,
        "cases/case.html",
        case=row,
        size=service.sizes_of(unit, [row.id]).get(row.id, 0),
        addresses=addresses,
        off=off if cursor is None else [],
        following=following,
        letters=_letters(unit, letters[:PAGE]),
    )


@router.get("/parts/cases/{case_id}/find", dependencies=WRITE)
def find(  # noqa: PLR0917 - FastAPI fills them by name
    case_id: str, request: Request, viewer: Looking, unit: ReadingUnit, services: Process, q: str = ""
) -> Response:
    """Addresses that begin so, to put into the case."""
    service.case_of(unit, case_id)
    text = begun(q.strip()[:300])
    found: Sequence[Address] = []
    if text:
        found, _ = repository.page(unit, Filters(text=text, is_prefix=True), cursor=None, limit=FOUND)
    rows = listed(unit, found, services.settings.watchlist.half_lives)
    return pages_of(request).page(request, viewer, "cases/found.html", case_id=case_id, rows=rows, text=text)


@router.get("/requests", dependencies=READ)
def letters(request: Request, viewer: Looking, unit: ReadingUnit, address: str = "", cursor: Cursor = None) -> Response:
    """Letters that were made, the newest first."""
    before = decode_cursor(cursor) if cursor else None
    found = requests(unit, address_id=address or None, before=before, limit=PAGE)
    shown = found[:PAGE]
    following = encode_cursor(shown[-1].made_at, shown[-1].id) if len(found) > PAGE else None
    return pages_of(request).page(
        request, viewer, "cases/requests.html", letters=_letters(unit, shown), following=following, address=address
    )


@router.get("/requests/new", dependencies=WRITE)
def new_letter(  # noqa: PLR0917 - FastAPI fills them by name
    request: Request, viewer: Looking, unit: ReadingUnit, services: Process, address: str = "", case: str = ""
) -> Response:
    """The form of a request to block, about these addresses or those of a case."""
    rows: Sequence[ListedOut] = []
    if case:
        found, _ = repository.page(unit, Filters(case_id=case), cursor=None, limit=LETTER)
        rows = listed(unit, found, services.settings.watchlist.half_lives)
    elif address:
        named = unit.session.scalars(select(Address).where(Address.id.in_(ids_of(address) or ())).limit(LETTER)).all()
        rows = listed(unit, sorted(named, key=lambda row: row.value), services.settings.watchlist.half_lives)
    return pages_of(request).page(
        request,
        viewer,
        "cases/request.html",
        rows=rows,
        sent=str(AddressStatus.SENT),
        case=service.case_of(unit, case) if case else None,
        grounds=services.settings.requests.grounds,
        most=LETTER,
    )


def _addresses(
    unit: Unit, services: Services, case_id: str, cursor: str | None
) -> tuple[Sequence[ListedOut], str | None]:
    found, following = repository.page(unit, Filters(case_id=case_id), cursor=cursor, limit=PAGE)
    return listed(unit, found, services.settings.watchlist.half_lives), following


def _letters(unit: Unit, rows: Sequence[Any]) -> list[tuple[Any, list[str]]]:
    """Letters as they are shown, each with the values of its addresses."""
    shown = [request_out(row) for row in rows]
    ids = {each for letter in shown for each in letter.addresses[:5]}
    found = unit.session.execute(select(Address.id, Address.value).where(Address.id.in_(ids)))
    values: dict[str, str] = {row[0]: row[1] for row in found}
    return [(letter, [values[each] for each in letter.addresses[:5]]) for letter in shown]
