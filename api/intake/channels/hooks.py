"""Webhooks of messengers: the signature first, then what it says, durable, and only then the answer.

What cannot be written now is answered with 503 and delivered again by the provider; what came before changes nothing.
A body that is signed and makes no sense is logged and answered with 200: it would make no more sense the next time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, NoReturn

import structlog
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.deps import Process, public
from api.errors import NotFound, Problem
from api.intake.channels.taking import Lane, Taken
from api.services import Services
from api.web.gates import network_of

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
SIGNATURE_HEADER = "X-Hub-Signature-256"
log = structlog.get_logger()
router = APIRouter(include_in_schema=False, dependencies=[public()])


class HookRefused(Problem):
    """A call that does not come from the messenger, or whose secret is set up wrongly here."""

    status = 403

    def __init__(self) -> None:
        super().__init__("The signature of this call is missing or wrong: nothing was taken.")


@router.post("/hooks/telegram")
async def telegram(request: Request, services: Process) -> Response:
    """One update. The secret is in a header, so nothing of the body is read without it."""
    mine = services.settings.telegram
    if not mine.token.get_secret_value() or mine.mode != "webhook":
        _count(request, services)
        raise NotFound("hook")
    if not _same(request.headers.get(SECRET_HEADER, ""), mine.webhook_secret.get_secret_value()):
        _refuse(request, services, "telegram")
    update = _json(await request.body(), "telegram")
    return await _take(request, await run_in_threadpool(_of_telegram, services, update))


@router.post("/hooks/whatsapp")
async def whatsapp(request: Request, services: Process) -> Response:
    """Many messages, and what became of ours. The signature is of the raw body, which is read but not looked into."""
    mine = services.settings.whatsapp
    if not mine.phone_id:
        _count(request, services)
        raise NotFound("hook")
    offered = request.headers.get(SIGNATURE_HEADER, "")
    if not offered.startswith("sha256="):
        _refuse(request, services, "whatsapp")
    body = await request.body()
    expected = hmac.new(mine.app_secret.get_secret_value().encode(), body, hashlib.sha256).hexdigest()
    if not _same(offered, f"sha256={expected}"):
        _refuse(request, services, "whatsapp")
    said = _json(body, "whatsapp")
    return await _take(request, await run_in_threadpool(_of_whatsapp, services, said))


@router.get("/hooks/whatsapp")
async def whatsapp_is_ours(request: Request, services: Process) -> Response:
    """Meta asks once, when the address is entered there, whether it belongs to whoever enters it."""
    mine, asked = services.settings.whatsapp, request.query_params
    if not mine.phone_id:
        _count(request, services)
        raise NotFound("hook")
    token = mine.verify_token.get_secret_value()
    if asked.get("hub.mode") != "subscribe" or not _same(asked.get("hub.verify_token", ""), token):
        _refuse(request, services, "whatsapp")
    return Response(asked.get("hub.challenge", "")[:256], media_type="text/plain")


def _of_telegram(services: Services, update: Any) -> Taken:
    from api.intake.channels.telegram_updates import arrival_of  # noqa: PLC0415 - the library comes with it

    found = arrival_of(services.settings, update, now=services.clock.now()) if isinstance(update, dict) else None
    return Taken((found,) if found else ())


def _of_whatsapp(services: Services, body: Any) -> Taken:
    from api.intake.channels.whatsapp_updates import taken_of  # noqa: PLC0415 - as above

    return taken_of(services.settings, body)


async def _take(request: Request, taken: Taken) -> Response:
    lane: Lane = request.app.state.lane
    if taken.arrivals or taken.failed:
        await run_in_threadpool(lane.take, taken)
    return Response(status_code=200)


def _json(body: bytes, channel: str) -> Any:
    """What a body says; None for one that says nothing, which is logged."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        log.warning("hook_not_understood", channel=channel, size_bytes=len(body), error=type(error).__name__)
        return None


def _same(offered: str, secret: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(offered.encode("utf-8", "replace"), secret.encode())


def _count(request: Request, services: Services) -> None:
    """Count as any other request of this address is: who signs rightly is not. TooManyRequests."""
    per_minute = services.settings.limits.requests_per_minute
    services.limits.spend_here("address", network_of(request.scope), per_minute=per_minute)


def _refuse(request: Request, services: Services, channel: str) -> NoReturn:
    _count(request, services)
    log.warning("hook_refused", channel=channel, address=network_of(request.scope))
    raise HookRefused
