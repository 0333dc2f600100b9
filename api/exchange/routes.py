"""Exports and imports over HTTP."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.accounts.roles import Scope
from api.audit.service import record
from api.deps import Caller, Process, ReadingUnit, needs
from api.exchange.incoming.claims import ImportTooLarge
from api.exchange.incoming.mentions import mentions_of
from api.exchange.incoming.service import Fate, Told, take_in
from api.exchange.schemas import ImportOut, MentionsOut, ToldOut
from api.exchange.service import MEDIA_TYPES, Format, export, file_name
from api.intake.multipart import one_file
from api.watchlist.query import Narrowed, Only
from vision.types import Kind

router = APIRouter(prefix="/v1/watchlist", tags=["exchange"])

SHOWN = 1000
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


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
        some = {} if narrowed.ids is None else {"addresses": len(narrowed.ids)}
        record(unit, "watchlist.export", "watchlist", format=str(format), **some)
    return StreamingResponse(
        export(services, format, narrowed, actor=actor),
        media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="{file_name(format)}"'},
    )


@router.post(
    "/import", dependencies=[needs(Scope.IMPORT_WRITE)], summary="Take a file of addresses in", openapi_extra=FORM
)
async def import_watchlist(  # noqa: PLR0917 - FastAPI fills them by name
    request: Request,
    services: Process,
    actor: Caller,
    format: Annotated[Format | None, Query(description="without it, the file's name and beginning tell")] = None,
    kind: Annotated[Kind | None, Query(description="of bare names in a plain list")] = None,
    dry_run: Annotated[bool, Query(description="only say what would be added, merged and refused")] = False,  # noqa: FBT002
) -> ImportOut:
    """Add addresses that are not on the list, and keep what the file says of all others beside them.

    Every address goes by the rules of its kind. Nothing that a file says becomes a sighting, changes a status or brings
    back what was rejected; the same file again finds everything known, and finishes an import that was cut off.
    """
    limit_bytes = services.settings.exchange.import_bytes
    async with one_file(request, limit_bytes, ImportTooLarge, of="an import") as part:
        shown, counts = [], Counter[Fate]()

        def tell(told: Told) -> None:
            counts[told.fate] += 1
            if told.fate is not Fate.KNOWN and counts[told.fate] <= SHOWN:
                shown.append(told)

        outcome = await run_in_threadpool(
            take_in, services, actor, part.file, name=part.name, form=format, kind=kind, is_dry_run=dry_run, tell=tell
        )
    return ImportOut(
        id=outcome.import_id,
        dry_run=outcome.is_dry_run,
        format=outcome.format,
        file_sha256=outcome.file_sha256,
        entries=outcome.entries,
        resumed=outcome.is_resumed,
        **{str(fate): counts[fate] for fate in Fate},
        told=[
            ToldOut(fate=told.fate, where=told.where, kind=told.kind, value=told.value, reason=told.reason)
            for told in shown
        ],
    )


@router.get(
    "/{address_id}/imports", dependencies=[needs(Scope.WATCHLIST_READ)], summary="What files said of an address"
)
def address_imports(address_id: str, unit: ReadingUnit) -> MentionsOut:
    """Claims from imported files, kept apart from what was seen in photos."""
    return mentions_of(unit, address_id)
