"""A thread of a worker that looks at something again and again: a mailbox, a folder."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from api.intake.channels.base import ChannelError
from api.intake.channels.lease import LeaseLost

LONGEST_PAUSE_S = 600.0
JOIN_S = 15.0

IsStopping = Callable[[], bool]
log = structlog.get_logger()


class Loop:
    """Calls a round every few seconds, after trouble ever more seldom; trouble is logged and never ends it.

    `round` is given a function that says whether it is to come to its end; `closing` is called once, at the end.
    """

    def __init__(
        self,
        name: str,
        round: Callable[[IsStopping], object],
        *,
        every_s: float,
        closing: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self._round, self._closing, self._every_s = round, closing, every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"intake-{name}", daemon=True)
        self.failures = 0

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    def stop(self) -> None:
        """End, after what is under way, and wait for it for a while."""
        self._stop.set()
        self._thread.join(JOIN_S)

    def go(self) -> float:
        """One round; seconds until the next."""
        try:
            self._round(self._stop.is_set)
        except LeaseLost:
            log.info("intake_given_away", channel=self.name)
        except ChannelError as trouble:
            pause_s = self._pause_s(trouble)
            log.warning(
                "intake_failed", channel=self.name, code=trouble.code, message=str(trouble), again_in_s=round(pause_s)
            )
            return pause_s
        except Exception:
            log.exception("intake_failed", channel=self.name)
            return self._pause_s(None)
        self.failures = 0
        return self._every_s

    def _pause_s(self, trouble: ChannelError | None) -> float:
        """Twice as long each time; the longest at once where somebody must change something first."""
        self.failures += 1
        longest = max(LONGEST_PAUSE_S, self._every_s)
        if trouble is not None and trouble.is_final:
            return longest
        return min(self._every_s * 2.0 ** min(self.failures, 20), longest)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(self.go())
        try:
            self._closing()
        except Exception:
            log.exception("intake_failed", channel=self.name)
