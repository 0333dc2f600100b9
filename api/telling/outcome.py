"""Why a message was not taken, in words for whoever looks at it."""

from __future__ import annotations


class NotTaken(Exception):
    """A message that its receiver did not take.

    Attributes:
        is_final: it says that it never will take this one.
        is_gone: it says that it will never take any.
        is_ours: the receiver has nothing to do with it.
    """

    def __init__(
        self, code: str, message: str, *, is_final: bool = False, is_gone: bool = False, is_ours: bool = False
    ) -> None:
        super().__init__(message)
        self.code, self.is_final, self.is_gone, self.is_ours = code, is_final, is_gone, is_ours


class FateUnknown(NotTaken):
    """A message that may have arrived: the receiver fell silent when it had all of it."""
