"""Exports over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from api.accounts.roles import Scope
from api.audit.service import record
from api.deps import Caller, Process, needs
from api.exchange.service import MEDIA_TYPES, Format, export, file_name
from api.watchlist.query import Narrowed, Only

router = APIRouter(prefix="/v1/watchlist", tags=["exchange"])


@router.get(
    "/export",
    dependencies=[needs(Scope.EXPORT_READ), Depends(Only("format"))],
    summary="The watchlist as a file",
    response_class=StreamingResponse,
)
def export_watchlist(
    services: Process, actor: Caller, narrowed: Narrowed, format: Format = Format.CSV
) -> StreamingResponse:
    """All that the filters leave, streamed: tables, maps, STIX 2.1, a MISP event or a defanged list.

    In GeoJSON, STIX and MISP the sightings inside the filters' region and period are in it too.
    """
    with services.unit(actor) as unit:
        record(unit, "watchlist.export", "watchlist", format=str(format))
    return StreamingResponse(
        export(services, format, narrowed, actor=actor),
        media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="{file_name(format)}"'},
    )
