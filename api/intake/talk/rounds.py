"""What a worker does for conversations: takes what arrived, reminds, and has DBOS send what is due.

It has a thread of its own, because an answer should follow within a second; with nothing to do it only reads. Each try
of each message is a workflow named for both, as in `api.telling.rounds`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from dbos import DBOS

from api.intake.channels.base import Channel
from api.intake.talk import reminders
from api.intake.talk.delivery import Delivery, ask_anew, due
from api.intake.talk.retention import Retention
from api.intake.talk.taking import Taking, senders_waiting
from api.services import Services
from api.unit import Actor

QUEUE = "talking"
WORKFLOW = "send_outgoing"
PREFIX = "outgoing:"
AT_ONCE = 8  # sent at a time by one worker
TAKEN_AT_ONCE = 4  # senders, at a time by one worker
LOOK_S, POLL_S = 0.4, 0.2
ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})

log = structlog.get_logger()


def set_up(services: Services) -> Mapping[str, Channel]:
    """The channels that the settings name."""
    from api.intake.channels.table import channels  # noqa: PLC0415 - the providers' libraries come with them

    return channels(services)


class Talking:
    """The part of a worker that talks; without channels it does nothing."""

    def __init__(
        self,
        services: Services,
        worker: str,
        channels: Mapping[str, Channel],
        *,
        reader: Callable[[], object] = lambda: None,
    ) -> None:
        self._services = services
        self._actor = Actor(name=f"worker:{worker}"[:64])
        self._channels = channels
        self._delivery = Delivery(services, channels, worker=worker, reader=reader)
        self._taking = Taking(services, channels)
        self._retention = Retention(services, self._actor)
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._pool = ThreadPoolExecutor(TAKEN_AT_ONCE, thread_name_prefix="talk")
        self._thread = threading.Thread(target=self._run, name="talking", daemon=True)

    def register(self) -> None:
        """Make the workflow known, before DBOS is launched."""
        delivery = self._delivery

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
        def send_outgoing(asked: str) -> str:
            outcome: Any = DBOS.run_step({"name": "send"}, delivery.attempt, asked)
            self._wake.set()  # the next one to this chat
            return str(outcome)

    def register_queue(self) -> None:
        """Make the queue known, after DBOS was launched."""
        DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=POLL_S, on_conflict="always_update")

    def start(self) -> None:
        """Begin to look for work."""
        self._thread.start()

    def stop(self) -> None:
        """End after the turns that are under way."""
        self._stopped.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wake.clear()
            self.look()
            self._wake.wait(LOOK_S)

    def look(self) -> None:
        """Take, remind, send, forget; an error waits for the next look."""
        steps: tuple[Callable[[], None], ...] = (self._take, self._remind, self._send, self._retention.go)
        for step in steps:
            try:
                step()
            except Exception:
                log.exception("talk_failed", step=step.__qualname__)

    def _take(self) -> None:
        with self._services.reading_unit(self._actor) as unit:
            waiting = senders_waiting(unit)
        for sender_id in waiting:
            with self._lock:
                if sender_id in self._busy:
                    continue
                self._busy.add(sender_id)
            self._pool.submit(self._take_one, sender_id)

    def _take_one(self, sender_id: str) -> None:
        try:
            if self._taking.take_all(sender_id):
                self._wake.set()
        except Exception:
            log.exception("talk_failed", step="take")
        finally:
            with self._lock:
                self._busy.discard(sender_id)

    def _remind(self) -> None:
        with self._services.reading_unit(self._actor) as unit:
            waiting = reminders.due(unit)
        for conversation_id in waiting:
            with self._services.unit(self._actor) as unit:
                reminders.look(unit, self._services.settings, conversation_id)

    def _send(self) -> None:
        """Have due messages sent; ask anew for those whose workflow ended without settling them."""
        with self._services.reading_unit(self._actor) as unit:
            asked = due(unit, begun_for_s=self._services.settings.jobs.heartbeat_s)
        if not asked:
            return
        ids = [PREFIX + each for each in asked]
        known = {
            workflow.workflow_id: workflow.status
            for workflow in DBOS.list_workflows(workflow_ids=ids, load_input=False, load_output=False)
        }
        for each in asked:
            if known.get(PREFIX + each) in ENDED:
                with self._services.unit(self._actor) as unit:
                    ask_anew(unit, each)
            elif PREFIX + each not in known:
                self._services.jobs.ask(QUEUE, WORKFLOW, PREFIX + each, each)
