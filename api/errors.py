"""Refusals: a class beside the service that raises it, a stable code, a status, a message that helps."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from vision import errors as vision_errors


class Problem(Exception):
    """A refusal that a person or a program can act on.

    `code` comes from the class name (`PhotoTooLarge` -> `photo_too_large`). Public attributes set by a
    subclass are facts for programs and appear in the answer beside the message.
    """

    status: ClassVar[int] = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def code(self) -> str:
        """The stable name of this refusal."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    @property
    def facts(self) -> dict[str, Any]:
        """What a program can use: every public attribute but the message."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_") and name != "message"}

    def as_json(self) -> dict[str, Any]:
        """The RFC 9457 body."""
        return {
            **self.facts,
            "type": f"urn:wallwatch:problem:{self.code}",
            "title": self.code.replace("_", " "),
            "status": self.status,
            "code": self.code,
            "detail": self.message,
        }


class NotFound(Problem):
    """There is nothing here, or nothing that the asker may see."""

    status = 404

    def __init__(self, what: str) -> None:
        super().__init__(f"No such {what}.")


class PhotoRefused(Problem):
    """A photo that vision refuses, in HTTP's words."""

    def __init__(self, error: vision_errors.PhotoError, *, photo: str | None = None) -> None:
        super().__init__(str(error))
        self._code = error.code
        self._status = PHOTO_STATUS[type(error)]
        self.photo = photo

    @property
    def code(self) -> str:
        """The code that vision gave."""
        return self._code

    def as_json(self) -> dict[str, Any]:
        """The RFC 9457 body, with the status of the photo's error."""
        return super().as_json() | {"status": self._status}


PHOTO_STATUS: dict[type[vision_errors.PhotoError], int] = {
    vision_errors.PhotoError: 422,
    vision_errors.PhotoEmpty: 422,
    vision_errors.PhotoNotAFile: 422,
    vision_errors.PhotoMissing: 404,
    vision_errors.PhotoForbidden: 422,
    vision_errors.PhotoTypeUnknown: 415,
    vision_errors.PhotoTooLarge: 413,
    vision_errors.PhotoTooManyPixels: 413,
    vision_errors.PhotoTooSmall: 422,
    vision_errors.PhotoTooManyScans: 422,
    vision_errors.PhotoAnimated: 422,
    vision_errors.PhotoDamaged: 422,
    vision_errors.PhotoTookTooLong: 422,
}
"""The status of every reason vision knows; a test proves the table complete."""
