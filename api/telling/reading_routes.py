"""What people and programs read of what they are told: the inbox, watched addresses, feeds."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Query, Response

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, WritingUnit, needs, public
from api.errors import NotFound
from api.instants import asked
from api.intake.cursors import decode_cursor, encode_cursor
from api.telling import feeds, inbox
from api.telling.items import items_of
from api.telling.kinds import TURNED_OFF
from api.telling.matching import may_hear
from api.telling.schemas import InboxOut, MarkedOut, MarkIn, WatchPageOut, inbox_out, watch_out
from api.telling.subscriptions import feed_of
from api.telling.words import Language, headline, language_of, word
from api.unit import Unit
from models import Account, InboxEntry

router = APIRouter(prefix="/v1", tags=["telling"])
OWN = [needs(Scope.SUBSCRIPTIONS_WRITE)]

Cursor = Annotated[str | None, Query(max_length=300)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/inbox", dependencies=OWN, summary="My inbox")
def get_inbox(
    unit: ReadingUnit,
    cursor: Cursor = None,
    limit: Limit = 50,
    *,
    unread: Annotated[bool, Query(description="only what is unread")] = False,
) -> InboxOut:
    """What the caller's subscriptions to the inbox brought, the newest first, and how many are unread."""
    before = decode_cursor(cursor) if cursor else None
    found = inbox.entries(unit, is_unread_only=unread, before=before, limit=limit)
    shown = found[:limit]
    account = unit.session.get_one(Account, unit.actor.account_id)
    language = language_of(None, account.language)
    following = encode_cursor(shown[-1].at, shown[-1].id) if len(found) > limit else None
    entries = [inbox_out(entry, _title(entry, language)) for entry in shown]
    return InboxOut(entries=entries, unread=inbox.unread(unit), next=following)


@router.post("/inbox/marks", dependencies=OWN, summary="Mark entries read or unread")
def mark(body: MarkIn, unit: WritingUnit) -> MarkedOut:
    """Those with these ids, or all up to a moment, or all."""
    changed = inbox.mark(unit, body.ids, is_read=body.is_read, until=asked("until", body.until))
    return MarkedOut(changed=changed, unread=inbox.unread(unit))


@router.get("/watches", dependencies=OWN, summary="Addresses that I watch")
def get_watches(unit: ReadingUnit, cursor: Cursor = None, limit: Limit = 50) -> WatchPageOut:
    """What the caller watches, the latest first: a subscription about `address.near` hears of what resembles them."""
    found = inbox.watched(unit, before=decode_cursor(cursor) if cursor else None, limit=limit)
    shown = found[:limit]
    following = encode_cursor(shown[-1][0].at, shown[-1][0].address_id) if len(found) > limit else None
    return WatchPageOut(watched=[watch_out(*each) for each in shown], next=following)


@router.put("/watches/{address_id}", status_code=204, dependencies=OWN, summary="Watch an address")
def watch(address_id: str, unit: WritingUnit, services: Process) -> None:
    """Watch an address; again changes nothing."""
    inbox.watch(unit, address_id, limit=services.settings.telling.watches_per_account)


@router.delete("/watches/{address_id}", status_code=204, dependencies=OWN, summary="Watch an address no more")
def unwatch(address_id: str, unit: WritingUnit) -> None:
    """Let it go; when it is not watched, nothing changes."""
    inbox.unwatch(unit, address_id)


@router.get("/feeds/{subscription_id}/{token}", dependencies=[public()], summary="A subscription as a feed")
def feed(
    subscription_id: Annotated[str, Path(max_length=32)],
    token: Annotated[str, Path(max_length=100)],
    services: Process,
    form: Annotated[Literal["atom", "rss"], Query(alias="format")] = "atom",
    if_none_match: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """Atom, or RSS with `format=rss`. The address is the key to it: whoever knows it may read. 304: nothing is new."""
    with services.reading_unit() as unit:
        body = _feed(unit, subscription_id, token, form)
    tag = feeds.etag(body)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if feeds.is_known(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=feeds.RSS if form == "rss" else feeds.ATOM, headers=headers)


def _feed(unit: Unit, subscription_id: str, token: str, form: str) -> bytes:
    row = feed_of(unit, subscription_id, token)
    if row is None or not may_hear(row.account):
        raise NotFound("feed")
    items = items_of(unit, row, message_id=None, limit=feeds.MOST)
    language = language_of(row.language, row.account.language)
    return (feeds.rss if form == "rss" else feeds.atom)(row, items, language)


def _title(entry: InboxEntry, language: Language) -> str:
    if entry.kind == TURNED_OFF:
        return f"{word('turned_off', language)}: {entry.facts['label']}"
    return headline(entry.kind, language)
