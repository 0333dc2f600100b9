"""Imports that go on by themselves once their file is here: whoever sent it may look away, and look again.

They are kept in this process, a while longer than they last. What was written is in the database, so an import that
ends with its process is one that was cut off: the same file sent again takes it up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog

from api.clock import Clock
from api.errors import Problem
from models import new_id

AT_ONCE = 2
"""Imports that write in turns: more would only wait for each other."""

WAITING_AT_MOST = 8
KEPT = 50
KEPT_FOR = timedelta(hours=2)
SHOWN = 1000

log = structlog.get_logger()


class ImportsWaiting(Problem):
    """More imports than this process takes up."""

    status = 429

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"{limit} imports are going on already: wait until one has ended, and send the file again.")
        self.limit = limit
        self.retry_after_s = 30


class ImportBroke(Problem):
    """An error of ours, in the middle of an import."""

    status = 500

    def __init__(self) -> None:
        super().__init__("Something went wrong on our side; it is logged. Send the file again: it goes on from there.")


class Stopped(Exception):
    """The process ends: the import is left as it is, between two batches."""


class State(StrEnum):
    """Where an import stands."""

    WAITING = "waiting"
    READING = "reading"
    WRITING = "writing"
    FINISHED = "finished"
    REFUSED = "refused"
    UNFINISHED = "unfinished"


@dataclass(slots=True)
class Run:
    """One import as it goes on; written by its own thread, read by any.

    Attributes:
        id: its name, and the id of the row in `imports` that it makes.
        import_id: the row that it writes: another one where it finishes an import that was cut off.
        entries: of the file, as far as it was read.
        of: addresses and refused entries to decide on; None until the whole file was read.
        done: how many of those were decided on.
        counts: what became of them, by fate.
        told: the first thousand of each fate but `known`.
        problem: why nothing of the file was taken in, as problem JSON.
    """

    id: str
    file_name: str
    is_dry_run: bool
    sender: str
    began_at: datetime
    state: State = State.WAITING
    format: str | None = None
    import_id: str | None = None
    is_resumed: bool = False
    entries: int = 0
    of: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)
    problem: dict[str, Any] | None = None
    ended_at: datetime | None = None
    is_to_stop: bool = False

    @property
    def done(self) -> int:
        """How many addresses and refused entries were decided on."""
        return sum(self.counts.values())

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.ended_at is not None

    def note(self, fate: str, told: Any, *, is_shown: bool) -> None:
        """Count what became of one; Stopped when the process wants to end."""
        self.counts[fate] = self.counts.get(fate, 0) + 1
        if is_shown and self.counts[fate] <= SHOWN:
            self.told.append(told)
        self.heed()

    def heed(self) -> None:
        """Stopped when the process wants to end."""
        if self.is_to_stop:
            raise Stopped


class Runs:
    """The imports of this process, by id."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._threads: ThreadPoolExecutor | None = None

    def start(self, work: Callable[[Run], None], *, file_name: str, sender: str, is_dry_run: bool) -> Run:
        """Do the work in a thread, as soon as one is free. ImportsWaiting."""
        with self._lock:
            self._forget()
            if sum(not run.is_over for run in self._runs.values()) >= WAITING_AT_MOST:
                raise ImportsWaiting(limit=WAITING_AT_MOST)
            run = Run(new_id(), file_name, is_dry_run, sender, began_at=self._clock.now())
            self._runs[run.id] = run
            self._threads = self._threads or ThreadPoolExecutor(AT_ONCE, thread_name_prefix="import")
            self._threads.submit(self._do, run, work)
        return run

    def get(self, run_id: str) -> Run | None:
        """The import of this id, or the one that writes the row of this id."""
        with self._lock:
            runs = list(self._runs.values())
        named = [run for run in runs if run.id == run_id]
        return next(iter([*named, *(run for run in reversed(runs) if run.import_id == run_id)]), None)

    def going_on(self) -> list[Run]:
        """Those that have not ended, the first first."""
        with self._lock:
            return [run for run in self._runs.values() if not run.is_over]

    def close(self) -> None:
        """Let every import end behind the batch that it is at, and wait for that."""
        with self._lock:
            for run in self._runs.values():
                run.is_to_stop = True
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=True)

    def _do(self, run: Run, work: Callable[[Run], None]) -> None:
        state = State.UNFINISHED
        try:
            run.state = State.READING
            work(run)
            state = State.FINISHED
        except Stopped:
            log.info("import_stopped", run=run.id, done=run.done, of=run.of)
        except Problem as problem:
            state, run.problem = State.REFUSED, problem.as_json()
        except Exception:
            log.exception("import_broke", run=run.id)
            run.problem = ImportBroke().as_json()
        finally:
            run.ended_at, run.state = self._clock.now(), state

    def _forget(self) -> None:
        """Let go of what ended long ago, and of the oldest beyond a number."""
        over = [run for run in self._runs.values() if run.ended_at is not None]
        old = self._clock.now() - KEPT_FOR
        for place, run in enumerate(reversed(over)):
            if place >= KEPT or (run.ended_at or old) < old:
                del self._runs[run.id]
