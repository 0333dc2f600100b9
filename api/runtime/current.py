"""The settings of a process as they are now: those it was started with, and what was changed in the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from api.runtime.closed import with_values
from api.settings import Settings
from models import RuntimeSetting

EVERY_S = 2.0

log = structlog.get_logger()


class Running:
    """Looked up in the database every two seconds at most, before a transaction begins, by whoever begins one.

    So web and worker processes hear of a change within seconds, and asking for a setting costs nothing. While the
    database does not answer, what was heard last holds.

    Attributes:
        started: what the process was started with: the defaults.
        settings: what holds now. A request or a photo that is under way may see it change.
        heard: told of the new settings whenever they have changed.
    """

    def __init__(self, started: Settings, engine: Engine) -> None:
        self.started = self.settings = started
        self.heard: list[Callable[[Settings], None]] = []
        self._engine = engine
        self._values: dict[str, Any] = {}
        self._again_at_s = 0.0
        self._looking = threading.Lock()

    def look(self) -> None:
        """Hear of changes, unless that was done a moment ago or another thread is doing it."""
        if time.monotonic() < self._again_at_s or not self._looking.acquire(blocking=False):
            return
        try:
            self._again_at_s = time.monotonic() + EVERY_S
            self._take(self._read())
        except SQLAlchemyError as error:
            log.debug("settings_not_looked_up", error=type(error).__name__)
        finally:
            self._looking.release()

    def forget(self) -> None:
        """Look at the next occasion: something was changed here."""
        self._again_at_s = 0.0

    def _read(self) -> dict[str, Any]:
        wanted = select(RuntimeSetting.name, RuntimeSetting.value).where(RuntimeSetting.is_set)
        with self._engine.connect().execution_options(wallwatch_reads=True) as connection:
            return {row.name: row.value for row in connection.execute(wanted)}

    def _take(self, values: dict[str, Any]) -> None:
        if values == self._values:
            return
        self.settings, unusable = with_values(self.started, values)
        self._values = values
        for name in sorted(unusable):
            log.warning("setting_not_used", setting=name)
        log.info("settings_changed", set_here=sorted(set(values) - unusable))
        for tell in self.heard:
            tell(self.settings)
