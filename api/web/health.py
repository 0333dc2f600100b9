"""Signs of life and figures, for the machines that watch this one."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import timedelta

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import func, select

from api.accounts.roles import Scope
from api.deps import Needs, Process, caller, public
from api.services import Services
from models import Worker

log = structlog.get_logger()
router = APIRouter(tags=["health"], dependencies=[public()])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="Is the process alive")  # the first of the two, so that `Allow` names it
def healthz() -> dict[str, str]:
    """The process answers; says nothing of what it depends on."""
    return {"status": "ok"}


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", summary="Can it do its work")  # the first of the two, so that `Allow` names it
def readyz(services: Process) -> JSONResponse:
    """Database, photo store and a worker heard lately; 503 with what is missing."""
    checks = {
        "database": _check(services, _database),
        "photos": _check(services, _photos),
        "worker": _check(services, _worker),
    }
    is_ready = all(state == "ok" for state in checks.values())
    return JSONResponse({"ready": is_ready, "checks": checks}, status_code=200 if is_ready else 503)


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
def metrics(request: Request, services: Process) -> Response:
    """Counts only, never an address or a name. Open on this machine itself; from elsewhere it needs `audit:read`."""
    if not _is_local(request):
        Needs(Scope.AUDIT_READ)(caller(request, services, ""))
    with services.reading_unit() as unit:
        text: bytes = request.app.state.metrics.text(unit)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def _is_local(request: Request) -> bool:
    """Whether a program on this machine asks for itself: a proxy on this machine says for whom it asks."""
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-forwarded-host", "via")):
        return False
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


def _check(services: Services, part: Callable[[Services], str]) -> str:
    try:
        return part(services)
    except Exception:  # whatever is wrong, this is the place to say so
        log.warning("not_ready", part=part.__name__, exc_info=True)
        return "does not answer"


def _database(services: Services) -> str:
    with services.reading_unit() as unit:
        unit.session.execute(select(1))
    return "ok"


def _photos(services: Services) -> str:
    services.blobs.has("0" * 64)
    return "ok"


def _worker(services: Services) -> str:
    with services.reading_unit() as unit:
        beat = unit.session.scalar(select(func.max(Worker.beat_at)))
    silent_after = timedelta(seconds=services.settings.jobs.silent_after_s)
    if beat is None or services.clock.now() - beat > silent_after:
        return "no worker was heard lately: is `wallwatch worker` running?"
    return "ok"
