"""The API's own description for people, from files of this server alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from api.deps import public
from api.errors import NotFound
from api.web.files import STATIC, path_of

FILES = {
    name: STATIC / name for name in ("docs.js", "vendor/swagger/swagger-ui.css", "vendor/swagger/swagger-ui-bundle.js")
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>WallWatch API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/vendor/swagger/swagger-ui.css">
<div id="swagger"></div>
<script src="/static/vendor/swagger/swagger-ui-bundle.js"></script>
<script src="/static/docs.js"></script>
</html>
"""
BARE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>WallWatch API</title>
<p>The page's browser code is not built: run <code>make assets</code> and load this page again.
The API describes itself at <a href="/openapi.json">/openapi.json</a>.</p>
</html>
"""

router = APIRouter(include_in_schema=False, dependencies=[public()])


@router.get("/docs")
def docs() -> HTMLResponse:
    """The API's description for people; works without a network."""
    return HTMLResponse(page_of(FILES), headers={"Content-Security-Policy": POLICY})


@router.get("/openapi.json")
def openapi(request: Request) -> JSONResponse:
    """The API's description for programs."""
    return JSONResponse(request.app.openapi())


def page_of(files: Mapping[str, Path]) -> str:
    """The page, or one that says how to build what it needs."""
    return PAGE if all(path.is_file() for path in files.values()) else BARE


@router.get("/static/{name:path}")
def static(name: str, v: str = "") -> FileResponse:
    """A file that browsers load; one that is asked for by what is in it (`?v=`) may be kept for good."""
    path = path_of(name)
    if path is None:
        raise NotFound("file")
    kept = "max-age=31536000, immutable" if v else "max-age=3600"
    return FileResponse(path, headers={"Cache-Control": kept})
