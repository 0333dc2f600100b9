"""What a worker listens to in threads of its own: Telegram when it is asked, a mailbox, a watched folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from api.intake.channels.telegram_polling import polling
from api.services import Services


@contextmanager
def listening(services: Services, worker: str) -> Iterator[None]:
    """Listen meanwhile to everything that the settings name; what is not set up is not imported."""
    with ExitStack() as stack:
        stack.enter_context(polling(services))
        loops = []
        if services.settings.mailbox.host:
            from api.intake.channels.mail import mail_loop  # noqa: PLC0415 - the library comes with it

            loops.append(mail_loop(services, worker))
        if services.settings.watched.path is not None:
            from api.intake.channels.watched import folder_loop  # noqa: PLC0415 - as the mailbox

            loops.append(folder_loop(services, worker))
        for loop in loops:
            if loop is not None:
                loop.start()
                stack.callback(loop.stop)
        yield
