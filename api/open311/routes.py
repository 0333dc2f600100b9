"""Open311 GeoReport v2: https://wiki.open311.org/GeoReport_v2/ ; paths, fields and errors are the specification's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.accounts.roles import Scope
from api.cleanup.links import Purpose, order_of
from api.cleanup.pictures_shown import for_outside
from api.deps import Caller, Process, ReadingUnit, needs, public
from api.instants import asked
from api.intake.draft import SentPhoto
from api.intake.multipart import FormRules, read_form
from api.languages.language import LANGUAGES, first_of_ours
from api.open311 import catalogue
from api.open311.errors import CityFormExpected
from api.open311.formats import Format, answer
from api.open311.keys import FORM, fields_of
from api.open311.requests import (
    CLOSED,
    MOST,
    OPEN,
    Told,
    listed,
    number_of,
    numbered,
    one,
    requests_out,
    span,
    updates_out,
)
from api.open311.service import FIELDS, must_be_offered, must_be_ours, receive
from api.services import Services
from models import CityRequest

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGED = "2026-11-24 18:00"
"""When the list of services last changed: clients that keep it look here."""

OURS = {"json": "application/json", "xml": "text/xml"}


def ours(services: Process, jurisdiction_id: Annotated[str | None, Query(max_length=100)] = None) -> None:
    """Refuse another jurisdiction's requests."""
    must_be_ours(services.settings, jurisdiction_id)


router = APIRouter(prefix="/open311", tags=["open311"], dependencies=[Depends(ours)])
READ = [needs(Scope.ORDERS_READ)]

Ending = Annotated[Format, Path(description="json or xml")]
Moment = Annotated[datetime | None, Query(description="W3C time with its zone, as in 2026-03-01T00:00:00Z")]
PageSize = Annotated[int, Query(ge=1, le=MOST)]
PageNumber = Annotated[int, Query(ge=1, le=10_000)]


def told(
    request: Request,
    services: Process,
    locale: Annotated[str | None, Query(max_length=20, description="ru, kk or en")] = None,
) -> Told:
    """For whom an answer is written; `locale` comes before Accept-Language."""
    asked_for = first_of_ours(locale) or first_of_ours(request.headers.get("accept-language"))
    language = asked_for if asked_for in LANGUAGES else catalogue.LANGUAGE
    return Told(services.settings, _base(request, services), str(language), services.clock.now())


Listening = Annotated[Told, Depends(told)]


@router.get("/discovery.{form}", dependencies=[public()])
@router.get("/v2/discovery.{form}", dependencies=[public()])
def discovery(form: Ending, request: Request, services: Process) -> Response:
    """Where the endpoint is, what it speaks, and whom to ask for a key."""
    contact = services.settings.open311.contact or "The administrator of this WallWatch installation"
    kind = "production" if services.settings.stage == "production" else "test"
    endpoint = {
        "specification": SPECIFICATION,
        "url": f"{_base(request, services)}/open311/v2",
        "changeset": CHANGED,
        "type": kind,
        "formats": list(OURS.values()),
    }
    found = {
        "changeset": CHANGED,
        "contact": contact,
        "key_service": f"An administrator makes an API key: {contact}",
        "endpoints": [endpoint],
    }
    return answer("discovery", found, form)


@router.get("/v2/services.{form}", dependencies=[public()])
def service_list(form: Ending, hearing: Listening) -> Response:
    """What may be asked for."""
    return answer("services", [catalogue.service(hearing.language)], form)


@router.get("/v2/services/{service_code}.{form}", dependencies=[public()])
def service_definition(service_code: str, form: Ending) -> Response:
    """The further fields of a service: there are none."""
    code = must_be_offered(service_code)
    return answer("service_definition", {"service_code": code, "attributes": []}, form)


@router.get("/v2/requests.{form}", dependencies=READ)
def service_requests(
    form: Ending,
    unit: ReadingUnit,
    hearing: Listening,
    *,
    service_request_id: Annotated[str, Query(max_length=20_000)] = "",
    service_code: Annotated[str, Query(max_length=1000)] = "",
    start_date: Moment = None,
    end_date: Moment = None,
    status: Annotated[str, Query(max_length=100)] = "",
    page_size: PageSize = MOST,
    page: PageNumber = 1,
) -> Response:
    """Work orders: of the last 90 days, or as narrowed; 1000 at most at once, more with `page`."""
    if ids := _several(service_request_id):
        rows: Sequence[Any] = numbered(unit, ids[:MOST])
    elif service_code and catalogue.CODE not in _several(service_code):
        rows = []
    else:
        first, last = span(hearing.now, asked("start_date", start_date), asked("end_date", end_date))
        states = _states(_several(status))
        rows = listed(unit, first, last, states=states, offset=(page - 1) * page_size, limit=page_size)
    return answer("service_requests", requests_out(unit, rows, hearing), form)


@router.get("/v2/requests/{service_request_id}.{form}", dependencies=READ)
def service_request(service_request_id: str, form: Ending, unit: ReadingUnit, hearing: Listening) -> Response:
    """One work order."""
    return answer("service_requests", requests_out(unit, [one(unit, service_request_id)], hearing), form)


@router.get("/v2/servicerequestupdates.{form}", dependencies=READ)
def service_request_updates(
    form: Ending, unit: ReadingUnit, hearing: Listening, start_date: Moment = None, end_date: Moment = None
) -> Response:
    """What changed, the oldest first, 1000 at most: ask again from the last one's time for more."""
    first, last = span(hearing.now, asked("start_date", start_date), asked("end_date", end_date))
    return answer("service_request_updates", updates_out(unit, first, last, hearing), form)


@router.get("/v2/tokens/{token}.{form}", dependencies=READ)
def service_request_id(token: str, form: Ending, unit: ReadingUnit) -> Response:
    """The id of what was sent under a token; empty as long as there is no work order."""
    found = {"service_request_id": number_of(unit, token), "token": token}
    return answer("service_requests", [found], form)


@router.post("/v2/requests.{form}", status_code=201, dependencies=[needs(Scope.REPORTS_WRITE)])
async def send_request(  # noqa: PLR0917 - FastAPI fills them by name
    form: Ending,
    request: Request,
    services: Process,
    actor: Caller,
    hearing: Listening,
    idempotency_key: Annotated[str | None, Header(max_length=128)] = None,
) -> Response:
    """Send a request, form-encoded; or as multipart/form-data with a photo as the part `media`, which becomes a report.

    Answers a token, under which the id of the work order can be asked for later.
    """
    per_minute = services.settings.limits.reports_per_minute
    services.limits.spend("reports", str(actor.account_id), per_minute=per_minute)
    request_id = request.scope.get("state", {}).get("request_id")
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("multipart/"):
        row = await _with_photo(request, services, actor, idempotency_key, request_id)
    elif kind.startswith(FORM):
        fields = await fields_of(request)
        row = await run_in_threadpool(receive, services, actor, fields, key=idempotency_key, request_id=request_id)
    else:
        raise CityFormExpected
    found = {"token": row.id, "service_notice": catalogue.RECEIVED[hearing.language], "account_id": None}
    return answer("service_requests", [found], form, status=201)


@router.get("/v2/media/{token}.jpg", dependencies=[public()], response_class=Response)
def picture(token: str, services: Process) -> Response:
    """The photo of a work order with everything that was read on it covered. The address is the key to it."""
    with services.reading_unit() as unit:
        order = order_of(unit, services.settings, token, Purpose.PICTURE)
    return Response(for_outside(services, order.photo_sha256), media_type="image/jpeg")


async def _with_photo(
    request: Request, services: Services, actor: Caller, key: str | None, request_id: str | None
) -> CityRequest:
    rules = FormRules("media", 1, services.settings.limits.photo_bytes, FIELDS)
    form = await read_form(request.headers.get("content-type", ""), request.stream(), rules)
    try:
        photo = next((SentPhoto(part.file, name=part.name, label="media") for part in form.files), None)
        return await run_in_threadpool(receive, services, actor, form.fields, photo, key=key, request_id=request_id)
    finally:
        form.close()


def _base(request: Request, services: Services) -> str:
    """Scheme and host as clients see them."""
    return (services.settings.web.origin or str(request.base_url)).rstrip("/")


def _several(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _states(wanted: Sequence[str]) -> list[str]:
    """Our states for theirs; all when none is named."""
    if not wanted:
        return [*OPEN, *CLOSED]
    return [*(OPEN if "open" in wanted else []), *(CLOSED if "closed" in wanted else [])]
