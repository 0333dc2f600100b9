"""`wallwatch serve` and `wallwatch worker`: the processes that stay."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from typing import Annotated

import typer

from api.cli.options import load_settings
from api.cli.visible import visible
from api.settings import Settings

CANNOT_START = 2  # the exit status of a command that said what a person has to mend
NOT_READ = "wallwatch: photos are kept, but not read until that is mended and the service is started again"


def serve(
    *,
    worker: Annotated[bool, typer.Option(help="Also read photos here, in a process of its own.")] = True,
) -> None:
    """Serve the API and read photos. The reader is a child process, so reading never holds up an answer."""
    from api.db import upgrade  # noqa: PLC0415 - `--help` should not wait for the web stack
    from api.demo import prepare_development  # noqa: PLC0415
    from api.services import build  # noqa: PLC0415
    from api.web.server import serve as serve_web  # noqa: PLC0415

    settings = load_settings()
    services = build(settings)
    upgrade(services.engine)
    prepare_development(services)
    helper = Keeper([sys.executable, "-m", "api.cli.main", "worker", "--until-stdin-ends"]) if worker else None
    if helper:
        helper.start()
    try:
        serve_web(services)
    finally:
        if helper:
            helper.stop()
        services.close()


def worker(
    *,
    until_stdin_ends: Annotated[
        bool, typer.Option(hidden=True, help="Also stop when whoever started this dies.")
    ] = False,
) -> None:
    """Read photos that are waiting, until told to stop. More workers on more machines need PostgreSQL."""
    from api.db import upgrade  # noqa: PLC0415 - `--help` should not wait for the reader
    from api.jobs.worker import run_worker  # noqa: PLC0415
    from api.services import build  # noqa: PLC0415
    from api.web.logs import set_up  # noqa: PLC0415
    from vision.errors import EngineError  # noqa: PLC0415

    settings: Settings = load_settings()
    set_up(settings)
    services = build(settings)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if until_stdin_ends:
        # The other end of the pipe goes with its process, however that ends: a killed server leaves no reader behind.
        threading.Thread(target=_set_when_stdin_ends, args=(stop,), daemon=True).start()
    upgrade(services.engine)
    try:
        run_worker(services, stop)
    except EngineError as error:
        typer.echo(f"wallwatch: {visible(str(error))}", err=True)
        raise typer.Exit(CANNOT_START) from None
    finally:
        services.close()


def _set_when_stdin_ends(stop: threading.Event) -> None:
    sys.stdin.buffer.read()
    stop.set()


class Keeper:
    """Keeps a child process running: a worker that dies is started again, at first at once, then ever more slowly.

    One that cannot start as things are, and has said why, is not: it would say the same for ever.
    """

    PATIENCE_S = (0.2, 1.0, 5.0, 15.0)
    LIVED_WELL_S = 60.0

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)

    def start(self) -> None:
        """Start the child and watch it from a thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 20.0) -> None:
        """Ask the child to finish, wait, and kill it if it does not."""
        self._stopping.set()
        if self._child and self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self._child.kill()
        self._thread.join(timeout_s)

    def _keep(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 - our own interpreter
            status = self._child.wait()
            if self._child.stdin:
                self._child.stdin.close()
            if status == CANNOT_START and not self._stopping.is_set():
                typer.echo(NOT_READ, err=True)
                return
            failures = 0 if time.monotonic() - started > self.LIVED_WELL_S else failures + 1
            self._stopping.wait(self.PATIENCE_S[min(failures, len(self.PATIENCE_S) - 1)])
