"""Templates to pages, one environment a language."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import QueryParams

from api.languages.language import LANGUAGES, Writing, translations
from api.languages.words import word
from api.services import Services
from api.settings import Settings
from api.web.files import path_of
from api.web.pages.menu import menu
from api.web.pages.viewer import Viewer

TEMPLATES = Path(__file__).parents[1] / "templates"


class Pages:
    """Makes pages of templates, for one process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._environments = {code: _environment(code, services.settings) for code in LANGUAGES}
        self._policy = policy(services.settings.web.tiles)

    def text(self, language: str, template: str, **values: Any) -> str:
        """The template filled in, in a language."""
        return self._environments[language].get_template(template).render(values)

    def page(
        self, request: Request, viewer: Viewer, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """An answer that is a page, or the part of one that the template makes.

        Templates see `viewer`, `menu`, `path` (where the page is), `asked` (the query as pairs), `now`, `stage` and
        `region` (the box of the reports, which may change while we run) beside the values.
        """
        text = self.text(
            viewer.language,
            template,
            viewer=viewer,
            menu=menu(viewer, request.url.path),
            path=request.url.path,
            asked=request.query_params,
            now=self._services.clock.now(),
            stage=self._services.settings.stage,
            region=self._services.settings.intake.region,
            **values,
        )
        headers = {
            "Content-Security-Policy": self._policy,
            # With "no-referrer" a browser's own form would not say where it comes from, and be refused as foreign.
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(self), microphone=()",
            "Content-Language": viewer.language,
        }
        return HTMLResponse(text, status_code=status, headers=headers)


def pages_of(request: Request) -> Pages:
    """The pages of this process."""
    pages: Pages = request.app.state.pages
    return pages


def policy(tiles: str) -> str:
    """The policy of pages: everything comes from here, but for map tiles where a server of them is set."""
    parts = urlsplit(tiles.replace("{s}", "*"))
    pictures = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{pictures};"
        " connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self';"
        " frame-ancestors 'none'; base-uri 'none'"
    )


@cache
def asset(name: str) -> str:
    """Where a browser finds a file of ours; the address changes with what is in it."""
    path = path_of(name)
    tag = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path else "missing"
    return f"/static/{name}?v={tag}"


def query(asked: QueryParams, **changes: Any) -> str:
    """The present query with changes, as `?…`. A list gives a field several times; None or an empty text removes it."""
    kept = [(name, value) for name, value in asked.multi_items() if name not in changes]
    for name, value in changes.items():
        values = value if isinstance(value, list | tuple) else [value]
        kept += [(name, str(each)) for each in values if each not in (None, "")]
    return "?" + urlencode(kept)


def _json(value: Any) -> str:
    """JSON for an attribute of data, which the template escapes like any text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _environment(code: str, settings: Settings) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    known: Any = environment
    known.install_gettext_translations(translations(code), newstyle=True)
    writing = Writing(code, settings.zone)
    environment.filters |= {
        "moment": writing.moment,
        "day": writing.day,
        "month": writing.month,
        "ago": writing.ago,
        "number": writing.number,
        "percent": writing.percent,
        "json": _json,
        "word": lambda value, of: word(translations(code), of, value),
    }
    environment.globals |= {
        "language": code,
        "languages": LANGUAGES,
        "asset": asset,
        "query": query,
        "tiles": settings.web.tiles,
    }
    return environment
