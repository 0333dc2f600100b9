"""What one worker does alone although there are several: a row in the database by name, held for a time.

A holder that is killed lets go when the time is over; one that starts again under its old name goes on at once. The
time is no lock: a holder that was asleep may wake beside the next one. So what it does must do no harm when it is done
twice, and what it keeps for the next one is written only while the row is still its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.exc import IntegrityError

from api.services import Services
from api.unit import Unit
from models import Lease as Row

FOR_S = 90.0


class LeaseLost(Exception):
    """Somebody else holds it by now."""


class Lease:
    """One lease as one worker sees it; used by one thread."""

    def __init__(self, services: Services, name: str, holder: str, *, for_s: float = FOR_S) -> None:
        self._services = services
        self._name, self._holder = name[:64], holder[:80]
        self._for = timedelta(seconds=for_s)
        self._until: datetime | None = None

    def hold(self) -> bool:
        """Whether it is ours now: taken where nobody holds it, and renewed when half of its time is over."""
        now = self._services.clock.now()
        if self._until is not None and now < self._until - self._for / 2:
            return True
        if self._is_held_elsewhere(now):
            self._until = None
            return False
        with self._services.unit() as unit:
            _make(unit, self._name, self._holder, now)
            is_free = or_(Row.holder == self._holder, Row.until <= now)
            is_ours = self._write(unit, is_free, holder=self._holder, until=now + self._for)
        self._until = now + self._for if is_ours else None
        return is_ours

    @property
    def kept(self) -> dict[str, Any]:
        """What was kept last; empty at first."""
        with self._services.reading_unit() as unit:
            return dict(unit.session.scalar(select(Row.kept).where(Row.name == self._name)) or {})

    def keep(self, what: Mapping[str, Any]) -> None:
        """Leave something to the next holder, and renew; LeaseLost, and nothing is written, when it is not ours."""
        until = self._services.clock.now() + self._for
        with self._services.unit() as unit:
            is_ours = self._write(unit, Row.holder == self._holder, until=until, kept=dict(what))
        self._until = until if is_ours else None
        if not is_ours:
            raise LeaseLost(self._name)

    def let_go(self) -> None:
        """Let somebody else have it now; nothing when it is not ours."""
        if self._until is None:
            return
        self._until = None
        with self._services.unit() as unit:
            self._write(unit, Row.holder == self._holder, until=self._services.clock.now())

    def _is_held_elsewhere(self, now: datetime) -> bool:
        with self._services.reading_unit() as unit:
            others = select(Row.name).where(Row.name == self._name, Row.holder != self._holder, Row.until > now)
            return unit.session.scalar(others) is not None

    def _write(self, unit: Unit, *where: Any, **values: Any) -> bool:
        done = unit.session.execute(update(Row).where(Row.name == self._name, *where).values(**values))
        return isinstance(done, CursorResult) and done.rowcount == 1


def _make(unit: Unit, name: str, holder: str, now: datetime) -> None:
    if unit.session.get(Row, name) is None:
        try:
            with unit.session.begin_nested():
                unit.session.add(Row(name=name, holder=holder, until=now, kept={}))
        except IntegrityError:
            return  # another one made it at the same moment
