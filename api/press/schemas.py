"""What the press gets as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from api.press.service import Press, Sums


class SumsOut(BaseModel):
    """One month; null where there is nothing to share out, or too little to take a median of."""

    month: str
    reports_received: int
    reports_by_channel: dict[str, int]
    walls: int
    walls_painted: int
    walls_seen_and_painted: int
    walls_painted_share: float | None
    hours_to_painted_median: float | None
    addresses_new: int
    addresses_sent: int
    addresses_blocked: int
    addresses_reappeared: int


class PressOut(BaseModel):
    """A month beside the one before it; days begin at midnight in `timezone`.

    `is_whole` is false while the month is not over: then its sums are as of `made_at`.
    """

    timezone: str
    made_at: datetime
    is_whole: bool
    now: SumsOut
    before: SumsOut


def press_out(told: Press, timezone: str) -> PressOut:
    """The sums as they are given."""
    return PressOut(
        timezone=timezone,
        made_at=told.made_at,
        is_whole=told.is_whole,
        now=_sums_out(told.now),
        before=_sums_out(told.before),
    )


def _sums_out(sums: Sums) -> SumsOut:
    return SumsOut(
        month=f"{sums.first:%Y-%m}",
        reports_received=sums.received,
        reports_by_channel=sums.by_channel,
        walls=sums.walls,
        walls_painted=sums.walls_painted,
        walls_seen_and_painted=sums.walls_seen_and_painted,
        walls_painted_share=sums.walls_painted_share,
        hours_to_painted_median=sums.hours_to_painted,
        addresses_new=sums.addresses_new,
        addresses_sent=sums.addresses_sent,
        addresses_blocked=sums.addresses_blocked,
        addresses_reappeared=sums.addresses_reappeared,
    )
