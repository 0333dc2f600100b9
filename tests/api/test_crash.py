"""kill -9 at any moment: what was acknowledged is stored and read, nothing is stuck, nothing is doubled."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.audit.verify import verify
from api.services import build
from api.settings import Settings
from models import Attempt, Photo, Reading, Report, Sighting

PROGRAM = Path(__file__).parent / "queue_process.py"
SETTLED_S = 120


class Installation:
    """A sender and a worker on one data folder, started and killed as often as asked."""

    def __init__(self, folder, template, seed):
        shutil.copy(template, folder / "wallwatch.sqlite")
        jobs = {"heartbeat_s": 0.3, "silent_after_s": 3.0, "concurrency": 2, "worker": "w", "max_losses": 10**6}
        self.values = {"stage": "development", "data_dir": str(folder), "jobs": jobs}
        self.acknowledged = []
        self._random = random.Random(seed)
        self._output, self._log = folder / "acknowledged.txt", folder / "worker.log"

    def start(self, what):
        command = [sys.executable, PROGRAM, what, json.dumps(self.values)]
        with (self._output if what == "send" else self._log).open("ab") as output:
            return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

    def one_round(self):
        """Send and read under load for a while, then kill both without a warning."""
        self._output.write_bytes(b"")
        programs = [self.start("work"), self.start("send")]
        self._wait_for_load(programs)
        time.sleep(self._random.uniform(0, 1.5))
        self._random.shuffle(programs)
        for program in programs:
            program.kill()
        for program in programs:
            program.wait()
        whole_lines = self._output.read_bytes().rpartition(b"\n")[0].decode().splitlines()
        self.acknowledged += [line for line in whole_lines if re.fullmatch("[0-9a-f]{64}", line)]

    def _wait_for_load(self, programs):
        end = time.monotonic() + SETTLED_S
        while len(self._output.read_bytes().splitlines()) < 3:
            assert time.monotonic() < end, "the programs did not start"
            assert all(program.poll() is None for program in programs)
            time.sleep(0.02)

    def settle(self):
        """Start a worker, wait until nothing is owed, and stop it kindly."""
        services, worker = build(Settings(**self.values)), self.start("work")
        least, end = None, time.monotonic() + SETTLED_S
        try:
            while owed := self._count(services, Photo, Photo.state == "owed"):
                if least is None or owed < least:  # what waits may be much; what does not move is stuck
                    least, end = owed, time.monotonic() + SETTLED_S
                assert time.monotonic() < end, "photos are stuck"
                assert worker.poll() is None
                time.sleep(0.1)
        finally:
            worker.terminate()
            worker.wait(30)
        return services

    def check(self):
        """Settle, and look at everything that must hold."""
        services = self.settle()
        try:
            with services.reading_unit() as unit:
                states = dict(unit.session.execute(select(Photo.sha256, Photo.state)).all())
                assert [sha256 for sha256 in self.acknowledged if sha256 not in states] == [], "acknowledged and gone"
                assert set(states.values()) == {"read"}
            assert [str(trouble) for trouble in verify(services) if trouble.is_grave] == []
            # One photo to a report here: so many readings and sightings, neither more nor fewer.
            for table in (Reading, Report, Sighting):
                assert self._count(services, table) == len(states), table.__tablename__
            assert self._count(services, Attempt, Attempt.outcome == "done") == len(states)
            assert self._count(services, Attempt, Attempt.outcome == "running") == 0
        finally:
            services.close()

    @staticmethod
    def _count(services, table, *where):
        with services.reading_unit() as unit:
            return unit.session.scalar(select(func.count()).select_from(table).where(*where))


def test_killed_at_random_moments_nothing_acknowledged_is_lost_stuck_or_doubled(tmp_path, sqlite_template):
    installation = Installation(tmp_path, sqlite_template, seed=11)
    for _ in range(2):
        installation.one_round()
    installation.check()
    assert len(installation.acknowledged) > 3


@pytest.mark.slow
def test_many_rounds_of_kill_9(tmp_path, sqlite_template):
    """`make crash`; WALLWATCH_CRASH_ROUNDS says how many."""
    rounds = int(os.environ.get("WALLWATCH_CRASH_ROUNDS", "200"))
    installation = Installation(tmp_path, sqlite_template, seed=time.time_ns())
    for number in range(1, rounds + 1):
        installation.one_round()
        if number % 10 == 0 or number == rounds:
            installation.check()
            said = f"{number} rounds, {len(installation.acknowledged)} acknowledged photos, all read once\n"
            sys.stdout.write(said)
            sys.stdout.flush()
