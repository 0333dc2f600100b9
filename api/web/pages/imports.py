"""Import: files of addresses, and photos from the desk."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, needs
from api.exchange.imports import import_page
from api.exchange.service import Format
from api.intake.folder import SUFFIXES
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from vision.types import Kind

router = APIRouter(include_in_schema=False)

SHOWN = 20


@router.get("/import", dependencies=[needs(Scope.IMPORT_WRITE)])
def imports(request: Request, viewer: Looking, unit: ReadingUnit, services: Process, before: str = "") -> Response:
    """What can be taken in, what goes on, and what was taken in earlier; `before` is the cursor of older ones."""
    limits = services.settings.limits
    return pages_of(request).page(
        request,
        viewer,
        "imports/import.html",
        earlier=import_page(unit, services.imports, cursor=before or None, limit=SHOWN),
        is_first=not before,
        going_on=[run for run in services.imports.going_on() if not run.is_dry_run],
        formats=[str(each) for each in Format],
        kinds=[str(each) for each in Kind],
        import_bytes=min(services.settings.exchange.import_bytes, limits.body_bytes),
        photo_bytes=limits.photo_bytes,
        suffixes=sorted(SUFFIXES),
    )
