"""One address: what is known of it, where it stands, and what may be done next."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, needs
from api.exchange.service import Format
from api.lifecycle.desk import cases_of, who_may_work
from api.telling.inbox import is_watched
from api.watchlist import repository
from api.watchlist.listed import listed
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from models import AddressStatus, CaseBook, Relation, Tlp

router = APIRouter(include_in_schema=False)


@router.get("/watchlist/{address_id}", dependencies=[needs(Scope.WATCHLIST_READ)])
def address(address_id: str, request: Request, viewer: Looking, unit: ReadingUnit, services: Process) -> Response:
    """The address with its forms; what takes longer comes in parts (`address_parts.py`)."""
    row = repository.address(unit, address_id)
    return pages_of(request).page(
        request,
        viewer,
        "address/address.html",
        address=listed(unit, [row], services.settings.watchlist.half_lives)[0],
        cases=cases_of(unit.session, row.id),
        books=[str(book) for book in CaseBook],
        people=who_may_work(unit.session) if viewer.may(Scope.WATCHLIST_WRITE) else [],
        tlps=[str(tlp) for tlp in Tlp],
        relations=[str(relation) for relation in Relation],
        formats=[str(each) for each in Format],
        is_watched=is_watched(unit, row.id),
        sent=str(AddressStatus.SENT),
    )
