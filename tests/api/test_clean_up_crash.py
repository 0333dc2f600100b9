"""kill -9 in every state of a work order: no step is lost or made twice, and nothing is sent twice.

A real process with the worker's rounds and what chats say. It is killed while the geocoder is asked, while photos are
compared, and at any other moment. What the outbox then sends is the business of its own crash test.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from api.audit.service import Link, walk
from api.intake.channels.arriving import accept, keep
from api.intake.channels.base import Arrival
from api.services import build
from api.settings import Settings
from models import Account, ArrivalState, Arrived, Inscription, Outgoing, Role, WorkOrder, WorkOrderStep
from tests.api.cleanup import GROUP, City, kept_photo
from tests.api.test_clean_up_rounds import Nominatim

PROGRAM = Path(__file__).parent / "clean_up_process.py"
SETTLED_S = 90
BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
ENDS = {
    "painted": ("verified", ["open", "send", "accept", "say_painted", "paint", "verify"]),
    "not_painted": ("accepted", ["open", "send", "accept", "say_painted", "paint", "not_painted"]),
    "unclear": ("painted", ["open", "send", "accept", "say_painted", "paint"]),
    "not_ours": ("open", ["open", "send", "not_ours"]),
}


class Installation:
    """One territory with a group, a geocoder that kills, and the process that is killed."""

    def __init__(self, folder, database, nominatim):
        self.nominatim, self.kills, self.ends, self.process = nominatim, 0, {}, None
        cleanup = {"geocoder": nominatim.url, "due_days": 1e-6, "remind_every_days": 1e-6, "most_reminders": 1}
        self._values = {"stage": "development", "data_dir": str(folder), "database": database, "cleanup": cleanup}
        self.services = build(Settings(**self._values))
        self._log = folder / "process.log"
        with self.services.unit() as unit:
            now = unit.clock.now()
            account = Account(
                name="isker", password_hash="-", role=Role.INVESTIGATOR, created_at=now, password_changed_at=now
            )
            unit.session.add(account)
        self.city = City(self.services, account)
        nominatim.on_ask = self.kill_if_told

    def kill_if_told(self):
        if self.kills:
            self.kills -= 1
            self.process.kill()

    def start(self):
        with self._log.open("ab") as output:
            command = [sys.executable, PROGRAM, json.dumps(self._values)]
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=output)
        assert self.process.stdout.readline() == b"ready\n", self._log.read_text()[-3000:]

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def begin(self, number, end, deed="go"):
        """Send an order, and let its chat say everything at once, each thing twice."""
        order_id = self.city.order(number, to="sent")
        self.ends[order_id] = end
        with self.services.reading_unit() as unit:
            sending = unit.session.scalar(
                select(WorkOrderStep.number).where(WorkOrderStep.order_id == order_id, WorkOrderStep.action == "send")
            )
        presses = ["not_ours"] if end == "not_ours" else ["accept", "painted"]
        arrivals = [self._press(order_id, deed_, sending) for deed_ in presses]
        accept(self.services, [each for arrival in arrivals for each in (arrival, arrival)])
        if end != "not_ours":
            self._photo(order_id, f"{end} {deed} {number}".encode())

    def _press(self, order_id, deed, sending):
        return self._arrival(f"{order_id}-{deed}", button=f"order:{order_id}:{deed}:{sending}")

    def _photo(self, order_id, data):
        sha256 = kept_photo(self.services, data, state="unreadable")
        arrival = self._arrival(f"{order_id}-photo", text="")
        with self.services.unit() as unit:
            row = keep(unit, self.services.settings, arrival)
            row.content = {**row.content, "kept": [sha256]}
        accept(self.services, [arrival])

    def _arrival(self, name, **more):
        return Arrival("telegram", name, GROUP, "5550001", datetime(2026, 3, 1, tzinfo=UTC), is_group=True, **more)

    def rows(self, table, *where):
        with self.services.reading_unit() as unit:
            return list(unit.session.scalars(select(table).where(*where)))

    def settle(self):
        """Keep the process running until every order has come to its end."""
        deadline = time.monotonic() + SETTLED_S
        while not self._is_settled():
            assert time.monotonic() < deadline, self._log.read_text()[-3000:]
            if self.process is None or self.process.poll() is not None:
                self.stop()
                self.start()
            time.sleep(0.05)
        self.stop()

    def _is_settled(self):
        if self.rows(Arrived, Arrived.state == ArrivalState.WAITING):
            return False
        orders = self.rows(WorkOrder)
        return all(
            row.state == ENDS[self.ends[row.id]][0]
            and (row.state not in {"open", "accepted"} or row.place_text is not None)
            and (row.state != "accepted" or row.reminders == 1)
            for row in orders
        )

    def close_all(self):
        """Let two weeks pass for what was verified; it is closed then."""
        wanted = [order_id for order_id, end in self.ends.items() if end == "painted"]
        with self.services.unit() as unit:
            long_ago = unit.clock.now() - timedelta(days=15)
            unit.session.execute(update(WorkOrder).where(WorkOrder.id.in_(wanted)).values(state_at=long_ago))
        deadline = time.monotonic() + SETTLED_S
        self.start()
        while self.rows(WorkOrder, WorkOrder.id.in_(wanted), WorkOrder.state != "closed"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        self.stop()


@pytest.fixture
def installation(tmp_path, request, database):
    with ExitStack() as stack:
        nominatim = stack.enter_context(Nominatim().open())
        if database == "sqlite":
            shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "wallwatch.sqlite")
        url = {"url": request.getfixturevalue("postgres_url_factory")()} if database == "postgresql" else {}
        made = Installation(tmp_path, url, nominatim)
        stack.callback(made.services.close)
        stack.callback(made.stop)
        yield made


def check(installation, *, closed=False):
    """Every order made its steps, each once, and every chat was told each thing once."""
    said = Counter()
    for row in installation.rows(Outgoing):
        said[row.order_id, row.key.split(":")[2] if row.key.startswith("order:") else "answer"] += 1
    for order in installation.rows(WorkOrder):
        end = installation.ends[order.id]
        steps = installation.rows(WorkOrderStep, WorkOrderStep.order_id == order.id)
        deeds = [step.action for step in sorted(steps, key=lambda step: step.number)]
        expected = ENDS[end][1] + (["close"] if closed and end == "painted" else [])
        assert [deed for deed in deeds if deed != "remind"] == expected, end
        assert [step.number for step in sorted(steps, key=lambda s: s.number)] == list(range(1, len(steps) + 1))
        assert deeds.count("remind") <= 1
        assert order.version == len(steps)
        told = {name: count for (order_id, name), count in said.items() if order_id == order.id}
        answers = 0 if end == "not_ours" else 3
        assert told.get("answer", 0) == answers
        assert told.get("remind", 0) == deeds.count("remind")
        assert told.get("ask", 0) <= 1
        assert {name: told.get(name, 0) for name in ("verified", "not_painted", "not_ours")} == {
            "verified": int(end == "painted"), "not_painted": int(end == "not_painted"),
            "not_ours": int(end == "not_ours"),
        }  # fmt: skip
        (wall,) = installation.rows(Inscription, Inscription.id == order.inscription_id)
        assert wall.state == ("painted" if end == "painted" else "open")
    with installation.services.reading_unit() as unit:
        broken, link = walk(unit, Link(), limit=100_000)
    assert (broken, link.seq > 0) == ([], True)


@pytest.mark.parametrize("database", ["sqlite"])
def test_killed_while_it_compares_every_order_comes_to_its_end(installation):
    for number, (end, deed) in enumerate([("painted", "die"), ("not_ours", "go")]):
        installation.begin(number, end, deed=deed)
    installation.settle()
    assert list(installation.services.settings.data_dir.glob("died-*"))
    check(installation)


@BOTH
@pytest.mark.slow
def test_many_rounds_of_kill_9_in_every_state_of_a_work_order(installation):
    """`make crash`; WALLWATCH_CRASH_ROUNDS says how many."""
    rounds, dice = max(100, int(os.environ.get("WALLWATCH_CRASH_ROUNDS", "200")) // 2), random.Random(time.time_ns())
    killed = Counter()
    for number in range(rounds):
        installation.start()
        installation.kills = dice.choice([0, 0, 1])
        end = dice.choice(list(ENDS))
        installation.begin(number, end, deed=dice.choice(["go", "die"]))
        time.sleep(dice.uniform(0, 0.4))
        for row in installation.rows(WorkOrder):
            killed[row.state] += 1
        installation.stop()
    installation.kills = 0
    installation.settle()
    check(installation)
    installation.close_all()
    check(installation, closed=True)
    sys.stdout.write(f"{rounds} rounds, orders by state when it was killed: {dict(killed)}\n")
