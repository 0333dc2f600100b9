"""Attachments over HTTP: in as a form, out as a download that no browser opens."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.accounts.roles import Scope
from api.attachments.kinds import ALLOWED
from api.attachments.schemas import AttachmentOut, AttachmentsOut, attachment_out
from api.attachments.service import (
    AttachmentTooLarge,
    attach,
    attachment,
    attachments,
    examine,
    keep_bytes,
)
from api.audit.service import record
from api.deps import Caller, Process, ReadingUnit, WritingUnit, needs
from api.errors import NotFound
from api.intake.multipart import FilePart, one_file
from api.photos.blobs import BlobMissing
from api.photos.routes import OriginalMissing, pieces
from api.services import Services
from api.unit import Actor
from models import Address

router = APIRouter(prefix="/v1/watchlist/{address_id}/attachments", tags=["watchlist"])
READ = [needs(Scope.WATCHLIST_READ)]
WRITE = [needs(Scope.WATCHLIST_WRITE)]

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary", "description": ALLOWED}},
                }
            }
        },
    }
}


@router.post("", status_code=201, dependencies=WRITE, openapi_extra=FORM, summary="Attach a file")
async def add(address_id: str, request: Request, services: Process, actor: Caller) -> AttachmentOut:
    """Keep one file with an address; the same bytes again are one attachment. Its type is what its bytes say."""
    await run_in_threadpool(_must_exist, services, actor, address_id)
    limit_bytes = services.settings.limits.attachment_bytes
    request_id = request.scope.get("state", {}).get("request_id")
    async with one_file(request, limit_bytes, AttachmentTooLarge, of="an attachment") as part:
        return await run_in_threadpool(_keep, services, actor, address_id, part, request_id)


@router.get("", dependencies=READ, summary="The files of an address")
def all_of(address_id: str, unit: ReadingUnit) -> AttachmentsOut:
    """Names, types and hashes, the oldest first."""
    return AttachmentsOut(attachments=[attachment_out(row) for row in attachments(unit, address_id)])


@router.get(
    "/{attachment_id}",
    dependencies=READ,
    summary="One file of an address",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The bytes as received"}},
)
def download(address_id: str, attachment_id: str, unit: WritingUnit) -> StreamingResponse:
    """The bytes exactly as received, to save and never to open in the browser. Who asked is written down."""
    row = attachment(unit, address_id, attachment_id)
    try:
        source = unit.blobs.open(row.sha256)
    except BlobMissing as error:
        raise OriginalMissing from error
    record(unit, "address.attachment", address_id, attachment=row.id, sha256=row.sha256)
    return StreamingResponse(
        pieces(source),
        media_type="application/octet-stream",
        headers={
            "Content-Length": str(row.size_bytes),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.file_name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _must_exist(services: Services, actor: Actor, address_id: str) -> None:
    with services.reading_unit(actor) as unit:
        if unit.session.get(Address, address_id) is None:
            raise NotFound("address")


def _keep(services: Services, actor: Actor, address_id: str, part: FilePart, request_id: str | None) -> AttachmentOut:
    limits = services.settings.limits
    file = examine(part.file, name=part.name, limit_bytes=limits.attachment_bytes)
    keep_bytes(services.blobs, part.file, limit_bytes=limits.attachment_bytes)
    with services.unit(actor, request_id=request_id) as unit:
        return attachment_out(attach(unit, address_id, file, most=limits.attachments_per_address))
