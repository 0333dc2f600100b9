"""The review queue: one finding after another, decided by keyboard or by thumb."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.accounts.roles import Scope
from api.deps import Process, needs
from api.web.pages.marks import _
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from vision.types import Kind

router = APIRouter(include_in_schema=False)


REASONS = (
    _("No address is painted here"),
    _("Cannot be read"),
    _("No drug advertisement: a shop, a service, a name"),
    _("Not on a wall: a screen, a poster, paper"),
    _("The same writing is in the queue already"),
)
"""Why findings are rejected most often; the one who rejects may say it in other words."""


@router.get("/review", dependencies=[needs(Scope.WATCHLIST_REVIEW)])
def review(request: Request, viewer: Looking, services: Process, *, on_list: bool = False) -> Response:
    """The frame; the script asks the API for findings, a few ahead of the one that is looked at."""
    return pages_of(request).page(
        request,
        viewer,
        "review/review.html",
        on_list=on_list,
        kinds=[str(kind) for kind in Kind],
        reasons=REASONS,
        zone=services.settings.timezone,
    )
