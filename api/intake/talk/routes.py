"""Conversations over HTTP: which wait for a place, who is blocked, what was given up."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.accounts.roles import Scope
from api.deps import Caller, Process, ReadingUnit, WritingUnit, needs
from api.intake.coordinates import Place, parse_place
from api.intake.cursors import decode_cursor, encode_cursor
from api.intake.draft import FieldNotUnderstood, HalfAPoint, PlaceGivenTwice
from api.intake.geo import Region, check_point
from api.intake.service import CoordinatesNeeded
from api.intake.talk import people
from api.intake.talk.delivery import DEAD
from api.intake.talk.schemas import (
    ArrivalOut,
    ArrivalPageOut,
    Blocking,
    ConversationOut,
    ConversationPageOut,
    OutgoingOut,
    OutgoingPageOut,
    PlaceGiven,
    SenderOut,
    SenderPageOut,
    Which,
    arrival_out,
    conversation_out,
    outgoing_out,
    sender_out,
)
from api.photos.copies import side_within
from api.photos.routes import PICTURE, MaxSide, copy_of
from api.settings import Settings
from models import ArrivalState, Arrived, Outgoing

router = APIRouter(prefix="/v1", tags=["conversations"])
READ = [needs(Scope.REPORTS_READ, Scope.REPORTS_WRITE)]
WRITE = [needs(Scope.REPORTS_WRITE)]
SENDERS = [needs(Scope.SENDERS_WRITE)]
GIVEN_UP = [needs(Scope.JOBS_WRITE)]

Cursor = Annotated[str | None, Query(max_length=300)]
Limit = Annotated[int, Query(ge=1, le=200)]
Seq = Annotated[int, Path(ge=1, le=2**62)]
Before = Annotated[int | None, Query(ge=1, le=2**62, description="`next` of the page before")]


@router.get("/conversations", dependencies=READ, summary="Reports in the making")
def get_conversations(
    unit: ReadingUnit, *, state: Which = Which.PLACE, cursor: Cursor = None, limit: Limit = 50
) -> ConversationPageOut:
    """Conversations that wait for a place, or are in another state, the last changed first."""
    found = people.conversations(unit, state=state, before=_place_of(cursor), limit=limit)
    shown = found[:limit]
    following = encode_cursor(shown[-1].changed_at, shown[-1].id) if len(found) > limit else None
    return ConversationPageOut(conversations=[conversation_out(row) for row in shown], next=following)


@router.get("/conversations/{conversation_id}", dependencies=READ, summary="One conversation")
def get_conversation(conversation_id: str, unit: ReadingUnit) -> ConversationOut:
    """A conversation with its pictures."""
    return conversation_out(people.conversation(unit, conversation_id))


@router.get(
    "/conversations/{conversation_id}/photos/{sha256}",
    dependencies=READ,
    summary="A picture of a conversation",
    response_class=Response,
    responses=PICTURE,
)
def get_picture(
    conversation_id: str,
    sha256: str,
    request: Request,
    *,
    services: Process,
    actor: Caller,
    max_side_px: MaxSide = 2000,
) -> Response:
    """The photo to look at, upright, as JPEG, without EXIF: what it shows may tell the place."""
    with services.reading_unit(actor) as unit:
        people.picture(unit, conversation_id, sha256)
    return copy_of(request, services, sha256, side_px=side_within(max_side_px))


@router.post("/conversations/{conversation_id}/place", dependencies=WRITE, summary="Give the place by hand")
def give_place(conversation_id: str, body: PlaceGiven, unit: WritingUnit, services: Process) -> ConversationOut:
    """The report of a conversation that lacks a place, or whose sender fell silent. 409 when it has gone on."""
    settings = services.settings
    row = people.give_place(
        unit, settings, conversation_id, _given(body, settings), text=body.place, version=body.version
    )
    return conversation_out(row)


@router.get("/senders", dependencies=SENDERS, summary="Who writes")
def get_senders(unit: ReadingUnit, *, blocked: bool = False, cursor: Cursor = None, limit: Limit = 50) -> SenderPageOut:
    """Senders without their names, those who wrote last first; or those who are blocked."""
    found = people.senders(unit, is_blocked=blocked, before=_place_of(cursor), limit=limit)
    shown = found[:limit]
    following = None
    if len(found) > limit:
        at = shown[-1].blocked_at if blocked else shown[-1].last_at
        following = encode_cursor(at or shown[-1].last_at, shown[-1].id)
    return SenderPageOut(senders=[sender_out(row) for row in shown], next=following)


@router.post("/senders/{sender_id}/block", dependencies=SENDERS, summary="Take nothing more from a sender")
def block(sender_id: str, body: Blocking, unit: WritingUnit) -> SenderOut:
    """What they send from now on is kept and left, and not answered. 409 when somebody was faster."""
    return sender_out(people.block(unit, sender_id, reason=body.reason, version=body.version))


@router.post("/senders/{sender_id}/unblock", dependencies=SENDERS, summary="Take from a sender again")
def unblock(sender_id: str, body: Blocking, unit: WritingUnit) -> SenderOut:
    """What they send from now on is answered again. 409 when somebody was faster."""
    return sender_out(people.unblock(unit, sender_id, reason=body.reason, version=body.version))


@router.get("/outgoing", dependencies=GIVEN_UP, summary="Messages that were given up")
def get_outgoing(unit: ReadingUnit, before: Before = None, limit: Limit = 50) -> OutgoingPageOut:
    """Messages to chats that did not get through, the newest first."""
    found = people.given_up(unit, Outgoing, state=DEAD, before=before, limit=limit)
    following = found[limit - 1].seq if len(found) > limit else None
    return OutgoingPageOut(messages=[outgoing_out(row) for row in found[:limit]], next=following)


@router.post("/outgoing/{seq}/retry", status_code=202, dependencies=GIVEN_UP, summary="Send a message again")
def send_again(seq: Seq, unit: WritingUnit) -> OutgoingOut:
    """It waits again with all its tries. Where nobody knows whether it had arrived, it may arrive once more."""
    return outgoing_out(people.send_again(unit, seq))


@router.get("/arrivals", dependencies=GIVEN_UP, summary="Arrivals that failed")
def get_arrivals(unit: ReadingUnit, before: Before = None, limit: Limit = 50) -> ArrivalPageOut:
    """What arrived and could not be taken, the newest first."""
    found = people.given_up(unit, Arrived, state=ArrivalState.FAILED, before=before, limit=limit)
    following = found[limit - 1].seq if len(found) > limit else None
    return ArrivalPageOut(arrivals=[arrival_out(row) for row in found[:limit]], next=following)


@router.post("/arrivals/{seq}/retry", status_code=202, dependencies=GIVEN_UP, summary="Take an arrival again")
def take_again(seq: Seq, unit: WritingUnit) -> ArrivalOut:
    """It waits again with all its tries."""
    return arrival_out(people.take_again(unit, seq))


def _place_of(cursor: str | None) -> tuple[datetime, str] | None:
    return decode_cursor(cursor) if cursor else None


def _given(body: PlaceGiven, settings: Settings) -> Place:
    """The place in a request; Problem when there is none, or it cannot be."""
    box = settings.intake.region
    region = Region(*box) if box else None
    if body.place is not None:
        if body.lat is not None or body.lon is not None:
            raise PlaceGivenTwice
        return parse_place(body.place, region=region)
    if body.lat is None and body.lon is None:
        raise CoordinatesNeeded
    if body.lat is None or body.lon is None:
        raise HalfAPoint(missing="lat" if body.lat is None else "lon")
    if not (abs(body.lat) < 1e6 and abs(body.lon) < 1e6):
        raise FieldNotUnderstood("lat and lon", expected="degrees as numbers, such as 54.8700")
    check_point(body.lat, body.lon, region=region)
    return Place(body.lat, body.lon, "typed")
