"""The queue of photos that are owed a reading, as the web edge sees it."""

from __future__ import annotations

from collections.abc import Iterable

from api.settings import Settings


class Jobs:
    """Asks for readings. The photo's SHA-256 is the workflow's id, so asking twice is asking once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def enqueue(self, photos: Iterable[str]) -> None:
        """Ask for readings of these photos; never raises, because workers find owed photos themselves."""

    def close(self) -> None:
        """Give connections back."""
