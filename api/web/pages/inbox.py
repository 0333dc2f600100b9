"""Messages: the inbox, what happened on the watchlist, watched addresses, subscriptions and their oversight."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, needs
from api.errors import NotFound
from api.intake.cursors import decode_cursor, encode_cursor
from api.notices.service import latest
from api.telling import inbox, messages, subscriptions
from api.telling.kinds import KINDS, TURNED_OFF
from api.telling.schemas import (
    SubscriptionEdit,
    SubscriptionOut,
    inbox_out,
    message_out,
    overseen_out,
    subscription_out,
    watch_out,
)
from api.telling.words import LANGUAGES, headline, word
from api.unit import Unit
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from models import Address, Channel, InboxEntry, Notice, Pace, Tlp
from vision.addresses import defang
from vision.types import Kind

router = APIRouter(include_in_schema=False)
OWN = [needs(Scope.SUBSCRIPTIONS_WRITE)]
PAGE = 50
NEW = "new"

Cursor = Annotated[str | None, Query(max_length=300)]


@router.get("/inbox", dependencies=OWN)
def messages_page(
    request: Request, viewer: Looking, unit: ReadingUnit, unread: str = "", cursor: Cursor = None
) -> Response:
    """What the viewer's subscriptions brought, the newest first."""
    before = decode_cursor(cursor) if cursor else None
    found = inbox.entries(unit, is_unread_only=bool(unread), before=before, limit=PAGE)
    shown = found[:PAGE]
    return pages_of(request).page(
        request,
        viewer,
        "inbox/inbox.html",
        entries=[_entry(entry, viewer.language) for entry in shown],
        unread=inbox.unread(unit),
        is_unread_only=bool(unread),
        following=encode_cursor(shown[-1].at, shown[-1].id) if len(found) > PAGE else None,
    )


@router.get("/inbox/notices", dependencies=[needs(Scope.WATCHLIST_READ)])
def notices_page(
    request: Request, viewer: Looking, unit: ReadingUnit, before: Annotated[int | None, Query(ge=1, le=2**62)] = None
) -> Response:
    """What happened on the watchlist, whoever subscribed to it."""
    found = latest(unit, before=before, limit=PAGE)
    return pages_of(request).page(
        request,
        viewer,
        "inbox/notices.html",
        notices=[_notice(notice, viewer.language) for notice in found[:PAGE]],
        following=found[PAGE - 1].seq if len(found) > PAGE else None,
    )


@router.get("/inbox/watches", dependencies=OWN)
def watches_page(request: Request, viewer: Looking, unit: ReadingUnit, cursor: Cursor = None) -> Response:
    """Addresses that the viewer watches."""
    found = inbox.watched(unit, before=decode_cursor(cursor) if cursor else None, limit=PAGE)
    shown = found[:PAGE]
    following = encode_cursor(shown[-1][0].at, shown[-1][0].address_id) if len(found) > PAGE else None
    watched = [watch_out(*each) for each in shown]
    return pages_of(request).page(request, viewer, "inbox/watches.html", watched=watched, following=following)


@router.get("/inbox/subscriptions", dependencies=OWN)
def subscriptions_page(request: Request, viewer: Looking, unit: ReadingUnit, cursor: Cursor = None) -> Response:
    """The viewer's subscriptions."""
    rows, following = _subscriptions(unit, unit.actor.account_id, cursor)
    shown = [(row, wish_of(row)) for row in rows]
    return pages_of(request).page(request, viewer, "inbox/subscriptions.html", rows=shown, following=following)


@router.get("/inbox/subscriptions/{subscription_id}", dependencies=OWN)
def subscription_page(  # noqa: PLR0917 - FastAPI fills them by name
    subscription_id: str, request: Request, viewer: Looking, unit: ReadingUnit, services: Process, address: str = ""
) -> Response:
    """The form of a subscription with what became of its messages; `new` for one that is to be made."""
    row, sent = None, []
    if subscription_id != NEW:
        own = subscriptions.own(unit, subscription_id)
        row = subscription_out(own, messages.dead_counts(unit, [own.id]).get(own.id, 0))
        found = messages.messages(unit, own.id, state=None, before=None, limit=20)
        sent = [message_out(message) for message in found[:20]]
    named = unit.session.get(Address, (row.address_id if row else address) or "")
    if address and not row and named is None:
        raise NotFound("address")
    return pages_of(request).page(
        request,
        viewer,
        "inbox/subscription.html",
        row=row,
        named=named,
        messages=sent,
        about=KINDS,
        channels=[str(each) for each in Channel],
        paces=[str(each) for each in Pace],
        kinds=[str(each) for each in Kind],
        tlps=[str(each) for each in Tlp],
        spoken=LANGUAGES,
        can_mail=services.settings.telling.smtp_host != "",
        timezone=services.settings.timezone,
    )


@router.get("/admin/subscriptions", dependencies=[needs(Scope.SUBSCRIPTIONS_OVERSEE)])
def oversight_page(request: Request, viewer: Looking, unit: ReadingUnit, cursor: Cursor = None) -> Response:
    """Everybody's subscriptions: who hears of what, and where it goes."""
    rows, following = _subscriptions(unit, None, cursor)
    return pages_of(request).page(request, viewer, "inbox/oversight.html", rows=rows, following=following)


def wish_of(row: SubscriptionOut) -> dict[str, Any]:
    """A subscription as the API takes it to change it: nothing is different yet."""
    return {name: value for name in SubscriptionEdit.model_fields if (value := getattr(row, name, None)) is not None}


def _subscriptions(unit: Unit, account_id: str | None, cursor: str | None) -> tuple[list[SubscriptionOut], str | None]:
    before = decode_cursor(cursor) if cursor else None
    found = subscriptions.subscriptions(unit, account_id=account_id, before=before, limit=PAGE)
    shown = found[:PAGE]
    dead = messages.dead_counts(unit, [row.id for row in shown])
    out = subscription_out if account_id is not None else overseen_out
    following = encode_cursor(shown[-1].created_at, shown[-1].id) if len(found) > PAGE else None
    return [out(row, dead.get(row.id, 0)) for row in shown], following


def _entry(entry: InboxEntry, language: str) -> dict[str, Any]:
    spoken: Any = language
    title = f"{word('turned_off', spoken)}: {entry.facts['label']}" if entry.kind == TURNED_OFF else ""
    shown = inbox_out(entry, title or headline(entry.kind, spoken))
    return {"shown": shown, "kind": entry.facts.get("kind"), "value": entry.facts.get("value")}


def _notice(notice: Notice, language: str) -> dict[str, Any]:
    spoken: Any = language
    kind, value = notice.facts.get("kind"), notice.facts.get("value")
    return {
        "title": headline(notice.kind, spoken),
        "at": notice.at,
        "seq": notice.seq,
        "address_id": notice.address_id,
        "kind": kind,
        "value": value,
        "defanged": defang(kind, value) if kind and value else "",
    }
