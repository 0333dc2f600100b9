"""The program that the crash test of work orders starts and kills: a worker's rounds, and what chats say, in a loop.

python tests/api/clean_up_process.py '{settings as JSON}'; says "ready" once its first round begins. An after-photo's
bytes are words: what the comparison says of it, and whether to die before it is written down (once: a file remembers).
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import select

from api.cleanup.after import Checked
from api.cleanup.chats import take
from api.cleanup.rounds import CleanUp
from api.intake.channels.arriving import arrival_of
from api.services import build
from api.settings import Settings
from api.unit import Actor
from models import ArrivalState, Arrived

WORKER = Actor("worker:w")


def compare(services, _order_id, sha256):
    verdict, deed, _ = services.blobs.get(sha256).decode().split()
    once = services.settings.data_dir / f"died-{sha256}"
    if deed == "die" and not once.exists():
        once.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return Checked(verdict, 0.5)


def hear(services):
    """Take what arrived, in its order, each in a transaction of its own; whether there was anything."""
    with services.reading_unit() as unit:
        waiting = select(Arrived.seq).where(Arrived.state == ArrivalState.WAITING).order_by(Arrived.seq)
        seqs = list(unit.session.scalars(waiting))
    for seq in seqs:
        with services.unit(WORKER) as unit:
            row = unit.session.get_one(Arrived, seq, with_for_update=True)
            if row.state == ArrivalState.WAITING:
                take(unit, services.settings, arrival_of(services.settings, row), row)
                row.state, row.done_at = ArrivalState.DONE, unit.clock.now()


def main():
    services = build(Settings(**json.loads(sys.argv[1])))
    rounds = CleanUp(services, WORKER, compare=compare)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        hear(services)
        rounds.round()
        time.sleep(0.01)


if __name__ == "__main__":
    main()
