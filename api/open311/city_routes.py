"""Requests of city systems that wait for an officer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.accounts.roles import Scope
from api.deps import ReadingUnit, WritingUnit, needs
from api.intake.cursors import decode_cursor, encode_cursor
from api.open311 import service
from api.open311.schemas import AttachIn, CityPageOut, CityRequestOut, CloseIn, city_out

router = APIRouter(prefix="/v1/city-requests", tags=["open311"])
READ, WRITE = [needs(Scope.ORDERS_READ)], [needs(Scope.ORDERS_WRITE)]


@router.get("", dependencies=READ, summary="Requests of the city that wait")
def list_waiting(
    unit: ReadingUnit,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> CityPageOut:
    """Those without a photo, for which somebody has to find the wall; the oldest first."""
    found = service.waiting(unit, before=decode_cursor(cursor) if cursor else None, limit=limit)
    shown = found[:limit]
    following = encode_cursor(shown[-1].received_at, shown[-1].id) if len(found) > limit else None
    return CityPageOut(requests=[city_out(row) for row in shown], next=following)


@router.post("/{request_id}/attach", dependencies=WRITE, summary="Say which wall a request means")
def attach(request_id: str, body: AttachIn, unit: WritingUnit) -> CityRequestOut:
    """Its work orders are the request's from now on: the city gets their number for its token."""
    return city_out(service.attach(unit, request_id, version=body.version, inscription_id=body.inscription))


@router.post("/{request_id}/close", dependencies=WRITE, summary="Close a request without a work order")
def close(request_id: str, body: CloseIn, unit: WritingUnit) -> CityRequestOut:
    """The city is told the reason."""
    return city_out(service.close(unit, request_id, version=body.version, reason=body.reason))
