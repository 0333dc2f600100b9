"""The queue of photos that are owed a reading, as the web edge sees it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

import structlog

from api.private import private_sqlite
from api.settings import Settings

if TYPE_CHECKING:
    from dbos import DBOSClient

QUEUE = "reading"
WORKFLOW = "read_photo"
APPLICATION = "wallwatch"
APPLICATION_VERSION = "1"
"""Set by hand: DBOS takes up only workflows of its own version, and an upgrade must not strand what waits."""

log = structlog.get_logger()


class Jobs:
    """Asks for readings. A photo's SHA-256 and its `want` name the workflow, so asking twice is asking once."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.dbos_url
        self._lock = threading.Lock()
        self._client: DBOSClient | None = None

    def enqueue(self, photos: Iterable[str]) -> None:
        """Ask for readings of these photos; never raises, because workers find owed photos themselves.

        Args:
            photos: `sha256:want`, as `workflow_id` makes it.
        """
        for photo in photos:
            try:
                self.ask(QUEUE, WORKFLOW, photo, photo.partition(":")[0])
            except Exception as error:  # noqa: BLE001 - whatever ails the queue, the report is already kept
                log.warning("enqueue_left_to_worker", photo=photo, error=type(error).__name__)
                return

    def ask(self, queue: str, workflow: str, workflow_id: str, argument: str) -> None:
        """Put a workflow into a queue; one with this id that is there already is left as it is."""
        self._open().enqueue(
            {
                "queue_name": queue,
                "workflow_name": workflow,
                "workflow_id": workflow_id,
                "app_version": APPLICATION_VERSION,
                "application_name": APPLICATION,
            },
            argument,
        )

    def _open(self) -> DBOSClient:
        with self._lock:
            if self._client is None:
                from dbos import DBOS, DBOSClient  # noqa: PLC0415 - most commands ask for no reading

                private_sqlite(self._url)
                DBOS.migrate(system_database_url=self._url)  # photos may come before the first worker does
                self._client = DBOSClient(
                    system_database_url=self._url, application_name=APPLICATION, retry_connection_errors=False
                )
            return self._client

    def close(self) -> None:
        """Give connections back."""
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._client = None


def workflow_id(sha256: str, want: int) -> str:
    """The id of the workflow that reads a photo for the `want`-th time it was asked for."""
    return f"{sha256}:{want}"
