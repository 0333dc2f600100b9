"""Days whose pages do not hold: counted from the tables once, and again only when something was written to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from api.stats import pages
from api.stats.pages import Day, Numbers

Shown = TypeVar("Shown")

MOST_DAYS = 64
TRIES = 3


@dataclass(frozen=True, slots=True)
class _Draft(Generic[Shown]):
    """A day as it was when its page was of a version and its marks were these."""

    state: tuple[int, int, int]
    shown: Shown
    has_new: bool


@dataclass(slots=True)
class _Meanwhile(Generic[Shown]):
    """What holds while the tables give the same numbers: numbers of ours for ids without one, and days."""

    tops: Mapping[str, int]
    numbers: Numbers | None = None
    days: dict[int, _Draft[Shown]] = field(default_factory=dict)


class Drafts(Generic[Shown]):
    """Drafts of days by their number; used by many threads, of which one at a time counts."""

    def __init__(self, shown: Callable[[Day], Shown]) -> None:
        self._shown = shown
        self._lock = Lock()
        self._now: _Meanwhile[Shown] = _Meanwhile({})

    def read(
        self, session: Session, marks: Mapping[int, tuple[int, int]], versions: Mapping[int, int]
    ) -> tuple[dict[int, Shown], dict[str, int], dict[str, int]]:
        """The marked days as the transaction sees them, and the addresses and walls that have a number here alone."""
        if not marks:
            return {}, {}, {}
        with self._lock:
            for _ in range(TRIES):
                tops = pages.tops(session)
                self._renew(tops)
                found = {day: self._day(session, day, (versions.get(day, 0), *mark)) for day, mark in marks.items()}
                if pages.tops(session) == tops:  # else one of our numbers may belong to something else by now
                    break
            numbers = self._now.numbers
            if numbers is None:
                return found, {}, {}
            return found, numbers.without_a_row("address"), numbers.without_a_row("wall")

    def _renew(self, tops: Mapping[str, int]) -> None:
        """When numbers were given, ours may mean something else: only days without any of them stay."""
        if tops != self._now.tops:
            kept = {day: draft for day, draft in self._now.days.items() if not draft.has_new}
            self._now = _Meanwhile(tops, days=kept)

    def _day(self, session: Session, day: int, state: tuple[int, int, int]) -> Shown:
        now = self._now
        draft = now.days.get(day)
        if draft is None or draft.state != state:
            now.numbers = now.numbers.seen_by(session) if now.numbers else Numbers(session, now.tops)
            shown = self._shown(pages.from_tables(session, day, now.numbers))
            draft = _Draft(state, shown, now.numbers.has_used_new)
            now.days.pop(day, None)
            now.days[day] = draft
            if len(now.days) > MOST_DAYS:
                now.days.pop(next(iter(now.days)))
        return draft.shown
