"""Accounts, settings and the audit log, for those who look after the installation."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from api.accounts import service as accounts
from api.accounts import sessions
from api.accounts.overview import MOST, overview
from api.accounts.roles import Scope, scopes_of
from api.audit.entries import Sought, newest_entries
from api.audit.routes import SHOWN_BREAKS, chain
from api.deps import Process, ReadingUnit, needs
from api.languages.words import WORDS
from api.runtime import service as runtime
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from models import Role
from vision.types import Kind

router = APIRouter(include_in_schema=False)

ENTRIES = 50

BROKEN = (("missing", "missing"), ("follow", "unlinked"), ("changed after", "changed"), ("seal", "seal"))
"""What is in the reason of a break, and the word for it."""


@router.get("/admin/accounts", dependencies=[needs(Scope.ACCOUNTS_WRITE)])
def all_accounts(
    request: Request,
    viewer: Looking,
    unit: ReadingUnit,
    services: Process,
    q: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Who there is, and adding somebody."""
    found = overview(unit, named=q.strip(), idle=services.settings.web.session_length)
    return pages_of(request).page(
        request, viewer, "admin/accounts.html", found=found, sought=q, roles=list(Role), are_all=len(found) < MOST
    )


@router.get("/admin/accounts/{account_id}", dependencies=[needs(Scope.ACCOUNTS_WRITE)])
def one_account(request: Request, viewer: Looking, unit: ReadingUnit, services: Process, account_id: str) -> Response:
    """One account: role, password, browsers, keys."""
    account = accounts.get(unit, account_id)
    return pages_of(request).page(
        request,
        viewer,
        "admin/account.html",
        account=account,
        roles=list(Role),
        scopes={str(role): sorted(scopes_of(role)) for role in Role},
        keys=accounts.keys_of(unit, account_id),
        sessions=sessions.open_sessions(unit, account_id, idle=services.settings.web.session_length),
    )


@router.get("/admin/settings", dependencies=[needs(Scope.ACCOUNTS_WRITE)])
def settings(request: Request, viewer: Looking, unit: ReadingUnit, services: Process) -> Response:
    """Settings that may be changed while the program runs."""
    return pages_of(request).page(
        request,
        viewer,
        "admin/settings.html",
        settings=runtime.standings(unit, services.running),
        kinds=[str(kind) for kind in Kind],
        half_lives=dict(services.settings.watchlist.half_lives.days),
    )


@router.get("/admin/audit", dependencies=[needs(Scope.AUDIT_READ)])
def audit_log(
    request: Request,
    viewer: Looking,
    unit: ReadingUnit,
    services: Process,
    *,
    actor: Annotated[str, Query(max_length=64)] = "",
    action: Annotated[str, Query(max_length=64)] = "",
    subject: Annotated[str, Query(max_length=128)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
    cursor: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """Who did what, the newest first."""
    zone = services.settings.zone
    sought = Sought(
        actor=actor.strip() or None,
        action=action.strip() or None,
        subject=subject.strip() or None,
        since=midnight(since, zone),
        until=midnight(until, zone, days=1),
    )
    entries, following = newest_entries(unit, sought, cursor=cursor, limit=ENTRIES)
    return pages_of(request).page(
        request,
        viewer,
        "admin/audit.html",
        entries=entries,
        following=following,
        sought={"actor": actor, "action": action, "subject": subject, "since": since, "until": until},
        actions=sorted(WORDS["action"]),
    )


@router.get("/admin/audit/chain", dependencies=[needs(Scope.AUDIT_READ)])
def audit_chain(request: Request, viewer: Looking, services: Process) -> Response:
    """What came of checking the chain: a part of the page."""
    found = chain(services)
    breaks = [(each.seq, broken(each.reason)) for each in found.breaks]
    return pages_of(request).page(
        request, viewer, "admin/chain.html", found=found, breaks=breaks, are_all=len(breaks) < SHOWN_BREAKS
    )


def midnight(day: str, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    """The moment at which a day (YYYY-MM-DD) begins here, or so many days later; None for what is no day."""
    try:
        return datetime.combine(datetime.fromisoformat(day).date() + timedelta(days=days), time.min, zone)
    except (ValueError, OverflowError):
        return None


def broken(reason: str) -> str:
    """The kind of a break, for its word."""
    return next((kind for part, kind in BROKEN if part in reason), "other")
