"""kill -9 in every state of a conversation: nothing is lost, nothing is done twice, nothing is said more than twice.

A real worker process and a provider on this machine that kills it when it fetches a picture, or when it has a message
and before it answers; and kills at any other moment.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from api.audit.verify import verify
from api.intake.channels.arriving import accept
from api.services import build
from api.settings import Settings
from models import Arrived, Conversation, Outgoing, Report
from tests.api.pictures import jpeg
from tests.api.talking import WALL, Chat, HttpChannel, Provider

PROGRAM = Path(__file__).parent / "queue_process.py"
SETTLED_S = 120
MOMENTS = 6
"""0: while a picture is fetched; 1 to 4: when the first to fourth message of a conversation was handed over; 5: any."""


class Installation:
    """A provider that kills the worker at the moment it is told, and somebody who sends a report."""

    def __init__(self, folder, database, provider):
        talk = {"album_s": 0.2, "first_pause_s": 0.05, "longest_pause_s": 0.2}
        jobs = {"heartbeat_s": 0.3, "silent_after_s": 2.0, "concurrency": 1, "worker": "w"}
        self._values = {
            "stage": "development", "data_dir": str(folder), "database": database, "talk": talk, "jobs": jobs
        }  # fmt: skip
        self.services = build(Settings(**self._values))
        self.provider, self._log = provider, folder / "worker.log"
        self.worker, self.kills, self.started = None, [], 0
        self._count = 0
        provider.on_fetch, provider.on_send = lambda: self._reached(0), self._sends

    def _sends(self):
        self._count += 1
        self._reached(self._count)

    def _reached(self, moment):
        if moment in self.kills:
            self.kills.remove(moment)
            self.worker.kill()
            self.worker.wait()

    def begin(self, *kills):
        self.kills, self._count = list(kills), 0

    def run(self):
        """Keep a worker running."""
        if self.worker is None or self.worker.poll() is not None:
            self.started += 1
            with self._log.open("ab") as output:
                command = [sys.executable, PROGRAM, "talk", json.dumps(self._values), str(self.provider.port)]
                self.worker = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

    def stop(self):
        if self.worker and self.worker.poll() is None:
            self.worker.kill()
            self.worker.wait()

    def ask(self, query):
        try:
            with self.services.reading_unit() as unit:
                return unit.session.scalar(query)
        except OperationalError:  # a look at the very moment of a kill
            return None

    def until(self, query, wanted, *, doing=lambda: None):
        """Keep a worker running until the database answers so."""
        end = time.monotonic() + SETTLED_S
        while self.ask(query) != wanted:
            doing()
            assert time.monotonic() < end, (query, wanted, self._log.read_text()[-3000:])
            self.run()
            time.sleep(0.05)

    def settle(self):
        on_its_way = select(func.count()).select_from(Outgoing).where(Outgoing.state.in_(("waiting", "sending")))
        self.until(select(func.count()).select_from(Arrived).where(Arrived.state == "waiting"), 0)
        self.until(on_its_way, 0)


@pytest.fixture
def installation(tmp_path, request, database):
    with ExitStack() as stack:
        provider = stack.enter_context(Provider().open())
        if database == "sqlite":
            shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "wallwatch.sqlite")
        url = {"url": request.getfixturevalue("postgres_url_factory")()} if database == "postgresql" else {}
        made = Installation(tmp_path, url, provider)
        stack.callback(made.services.close)
        stack.callback(made.stop)
        yield made


def one_report(installation, number, *, kill_soon=lambda: None):
    """Somebody sends an album and a place, confirms, and wishes to hear of it."""
    chat = Chat(installation.services, installation.provider, HttpChannel(0), name=f"76{number:07d}")
    for n in range(2):
        installation.provider.media[f"{number}-{n}"] = jpeg(1000 + 2 * number + n)
    accept(chat.services, [chat.arrival(photos=[f"{number}-{n}"], album=f"a{number}") for n in range(2)])
    newest = select(Conversation.state).order_by(Conversation.opened_at.desc()).limit(1)
    count = select(func.count()).select_from(Conversation)
    installation.until(count, number + 1, doing=kill_soon)
    accept(chat.services, [chat.arrival(spot=WALL)])
    installation.until(newest, "confirm", doing=kill_soon)
    with chat.services.reading_unit() as unit:
        row = unit.session.scalars(select(Conversation).order_by(Conversation.opened_at.desc())).first()
    accept(chat.services, [chat.arrival(button=f"t:yes:{row.id}:{row.version}")] * 2)
    installation.until(newest, "sent", doing=kill_soon)
    accept(chat.services, [chat.arrival(button=f"t:tell:{row.id}:{row.version}")])
    wishes = select(Conversation.wants_status).where(Conversation.id == row.id)
    installation.until(wishes, True, doing=kill_soon)


def check(installation, reports):
    """Everybody has one report with both photos, everything was said, and nothing more than twice."""
    services = installation.services
    with services.reading_unit() as unit:
        rows = list(unit.session.scalars(select(Conversation)))
        assert len({row.report_id for row in rows}) == reports == len({row.receipt for row in rows})
        found = list(unit.session.scalars(select(Report)))
        assert [len({each.photo_sha256 for each in report.photos}) for report in found] == [2] * reports
        assert set(unit.session.scalars(select(Arrived.state))) == {"done"}
        said = list(unit.session.scalars(select(Outgoing)))
    written = Counter((row.conversation_id, row.content["text"]) for row in said)
    assert max(written.values()) == 1
    assert {(row.state, row.error_code) for row in said} <= {("sent", None), ("dead", "fate_unknown")}
    seen = Counter((each["chat"], each["text"]) for each in installation.provider.sent)
    assert max(seen.values()) <= 2
    assert len(seen) >= sum(row.state == "sent" for row in said)
    assert [trouble for trouble in verify(services) if trouble.is_grave] == []
    return Counter(row.state for row in said), sum(count == 2 for count in seen.values())


@pytest.mark.parametrize("database", ["sqlite"])
def test_killed_while_it_fetches_and_before_it_hears_that_its_thanks_arrived(installation):
    installation.begin(0, 3)
    one_report(installation, 0)
    installation.settle()
    assert installation.kills == []
    assert installation.started >= 3
    check(installation, 1)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.slow
def test_many_rounds_of_kill_9_in_every_state_of_a_conversation(installation):
    """`make crash`; WALLWATCH_CRASH_ROUNDS says how many."""
    rounds, dice = int(os.environ.get("WALLWATCH_CRASH_ROUNDS", "200")) // 2, random.Random(time.time_ns())
    kills = 0
    for number in range(rounds):
        moment = number % MOMENTS
        installation.begin(moment, dice.randint(1, 4)) if moment < MOMENTS - 1 else installation.begin()
        at = [time.monotonic() + dice.uniform(0, 6)]

        def kill_soon(at=at):
            if at and time.monotonic() > at[0] and installation.worker is not None:
                at.clear()
                installation.stop()

        one_report(installation, number, kill_soon=kill_soon if moment == MOMENTS - 1 else lambda: None)
        kills = installation.started
    installation.kills = []
    installation.settle()
    read = select(func.count()).select_from(Conversation).where(Conversation.told.is_(None))
    installation.until(read, 0)
    installation.settle()
    said, twice = check(installation, rounds)
    sys.stdout.write(f"{rounds} rounds, {kills} workers, messages {dict(said)}, {twice} of them arrived twice\n")
