"""The threads of a worker that look for what came: into the mailbox, into the watched folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.intake.channels.loop import Loop
from api.services import Services


def loops(services: Services, worker: str) -> list[Loop]:
    """What is to be started and stopped, by the settings; heavy imports stay inside."""
    found = []
    if services.settings.mailbox.host:
        from api.intake.channels.mail import mail_loop  # noqa: PLC0415 - the IMAP client comes with it

        found.append(mail_loop(services, worker))
    if services.settings.watched.path:
        from api.intake.channels.watched import folder_loop  # noqa: PLC0415 - the same for all

        found.append(folder_loop(services, worker))
    return [each for each in found if each is not None]


@contextmanager
def looking(services: Services, worker: str) -> Iterator[None]:
    """Look meanwhile, under a worker's name."""
    running = loops(services, worker)
    for each in running:
        each.start()
    try:
        yield
    finally:
        for each in running:
            each.stop()
