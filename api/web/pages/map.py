"""The map: where it was seen, counted on the server."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from api.accounts.roles import Scope
from api.deps import Process, needs
from api.errors import NotFound
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from models import AddressStatus
from vision.types import Kind

router = APIRouter(include_in_schema=False, dependencies=[needs(Scope.CONNECTIONS_READ)])


@router.get("/map")
def map_page(request: Request, viewer: Looking, services: Process) -> Response:
    """The frame with its filters; the script asks the API for what is in the box that is looked at."""
    return pages_of(request).page(
        request,
        viewer,
        "map/map.html",
        kinds=[str(kind) for kind in Kind],
        statuses=[str(status) for status in AddressStatus],
        zone=services.settings.timezone,
        has_outline=services.settings.web.outline is not None,
    )


@router.get("/map/outline")
def outline(services: Process) -> FileResponse:
    """The region's outline as GeoJSON; NotFound where the settings have none."""
    path = services.settings.web.outline
    if path is None:
        raise NotFound("outline")
    return FileResponse(path, media_type="application/geo+json", headers={"Cache-Control": "private, max-age=3600"})
