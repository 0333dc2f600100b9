"""Notices over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.accounts.roles import Scope
from api.deps import ReadingUnit, needs
from api.notices.schemas import NoticePageOut, notice_out
from api.notices.service import notices

router = APIRouter(prefix="/v1/notices", tags=["watchlist"])


@router.get("", dependencies=[needs(Scope.WATCHLIST_READ)], summary="What happened on the watchlist")
def get_notices(
    unit: ReadingUnit,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="the last number you have")] = 0,
    kind: Annotated[str | None, Query(max_length=48)] = None,
    address_id: Annotated[str | None, Query(max_length=32)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> NoticePageOut:
    """Notices in the order of their numbers, which is the order of commits: nothing comes in before what you have."""
    found = notices(unit, after=after, kind=kind, address_id=address_id, limit=limit)
    shown = [notice_out(notice) for notice in found[:limit]]
    return NoticePageOut(notices=shown, last=shown[-1].seq if shown else after, has_more=len(found) > limit)
