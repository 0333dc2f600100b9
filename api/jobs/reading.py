"""The workflow: one photo tried until it is read or given up. Every step of it may run twice; the tables settle it."""

from __future__ import annotations

from enum import StrEnum
from itertools import count
from typing import Protocol

import structlog
from dbos import DBOS
from sqlalchemy.exc import OperationalError

from api.inscriptions.pictures import look_around
from api.jobs import service
from api.jobs.gate import Gate
from api.photos.blobs import BlobMissing, BlobsUnavailable
from api.readings.reader import at_threshold
from api.readings.service import store_reading
from api.services import Services
from api.unit import Actor
from vision.errors import EngineError, PhotoError
from vision.types import Reading

PAUSE_S = 0.5  # before the second try; four times as long before each one after it
LONGEST_PAUSE_S = 60.0
SUSPICIOUS_LOSSES = 2  # one may be anybody's restart

log = structlog.get_logger()


class ReadsBytes(Protocol):
    """What a worker needs of a reader; called from several threads."""

    def read(self, data: bytes) -> Reading:
        """Read one photo."""


class Outcome(StrEnum):
    """How an attempt ended, in the words that DBOS keeps as the step's result."""

    READ = "read"
    UNREADABLE = "unreadable"
    SETTLED = "settled"  # before it began: somebody else read it
    AGAIN = "again"


class PhotoReading:
    """Reads owed photos with one reader, `at_once` of them side by side."""

    def __init__(self, services: Services, reader: ReadsBytes, *, worker: str, at_once: int) -> None:
        self._services = services
        self._reader = reader
        self._worker = worker
        self._settings = services.settings.jobs
        self._actor = Actor(name=f"worker:{worker}"[:64])
        self._gate = Gate(at_once)

    def reader(self) -> ReadsBytes:
        """The reader as the settings have it now."""
        now: ReadsBytes = at_threshold(self._reader, self._services.settings.vision.threshold)
        return now

    def workflow(self, sha256: str) -> str:
        """Try until it is settled. Killed at any point it goes on from the last step that ended."""
        for number in count():
            outcome = DBOS.run_step({"name": "attempt"}, self.attempt, sha256)
            if outcome != Outcome.AGAIN:
                return outcome
            DBOS.sleep(min(PAUSE_S * 4**number, LONGEST_PAUSE_S))
        raise AssertionError

    def attempt(self, sha256: str) -> str:
        """One try, written down before it starts."""
        with self._services.reading_unit(self._actor) as unit:
            is_suspect = service.losses(unit, sha256) >= SUSPICIOUS_LOSSES
        with self._gate.enter(alone=is_suspect):
            with self._services.unit(self._actor) as unit:
                begun = service.begin(unit, sha256, worker=self._worker, max_losses=self._settings.max_losses)
            return self._read(sha256, begun.id) if begun else Outcome.SETTLED

    def _read(self, sha256: str, attempt_id: str) -> str:
        try:
            data = self._services.blobs.get(sha256)
            reading = self.reader().read(data)
            look_around(self._services, self._actor, sha256, data)
            with self._services.unit(self._actor) as unit:
                store_reading(unit, sha256, reading)
                service.succeed(unit, attempt_id)
        except PhotoError as error:
            return self._failed(attempt_id, error.code, str(error))
        except BlobMissing:
            return self._failed(attempt_id, "original_missing", "The original is not in the photo store.")
        except (BlobsUnavailable, EngineError, OperationalError) as error:
            return self._excused(attempt_id, error)
        except Exception as error:
            log.exception("reading_failed", photo=sha256)
            return self._failed(attempt_id, "reading_failed", f"The reader failed ({type(error).__name__}).")
        return Outcome.READ

    def _failed(self, attempt_id: str, code: str, message: str) -> str:
        with self._services.unit(self._actor) as unit:
            is_settled = service.fail(
                unit, attempt_id, code=code, message=message, max_failures=self._settings.max_failures
            )
        return Outcome.UNREADABLE if is_settled else Outcome.AGAIN

    def _excused(self, attempt_id: str, error: Exception) -> str:
        log.error("reading_postponed", attempt=attempt_id, error=str(error))
        code = getattr(error, "code", None) or "store_unavailable"
        with self._services.unit(self._actor) as unit:
            service.excuse(unit, attempt_id, code=str(code), message=str(error))
        return Outcome.AGAIN
