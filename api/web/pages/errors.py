"""Refusals for people: a page in their language, or the way to the sign-in page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.languages.refusals import in_words
from api.web.pages.render import pages_of
from api.web.pages.viewer import Viewer, language_of


def problem_page(request: Request, body: dict[str, Any]) -> Response:
    """The page for a problem's body; whoever must sign in first is sent to do so, and brought back after it."""
    if body["status"] == 401:
        return _to_sign_in(request)
    language = language_of(request)
    return pages_of(request).page(
        request,
        Viewer(language),
        "shared/problem.html",
        status=int(body["status"]),
        said=in_words(body, language),
        number=body.get("request_id"),
    )


def _to_sign_in(request: Request) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if "hx-request" in request.headers:
        # A part of a page was asked for: the whole page must go.
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    onward = f"?next={quote(here)}" if here != "/" else ""
    return RedirectResponse(f"/sign-in{onward}", status_code=303)
