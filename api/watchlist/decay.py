"""Decay: how fresh an address is, laid over the list. It is worked out when asked; nothing is ever changed or removed.

score = 2^(-age / half-life of the kind), with the age since the newest photo was first reported as seen
(`Address.photographed_at`): 1 on that day, a half after one half-life, a quarter after two. A new photo starts it
again; sending the same photo again, a review, a step, a note do not.

Between kinds with unlike half-lives the order changes as time goes by, so it cannot be kept in a column. It is exact
all the same: moments and half-lives are whole microseconds, and shares of a half-life are compared as fractions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from types import MappingProxyType

from vision.types import Kind

HALF_LIFE_DAYS: Mapping[str, float] = MappingProxyType(
    {
        Kind.TELEGRAM: 60.0,
        Kind.TELEGRAM_INVITE: 60.0,
        Kind.DOMAIN: 60.0,
        Kind.INSTAGRAM: 60.0,
        Kind.VK: 60.0,
        Kind.PHONE: 120.0,
        Kind.WHATSAPP: 120.0,
        Kind.EMAIL: 120.0,
        Kind.ONION: 180.0,
    }
)
"""By judgement, not measured: names of shops are given up fast, numbers slower, onion services last."""

MICROSECOND = timedelta(microseconds=1)
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class HalfLives:
    """A half-life for every kind, in days; kinds with the same one decay alike."""

    days: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, changed: Mapping[str, float]) -> HalfLives:
        """The half-lives of an installation: ours, where it changed none."""
        return cls(tuple(sorted({**{str(kind): days for kind, days in HALF_LIFE_DAYS.items()}, **changed}.items())))

    def of_kind(self, kind: str) -> timedelta:
        """The half-life of a kind."""
        return timedelta(days=dict(self.days)[kind])

    def alike(self) -> dict[timedelta, list[str]]:
        """Kinds by their half-life."""
        groups: dict[timedelta, list[str]] = {}
        for kind, days in self.days:
            groups.setdefault(timedelta(days=days), []).append(kind)
        return groups


OURS = HalfLives.of({})


def score(photographed_at: datetime, *, now: datetime, half_life: timedelta) -> float:
    """0..1: 1 for a photo of this moment (or of a clock that is ahead), half of it after each half-life."""
    age = max(now - photographed_at, timedelta(0))
    return math.exp2(-(age / half_life))


def still_at(least: float, *, now: datetime, half_life: timedelta) -> datetime:
    """The earliest moment of a newest photo whose score is at least this (0 < least <= 1)."""
    lives = -math.log2(least)
    try:
        return now - half_life * lives
    except OverflowError:
        return FIRST


def lives(photographed_at: datetime, *, now: datetime, half_life: timedelta) -> Fraction:
    """How many half-lives lie between the photo and now; negative for one of a clock that is ahead. Exact."""
    return Fraction((now - photographed_at) // MICROSECOND, half_life // MICROSECOND)


def moment_of(share: Fraction, *, now: datetime, half_life: timedelta) -> tuple[datetime, bool]:
    """The last moment that is at least `share` half-lives ago, and whether it is exactly so long ago."""
    behind = share * (half_life // MICROSECOND)
    whole = math.ceil(behind)
    try:
        return now - whole * MICROSECOND, whole == behind
    except OverflowError:
        return (FIRST if whole > 0 else LAST), False
