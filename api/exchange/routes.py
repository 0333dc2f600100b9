"""Exports over HTTP."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.accounts.roles import Scope
from api.audit.service import record
from api.deps import Caller, Process, needs
from api.exchange.service import MEDIA_TYPES, Format, export
from api.watchlist.query import Narrowed

router = APIRouter(prefix="/v1/watchlist", tags=["exchange"])


@router.get(
    "/export",
    dependencies=[needs(Scope.EXPORT_READ)],
    summary="The watchlist as a file",
    response_class=StreamingResponse,
)
def export_watchlist(
    services: Process, actor: Caller, narrowed: Narrowed, format: Format = Format.CSV
) -> StreamingResponse:
    """CSV (formula-safe, UTF-8 with BOM) or JSON of all rows that the filters leave, streamed."""
    with services.unit(actor) as unit:
        record(unit, "watchlist.export", "watchlist", format=str(format))
    return StreamingResponse(
        export(services, format, narrowed, actor=actor),
        media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="watchlist.{format}"'},
    )
