"""The TAXII 2.1 endpoints, for reading."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from api.accounts.roles import Scope
from api.audit.service import record
from api.deps import Caller, Process, ReadingUnit, needs
from api.errors import NotFound, Problem
from api.exchange import stix, taxii
from api.exchange.taxii import ALIAS, COLLECTION, MOST, ROOT, Asked, Item
from api.instants import asked
from api.web.body_limit import FIELDS_BYTES

MEDIA = "application/taxii+json;version=2.1"
ACCEPTED = re.compile(
    r"\s*(?:\*/\*|application/\*|application/taxii\+json\s*(;\s*version\s*=\s*\"?2\.1\"?)?)\s*(;\s*q=[\d.]+)?\s*"
)


class TaxiiResponse(JSONResponse):
    """An answer in TAXII's own media type."""

    media_type = MEDIA


class NotAcceptable(Problem):
    """A client that takes only what is not given here."""

    status = 406

    def __init__(self) -> None:
        super().__init__(f"This is given as {MEDIA}: send it in Accept.")


def acceptable(request: Request) -> None:
    """NotAcceptable unless the client takes TAXII 2.1; one that says nothing takes everything."""
    accept = request.headers.get("accept", "*/*")
    if not any(ACCEPTED.fullmatch(each) for each in accept.split(",")):
        raise NotAcceptable


router = APIRouter(
    prefix="/taxii2",
    tags=["exchange"],
    dependencies=[Depends(acceptable)],
    default_response_class=TaxiiResponse,
)
READ = [needs(Scope.EXPORT_READ)]
PATH = "/watchlist/collections/{collection_id}"


def matched(
    added_after: datetime | None = None,
    ids: Annotated[str | None, Query(alias="match[id]", max_length=4000)] = None,
    types: Annotated[str | None, Query(alias="match[type]", max_length=1000)] = None,
    versions: Annotated[str | None, Query(alias="match[version]", max_length=1000)] = None,
    spec_versions: Annotated[str | None, Query(alias="match[spec_version]", max_length=100)] = None,
) -> Asked:
    """The filters of a query string."""
    return Asked(asked("added_after", added_after), _set(ids), _set(types), _set(versions), _set(spec_versions))


Matched = Annotated[Asked, Depends(matched)]
Limit = Annotated[int, Query(ge=1, description=f"at most {MOST} are given at once")]
Next = Annotated[str | None, Query(max_length=300)]


@router.get("/", dependencies=READ, summary="TAXII discovery")
def discovery() -> TaxiiResponse:
    """Where the API root is."""
    return TaxiiResponse({"title": "WallWatch", "default": ROOT, "api_roots": [ROOT]})


@router.get("/watchlist/", dependencies=READ, summary="TAXII API root")
def root() -> TaxiiResponse:
    """What is spoken here."""
    return TaxiiResponse({"title": "Watchlist", "versions": [MEDIA], "max_content_length": FIELDS_BYTES})


@router.get("/watchlist/collections/", dependencies=READ, summary="TAXII collections")
def collections() -> TaxiiResponse:
    """The one collection."""
    return TaxiiResponse({"collections": [taxii.collection()]})


@router.get(PATH + "/", dependencies=READ, summary="The TAXII collection")
def collection(collection_id: str) -> TaxiiResponse:
    """Addresses painted on walls."""
    _must_be(collection_id)
    return TaxiiResponse(taxii.collection())


@router.get(PATH + "/manifest/", dependencies=READ, summary="What is in the collection")
def manifest(  # noqa: PLR0917 - FastAPI fills them by name
    collection_id: str, unit: ReadingUnit, services: Process, narrowed: Matched, limit: Limit = MOST, next: Next = None
) -> TaxiiResponse:
    """Ids, versions and times of objects, in the order in which they were added."""
    _must_be(collection_id)
    found, following = taxii.page(unit, services.settings, narrowed, cursor=next, limit=min(limit, MOST))
    return _answer("objects", [item.manifest for item in found], found, following)


@router.get(PATH + "/objects/", dependencies=READ, summary="Objects of the collection")
def objects(  # noqa: PLR0917 - FastAPI fills them by name
    collection_id: str, services: Process, actor: Caller, narrowed: Matched, limit: Limit = MOST, next: Next = None
) -> TaxiiResponse:
    """STIX 2.1 objects in the order in which they were added; `added_after` gives what changed since."""
    _must_be(collection_id)
    with services.reading_unit(actor) as unit:
        found, following = taxii.page(unit, services.settings, narrowed, cursor=next, limit=min(limit, MOST))
    with services.unit(actor) as unit:
        record(unit, "watchlist.taxii", "watchlist", objects=len(found), added_after=narrowed.added_after)
    return _answer("objects", [item.made for item in found], found, following)


@router.get(PATH + "/objects/{object_id}/", dependencies=READ, summary="One object of the collection")
def one_object(
    collection_id: str, object_id: str, services: Process, actor: Caller, narrowed: Matched
) -> TaxiiResponse:
    """The object, in the one version that is kept."""
    _must_be(collection_id)
    with services.reading_unit(actor) as unit:
        found = _found(unit, services, narrowed, object_id)
    with services.unit(actor) as unit:
        record(unit, "watchlist.taxii", object_id[:100], objects=len(found))
    return _answer("objects", [item.made for item in found], found, None)


@router.get(PATH + "/objects/{object_id}/versions/", dependencies=READ, summary="Versions of an object")
def versions(
    collection_id: str, object_id: str, unit: ReadingUnit, services: Process, narrowed: Matched
) -> TaxiiResponse:
    """The one version that is kept."""
    _must_be(collection_id)
    found = _found(unit, services, narrowed, object_id)
    return _answer("versions", [item.version for item in found], found, None)


def _found(unit: ReadingUnit, services: Process, narrowed: Asked, object_id: str) -> list[Item]:
    only = Asked(narrowed.added_after, frozenset({object_id}), None, narrowed.versions, narrowed.spec_versions)
    found, _ = taxii.page(unit, services.settings, only, cursor=None, limit=MOST)
    if not found:
        raise NotFound("object")
    return found


def _must_be(collection_id: str) -> None:
    if collection_id not in (COLLECTION, ALIAS):
        raise NotFound("collection")


def _answer(name: str, shown: list[Any], found: list[Item], following: str | None) -> TaxiiResponse:
    body: dict[str, Any] = {"more": following is not None, name: shown}
    if following is not None:
        body["next"] = following
    times = [stix.exact(item.added_at) for item in found]
    headers = {"X-TAXII-Date-Added-First": times[0], "X-TAXII-Date-Added-Last": times[-1]} if times else {}
    return TaxiiResponse(body, headers=headers)


def _set(text: str | None) -> frozenset[str] | None:
    return frozenset(each.strip() for each in text.split(",")) if text else None
