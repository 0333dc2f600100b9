"""How many reports with 2 MB photos a second one server takes, on loopback: `python benchmarks/reports.py`.

A real `wallwatch serve` process with its own folder and database; clients keep their connections. Every photo is
another one. At the end each acknowledged photo is looked up in the database and hashed again from the disk.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import io
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy import func, select

from api.accounts.service import add_account, make_key
from api.db import upgrade
from api.services import Services, build
from api.settings import Settings
from models import Photo, Report

EDGE = "reports-benchmark"
PHOTO_BYTES = 2_000_000


def photo() -> bytes:
    """A JPEG of about 2 MB, as a telephone makes it."""
    rough = np.random.default_rng(3).integers(0, 255, (760, 1010, 3), np.uint8)
    for quality in range(95, 40, -5):
        out = io.BytesIO()
        Image.fromarray(rough).resize((2020, 1520)).save(out, "JPEG", quality=quality)
        if out.tell() <= PHOTO_BYTES:
            break
    return out.getvalue()[:-2] + bytes(PHOTO_BYTES - out.tell()) + b"\xff\xd9"


def body(picture: bytes, number: int) -> bytes:
    """The form of one report; the number behind the picture's end makes it another photo."""
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="photo"; filename="wall-{number}.jpg"\r\n\r\n'
    fields = "".join(
        f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("lat", "54.87"), ("lon", "69.15"))
    )
    return head.encode() + picture + b"%012d" % number + f"\r\n{fields}--{EDGE}--\r\n".encode()


class Clients:
    """Threads that send one report after another until the time is up."""

    def __init__(self, port: int, key: str, *, connections: int) -> None:
        self._port, self._connections = port, connections
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": f"multipart/form-data; boundary={EDGE}"}
        self._picture = photo()
        self._numbers = iter(range(10**9))
        self.seconds: list[float] = []
        self.hashes: list[str] = []
        self.failures: list[Exception] = []

    def run(self, seconds: float) -> float:
        """Send for so long; the time it took."""
        self.seconds, self.hashes = [], []
        started = time.perf_counter()
        threads = [threading.Thread(target=self._send, args=(started + seconds,)) for _ in range(self._connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.failures:
            raise SystemExit(f"{len(self.failures)} connections failed, the first with {self.failures[0]!r}")
        return time.perf_counter() - started

    def _send(self, until: float) -> None:
        try:
            self._keep_sending(until)
        except (OSError, http.client.HTTPException, RuntimeError) as error:
            self.failures.append(error)

    def _keep_sending(self, until: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while (started := time.perf_counter()) < until:
            connection.request("POST", "/v1/reports", body(self._picture, next(self._numbers)), self._headers)
            answer = connection.getresponse()
            said = json.loads(answer.read())
            if answer.status != 201:
                raise RuntimeError(f"refused: {answer.status} {said}")
            self.seconds.append(time.perf_counter() - started)
            self.hashes.append(said["photos"][0]["sha256"])


def check(services: Services, hashes: list[str]) -> None:
    """SystemExit unless every acknowledged photo is in the database and whole on the disk."""
    with services.reading_unit() as unit:
        kept = set(unit.session.scalars(select(Photo.sha256)))
        reports = unit.session.scalar(select(func.count()).select_from(Report)) or 0
    lost = [sha256 for sha256 in hashes if sha256 not in kept]
    damaged = [each for each in hashes if hashlib.sha256(services.blobs.get(each)).hexdigest() != each]
    if lost or damaged or reports < len(hashes):
        raise SystemExit(f"lost {len(lost)}, damaged {len(damaged)}, reports {reports} of {len(hashes)}")


def stop(server: subprocess.Popen[str], patience_s: float = 30.0) -> None:
    """End the server, wait for its worker, which finishes what it reads, and kill what is left after that."""
    server.terminate()
    server.wait(patience_s)
    until = time.monotonic() + patience_s
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < until:
            os.killpg(server.pid, 0)
            time.sleep(0.2)
        os.killpg(server.pid, signal.SIGKILL)


def main() -> None:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--worker", action="store_true", help="read the photos at the same time, on the same cores")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        limits = {"reports_per_minute": 10**6, "requests_per_minute": 10**6}
        settings = Settings(stage="production", secret="x" * 40, data_dir=Path(folder), limits=limits)
        services = build(settings)
        upgrade(services.engine)
        with services.unit() as unit:
            add_account(unit, "bench", role="officer", password="thrown away afterwards")
            key = make_key(unit, "bench", label="bench", scopes=None, expires_at=unit.clock.now() + timedelta(hours=1))[
                1
            ]
        environment = os.environ | {
            "WALLWATCH_DATA_DIR": folder,
            "WALLWATCH_SECRET": "x" * 40,
            "WALLWATCH_WEB__PORT": "0",
            "WALLWATCH_LOG_LEVEL": "warning",
            "WALLWATCH_LIMITS__REPORTS_PER_MINUTE": str(10**6),
            "WALLWATCH_LIMITS__REQUESTS_PER_MINUTE": str(10**6),
        }
        command = [sys.executable, "-m", "api.cli.main", "serve", *([] if options.worker else ["--no-worker"])]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline().split("127.0.0.1:")[1].split()[0])
            clients = Clients(port, key, connections=options.connections)
            clients.run(2.0)
            took = clients.run(options.seconds)
            check(services, clients.hashes)
        finally:
            ended = server.poll()
            stop(server)
            services.close()
            if ended is not None:
                print(f"the server ended by itself with status {ended}")
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_ms = (usage.ru_utime + usage.ru_stime) * 1000 / len(clients.hashes)
        sent = sorted(clients.seconds)
        print(
            f"{len(sent) / took:.1f} reports/s of {PHOTO_BYTES / 1e6:g} MB over {options.connections} connections"
            f" ({'with' if options.worker else 'without'} a worker); median {statistics.median(sent) * 1000:.0f} ms,"
            f" p95 {sent[int(len(sent) * 0.95)] * 1000:.0f} ms; {cpu_ms:.0f} ms of processor time a report, start and"
            f" warm-up included; all {len(sent)} stored and whole"
        )


if __name__ == "__main__":
    main()
