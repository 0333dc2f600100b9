"""Messengers and mail: reports that wait for a place, and those who write, without their names."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.accounts.roles import Scope
from api.deps import ReadingUnit, needs
from api.intake.cursors import decode_cursor, encode_cursor
from api.intake.talk import people
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking

router = APIRouter(include_in_schema=False)

CONVERSATIONS, SENDERS = 20, 50

Cursor = Annotated[str | None, Query(max_length=300)]


@router.get("/waiting", dependencies=[needs(Scope.REPORTS_READ, Scope.REPORTS_WRITE)])
def waiting(
    request: Request,
    viewer: Looking,
    unit: ReadingUnit,
    state: Literal["place", "silent"] = "place",
    cursor: Cursor = None,
) -> Response:
    """Reports from messengers whose photos have no place: still asked for, or the sender fell silent."""
    before = decode_cursor(cursor) if cursor else None
    found = people.conversations(unit, state=state, before=before, limit=CONVERSATIONS)
    shown = found[:CONVERSATIONS]
    following = encode_cursor(shown[-1].changed_at, shown[-1].id) if len(found) > CONVERSATIONS else None
    return pages_of(request).page(
        request, viewer, "talk/waiting.html", conversations=shown, following=following, state=state
    )


@router.get("/senders", dependencies=[needs(Scope.SENDERS_WRITE)])
def senders(
    request: Request,
    viewer: Looking,
    unit: ReadingUnit,
    *,
    show: Literal["all", "blocked"] = "all",
    cursor: Cursor = None,
) -> Response:
    """Who writes, the last who wrote first; or those of whom nothing more is taken."""
    is_blocked = show == "blocked"
    before = decode_cursor(cursor) if cursor else None
    found = people.senders(unit, is_blocked=is_blocked, before=before, limit=SENDERS)
    shown, following = found[:SENDERS], None
    if len(found) > SENDERS:
        at = shown[-1].blocked_at if is_blocked else None
        following = encode_cursor(at or shown[-1].last_at, shown[-1].id)
    return pages_of(request).page(
        request, viewer, "talk/senders.html", senders=shown, following=following, is_blocked=is_blocked
    )
