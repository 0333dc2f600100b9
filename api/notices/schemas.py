"""What the notices' route gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from models import Notice


class NoticeOut(BaseModel):
    """Something to hear of.

    `address.reappeared`, `inscription.reappeared`, either as `….reappearance_withdrawn`, or `order.overdue`.
    """

    seq: int
    at: datetime
    kind: str
    address_id: str
    sighting_id: str | None
    facts: dict[str, Any]


class NoticePageOut(BaseModel):
    """One page, the oldest first; `last` goes into `after`, now or when you ask again later."""

    notices: list[NoticeOut]
    last: int
    has_more: bool


def notice_out(notice: Notice) -> NoticeOut:
    """A notice as it is shown."""
    return NoticeOut(
        seq=notice.seq,
        at=notice.at,
        kind=notice.kind,
        address_id=notice.address_id,
        sighting_id=notice.sighting_id,
        facts=notice.facts,
    )
