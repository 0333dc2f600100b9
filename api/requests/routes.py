"""Requests to block over HTTP."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from api.accounts.roles import Scope
from api.audit.service import record
from api.deps import Caller, Process, ReadingUnit, WritingUnit, needs
from api.errors import NotFound
from api.instants import asked as moment
from api.intake.cursors import decode_cursor, encode_cursor
from api.photos.blobs import BlobMissing
from api.photos.routes import OriginalMissing, pieces
from api.requests import service
from api.requests.schemas import RequestIn, RequestOut, RequestPageOut, request_out
from models import BlockRequestFile

router = APIRouter(prefix="/v1/requests", tags=["watchlist"])
READ = [needs(Scope.WATCHLIST_READ)]
WRITE = [needs(Scope.WATCHLIST_WRITE)]


class Form(StrEnum):
    """What a letter is kept as."""

    DOCX = "docx"
    PDF = "pdf"


@router.post("", status_code=201, dependencies=WRITE, summary="Make a request to block addresses")
def make(body: RequestIn, request: Request, services: Process, actor: Caller) -> RequestOut:
    """A letter as DOCX and PDF, from the department's template; with `sent` its addresses make the step to `sent`.

    409 when an address has changed meanwhile, may not make that step, or the template cannot be used: then there is no
    letter, and no step.
    """
    if body.sent:
        moment("sent_at", body.sent.sent_at)
    letter = service.make_letter(services, actor, body)
    with services.unit(actor, request_id=request.scope.get("state", {}).get("request_id")) as unit:
        return request_out(service.request_of(unit, service.file_letter(unit, body, letter).id))


@router.get("", dependencies=READ, summary="Requests to block")
def get_requests(
    unit: ReadingUnit,
    address: Annotated[str | None, Query(max_length=32, description="only those about this one")] = None,
    case: Annotated[str | None, Query(max_length=32, description="only those about addresses of this case")] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RequestPageOut:
    """Letters, the newest first."""
    before = decode_cursor(cursor) if cursor else None
    found = service.requests(unit, address_id=address, case_id=case, before=before, limit=limit)
    following = encode_cursor(found[limit - 1].made_at, found[limit - 1].id) if len(found) > limit else None
    return RequestPageOut(requests=[request_out(row) for row in found[:limit]], next=following)


@router.get("/{request_id}", dependencies=READ, summary="One request to block")
def get_request(request_id: str, unit: ReadingUnit) -> RequestOut:
    """What was asked of whom, and the hashes of the letter."""
    return request_out(service.request_of(unit, request_id))


@router.get(
    "/{request_id}/{format}",
    dependencies=READ,
    summary="The letter",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The letter, to save"}},
)
def download(request_id: str, format: Form, unit: WritingUnit) -> StreamingResponse:
    """The letter as it was made, to save. Who asked is written down."""
    row = unit.session.get(BlockRequestFile, (request_id, str(format)))
    if row is None:
        raise NotFound("request")
    try:
        source = unit.blobs.open(row.sha256)
    except BlobMissing as error:
        raise OriginalMissing from error
    record(unit, "request.download", request_id, format=str(format), sha256=row.sha256)
    return StreamingResponse(
        pieces(source),
        media_type="application/octet-stream",
        headers={
            "Content-Length": str(row.size_bytes),
            "Content-Disposition": f'attachment; filename="request-{request_id[:12]}.{format}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )
