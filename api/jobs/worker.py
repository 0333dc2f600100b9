"""The worker process: reads owed photos, and takes over from workers that fell silent."""

from __future__ import annotations

import fcntl
import os
import platform
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import structlog
from dbos import DBOS

from api.audit.seal import seal_if_due
from api.cleanup.pictures_shown import make_asked
from api.cleanup.rounds import CleanUp
from api.connections.hands import look_at_hands
from api.intake.channels.base import Channel
from api.intake.channels.looping import listening
from api.intake.talk.rounds import Talking, set_up
from api.jobs import reread, service
from api.jobs.queue import APPLICATION, APPLICATION_VERSION, QUEUE, WORKFLOW
from api.jobs.reading import PhotoReading, ReadsBytes
from api.photos.local import LocalBlobs
from api.private import private_sqlite
from api.readings.cards import note_card
from api.readings.convert import card_sha256
from api.services import Services
from api.stats.upkeep import remake_pages
from api.telling.rounds import Telling
from api.unit import Actor
from api.warninglists.recheck import Recheck

POLL_S = 0.2
AHEAD = 3  # workflows taken for each photo read: DBOS hands out once in POLL_S; more would leave other workers idle
HANDS_A_ROUND, PAGES_A_ROUND = 4, 40  # a round must be over long before the worker counts as silent
GRACE_S = 15  # readings under way may end; what does not is taken up at the next start
UNSETTLING_ENDS = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})

log = structlog.get_logger()


def run_worker(
    services: Services,
    stop: threading.Event,
    *,
    reader: ReadsBytes | None = None,
    channels: Mapping[str, Channel] | None = None,
) -> None:
    """Read photos and talk until `stop` is set. One worker in a process: DBOS is one in a process.

    Without `channels` it talks through those that the settings name.

    Raises:
        EngineError: the reader cannot be put together; the message says what to do.
        SystemExit: a worker with this name runs on this data folder already.
    """
    concurrency = services.settings.jobs.concurrency or len(os.sched_getaffinity(0))
    with _own_name(services) as name, listening(services, name):
        work = PhotoReading(services, reader or _build_reader(services, concurrency), worker=name, at_once=concurrency)
        telling = Telling(services, name)
        talking = Talking(services, name, set_up(services) if channels is None else channels, reader=work.reader)
        rounds = _Rounds(services, work, telling, name=name)
        if isinstance(services.blobs, LocalBlobs):
            services.blobs.clear_incoming()
        rounds.beat()
        try:
            _launch(services, name, work, concurrency, (telling, talking))
            talking.start()
            log.info("worker_started", worker=name, concurrency=concurrency)
            while not stop.is_set():
                rounds.go()
                stop.wait(services.settings.jobs.heartbeat_s)
        finally:
            talking.stop()
            DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=GRACE_S)
            log.info("worker_stopped", worker=name)


def _launch(
    services: Services, name: str, work: PhotoReading, concurrency: int, parts: Sequence[Telling | Talking]
) -> None:
    private_sqlite(services.settings.dbos_url)
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": services.settings.dbos_url,
            "application_version": APPLICATION_VERSION,
            "executor_id": name,
            "log_level": "WARNING",
        }
    )

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)  # losses are counted by ourselves, with their reason
    def read_photo(sha256: str) -> str:
        return work.workflow(sha256)

    for part in parts:
        part.register()
    DBOS.launch()
    for part in parts:
        part.register_queue()
    DBOS.register_queue(
        QUEUE, worker_concurrency=concurrency * AHEAD, polling_interval_sec=POLL_S, on_conflict="always_update"
    )


def _build_reader(services: Services, concurrency: int) -> ReadsBytes:
    from api.readings.reader import options_from  # noqa: PLC0415 - the heavy imports come with the reader
    from vision.pipeline import build_reader  # noqa: PLC0415

    options = options_from(services.settings.vision, services.settings.limits)
    # Photos side by side use the cores better than one photo spread over them.
    return build_reader(replace(options, threads=1) if concurrency > 1 else options)


class _Rounds:
    """What a worker does every few seconds beside reading."""

    def __init__(self, services: Services, work: PhotoReading, telling: Telling, *, name: str) -> None:
        self._services = services
        self._name = name
        self._work = work
        self._telling = telling
        self._settings = services.settings.jobs
        self._actor = Actor(name=f"worker:{name}"[:64])
        self._recheck = Recheck(services, self._actor)
        self._cleanup = CleanUp(services, self._actor)
        self._steps = (
            self.beat,
            self._take_over,
            self._ask_for_owed,
            self._read_again,
            self._tell,
            self._clean_up,
            self._seal,
            self._look_up_anew,
            self._look_back,
        )

    def go(self) -> None:
        """Beat, take over, ask for what is owed, tell people, clean up, seal, look back; an error waits."""
        for step in self._steps:
            try:
                step()
            except Exception:
                log.exception("round_failed", worker=self._name, step=step.__name__)

    def beat(self) -> None:
        """Say that this worker is alive."""
        with self._services.unit(self._actor) as unit:
            card = getattr(self._work.reader(), "card", None)
            known = note_card(unit, card) if card else None
            service.beat(unit, self._name, version=APPLICATION_VERSION, card=known)

    def _take_over(self) -> None:
        """Put photos of silent workers back into the queue."""
        with self._services.reading_unit(self._actor) as unit:
            silent = service.silent_workers(unit, after_s=self._settings.silent_after_s)
        if not silent:
            return
        # Not resume_workflows: this one leaves alone what another worker took over a moment ago.
        taken = DBOS._recover_pending_workflows(silent)  # noqa: SLF001
        if taken:
            log.warning("took_over", worker=self._name, silent=silent, photos=len(taken))

    def _ask_for_owed(self) -> None:
        """Enqueue owed photos that have no workflow; ask anew for those whose workflow ended without settling them."""
        with self._services.reading_unit(self._actor) as unit:
            waiting = service.owed(unit, for_s=self._settings.heartbeat_s)
        if not waiting:
            return
        known = {
            workflow.workflow_id: workflow.status
            for workflow in DBOS.list_workflows(workflow_ids=waiting, load_input=False, load_output=False)
        }
        self._services.jobs.enqueue(asked for asked in waiting if asked not in known)
        for asked in waiting:
            if known.get(asked) in UNSETTLING_ENDS:
                with self._services.unit(self._actor) as unit:
                    service.ask_anew(unit, asked)

    def _read_again(self) -> None:
        """Put a few more photos into the queue of those that a newer reader is to read again."""
        card = getattr(self._work.reader(), "card", None)
        if card is None:
            return
        with self._services.reading_unit(self._actor) as unit:
            is_due = reread.running(unit) is not None
        if is_due:
            with self._services.unit(self._actor) as unit:
                reread.ask_more(unit, card_sha256(card))

    def _tell(self) -> None:
        self._telling.round()

    def _clean_up(self) -> None:
        self._cleanup.round()
        make_asked(self._services, self._work.reader())

    def _seal(self) -> None:
        seal_if_due(self._services)

    def _look_up_anew(self) -> None:
        self._recheck.go()

    def _look_back(self) -> None:
        """Look at the writing of new findings, and make the pages anew that statistics are counted from."""
        look_at_hands(self._services, most=HANDS_A_ROUND)
        remake_pages(self._services, most=PAGES_A_ROUND)


@contextmanager
def _own_name(services: Services) -> Iterator[str]:
    """The worker's name: the setting's, or this host's first one that no living process holds.

    The names stay the same over restarts, so that a restarted worker takes up its own workflows; the lock lets the
    next process on the same folder be the second worker.
    """
    folder = services.settings.data_dir / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    asked = services.settings.jobs.worker
    host = "".join(c if c.isalnum() else "-" for c in platform.node())[:40] or "worker"
    for name in [asked] if asked else [f"{host}-{number}" for number in range(1, 100)]:
        with _held(folder / f"{name}.lock") as is_ours:
            if is_ours:
                yield name
                return
    raise SystemExit(f"wallwatch: a worker named {asked or host} runs here already; set WALLWATCH_JOBS__WORKER")


@contextmanager
def _held(path: Path) -> Iterator[bool]:
    """Whether the lock could be had; the kernel lets it go with the process, however that ends."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
