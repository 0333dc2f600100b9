"""Lets a few read at once, and suspects alone: what may have killed a reader must not take others down with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """`width` may be inside together, or one alone. Whoever wants to be alone goes before those who come later."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._changed = threading.Condition()
        self._inside = 0
        self._waiting_alone = 0
        self._is_closed = False

    @contextmanager
    def enter(self, *, alone: bool) -> Iterator[None]:
        """Be inside for the length of the block."""
        with self._changed:
            if alone:
                self._waiting_alone += 1
                self._changed.wait_for(lambda: not self._inside)
                self._waiting_alone -= 1
                self._is_closed = True
            else:
                self._changed.wait_for(self._has_room)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                if alone:
                    self._is_closed = False
                self._changed.notify_all()

    def _has_room(self) -> bool:
        return self._inside < self._width and not self._is_closed and not self._waiting_alone
