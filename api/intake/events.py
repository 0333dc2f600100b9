"""A report's progress as server-sent events: one per photo at first and per change, and a last one when all is read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import anyio
from sse_starlette import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.intake.repository import photo_states, problem_out
from api.services import Services
from api.unit import Actor
from models import PhotoState

POLL_S = 0.5
LONGEST_S = 900.0
"""A stream ends after this; a browser opens the next by itself and is told where things stand."""


async def progress(services: Services, actor: Actor, report_id: str) -> AsyncIterator[ServerSentEvent]:
    """`photo` events {sha256, state, problem}, then `done` once no photo of the report waits.

    Each look at the database is a short transaction of its own in a thread, so a listener holds nothing in between.
    """
    told: dict[str, dict[str, Any]] = {}
    for _look in range(int(LONGEST_S / POLL_S)):
        standing = await run_in_threadpool(_standing, services, actor, report_id)
        for sha256, state in standing.items():
            if told.get(sha256) != state:
                yield _event("photo", {"sha256": sha256, **state})
        told = standing
        if all(state["state"] != PhotoState.OWED for state in standing.values()):
            yield _event("done", {"report_id": report_id})
            return
        await anyio.sleep(POLL_S)


def _standing(services: Services, actor: Actor, report_id: str) -> dict[str, dict[str, Any]]:
    with services.reading_unit(actor) as unit:
        return {
            photo.sha256: {
                "state": photo.state,
                "problem": problem.model_dump() if (problem := problem_out(photo)) else None,
            }
            for photo in photo_states(unit, report_id)
        }


def _event(name: str, data: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(event=name, data=json.dumps(data, ensure_ascii=False))
