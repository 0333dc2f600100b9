"""What a worker listens to in threads of its own: Telegram when it is asked, a mailbox, a watched folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.intake.channels.looking import looking
from api.intake.channels.telegram_polling import polling
from api.services import Services


@contextmanager
def listening(services: Services, worker: str) -> Iterator[None]:
    """Listen meanwhile to everything that the settings name; what is not set up is not imported."""
    with polling(services, worker), looking(services, worker):
        yield
