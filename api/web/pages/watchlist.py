"""The watchlist as a table: everything that narrows it is in the address of the page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError

from api.accounts.roles import Scope
from api.cases import service as cases
from api.deps import Process, ReadingUnit, needs
from api.errors import Problem
from api.exchange.service import Format
from api.languages.refusals import in_words
from api.languages.words import WORDS
from api.lifecycle.desk import who_may_work
from api.services import Services
from api.unit import Unit
from api.watchlist import repository
from api.watchlist.filters import Sort
from api.watchlist.listed import listed
from api.web.pages.asking import filters_of, for_the_api, in_one_spelling
from api.web.pages.marks import _
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from models import Case, Tlp

router = APIRouter(include_in_schema=False)
READ = [needs(Scope.WATCHLIST_READ)]
COLUMNS_COOKIE = "wallwatch_columns"
SIZES = (50, 100, 200)


COLUMNS = {
    "kind": (_("Kind"), None),
    "status": (_("Status"), None),
    "sightings": (_("Sightings"), Sort.SIGHTINGS),
    "photos": (_("Photos"), None),
    "first_seen": (_("First seen"), Sort.FIRST_SEEN),
    "last_seen": (_("Last seen"), Sort.LAST_SEEN),
    "confidence": (_("Confidence"), Sort.CONFIDENCE),
    "score": (_("Freshness"), Sort.SCORE),
    "tags": (_("Tags"), None),
    "assignee": (_("Works on it"), None),
    "tlp": ("TLP", None),
}
"""By the name in the cookie: the heading, and what the column sorts by. The value is always there."""
USUAL = tuple(name for name in COLUMNS if name not in {"photos", "tlp"})


@router.get("/watchlist", dependencies=READ)
def watchlist(request: Request, viewer: Looking, unit: ReadingUnit, services: Process) -> Response:
    """The table with its filters."""
    shown = _shown(request, viewer.language, unit, services)
    return pages_of(request).page(
        request,
        viewer,
        "watchlist/watchlist.html",
        status=int(shown["status"]),
        **{name: value for name, value in shown.items() if name != "status"},
        **_choices(unit, shown["said"]),
    )


@router.get("/parts/watchlist", dependencies=READ)
def part(request: Request, viewer: Looking, unit: ReadingUnit, services: Process) -> Response:
    """The table alone, as the filters are typed; the browser shows the address of the whole page."""
    shown = _shown(request, viewer.language, unit, services)
    shown.pop("status")  # a part that refuses is shown like any other
    answer = pages_of(request).page(request, viewer, "watchlist/list.html", **shown)
    answer.headers["HX-Push-Url"] = shown["here"]
    return answer


def _shown(request: Request, language: str, unit: Unit, services: Services) -> dict[str, Any]:
    said = in_one_spelling(request.query_params)
    size = request.query_params.get("limit", "")
    limit = int(size) if size in map(str, SIZES) else SIZES[0]
    cursor = request.query_params.get("cursor") or None
    kept = said if limit == SIZES[0] else said | {"limit": str(limit)}
    rows, following, refused, status = [], None, "", 200
    api: dict[str, str] = {}
    try:
        narrowed = filters_of(services, said)
        api = for_the_api(said, services.settings.zone)
        found, following = repository.page(unit, narrowed, cursor=cursor, limit=limit)
        rows = listed(unit, found, narrowed.half_lives)
    except Problem as problem:
        refused, status = in_words(problem.as_json(), language), problem.status
    except RequestValidationError as error:
        refused, status = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors()), 422
    return {
        "said": said,
        "rows": rows,
        "limit": limit,
        "cursor": cursor,
        "here": _path(kept | ({"cursor": cursor} if cursor else {})),
        "onward": following,
        "link": lambda **changes: _query(kept | changes),
        "refused": refused,
        "status": status,
        "api": api,
        "columns": columns_of(request),
        "all_columns": COLUMNS,
        "sort": said.get("sort", "last_seen"),
        "order": said.get("order", "desc"),
        "formats": list(Format),
    }


def _path(said: dict[str, str]) -> str:
    return f"/watchlist{_query(said)}"


def _query(said: dict[str, str]) -> str:
    return f"?{urlencode(said, safe=',')}" if said else ""


def _choices(unit: Unit, said: dict[str, str]) -> dict[str, Any]:
    """What the filters offer to choose from."""
    found: list[Case] = list(cases.cases(unit, book=None, number=None, before=None, limit=50))
    asked = said.get("case")
    if asked and asked not in {case.id for case in found} and (case := unit.session.get(Case, asked)):
        found.insert(0, case)
    return {
        "kinds": list(WORDS["kind"]),
        "statuses": list(WORDS["status"]),
        "tlps": [str(tlp) for tlp in Tlp],
        "people": who_may_work(unit.session),
        "cases": found,
        "sizes": SIZES,
    }


def columns_of(request: Request) -> list[str]:
    """The columns that this browser chose, in our order."""
    chosen = request.cookies.get(COLUMNS_COOKIE)
    if chosen is None:
        return list(USUAL)
    names = set(chosen[:300].split("."))
    return [name for name in COLUMNS if name in names]
