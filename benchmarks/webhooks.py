"""Whether calls of messengers are acknowledged in time and none is lost: `python -m benchmarks.webhooks`.

A real server process on a database of its own; this process is the messengers. Calls come at a steady rate, Telegram's
and WhatsApp's in turn, from many senders, every fiftieth one twice, and are not held up by answers that are late: the
time of each is counted from when it was due. At the end each acknowledged message must be in the table, once.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import queue
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from sqlalchemy import select

from api.db import upgrade
from api.services import Services
from benchmarks.databases import fresh, options_of
from benchmarks.reports import stop
from models import Arrived

TOKEN, HOOK_SECRET = "7700112233:AA-nobodys-token-of-the-benchmark", "hook-secret-of-the-benchmark"
PHONE_ID, APP_SECRET = "106540352249999", "app-secret-of-the-benchmark"
SENDERS = 2000
CONNECTIONS = 32
TWICE_EVERY = 50
BEGAN = int(time.time())


def of_telegram(number: int) -> tuple[str, bytes, dict[str, str]]:
    """A photo with a caption."""
    sizes = [
        {"file_id": f"AgAC{number}-{side}", "file_unique_id": f"u{side}", "width": side, "height": side}
        for side in (90, 320, 800, 1280)
    ]
    who = {"id": 5_550_000_000_000 + number % SENDERS, "is_bot": False, "first_name": "A", "language_code": "ru"}
    message = {
        "message_id": number,
        "from": who,
        "chat": {"id": who["id"], "type": "private", "first_name": "A"},
        "date": BEGAN,
        "photo": sizes,
        "caption": str(number),
    }
    body = json.dumps({"update_id": 10_000 + number, "message": message}).encode()
    return "/hooks/telegram", body, {"X-Telegram-Bot-Api-Secret-Token": HOOK_SECRET}


def of_whatsapp(number: int) -> tuple[str, bytes, dict[str, str]]:
    """A photo with a caption."""
    image = {"caption": str(number), "mime_type": "image/jpeg", "sha256": "4SbmA=", "id": str(2_754_859_441 + number)}
    message = {
        "from": f"7779{number % SENDERS:09d}",
        "id": f"wamid.HBgLNzc3OTAwMDEyMzQ1NjcVAgASGBQzQTRBNjU5OUFF{number:012d}",
        "timestamp": str(BEGAN),
        "type": "image",
        "image": image,
    }
    metadata = {"display_phone_number": "77790009999999", "phone_number_id": PHONE_ID}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "messages": [message]}
    entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    signature = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return "/hooks/whatsapp", body, {"X-Hub-Signature-256": f"sha256={signature}"}


class Messengers:
    """Threads that send what is due."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._due: queue.SimpleQueue[tuple[int, float] | None] = queue.SimpleQueue()
        self.seconds: list[float] = []
        self.acknowledged: set[int] = set()
        self.failures: list[object] = []

    def run(self, numbers: range, rate: int) -> float:
        """Send these at so many a second; the seconds that it took."""
        threads = [threading.Thread(target=self._send) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        started = time.perf_counter()
        for count, number in enumerate(numbers):
            due = started + count / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            for _ in range(2 if number % TWICE_EVERY == 0 else 1):
                self._due.put((number, due))
        for _ in threads:
            self._due.put(None)
        for thread in threads:
            thread.join()
        return time.perf_counter() - started

    def _send(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while (asked := self._due.get()) is not None:
            number, due = asked
            path, body, headers = (of_telegram if number % 2 else of_whatsapp)(number)
            try:
                connection.request("POST", path, body, headers | {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(error)
                continue
            self.seconds.append(time.perf_counter() - due)
            if answer.status == 200:
                self.acknowledged.add(number)
            else:
                self.failures.append(answer.status)
        connection.close()


def check(services: Services, acknowledged: set[int]) -> None:
    """SystemExit unless every acknowledged message is in the table, once."""
    with services.reading_unit() as unit:
        kept = [int(content["text"]) for content in unit.session.scalars(select(Arrived.content))]
    lost, twice = acknowledged - set(kept), len(kept) - len(set(kept))
    if lost or twice:
        raise SystemExit(f"lost {len(lost)}, twice {twice}, of {len(acknowledged)}")


def processor_s(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(kind: str, *, seconds: int, rate: int) -> None:
    """Print one line for a kind of database."""
    with fresh(kind) as services:
        upgrade(services.engine)
        environment = os.environ | {
            "WALLWATCH_STAGE": "production",
            "WALLWATCH_SECRET": "x" * 40,
            "WALLWATCH_DATA_DIR": str(services.settings.data_dir),
            "WALLWATCH_DATABASE__URL": services.settings.database.url,
            "WALLWATCH_WEB__PORT": "0",
            "WALLWATCH_TELEGRAM__TOKEN": TOKEN,
            "WALLWATCH_TELEGRAM__MODE": "webhook",
            "WALLWATCH_TELEGRAM__WEBHOOK_SECRET": HOOK_SECRET,
            "WALLWATCH_WHATSAPP__PHONE_ID": PHONE_ID,
            "WALLWATCH_WHATSAPP__TOKEN": "nobodys",
            "WALLWATCH_WHATSAPP__APP_SECRET": APP_SECRET,
            "WALLWATCH_WHATSAPP__VERIFY_TOKEN": "nobodys",
        }
        command = [sys.executable, "-m", "api.cli.main", "serve", "--no-worker"]
        server = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        try:
            port = int(server.stdout.readline().split("127.0.0.1:")[1].split()[0])
            Messengers(port).run(range(1, 2 * rate), rate)  # libraries are imported, connections opened
            messengers = Messengers(port)
            before_s = processor_s(server.pid)
            took = messengers.run(range(10**6, 10**6 + rate * seconds), rate)
            used_s = processor_s(server.pid) - before_s
        finally:
            stop(server)
        if messengers.failures:
            raise SystemExit(f"{len(messengers.failures)} calls failed, the first with {messengers.failures[0]!r}")
        check(services, messengers.acknowledged)
        sent = sorted(messengers.seconds)
        print(
            f"{kind}: {len(sent)} calls in {took:.1f} s ({len(sent) / took:.0f}/s); median"
            f" {statistics.median(sent) * 1000:.1f} ms, p95 {sent[int(len(sent) * 0.95)] * 1000:.1f} ms, p99"
            f" {sent[int(len(sent) * 0.99)] * 1000:.1f} ms, longest {sent[-1] * 1000:.0f} ms;"
            f" {used_s / len(sent) * 1000:.1f} ms of processor time a call;"
            f" all {len(messengers.acknowledged)} messages are in the table, once"
        )


def main() -> None:
    """Measure with each kind of database."""
    options = options_of(__doc__, seconds=60, rate=100)
    for kind in options.database:
        measure(kind, seconds=options.seconds, rate=options.rate)


if __name__ == "__main__":
    main()
