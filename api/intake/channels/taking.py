"""Taking many webhook calls at once: each is answered when its own messages are durable, and they share transactions.

A database waits for its disk once for each transaction (`synchronous=FULL`, fsync). While one is written, the next
calls gather; whoever comes first of them writes for all.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import update

from api.intake.channels.arriving import keep
from api.intake.channels.base import Arrival
from api.services import Services
from api.unit import Unit
from models import Outgoing

MOST = 64  # calls in one transaction: it must not hold others up for long
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Failed:
    """A message of ours that the provider took and then did not deliver."""

    channel: str
    provider_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What one call brings."""

    arrivals: tuple[Arrival, ...] = ()
    failed: tuple[Failed, ...] = ()


class _Waiting:
    """One call that is to be written, and how that went."""

    def __init__(self, taken: Taken) -> None:
        self.taken = taken
        self.is_done = False
        self.new = 0
        self.error: Exception | None = None


class Lane:
    """Writes what calls bring. Used by many threads; it has none of its own, so there is nothing to close."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._waiting: list[_Waiting] = []
        self._gathering, self._writing = threading.Lock(), threading.Lock()
        self.transactions = 0

    def take(self, taken: Taken) -> int:
        """Keep what a call brought; how many arrivals were new. Raises what its own transaction raised."""
        mine = _Waiting(taken)
        with self._gathering:
            self._waiting.append(mine)
        while not mine.is_done:
            with self._writing:
                if not mine.is_done:
                    self._write_some()
        if mine.error is not None:
            raise mine.error
        return mine.new

    def _write_some(self) -> None:
        with self._gathering:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            self._write(batch)
        except Exception as error:  # noqa: BLE001 - whoever waits for it hears of it
            self._one_by_one(batch, error)
        finally:
            for each in batch:
                each.is_done = True

    def _one_by_one(self, batch: Sequence[_Waiting], error: Exception) -> None:
        """What cannot be written must not keep out what came beside it."""
        if len(batch) == 1:
            batch[0].error = error
            return
        log.warning("written_one_by_one", calls=len(batch), error=type(error).__name__)
        for each in batch:
            try:
                self._write([each])
            except Exception as own:  # noqa: BLE001 - the same
                each.error = own

    def _write(self, batch: Sequence[_Waiting]) -> None:
        self.transactions += 1
        new = []
        with self._services.unit() as unit:
            for each in batch:
                kept = [keep(unit, self._services.settings, arrival) for arrival in each.taken.arrivals]
                new.append(sum(row is not None for row in kept))
                for failed in each.taken.failed:
                    _note(unit, failed)
        for each, count in zip(batch, new, strict=True):
            each.new = count


def _note(unit: Unit, failed: Failed) -> None:
    """Write beside a message that it was not delivered; what is to follow from that is not decided here."""
    mine = (Outgoing.channel == failed.channel, Outgoing.provider_id == failed.provider_id)
    unit.session.execute(
        update(Outgoing).where(*mine).values(error_code=failed.code[:64], error_message=failed.message[:500])
    )
