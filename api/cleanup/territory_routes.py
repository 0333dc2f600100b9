"""Territories and their contacts over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.accounts.roles import Scope
from api.cleanup import contacts, territories
from api.cleanup.geojson import TerritoriesTooLarge, read_areas
from api.cleanup.territory_schemas import (
    ContactEditIn,
    ContactIn,
    ContactOut,
    TerritoriesImportOut,
    TerritoryDetailOut,
    TerritoryPageOut,
    contact_out,
    import_out,
    territory_out,
)
from api.deps import Caller, Process, ReadingUnit, WritingUnit, needs
from api.exchange.routes import FORM
from api.intake.geo import Region
from api.intake.multipart import FilePart, one_file
from api.services import Services
from api.unit import Actor

router = APIRouter(prefix="/v1/territories", tags=["cleanup"])
READ = [needs(Scope.ORDERS_READ)]
WRITE = [needs(Scope.TERRITORIES_WRITE)]
GEOJSON = "application/geo+json"

Version = Annotated[int, Query(ge=1)]


@router.get("", dependencies=READ, summary="Territories by name")
def get_territories(
    unit: ReadingUnit,
    *,
    text: Annotated[str, Query(max_length=100, description="in one of the names")] = "",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> TerritoryPageOut:
    """One page with contacts, without areas."""
    after = territories.decode_place(cursor) if cursor else None
    found = territories.page(unit, text=text.strip(), after=after, limit=limit)
    shown = found[:limit]
    following = territories.encode_place(shown[-1]) if len(found) > limit else None
    return TerritoryPageOut(territories=[territory_out(row) for row in shown], next=following)


@router.get(
    "/export",
    dependencies=READ,
    summary="All territories as GeoJSON",
    response_class=StreamingResponse,
    responses={200: {"content": {GEOJSON: {}}, "description": "A FeatureCollection"}},
)
def export(services: Process, actor: Caller) -> StreamingResponse:
    """Importing it again changes nothing."""
    headers = {"Content-Disposition": 'attachment; filename="wallwatch-territories.geojson"'}
    return StreamingResponse(territories.exported(services, actor), media_type=GEOJSON, headers=headers)


@router.post("/import", dependencies=WRITE, summary="Take territories in from a GeoJSON file", openapi_extra=FORM)
async def import_territories(
    request: Request,
    services: Process,
    actor: Caller,
    *,
    dry_run: Annotated[bool, Query(description="only say what would be done")] = False,
    remove_missing: Annotated[bool, Query(description="remove those that the file no longer has")] = False,
) -> TerritoriesImportOut:
    """Polygons and MultiPolygons with a name. One imported before, by its id, is changed; overlaps are told."""
    request_id = request.scope.get("state", {}).get("request_id")
    limit_bytes = services.settings.cleanup.geojson_bytes
    async with one_file(request, limit_bytes, TerritoriesTooLarge, of="an import of territories") as part:
        return await run_in_threadpool(
            _take_in, services, actor, part, is_dry_run=dry_run, is_removing=remove_missing, request_id=request_id
        )


def _take_in(
    services: Services, actor: Actor, part: FilePart, *, is_dry_run: bool, is_removing: bool, request_id: str | None
) -> TerritoriesImportOut:
    settings = services.settings
    region = Region(*settings.intake.region) if settings.intake.region else None
    read = read_areas(
        part.file,
        limit_bytes=settings.cleanup.geojson_bytes,
        limit_points=settings.cleanup.points,
        region=region,
        name=(part.name or "").rpartition(".")[0],
    )
    with services.unit(actor, request_id=request_id) as unit:
        outcome = territories.import_areas(unit, read, is_removing=is_removing, is_dry_run=is_dry_run)
        return import_out(outcome, is_dry_run=is_dry_run)


@router.get("/{territory_id}", dependencies=READ, summary="One territory with its area")
def get_territory(territory_id: str, unit: ReadingUnit) -> TerritoryDetailOut:
    """Also one that was removed: work orders may name it."""
    row = territories.territory(unit, territory_id)
    return TerritoryDetailOut(**territory_out(row).model_dump(), area=row.area)


@router.delete("/{territory_id}", status_code=204, dependencies=WRITE, summary="Remove a territory")
def remove_territory(territory_id: str, unit: WritingUnit, version: Version) -> None:
    """409 while it has work orders that are not closed; importing it again brings it back."""
    territories.remove(unit, territory_id, version=version)


@router.post("/{territory_id}/contacts", status_code=201, dependencies=WRITE, summary="Add a contact")
def add_contact(territory_id: str, body: ContactIn, unit: WritingUnit) -> ContactOut:
    """A chat that work orders go to. For a Telegram group leave `chat` out and write `bind` into the group."""
    row = contacts.add(unit, territory_id, name=body.name, channel=body.channel, chat=body.chat, language=body.language)
    return contact_out(row)


@router.patch("/{territory_id}/contacts/{contact_id}", dependencies=WRITE, summary="Change a contact")
def change_contact(territory_id: str, contact_id: str, body: ContactEditIn, unit: WritingUnit) -> ContactOut:
    """Change what is given and leave the rest. 409 when it has changed meanwhile."""
    row = contacts.change(
        unit,
        territory_id,
        contact_id,
        version=body.version,
        name=body.name,
        chat=body.chat,
        language=body.language,
        is_binding_anew=body.bind_anew,
    )
    return contact_out(row)


@router.delete("/{territory_id}/contacts/{contact_id}", status_code=204, dependencies=WRITE, summary="Remove a contact")
def remove_contact(territory_id: str, contact_id: str, unit: WritingUnit, version: Version) -> None:
    """Nothing goes to it any more, and its chat may answer no order."""
    contacts.remove(unit, territory_id, contact_id, version=version)
