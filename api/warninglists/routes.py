"""Warning lists over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.accounts.roles import Scope
from api.deps import Process, WritingUnit, needs
from api.warninglists.schemas import CheckOut, ListsOut, OverrideIn, hits_out, list_out
from api.warninglists.service import override, take_back
from api.watchlist.listed import ListedOut, listed
from api.watchlist.review import ValueRefused
from vision.addresses import AddressInvalid, canonical
from vision.types import Kind

router = APIRouter(prefix="/v1", tags=["watchlist"])
READ = [needs(Scope.WATCHLIST_READ)]
WRITE = [needs(Scope.WATCHLIST_WRITE)]


@router.get("/warninglists", dependencies=READ, summary="The warning lists in use")
def get_lists(services: Process) -> ListsOut:
    """Name, version, number of entries and origin of each list."""
    lists = services.warning_lists
    return ListsOut(lists=[list_out(each) for each in lists.all], sha256=lists.sha256)


@router.get("/warninglists/check", dependencies=READ, summary="Which lists an address would be on")
def check(
    services: Process,
    kind: Kind,
    value: Annotated[str, Query(min_length=1, max_length=300, examples=["https://kaspi.kz"])],
) -> CheckOut:
    """Looks up what is typed, as it would be kept, and writes nothing. 422 when it is no address of its kind."""
    try:
        kept = canonical(kind, value)
    except AddressInvalid as error:
        raise ValueRefused(str(error)) from error
    return CheckOut(kind=kind, value=kept, warnings=hits_out(services.warning_lists.check(kind, kept)))


@router.put("/watchlist/{address_id}/override", dependencies=WRITE, summary="Overrule the lists about an address")
def put_override(address_id: str, body: OverrideIn, unit: WritingUnit, services: Process) -> ListedOut:
    """A shop despite them, or benign although none says so; the status stays. 409 when the address has changed."""
    row = override(unit, address_id, version=body.version, verdict=body.verdict, reason=body.reason)
    return listed(unit, [row], services.settings.watchlist.half_lives)[0]


@router.delete("/watchlist/{address_id}/override", dependencies=WRITE, summary="Let the lists hold again")
def delete_override(
    address_id: str, unit: WritingUnit, services: Process, version: Annotated[int, Query(ge=1)]
) -> ListedOut:
    """Takes back what was said against the lists. 409 when the address has changed meanwhile."""
    row = take_back(unit, address_id, version=version)
    return listed(unit, [row], services.settings.watchlist.half_lives)[0]
