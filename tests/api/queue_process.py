"""Programs that the queue's tests start and kill: a worker with a small reader, and a sender of photos.

python tests/api/queue_process.py work|send '{settings as JSON}'
python tests/api/queue_process.py talk '{settings as JSON}' PORT    a worker that talks through a provider on this port
"""

import hashlib
import json
import os
import random
import signal
import sys
import threading
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import select

from api.audit.service import record
from api.jobs.worker import run_worker
from api.photos.service import Original, keep_photo
from api.services import build
from api.settings import Settings
from models import Account, Report, ReportPhoto
from vision.errors import PhotoDamaged
from vision.types import Card, Finding, Kind, PhotoFacts, Reading

BOX = ((0.0, 0.0), (90.0, 0.0), (90.0, 30.0), (0.0, 30.0))


class SmallReader:
    """Reads photos that are made of words: what to do, how long it takes in milliseconds, and a name on the wall."""

    card = Card("small", "1")

    def read(self, data):
        deed, delay_ms, name = data.decode().split()
        time.sleep(int(delay_ms) / 1000)
        if deed == "damaged":
            raise PhotoDamaged
        if deed == "fail":
            raise ZeroDivisionError("the reader's own mistake")
        if deed == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        finding = Finding(Kind.TELEGRAM, name, 0.9, accepted=True, text=f"@{name}", box=BOX)
        facts = PhotoFacts(sha256="", format="JPEG", width=100, height=80)
        return Reading(facts, (finding,), (), self.card, {"read": int(delay_ms) / 1000})


class BlindReader:
    """Sees nothing on any photo."""

    card = Card("blind", "1")

    def read(self, data):
        facts = PhotoFacts(sha256=hashlib.sha256(data).hexdigest(), format="JPEG", width=320, height=240)
        return Reading(facts, (), (), self.card, {"read": 0.0})


def send(services, deed="read", delay_ms=0, name=None):
    """Keep one photo with one report, as the edge does; its SHA-256 once that is durable."""
    name = name or f"wall_{uuid.uuid4().hex[:16]}"
    data = f"{deed} {delay_ms} {name}".encode()
    stored = services.blobs.put(iter([data]), limit_bytes=1000)
    with services.unit() as unit:
        photo = keep_photo(unit, Original(stored.sha256, stored.size_bytes, "image/jpeg", None))
        now = unit.clock.now()
        sender = unit.session.scalar(select(Account).where(Account.name == "patrol"))
        if sender is None:
            sender = Account(name="patrol", password_hash="-", role="officer", created_at=now, password_changed_at=now)
            unit.session.add(sender)
            unit.session.flush()
        report = Report(
            account_id=sender.id,
            channel="upload",
            received_at=now,
            seen_at=now,
            lat=43.2,
            lon=76.9,
            place_source="typed",
        )
        report.photos = [ReportPhoto(position=0, photo_sha256=photo.sha256)]
        unit.session.add(report)
        unit.session.flush()
        record(unit, "report.sent", report.id, photos=[photo.sha256])
    return stored.sha256


def main():
    what, settings = sys.argv[1], Settings(**json.loads(sys.argv[2]))
    services = build(settings)
    if what == "work":
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        run_worker(services, stop, reader=SmallReader())
        services.close()
        return
    if what == "talk":
        from tests.api.talking import HttpChannel

        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        run_worker(services, stop, reader=BlindReader(), channels={"telegram": HttpChannel(int(sys.argv[3]))})
        services.close()
        return
    while True:
        sys.stdout.write(f"{send(services, delay_ms=random.randint(0, 60))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
