"""Sending reports and asking how they stand."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool

from api.deps import Caller, Process, ReadingUnit, needs
from api.intake.coordinates import parse_place
from api.intake.draft import FIELDS, Draft, SentPhoto, draft_from
from api.intake.events import progress
from api.intake.geo import Region
from api.intake.multipart import Form, FormRules, read_form
from api.intake.repository import receipt_out, report_out, report_page, visible_report
from api.intake.schemas import PlaceIn, PointOut, ReceiptOut, ReportOut, ReportPageOut
from api.intake.service import receive_report
from api.services import Services

router = APIRouter(prefix="/v1/reports", tags=["reports"])

HEARTBEAT_S = 15

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["photo"],
                    "properties": {
                        "photo": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "minItems": 1,
                            "maxItems": 10,
                            "description": "JPEG, PNG, WebP or HEIC, as the camera made it",
                        },
                        "lat": {"type": "number", "description": "WGS 84 degrees; with lon"},
                        "lon": {"type": "number", "description": "WGS 84 degrees; with lat"},
                        "place": {
                            "type": "string",
                            "description": "instead of lat and lon: coordinates in any usual form, or a link to"
                            " Google, Yandex, 2GIS, OpenStreetMap or Apple Maps",
                        },
                        "accuracy_m": {"type": "number"},
                        "note": {"type": "string"},
                        "seen_at": {"type": "string", "format": "date-time"},
                    },
                }
            }
        },
    }
}


@router.post("", status_code=201, dependencies=[needs("reports:write")], openapi_extra=FORM)
async def send_report(
    request: Request,
    response: Response,
    services: Process,
    actor: Caller,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> ReceiptOut:
    """Keep one to ten photos and where they were taken; answered once they are durable, read in the background.

    Without `lat` and `lon` or `place`, the photos' own GPS tags are used. With an `Idempotency-Key`, sending the same
    again is sending it once.
    """
    limits = services.settings.limits
    services.limits.spend("reports", str(actor.account_id), per_minute=limits.reports_per_minute)
    rules = FormRules("photo", limits.photos_per_report, limits.photo_bytes, FIELDS)
    form = await read_form(request.headers.get("content-type", ""), request.stream(), rules)
    try:
        draft = _draft(services, form, idempotency_key)
        request_id = request.scope.get("state", {}).get("request_id")
        report = await run_in_threadpool(receive_report, services, actor, draft, request_id=request_id)
    finally:
        form.close()
    response.headers["Location"] = f"/v1/reports/{report.id}"
    return receipt_out(report)


def _draft(services: Services, form: Form, key: str | None) -> Draft:
    return draft_from(
        [SentPhoto(part.file, name=part.name, label=part.label) for part in form.files],
        form.fields,
        key=key,
        region=_region(services),
        now=services.clock.now(),
    )


def _region(services: Services) -> Region | None:
    box = services.settings.intake.region
    return Region(*box) if box else None


@router.get("", dependencies=[needs("reports:read")])
def list_reports(
    unit: ReadingUnit,
    *,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    mine: Annotated[bool, Query(description="only those that the asker sent")] = False,
) -> ReportPageOut:
    """Reports, the newest first: an officer's own, everybody's for those who may see all."""
    return report_page(unit, cursor=cursor, limit=limit, mine=mine)


@router.post("/place", dependencies=[needs("reports:write")])
def read_place(body: PlaceIn, services: Process) -> PointOut:
    """What `place` would be understood as, asked before sending; nothing is kept and no link is opened."""
    return PointOut.model_validate(parse_place(body.place, region=_region(services)))


@router.get("/{report_id}", dependencies=[needs("reports:read")])
def get_report(report_id: str, unit: ReadingUnit) -> ReportOut:
    """One report: its place, its photos and where they stand, what was found and what is known of that already."""
    return report_out(unit, visible_report(unit, report_id))


@router.get("/{report_id}/events", dependencies=[needs("reports:read")], response_class=EventSourceResponse)
def get_events(report_id: str, services: Process, actor: Caller) -> EventSourceResponse:
    """How the report's photos are getting on, as server-sent events `photo` and, at the end, `done`."""
    with services.reading_unit(actor) as unit:
        visible_report(unit, report_id)
    return EventSourceResponse(progress(services, actor, report_id), ping=HEARTBEAT_S)
