"""Taking requests of city systems in, and what an officer decides about those without a photo."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError

from api.audit.service import record
from api.cleanup.holds import wall_of
from api.errors import NotFound, Problem
from api.intake.coordinates import PlaceNotUnderstood, parse_place
from api.intake.draft import Draft, FieldNotUnderstood, SentPhoto, draft_from
from api.intake.geo import Region
from api.intake.service import receive_report
from api.intake.text import clean_line, clean_note
from api.open311 import catalogue
from api.open311.errors import CityPlaceMissing, JurisdictionUnknown, ServiceCodeMissing, ServiceCodeUnknown
from api.services import Services
from api.settings import Settings
from api.unit import Actor, Unit
from models import CityRequest, CityState, new_id

CHANNEL = "open311"
PERSONAL = ("email", "phone", "first_name", "last_name", "device_id", "account_id")
"""Of the citizen: asked for by the specification, and not kept."""

FIELDS = (
    "api_key",
    "jurisdiction_id",
    "service_code",
    "lat",
    "long",
    "address_string",
    "address_id",
    "description",
    "media_url",
    *PERSONAL,
)
KEPT = ("service_code", "lat", "long", "address_string", "description", "media_url")
LONGEST = {"address_string": 1000, "description": 4000, "media_url": 2000}

Before = tuple[datetime, str]


class CityKeyUsedDifferently(Problem):
    """An idempotency key under which another request was sent before."""

    status = 422

    def __init__(self, *, token: str) -> None:
        super().__init__("Another request was sent under this Idempotency-Key: use a new key for a new request.")
        self.token = token


class CityRequestChanged(Problem):
    """Somebody decided about a city request meanwhile."""

    status = 409

    def __init__(self, *, version: int) -> None:
        super().__init__("This city request has changed since you loaded it: look again before you decide.")
        self.version = version


class CityRequestDecided(Problem):
    """A city request about which nothing is left to decide."""

    status = 409

    def __init__(self, *, now: str) -> None:
        super().__init__(f"This city request is {now}: only one that waits can be attached or closed.")
        self.now = now


def must_be_ours(settings: Settings, jurisdiction: str | None) -> None:
    """Nothing when a jurisdiction_id is ours, or none was sent. JurisdictionUnknown."""
    ours = settings.open311.jurisdiction
    if ours and jurisdiction and jurisdiction != ours:
        raise JurisdictionUnknown(ours=ours)


def must_be_offered(code: str | None) -> str:
    """The service's code. ServiceCodeMissing, ServiceCodeUnknown."""
    if not code:
        raise ServiceCodeMissing(known=catalogue.CODE)
    if code != catalogue.CODE:
        raise ServiceCodeUnknown(known=catalogue.CODE)
    return code


def receive(
    services: Services,
    actor: Actor,
    fields: Mapping[str, str],
    photo: SentPhoto | None = None,
    *,
    key: str | None = None,
    request_id: str | None = None,
) -> CityRequest:
    """The kept request; its id is the token. Call it in a thread: with a photo it waits for disks.

    A photo makes a report of it, as any other. Without one it waits for an officer. Sending the same again under the
    same key gives the first one back. Nothing about the citizen is kept, and no address that was sent is fetched.

    Raises:
        Problem: what is missing or wrong.
    """
    must_be_ours(services.settings, fields.get("jurisdiction_id"))
    must_be_offered(fields.get("service_code", "").strip())
    said = {name: _said(name, fields.get(name, "")) for name in KEPT}
    draft = _draft(services, said, photo, key)
    report_id = None
    if photo is not None:
        report_id = receive_report(services, actor, draft, request_id=request_id).id
    elif draft.place is None and not said["address_string"]:
        raise CityPlaceMissing
    with services.unit(actor, request_id=request_id) as unit:
        return keep(unit, said, draft, report_id=report_id)


def keep(unit: Unit, said: Mapping[str, str], draft: Draft, *, report_id: str | None) -> CityRequest:
    """The row of a request; the one that is there when its key was used for the same. CityKeyUsedDifferently."""
    row = CityRequest(
        id=new_id(),
        account_id=str(unit.actor.account_id),
        idempotency_key=draft.key,
        content_sha256=_digest(said, report_id),
        received_at=unit.clock.now(),
        service_code=said["service_code"],
        lat=draft.place.lat if draft.place else None,
        lon=draft.place.lon if draft.place else None,
        place_text=said["address_string"] or None,
        description=said["description"] or None,
        media_url=said["media_url"] or None,
        state=CityState.REPORTED if report_id else CityState.WAITING,
        report_id=report_id,
    )
    try:
        with unit.session.begin_nested():
            unit.session.add(row)
    except IntegrityError:
        return _first(unit, row)
    record(unit, "city.received", row.id, report=report_id, state=str(row.state))
    return row


def waiting(unit: Unit, *, before: Before | None, limit: int) -> Sequence[CityRequest]:
    """Requests that wait for an officer, the oldest first; one more than `limit` when there are more."""
    wanted = select(CityRequest).where(CityRequest.state == CityState.WAITING)
    if before is not None:
        wanted = wanted.where(tuple_(CityRequest.received_at, CityRequest.id) > tuple_(*before))
    return unit.session.scalars(wanted.order_by(CityRequest.received_at, CityRequest.id).limit(limit + 1)).all()


def attach(unit: Unit, request_id: str, *, version: int, inscription_id: str) -> CityRequest:
    """Say which wall a request means: its work orders are the request's from now on.

    Raises:
        NotFound, CityRequestChanged, CityRequestDecided: each as its name says.
    """
    row = _deciding(unit, request_id, version)
    row.inscription_id = wall_of(unit.session, inscription_id).id
    return _decide(unit, row, CityState.ATTACHED, "city.attached", inscription=row.inscription_id)


def close(unit: Unit, request_id: str, *, version: int, reason: str) -> CityRequest:
    """Close a request without a work order; the city is told the reason, one of a few.

    Raises:
        NotFound, CityRequestChanged, CityRequestDecided: each as its name says.
    """
    row = _deciding(unit, request_id, version)
    row.reason = reason
    return _decide(unit, row, CityState.CLOSED, "city.closed", reason=reason)


def _deciding(unit: Unit, request_id: str, version: int) -> CityRequest:
    row = unit.session.get(CityRequest, request_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("city request")
    if row.version != version:
        raise CityRequestChanged(version=row.version)
    if row.state != CityState.WAITING:
        raise CityRequestDecided(now=row.state)
    return row


def _decide(unit: Unit, row: CityRequest, state: CityState, action: str, **facts: str | None) -> CityRequest:
    row.state, row.decided_at, row.decided_by = state, unit.clock.now(), unit.actor.account_id
    row.version += 1
    record(unit, action, row.id, **facts)
    return row


def _draft(services: Services, said: Mapping[str, str], photo: SentPhoto | None, key: str | None) -> Draft:
    """The report that the fields make: a place in words is no reason to refuse what an officer can look for."""
    box = services.settings.intake.region
    region = Region(*box) if box else None
    fields = {"lat": said["lat"], "lon": said["long"], "note": said["description"]}
    if not said["lat"] and not said["long"] and said["address_string"]:
        with suppress(PlaceNotUnderstood):
            parse_place(said["address_string"], region=region)
            fields["place"] = said["address_string"]
    photos = [photo] if photo is not None else []
    made = draft_from(photos, fields, key=key, region=region, now=services.clock.now())
    note = "\n".join(each for each in (made.note, said["address_string"]) if each) or None
    return Draft(made.photos, made.place, made.place_text, note=note, key=key, channel=CHANNEL, fields=made.fields)


def _said(name: str, text: str) -> str:
    """A field, cleaned. FieldNotUnderstood when it is longer than it may be."""
    clean = clean_note(text) if name == "description" else clean_line(text)
    longest = LONGEST.get(name, 100)
    if len(clean) > longest:
        raise FieldNotUnderstood(name, expected=f"at most {longest} characters")
    return clean


def _digest(said: Mapping[str, str], report_id: str | None) -> str:
    content = {"fields": dict(said), "report": report_id}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _first(unit: Unit, row: CityRequest) -> CityRequest:
    """What was kept under a row's key before."""
    asked = select(CityRequest).where(
        CityRequest.account_id == row.account_id, CityRequest.idempotency_key == row.idempotency_key
    )
    found = unit.session.scalars(asked).one()
    if found.content_sha256 != row.content_sha256:
        raise CityKeyUsedDifferently(token=found.id)
    return found
