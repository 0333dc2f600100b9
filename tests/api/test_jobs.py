"""The queue: photos are read in the background, once, whatever happens to the workers."""

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from api.jobs import reread, service
from api.jobs.gate import Gate
from api.jobs.worker import run_worker
from api.readings.service import store_reading
from api.services import build
from api.settings import Settings
from models import Attempt, Photo, ReaderCard, Reading, Reread, Sighting, Worker
from tests.api.queue_process import SmallReader, send
from vision.types import Card

PROGRAM = Path(__file__).parent / "queue_process.py"
PATIENCE_S = 120  # of a process that starts beside other tests


BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


@pytest.fixture
def database():
    return "sqlite"


@pytest.fixture
def values(request, database, tmp_path):
    """Settings for a new installation, as plain values that another process can be given."""
    if database == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "wallwatch.sqlite")
        url = {}
    else:
        url = {"url": request.getfixturevalue("postgres_url_factory")()}
    return {
        "stage": "development",
        "data_dir": str(tmp_path),
        "database": url,
        "jobs": {"heartbeat_s": 0.3, "silent_after_s": 2.0, "concurrency": 2},
    }


@pytest.fixture
def services(values):
    services = build(Settings(**values))
    yield services
    services.close()


@pytest.fixture
def start(values):
    """Starts a program of `queue_process.py`; whatever still runs at the end is killed."""
    started = []

    def run(what, **jobs):
        settings = {**values, "jobs": {**values["jobs"], **jobs}}
        process = subprocess.Popen(
            [sys.executable, PROGRAM, what, json.dumps(settings)], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def states(services):
    with services.reading_unit() as unit:
        return {photo.sha256: photo.state for photo in unit.session.scalars(select(Photo))}


def wait_until(is_so, what):
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, f"still not after {PATIENCE_S} s: {what}"
        time.sleep(0.05)


def wait_settled(services):
    wait_until(lambda: "owed" not in states(services).values(), "all photos settled")


def rows(services, table):
    with services.reading_unit() as unit:
        return list(unit.session.scalars(select(table)))


class Running:
    """A worker in a thread of this process."""

    def __init__(self, services, reader=None):
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=run_worker, args=(services, self._stop), kwargs={"reader": reader or SmallReader()}
        )

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()


@BOTH
def test_a_worker_says_what_its_reader_is_and_reads_again_what_an_older_one_has_read(services):
    photos = [send(services) for _ in range(3)]
    with services.unit() as unit:
        for sha256 in photos:
            old = replace(SmallReader().read(services.blobs.get(sha256)), card=Card("small", "0"))
            store_reading(unit, sha256, old)
    with Running(services):
        wait_until(lambda: any(worker.card_sha256 for worker in rows(services, Worker)), "the worker names its reader")
        with services.unit() as unit:
            reread.begin(unit, most=None, silent_after_s=60)
        wait_until(lambda: rows(services, Reread)[0].ended_at, "the run ended")
        wait_settled(services)
    assert {row.card["version"]: row.photos for row in rows(services, ReaderCard)} == {"0": 3, "1": 3}
    assert set(states(services).values()) == {"read"}
    assert len(rows(services, Reading)) == 6


@BOTH
def test_photos_are_read_failed_ones_given_up_with_their_reason_and_tried_again_when_asked(services):
    good = [send(services) for _ in range(5)]
    damaged, failing = send(services, "damaged"), send(services, "fail")
    with Running(services):
        wait_settled(services)
        after = {photo.sha256: photo for photo in rows(services, Photo)}
        assert {after[sha256].state for sha256 in good} == {"read"}
        for sha256, code in ((damaged, "photo_damaged"), (failing, "reading_failed")):
            assert (after[sha256].state, after[sha256].error_code, after[sha256].failures) == ("unreadable", code, 3)
            assert after[sha256].error_message
        with services.unit() as unit:
            service.try_again(unit, damaged)
        wait_settled(services)
    attempts = rows(services, Attempt)
    assert sum(attempt.photo_sha256 == damaged for attempt in attempts) == 6
    assert {attempt.outcome for attempt in attempts if attempt.photo_sha256 in good} == {"done"}
    assert len(rows(services, Reading)) == len(rows(services, Sighting)) == 5


def test_a_photo_committed_without_being_asked_for_is_found(services):
    lost = send(services)
    services.jobs.close()
    shutil.rmtree(services.settings.data_dir / "jobs.sqlite", ignore_errors=True)
    with Running(services):
        wait_settled(services)
    assert states(services)[lost] == "read"


def test_asking_twice_reads_once(services):
    sha256 = send(services)
    services.jobs.enqueue([f"{sha256}:1", f"{sha256}:1"])
    with Running(services):
        wait_settled(services)
        services.jobs.enqueue([f"{sha256}:1", f"{sha256}:2"])
        time.sleep(1)
    assert len(rows(services, Attempt)) == len(rows(services, Reading)) == 1


def test_a_store_that_does_not_answer_condemns_no_photo(services):
    sha256 = send(services)
    folder = services.settings.data_dir / "blobs"
    path = folder / sha256[:2] / sha256
    hidden = folder / "hidden"
    path.rename(hidden)
    path.mkdir()  # opening a folder is an error of the disk, not a missing file
    with Running(services):
        wait_until(lambda: any(a.error_code == "store_unavailable" for a in rows(services, Attempt)), "postponed")
        path.rmdir()
        hidden.rename(path)
        wait_settled(services)
    photo = rows(services, Photo)[0]
    assert (photo.state, photo.failures) == ("read", 0)


def test_a_photo_that_kills_its_reader_is_given_up_and_takes_no_other_with_it(services, start):
    poison = send(services, "kill", delay_ms=50)
    others = [send(services, delay_ms=100) for _ in range(4)]
    deaths = 0
    worker = start("work", max_losses=3)
    end = time.monotonic() + PATIENCE_S
    while "owed" in states(services).values():
        assert time.monotonic() < end
        if worker.poll() is not None:
            assert worker.returncode == -signal.SIGKILL
            deaths += 1
            worker = start("work", max_losses=3)
        time.sleep(0.1)
    assert deaths == 3
    assert {states(services)[sha256] for sha256 in others} == {"read"}
    photo = next(photo for photo in rows(services, Photo) if photo.sha256 == poison)
    assert (photo.state, photo.error_code, photo.losses) == ("unreadable", "reader_lost", 3)


@pytest.mark.parametrize("database", ["postgresql"])
def test_another_worker_takes_over_from_one_that_is_killed_for_good(services, start, values):
    sent = [send(services, delay_ms=300) for _ in range(12)]
    doomed, heir = start("work", worker="doomed"), start("work", worker="heir")
    wait_until(lambda: {a.worker for a in rows(services, Attempt)} == {"doomed", "heir"}, "both are reading")
    wait_until(
        lambda: any(a.worker == "doomed" and a.outcome == "running" for a in rows(services, Attempt)), "it is reading"
    )
    doomed.kill()
    wait_settled(services)
    assert set(states(services).values()) == {"read"}
    assert heir.poll() is None
    readings = [reading.photo_sha256 for reading in rows(services, Reading)]
    assert sorted(readings) == sorted(sent)
    assert len(rows(services, Sighting)) == len(sent)
    assert {worker.name for worker in rows(services, Worker)} == {"doomed", "heir"}


def test_two_workers_never_have_one_name(services, start):
    first = start("work", worker="only")
    wait_until(lambda: rows(services, Worker), "the first beats")
    second = start("work", worker="only")
    assert second.wait(PATIENCE_S) == 1
    assert first.poll() is None


def test_a_stopped_worker_leaves_what_waits_and_ends_what_it_began(services, start):
    for _ in range(8):
        send(services, delay_ms=500)
    worker = start("work")
    wait_until(lambda: rows(services, Attempt), "it began")
    worker.terminate()
    assert worker.wait(PATIENCE_S) == 0
    assert {attempt.outcome for attempt in rows(services, Attempt)} == {"done"}


@BOTH
def test_an_attempt_that_was_taken_for_lost_cannot_condemn_the_photo_any_more(services):
    sha256 = send(services)
    with services.unit() as unit:
        slow = service.begin(unit, sha256, worker="slow", max_losses=6).id
    with services.unit() as unit:
        second = service.begin(unit, sha256, worker="second", max_losses=6).id
    with services.unit() as unit:
        assert service.fail(unit, slow, code="late", message="late", max_failures=1)
    photo = rows(services, Photo)[0]
    assert (photo.state, photo.failures, photo.losses) == ("owed", 0, 1)
    with services.unit() as unit:
        assert service.fail(unit, second, code="bad", message="bad", max_failures=1)
    assert rows(services, Photo)[0].state == "unreadable"


def test_one_that_is_alone_has_nobody_beside_it_and_others_are_no_more_than_allowed():
    gate, inside, most = Gate(3), [], []

    def visit(number, *, alone):
        with gate.enter(alone=alone):
            inside.append(number)
            most.append((alone, len(inside)))
            time.sleep(0.01)
            inside.remove(number)

    threads = [threading.Thread(target=visit, args=(n,), kwargs={"alone": n % 3 == 0}) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(most) == 12
    assert {count for alone, count in most if alone} == {1}
    assert 1 < max(count for alone, count in most if not alone) <= 3
