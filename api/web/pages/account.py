"""My account: password, where I am signed in, API keys."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.accounts import service as accounts
from api.accounts import sessions
from api.accounts.roles import scopes_of
from api.deps import Process, ReadingUnit, by_person
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking

router = APIRouter(include_in_schema=False)


@router.get("/account", dependencies=[by_person()])
def account(request: Request, viewer: Looking, unit: ReadingUnit, services: Process) -> Response:
    """What belongs to the viewer alone."""
    actor = unit.actor
    return pages_of(request).page(
        request,
        viewer,
        "account/account.html",
        sessions=sessions.open_sessions(unit, actor.account_id or "", idle=services.settings.web.session_length),
        this_session=actor.session_id,
        keys=accounts.keys_of(unit, actor.account_id or ""),
        scopes=sorted(scopes_of(actor.role or "")),
    )
