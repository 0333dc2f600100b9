"""Packs of evidence over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from api.accounts.roles import Scope
from api.deps import Caller, Process, needs
from api.evidence.keys import as_pem, fingerprint, signing_key
from api.evidence.pack import make_pack
from api.evidence.schemas import KeyOut
from api.evidence.subjects import About
from api.evidence.words import Language

router = APIRouter(prefix="/v1/evidence", tags=["exchange"])

PACKS_PER_MINUTE = 10


@router.get("/key", dependencies=[needs(Scope.WATCHLIST_READ)], summary="The key that packs are signed with")
def get_key(services: Process) -> KeyOut:
    """Its public half and its fingerprint, for those who check a pack elsewhere."""
    key = signing_key(services.settings).public_key()
    return KeyOut(
        fingerprint=fingerprint(key), public_key=key.public_bytes_raw().hex(), pem=as_pem(key).decode("ascii")
    )


@router.get(
    "/{about}/{subject_id}",
    dependencies=[needs(Scope.WATCHLIST_READ, Scope.PHOTOS_ORIGINAL)],
    summary="A signed pack of everything about an address, a wall or a case",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "The pack, to save"}},
)
def get_pack(  # noqa: PLR0917 - FastAPI fills them by name
    about: About, subject_id: str, request: Request, services: Process, actor: Caller, language: Language = Language.RU
) -> StreamingResponse:
    """Originals, crops, readings, custody log and a report in `language`, in one ZIP. Who asked is written down.

    It is made ready first: an answer takes a while, about a second for every few photos.
    """
    services.limits.spend("evidence", str(actor.account_id), per_minute=PACKS_PER_MINUTE)
    request_id = request.scope.get("state", {}).get("request_id")
    pack = make_pack(services, actor, about, subject_id, language=language, request_id=request_id)
    return StreamingResponse(
        pack.stream(),
        media_type="application/zip",
        headers={
            "Content-Length": str(pack.size_bytes),
            "Content-Disposition": f'attachment; filename="{pack.name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )
