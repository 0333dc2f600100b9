"""Sending photos from a phone, with and without a network."""

from __future__ import annotations

import hashlib
import json

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.deps import Process, needs, public
from api.services import Services
from api.web.files import STATIC
from api.web.pages.render import asset, pages_of
from api.web.pages.viewer import Anybody, Looking, Viewer

KEPT = (
    "icon.svg",
    "tokens.css",
    "app.css",
    "vendor/leaflet/leaflet.css",
    "map.css",
    "send.css",
    "vendor/htmx/htmx.min.js",
    "app.js",
    "vendor/leaflet/leaflet.js",
    "map.js",
    "outbox.js",
    "place.js",
    "send.js",
)
"""What the page loads: the browser keeps it, so that the page opens without a network."""

WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"

router = APIRouter(include_in_schema=False)


@router.get("/send", dependencies=[needs("reports:write")])
def send(request: Request, viewer: Looking, services: Process) -> Response:
    """The one screen that an officer needs."""
    return _screen(request, viewer, services)


@router.get("/send/shell", dependencies=[needs("reports:write")])
def shell(request: Request, viewer: Anybody, services: Process) -> Response:
    """The same screen without anything of whoever asks: this is what a browser keeps for when there is no network."""
    return _screen(request, viewer, services)


def _screen(request: Request, viewer: Viewer, services: Services) -> Response:
    limits = services.settings.limits
    return pages_of(request).page(
        request, viewer, "send/send.html", most=limits.photos_per_report, photo_bytes=limits.photo_bytes
    )


@router.get("/sw.js", dependencies=[public()])
def worker() -> Response:
    """The service worker, with the list of what it keeps; it is another one whenever one of those files is."""
    kept = [asset(name) for name in KEPT]
    code = (STATIC / "sw.js").read_text("utf-8")
    version = hashlib.sha256("\n".join([*kept, code]).encode()).hexdigest()[:12]
    facts = json.dumps({"version": version, "outbox": asset("outbox.js"), "assets": kept})
    headers = {"Content-Security-Policy": WORKER_POLICY, "Cache-Control": "no-cache"}
    return Response(f"const KEPT = {facts};\n{code}", media_type="text/javascript", headers=headers)


@router.get("/manifest.webmanifest", dependencies=[public()])
def manifest() -> JSONResponse:
    """What a phone needs to put the screen among its applications."""
    described = {
        "id": "/send",
        "name": "WallWatch",
        "short_name": "WallWatch",
        "start_url": "/send",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b5cad",
        "icons": [{"src": asset("icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return JSONResponse(described, media_type="application/manifest+json")
