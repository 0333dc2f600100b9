"""Asking Telegram for updates, for installations that have no address of their own.

One worker asks at a time. What it was given is confirmed by asking for what comes after it, and only once it is
durable: killed in between, it is given the same again, and knows it by its name.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError, SQLAlchemyError

from api.intake.channels.arriving import accept
from api.intake.channels.base import Arrival, ChannelError
from api.intake.channels.table import channels
from api.services import Services

LOCK = 20261125  # PostgreSQL's number of the lock; that of migrations is one less
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
ASK_AGAIN_S = 5.0  # whether the one who asks Telegram is still there
JOIN_S = 15.0
log = structlog.get_logger()


@contextmanager
def polling(services: Services) -> Iterator[None]:
    """Ask Telegram in a thread meanwhile, where the settings say so."""
    mine = services.settings.telegram
    if not mine.token.get_secret_value() or mine.mode != "polling":
        yield
        return
    poller = Poller(services)
    poller.start()
    try:
        yield
    finally:
        poller.stop()


class Poller:
    """One thread that asks, while no other worker does."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telegram-polling", daemon=True)
        self._failures = 0
        self.offset = 0

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it; a question that waits for an answer is given up."""
        self._stop.set()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        turn = Turn(self._services)
        try:
            while not self._stop.is_set():
                self._stop.wait(self.go() if turn.is_ours() else ASK_AGAIN_S)
        finally:
            turn.let_go()

    def go(self) -> float:
        """Ask once; seconds until the next question. Trouble is logged and never ends it."""
        try:
            self._ask()
        except CancelledError:
            return 0.0
        except ChannelError as trouble:
            pause_s = self._pause_s(trouble.retry_after_s)
            facts = {"code": trouble.code, "message": str(trouble), "again_in_s": round(pause_s)}
            log.error("polling_failed", **facts)  # noqa: TRY400 - the provider's, not ours: no stack
            return pause_s
        except Exception:
            log.exception("polling_failed")
            return self._pause_s(None)
        self._failures = 0
        return 0.0

    def _ask(self) -> None:
        from api.intake.channels.telegram_updates import arrival_of  # noqa: PLC0415 - the library comes with it

        channel: Any = channels(self._services)["telegram"]
        updates = channel.updates(self.offset, is_over=self._stop.is_set)
        now = self._services.clock.now()
        found = [arrival_of(self._services.settings, each, now=now) for each in updates]
        self._keep([each for each in found if each is not None])
        ids = [each["update_id"] for each in updates if isinstance(each.get("update_id"), int)]
        self.offset = max([*(each + 1 for each in ids), self.offset])

    def _keep(self, arrivals: Sequence[Arrival]) -> None:
        """Make all of them durable; one that no table can hold is logged and left: it must not stop the rest."""
        try:
            accept(self._services, arrivals)
        except DataError:
            for each in arrivals:
                try:
                    accept(self._services, [each])
                except DataError:
                    log.error("update_not_storable", provider_id=each.provider_id)  # noqa: TRY400 - it repeats the value

    def _pause_s(self, asked_s: float | None) -> float:
        self._failures += 1
        return max(asked_s or 0.0, min(FIRST_PAUSE_S * 2.0 ** min(self._failures - 1, 10), LONGEST_PAUSE_S))


class Turn:
    """The right to ask, of one worker among those on a database: it goes with its process, however that ends."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._connection: Connection | None = None
        self._file: IO[str] | None = None

    def is_ours(self) -> bool:
        """Whether it is, taken now where nobody has it."""
        try:
            if self._services.engine.dialect.name == "postgresql":
                return self._in_database()
            return self._in_folder(self._services.settings.data_dir / "telegram.lock")
        except (SQLAlchemyError, OSError) as error:
            log.warning("polling_not_ours", error=type(error).__name__)
            self.let_go()
            return False

    def let_go(self) -> None:
        """Let somebody else have it."""
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.invalidate()  # the lock is the session's: back in the pool it would keep it
                self._connection.close()
            self._connection = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def _in_database(self) -> bool:
        if self._connection is not None:
            self._connection.execute(text("SELECT 1"))  # a session that broke off has lost the lock
            return True
        self._connection = self._services.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if self._connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
            return True
        self.let_go()
        return False

    def _in_folder(self, path: Path) -> bool:
        if self._file is not None:
            return True
        file = path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True
