"""Work orders as GeoReport's service requests. Nothing that stands on a wall is in them: neither note nor reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from api.cleanup.links import Purpose, token_of
from api.cleanup.states import Action
from api.errors import NotFound
from api.open311 import catalogue
from api.open311.errors import SpanTooLong
from api.settings import Settings
from api.unit import Unit
from models import (
    CityRequest,
    CityState,
    InscriptionPhoto,
    OrderState,
    ReportPhoto,
    Territory,
    WorkOrder,
    WorkOrderStep,
)

SPAN_DAYS = 90
MOST = 1000
AT_ONCE = 500
"""Ids in one query."""

OPEN = [str(state) for state in OrderState if state not in catalogue.ENDED]
CLOSED = [str(state) for state in OrderState if state in catalogue.ENDED]


@dataclass(frozen=True, slots=True)
class Told:
    """For whom requests are written.

    Attributes:
        base: scheme and host of links to pictures.
        language: of names and notes.
    """

    settings: Settings
    base: str
    language: str
    now: datetime


def span(now: datetime, start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """From when until when: the last 90 days, or 90 days from or up to the one that was given. SpanTooLong."""
    days = timedelta(days=SPAN_DAYS)
    if start is None:
        end = end or now
        return end - days, end
    if end is None:
        return start, min(now, start + days) if start <= now else start + days
    if not timedelta(0) <= end - start <= days:
        raise SpanTooLong(days=SPAN_DAYS)
    return start, end


def listed(
    unit: Unit, first: datetime, last: datetime, *, states: Sequence[str], offset: int = 0, limit: int = MOST
) -> Sequence[WorkOrder]:
    """Orders that were opened in a span, the last opened first."""
    wanted = _orders().where(WorkOrder.state.in_(states), WorkOrder.opened_at >= first, WorkOrder.opened_at <= last)
    order = WorkOrder.opened_at.desc(), WorkOrder.id.desc()
    return unit.session.scalars(wanted.order_by(*order).offset(offset).limit(limit)).all()


def numbered(unit: Unit, ids: Sequence[str]) -> list[WorkOrder | CityRequest]:
    """What these service_request_ids name, in their order; an id that names nothing is left out."""
    numbers = [int(each) for each in ids if each.isdecimal() and len(each) < 10]
    asked = _orders().where(WorkOrder.number.in_(numbers))
    found: dict[str, WorkOrder | CityRequest] = {str(row.number): row for row in unit.session.scalars(asked)}
    closed = select(CityRequest).where(CityRequest.id.in_(ids), CityRequest.state == CityState.CLOSED)
    found |= {row.id: row for row in unit.session.scalars(closed)}
    return [found[each] for each in dict.fromkeys(ids) if each in found]


def one(unit: Unit, request_id: str) -> WorkOrder | CityRequest:
    """What a service_request_id names. NotFound."""
    found = numbered(unit, [request_id])
    if not found:
        raise NotFound("service_request_id")
    return found[0]


def number_of(unit: Unit, token: str) -> str | None:
    """The service_request_id of what was sent under a token; None as long as there is none. NotFound.

    It is the newest work order of the wall that the photos show, or that an officer attached; or the token itself,
    once an officer closed the request.
    """
    row = unit.session.get(CityRequest, token)
    if row is None:
        raise NotFound("token")
    if row.state == CityState.CLOSED:
        return row.id
    walls: list[str | None] = [row.inscription_id]
    if row.report_id is not None:
        shown = select(InscriptionPhoto.inscription_id).join(
            ReportPhoto, ReportPhoto.photo_sha256 == InscriptionPhoto.photo_sha256
        )
        walls += unit.session.scalars(shown.where(ReportPhoto.report_id == row.report_id))
    asked = select(WorkOrder.number).where(WorkOrder.inscription_id.in_([wall for wall in walls if wall]))
    number = unit.session.scalar(asked.order_by(WorkOrder.opened_at.desc(), WorkOrder.id.desc()).limit(1))
    return None if number is None else str(number)


def requests_out(unit: Unit, rows: Sequence[WorkOrder | CityRequest], told: Told) -> list[dict[str, Any]]:
    """Requests as the specification has them."""
    closed = [row.id for row in rows if isinstance(row, WorkOrder) and row.state == OrderState.CLOSED]
    lasts = _cancelled(unit, closed)
    return [_order_out(row, told, lasts) if isinstance(row, WorkOrder) else _city_out(row, told) for row in rows]


def updates_out(unit: Unit, first: datetime, last: datetime, told: Told) -> list[dict[str, Any]]:
    """What changed in a span, the oldest first: the extension "service request updates" as FixMyStreet asks for it."""
    asked = (
        select(WorkOrderStep, WorkOrder.number)
        .join(WorkOrder, WorkOrder.id == WorkOrderStep.order_id)
        .where(WorkOrderStep.at >= first, WorkOrderStep.at <= last)
        .where(WorkOrderStep.from_state.is_distinct_from(WorkOrderStep.to_state))
        .order_by(WorkOrderStep.at, WorkOrderStep.order_id, WorkOrderStep.number)
        .limit(MOST)
    )
    return [
        {
            "update_id": f"{number}-{step.number}",
            "service_request_id": str(number),
            "status": catalogue.status_of(step.to_state),
            "updated_datetime": step.at.astimezone(told.settings.zone),
            "description": catalogue.notes_of(step.to_state, step.action, told.language),
            "media_url": None,
        }
        for step, number in unit.session.execute(asked)
    ]


def _orders() -> Select[WorkOrder]:
    return select(WorkOrder).options(joinedload(WorkOrder.territory).defer(Territory.area))


def _cancelled(unit: Unit, ids: Sequence[str]) -> set[str]:
    """Those of these closed orders that were closed without painting the last time."""
    found: dict[str, str] = {}
    for start in range(0, len(ids), AT_ONCE):
        asked = select(WorkOrderStep.order_id, WorkOrderStep.action).where(
            WorkOrderStep.order_id.in_(ids[start : start + AT_ONCE]), WorkOrderStep.to_state == OrderState.CLOSED
        )
        found.update((row[0], row[1]) for row in unit.session.execute(asked.order_by(WorkOrderStep.number)))
    return {order for order, action in found.items() if action == Action.CANCEL}


def _order_out(order: WorkOrder, told: Told, cancelled: set[str]) -> dict[str, Any]:
    zone, language = told.settings.zone, told.language
    last = Action.CANCEL if order.id in cancelled else None
    picture = f"{told.base}/open311/v2/media/{token_of(told.settings, order, told.now, Purpose.PICTURE)}.jpg"
    return {
        "service_request_id": str(order.number),
        "status": catalogue.status_of(order.state),
        "status_notes": catalogue.notes_of(order.state, last, language),
        "service_name": catalogue.NAMES[language],
        "service_code": catalogue.CODE,
        "description": catalogue.DESCRIPTION[language],
        "agency_responsible": _agency(order.territory, language),
        "service_notice": None,
        "requested_datetime": order.opened_at.astimezone(zone),
        "updated_datetime": order.state_at.astimezone(zone),
        "expected_datetime": order.due_at.astimezone(zone) if order.due_at else None,
        "address": order.place_text or f"{order.lat:.5f}, {order.lon:.5f}",
        "address_id": None,
        "zipcode": None,
        "lat": order.lat,
        "long": order.lon,
        "media_url": picture,
    }


def _city_out(row: CityRequest, told: Told) -> dict[str, Any]:
    """A request that was closed without a work order, with what the city itself said of its place."""
    zone, language = told.settings.zone, told.language
    decided = row.decided_at or row.received_at
    return {
        "service_request_id": row.id,
        "status": "closed",
        "status_notes": catalogue.REASONS[str(row.reason)][language],
        "service_name": catalogue.NAMES[language],
        "service_code": row.service_code,
        "description": catalogue.DESCRIPTION[language],
        "agency_responsible": None,
        "service_notice": None,
        "requested_datetime": row.received_at.astimezone(zone),
        "updated_datetime": decided.astimezone(zone),
        "expected_datetime": None,
        "address": row.place_text,
        "address_id": None,
        "zipcode": None,
        "lat": row.lat,
        "long": row.lon,
        "media_url": None,
    }


def _agency(territory: Territory | None, language: str) -> str | None:
    if territory is None:
        return None
    return territory.name_kk if language == "kk" else territory.name_ru
