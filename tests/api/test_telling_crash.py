"""kill -9 while people are told: nothing is lost, a webhook keeps its id, a mail comes twice at most.

A real worker process; the receivers kill it when they have a message and before they answer: sent, and not yet marked.
"""

import email
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from api.services import build
from api.settings import Settings
from api.telling.subscriptions import Wish, subscribe
from api.unit import Actor
from models import Account, Channel, Matched, Message, Role
from tests.api.receivers import Hooks, Mailbox
from tests.api.seen import see, wall
from tests.api.telling import here

PROGRAM = Path(__file__).parent / "queue_process.py"
SETTLED_S = 90
BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


class Installation:
    """Two subscriptions, receivers on this machine, and a worker that they kill as often as they are told."""

    def __init__(self, folder, database, hooks, mailbox):
        quick = {
            "first_pause_s": 0.05,
            "longest_pause_s": 0.2,
            "flood": 1000,
        }  # many at once are not to be put together
        telling = here(hooks.port, smtp_port=mailbox.port, **quick)
        jobs = {"heartbeat_s": 0.3, "silent_after_s": 2.0, "concurrency": 1, "worker": "w"}
        self._values = {
            "stage": "development", "data_dir": str(folder), "database": database, "telling": telling, "jobs": jobs
        }  # fmt: skip
        self.services = build(Settings(**self._values))
        self._log = folder / "worker.log"
        self.worker = None
        self.kills = self.started = 0
        self._lock = threading.Lock()
        with self.services.unit() as unit:
            now = unit.clock.now()
            self.account = Account(
                name="isker", password_hash="-", role=Role.INVESTIGATOR, created_at=now, password_changed_at=now
            )
            unit.session.add(self.account)
        actor = Actor("isker", self.account.id)
        for channel, to in ((Channel.WEBHOOK, {"url": hooks.url}), (Channel.MAIL, {"mail_to": "x@qz-77.kz"})):
            with self.services.unit(actor) as unit:
                subscribe(unit, Wish("x", "address.new", channel, **to), self.services.settings)

    def kill(self):
        """What a receiver does with a message before it answers; two that have one at once kill a worker once."""
        with self._lock:
            if self.kills and self.worker.poll() is None:
                self.kills -= 1
                self.worker.kill()
                self.worker.wait()

    def start(self):
        self.started += 1
        with self._log.open("ab") as output:
            command = [sys.executable, PROGRAM, "work", json.dumps(self._values)]
            self.worker = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

    def stop(self):
        if self.worker and self.worker.poll() is None:
            self.worker.kill()
            self.worker.wait()

    def rows(self, table, *where):
        with self.services.reading_unit() as unit:
            return list(unit.session.scalars(select(table).where(*where)))

    def _settled(self):
        try:
            return sum(message.state in ("sent", "dead") for message in self.rows(Message))
        except OperationalError as error:  # the edge answers 503 to a look at the very moment of a kill, and so do we
            sys.stdout.write(f"{getattr(error.orig, 'sqlite_errorname', error)}\n")
            return -1

    def settle(self, wanted):
        """Keep a worker running, started again whenever it was killed, until so many messages are settled."""
        before, end = None, 0.0
        while (settled := self._settled()) < wanted:
            now = (settled, self.kills, self.started)
            if now != before:  # it may take long; what stands still is stuck
                before, end = now, time.monotonic() + SETTLED_S
            assert time.monotonic() < end, [(m.state, m.error_code) for m in self.rows(Message)]
            if self.worker is None or self.worker.poll() is not None:
                self.start()
            time.sleep(0.1)


@pytest.fixture
def installation(tmp_path, request, database):
    with ExitStack() as stack:
        made = []

        def kill():
            made[0].kill()

        hooks = stack.enter_context(Hooks(on_post=kill).open())
        mailbox = stack.enter_context(Mailbox(on_mail=kill).open())
        if database == "sqlite":
            shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "wallwatch.sqlite")
        url = {"url": request.getfixturevalue("postgres_url_factory")()} if database == "postgresql" else {}
        made.append(Installation(tmp_path, url, hooks, mailbox))
        stack.callback(made[0].services.close)
        stack.callback(made[0].stop)
        made[0].hooks, made[0].mailbox = hooks, mailbox
        yield made[0]


def check(installation, seen):
    """Everything that was seen was told, by both ways, and no more often than may be."""
    messages = {message.id: message for message in installation.rows(Message)}
    told = Counter(row.subscription_id for row in installation.rows(Matched))
    assert set(told.values()) == {seen}
    assert installation.rows(Matched, Matched.message_id.is_(None)) == []
    hooks = Counter(headers["webhook-id"].removeprefix("msg_") for _, headers, _ in installation.hooks.posts)
    mails = Counter(
        email.message_from_bytes(content)["message-id"][1:33] for _, _, content in installation.mailbox.mails
    )
    assert set(hooks) & set(mails) == set()
    assert {messages[each].state for each in hooks} == {"sent"}
    assert max(mails.values(), default=0) <= 2
    # Killed twice before its mail was out, a message is given up as well: nobody can know, and a person is told.
    missing = [messages[each] for each in set(messages) - set(hooks) - set(mails)]
    not_sent = [messages[each] for each in mails if messages[each].state != "sent"]
    assert {message.error_code for message in missing + not_sent} <= {"mail_fate_unknown"}


@pytest.mark.parametrize("database", ["sqlite"])
def test_killed_between_sending_and_marking_nothing_is_lost_and_no_mail_comes_thrice(installation):
    see(installation.services, installation.account, wall("qz_tuman_1"), wall("qz_tuman_2"))
    installation.kills = 2
    installation.settle(4)
    assert installation.kills == 0
    check(installation, seen=2)
    # Each kill left at least the message that its receiver had: begun, arrived, and not marked.
    assert sum(message.unknowns for message in installation.rows(Message)) >= 2
    assert installation.started >= 3


@BOTH
@pytest.mark.slow
def test_many_rounds_of_kill_9_while_people_are_told(installation):
    """`make crash`; WALLWATCH_CRASH_ROUNDS says how many. Killed by receivers, and at any other moment."""
    rounds, dice, seen = int(os.environ.get("WALLWATCH_CRASH_ROUNDS", "200")) // 4, random.Random(time.time_ns()), 0
    for number in range(rounds):
        names = [f"qz_tuman_{number}_{n}x" for n in range(dice.randint(1, 4))]
        see(installation.services, installation.account, *map(wall, names), photo=str(number))
        seen += len(names)
        installation.kills = dice.randint(0, 3)
        if installation.worker is None or installation.worker.poll() is not None:
            installation.start()
        time.sleep(dice.uniform(0, 3))
        installation.stop()
    installation.kills = 0
    end = time.monotonic() + SETTLED_S
    while len(installation.rows(Matched)) < 2 * seen or installation.rows(Matched, Matched.message_id.is_(None)):
        assert time.monotonic() < end
        installation.settle(1)
        time.sleep(0.2)
        if installation.worker.poll() is not None:
            installation.start()
    installation.settle(len(installation.rows(Message)))
    check(installation, seen)
    sys.stdout.write(f"{rounds} rounds, {seen} notices told by mail and webhook\n")
