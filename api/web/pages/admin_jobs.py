"""How reading goes: the queue, what failed, the readers, and reading again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, needs
from api.jobs import reread, service
from api.jobs.routes import standing
from api.languages.refusals import in_words
from api.languages.words import WORDS
from api.services import Services
from api.unit import Unit
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking

router = APIRouter(include_in_schema=False)

SHOWN = 25


@router.get("/admin/jobs", dependencies=[needs(Scope.JOBS_WRITE)])
def jobs(
    request: Request,
    viewer: Looking,
    unit: ReadingUnit,
    services: Process,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
) -> Response:
    """The whole page."""
    return pages_of(request).page(
        request, viewer, "admin/jobs.html", **_seen(unit, services, viewer.language, cursor), cursor=cursor or ""
    )


@router.get("/admin/jobs/state", dependencies=[needs(Scope.JOBS_WRITE)])
def state(
    request: Request,
    viewer: Looking,
    unit: ReadingUnit,
    services: Process,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
) -> Response:
    """The part of the page that is fetched anew every few seconds."""
    return pages_of(request).page(
        request, viewer, "admin/jobs_state.html", **_seen(unit, services, viewer.language, cursor)
    )


def _seen(unit: Unit, services: Services, language: str, cursor: str | None) -> dict[str, Any]:
    silent_after_s = services.settings.jobs.silent_after_s
    return {
        "jobs": standing(unit, silent_after_s, cursor=cursor or None, limit=SHOWN),
        "reasons": service.reasons(unit),
        "readers": reread.readers(unit, silent_after_s=silent_after_s),
        "why": lambda code, message: _why(language, code, message),
    }


def _why(language: str, code: str | None, message: str | None) -> str | None:
    """What failed, in the reader's language; None where `failure` has the word for it."""
    if code in WORDS["failure"]:
        return None
    return in_words({"code": code, "detail": message or code or ""}, language)
