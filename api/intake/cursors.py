"""Where a page of a list ended: opaque to the asker, stable while rows come and go."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime

from api.errors import Problem
from api.instants import written


class CursorNotUnderstood(Problem):
    """A cursor that no answer of ours held."""

    status = 422

    def __init__(self) -> None:
        super().__init__("This cursor is not from an answer of this list: start again without one.")


def encode_cursor(at: datetime, row_id: str) -> str:
    """The cursor behind a row that is sorted by (at, id)."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), row_id]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime, str]:
    """What `encode_cursor` was given; CursorNotUnderstood."""
    try:
        at, row_id = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        moment = written(at)
        if not isinstance(row_id, str) or len(row_id) > 64 or not row_id.isalnum():
            raise CursorNotUnderstood
    except (binascii.Error, ValueError, TypeError) as error:
        raise CursorNotUnderstood from error
    return moment, row_id
