"""How soon `wallwatch serve` answers, how soon the samples are read, and what the worker holds: `make bench-start`.

A development start in an empty folder: accounts, the samples as reports, a worker that reads them. Then the same
folder once more. Memory is the peak of the worker's process and of the processes that decode photos for it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
PATIENCE_S = 300.0


class Server:
    """`wallwatch serve` on a free port, and the highest memory seen in the processes below it."""

    def __init__(self, folder: str) -> None:
        environment = os.environ | {
            "WALLWATCH_STAGE": "development",
            "WALLWATCH_DATA_DIR": folder,
            "WALLWATCH_WEB__PORT": "0",
            "WALLWATCH_LOG_LEVEL": "warning",
        }
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "api.cli.main", "serve"], env=environment, stdout=subprocess.PIPE, text=True
        )
        self.port = 0
        self._ready = threading.Event()
        self.peaks_mib: dict[int, float] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if not self.port and "http://127.0.0.1:" in line:
                self.port = int(line.split("http://127.0.0.1:")[1].split("/")[0].split()[0])
                self._ready.set()

    def first_answer_s(self) -> float:
        """Seconds from the command to the first 200 of /readyz."""
        while time.perf_counter() - self.started < PATIENCE_S:
            if self._ready.wait(0.02) and self._answers():
                return time.perf_counter() - self.started
            time.sleep(0.02)
        raise SystemExit("no answer")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def watch_memory(self) -> None:
        """Note the peak of every process below the server."""
        for pid in _below(self._process.pid):
            if (peak := _peak_mib(pid)) is not None:
                self.peaks_mib[pid] = max(peak, self.peaks_mib.get(pid, 0.0))

    def stop(self) -> None:
        """End it as an operator would."""
        self._process.terminate()
        self._process.wait(60)


def _below(parent: int) -> Iterator[int]:
    for folder in PROC.glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]) == parent:
                yield int(folder.name)
                yield from _below(int(folder.name))
        except (OSError, IndexError):
            continue


def _peak_mib(pid: int) -> float | None:
    try:
        fields = dict(line.split(":", 1) for line in (PROC / str(pid) / "status").read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) / 1024
    except (OSError, KeyError):
        return None


def _waiting(folder: str) -> tuple[int, int]:
    """Photos that are owed a reading, and photos, as the command line tells."""
    import sqlite3  # noqa: PLC0415 - read beside the server, without its code

    with sqlite3.connect(f"file:{folder}/wallwatch.sqlite?mode=ro", uri=True) as database:
        total = database.execute("SELECT count(*) FROM photos").fetchone()[0]
        done = database.execute("SELECT count(*) FROM photos WHERE state IN ('read', 'unreadable')").fetchone()[0]
    return total - done, total


def main() -> None:
    """Measure both starts and print what came out."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = Server(folder)
        first_s = server.first_answer_s()
        while (waiting := _waiting(folder))[0] and time.perf_counter() - server.started < PATIENCE_S:
            server.watch_memory()
            time.sleep(0.2)
        read_s = time.perf_counter() - server.started
        server.watch_memory()
        server.stop()
        again = Server(folder)
        second_s = again.first_answer_s()
        again.stop()
    peaks = sorted(server.peaks_mib.values(), reverse=True)
    figures = {
        "first start to first answer, s": round(first_s, 1),
        f"first start to all {waiting[1]} samples read, s": round(read_s, 1),
        "second start to first answer, s": round(second_s, 1),
        "worker's peak memory with its decoders, MiB": round(sum(peaks)),
        "the largest process of them, MiB": round(peaks[0]) if peaks else None,
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
