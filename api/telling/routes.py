"""Subscriptions over HTTP: one's own, and everybody's for those who oversee."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.accounts.roles import Scope
from api.deps import Caller, Process, ReadingUnit, WritingUnit, needs
from api.intake.cursors import decode_cursor, encode_cursor
from api.services import Services
from api.telling import messages as sent
from api.telling import subscriptions as service
from api.telling.schemas import (
    MessageOut,
    MessagePageOut,
    SecretIn,
    SubscriptionEdit,
    SubscriptionIn,
    SubscriptionMade,
    SubscriptionOut,
    SubscriptionPageOut,
    VersionIn,
    message_out,
    overseen_out,
    subscription_out,
)
from api.telling.targets import addresses, parse, resolve_here
from api.unit import Unit
from models import Channel, MessageState, Subscription

router = APIRouter(prefix="/v1", tags=["telling"])
OWN = [needs(Scope.SUBSCRIPTIONS_WRITE)]
OVERSEE = [needs(Scope.SUBSCRIPTIONS_OVERSEE)]
TESTS_PER_MINUTE = 6

Cursor = Annotated[str | None, Query(max_length=300)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.post("/subscriptions", status_code=201, dependencies=OWN, summary="Subscribe to notices")
def subscribe(body: SubscriptionIn, request: Request, services: Process, actor: Caller) -> SubscriptionMade:
    """Hear of what comes from now on. A webhook's secret and a feed's address are shown this once."""
    wish = body.wish(body.about, body.channel)
    _look_at(services, body.url)
    # Names are resolved before the transaction is begun: a slow resolver must not keep other writers waiting.
    with services.unit(actor, request_id=request.state.request_id) as unit:
        return _made(service.subscribe(unit, wish, services.settings))


@router.get("/subscriptions", dependencies=OWN, summary="My subscriptions")
def get_subscriptions(
    unit: ReadingUnit, actor: Caller, cursor: Cursor = None, limit: Limit = 50
) -> SubscriptionPageOut:
    """The caller's subscriptions, the newest first."""
    return _page(unit, actor.account_id, cursor, limit)


@router.get("/subscriptions/{subscription_id}", dependencies=OWN, summary="One of my subscriptions")
def get_subscription(subscription_id: str, unit: ReadingUnit) -> SubscriptionOut:
    """A subscription with how it fares."""
    return _shown(unit, service.own(unit, subscription_id))


@router.put("/subscriptions/{subscription_id}", dependencies=OWN, summary="Change a subscription")
def change(
    subscription_id: str, body: SubscriptionEdit, request: Request, services: Process, actor: Caller
) -> SubscriptionOut:
    """Everything as the body has it; switched on again it hears of what comes from now on. 409 when it has changed."""
    with services.reading_unit(actor) as unit:
        row = service.own(unit, subscription_id)
    wish = body.wish(row.about, Channel(row.channel))
    _look_at(services, body.url if body.url != row.url else None)
    with services.unit(actor, request_id=request.state.request_id) as unit:
        changed = service.change(unit, subscription_id, wish, services.settings, version=body.version, is_on=body.is_on)
        return _shown(unit, changed)


@router.delete("/subscriptions/{subscription_id}", status_code=204, dependencies=OWN, summary="Delete a subscription")
def remove(subscription_id: str, version: Annotated[int, Query(ge=1)], unit: WritingUnit) -> None:
    """Delete it with its messages; what is in the inbox stays. 409 when it has changed."""
    service.remove(unit, subscription_id, version=version)


@router.post("/subscriptions/{subscription_id}/secret", dependencies=OWN, summary="A new secret")
def rotate(subscription_id: str, body: SecretIn, unit: WritingUnit, services: Process) -> SubscriptionMade:
    """A new secret for a webhook, the old one signs along for `overlap_h` hours; for a feed a new address at once."""
    overlap = timedelta(hours=body.overlap_h)
    return _made(service.rotate(unit, subscription_id, services.settings, version=body.version, overlap=overlap))


@router.post("/subscriptions/{subscription_id}/test", status_code=202, dependencies=OWN, summary="Send me a test")
def send_test(subscription_id: str, unit: WritingUnit, services: Process, actor: Caller) -> MessageOut:
    """A message that says that it is a test, by the subscription's own way."""
    services.limits.spend("test message", str(actor.account_id), per_minute=TESTS_PER_MINUTE)
    return message_out(sent.send_test(unit, subscription_id))


@router.get("/subscriptions/{subscription_id}/messages", dependencies=OWN, summary="What became of messages")
def get_messages(
    subscription_id: str,
    unit: ReadingUnit,
    state: MessageState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> MessagePageOut:
    """Messages of a subscription, the newest first, with the last error of those that were not taken."""
    before = decode_cursor(cursor) if cursor else None
    found = sent.messages(unit, subscription_id, state=state, before=before, limit=limit)
    shown = found[:limit]
    following = encode_cursor(shown[-1].made_at, shown[-1].id) if len(found) > limit else None
    return MessagePageOut(messages=[message_out(message) for message in shown], next=following)


@router.post(
    "/subscriptions/{subscription_id}/messages/{message_id}/send",
    status_code=202,
    dependencies=OWN,
    summary="Send a message again",
)
def send_again(subscription_id: str, message_id: str, unit: WritingUnit) -> MessageOut:
    """A message that was given up, under its old id, with all its tries."""
    return message_out(sent.send_again(unit, subscription_id, message_id))


@router.get("/oversight/subscriptions", dependencies=OVERSEE, summary="Everybody's subscriptions")
def get_all(unit: ReadingUnit, cursor: Cursor = None, limit: Limit = 50) -> SubscriptionPageOut:
    """Who hears of what, and where it goes; the newest first."""
    return _page(unit, None, cursor, limit)


@router.post("/oversight/subscriptions/{subscription_id}/off", dependencies=OVERSEE, summary="Switch one off")
def switch_off(subscription_id: str, body: VersionIn, unit: WritingUnit) -> SubscriptionOut:
    """Nothing goes there any more, and its owner cannot switch it on again. 409 when it has changed."""
    row = service.switch_off(unit, subscription_id, version=body.version)
    return overseen_out(row, sent.dead_counts(unit, [row.id]).get(row.id, 0))


def _look_at(services: Services, url: str | None) -> None:
    """WebhookUrlRefused, WebhookUnresolved, WebhookTargetRefused for a webhook that could never be sent to."""
    if url is not None:
        settings = services.settings.telling
        addresses(parse(url, settings), settings, resolve_here)


def _page(unit: Unit, account_id: str | None, cursor: str | None, limit: int) -> SubscriptionPageOut:
    before = decode_cursor(cursor) if cursor else None
    found = service.subscriptions(unit, account_id=account_id, before=before, limit=limit)
    shown = found[:limit]
    dead = sent.dead_counts(unit, [row.id for row in shown])
    out = subscription_out if account_id is not None else overseen_out
    following = encode_cursor(shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    return SubscriptionPageOut(subscriptions=[out(row, dead.get(row.id, 0)) for row in shown], next=following)


def _shown(unit: Unit, row: Subscription) -> SubscriptionOut:
    return subscription_out(row, sent.dead_counts(unit, [row.id]).get(row.id, 0))


def _made(made: service.Made) -> SubscriptionMade:
    row = made.row
    is_feed = row.channel == Channel.FEED
    return SubscriptionMade(
        **subscription_out(row).model_dump(),
        secret=None if is_feed else made.secret,
        feed=f"/v1/feeds/{row.id}/{made.secret}" if is_feed else None,
    )
