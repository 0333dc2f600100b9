"""Cursors of the watchlist: where a page ended, in exactly which query."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from api.errors import Problem
from api.instants import written
from api.watchlist.filters import Filters, Sort
from models import Address

MOST_COUNTED = 2**31 - 1

COLUMNS: dict[Sort, InstrumentedAttribute[Any]] = {
    Sort.LAST_SEEN: Address.last_seen_at,
    Sort.FIRST_SEEN: Address.first_seen_at,
    Sort.SIGHTINGS: Address.sighting_count,
    Sort.CONFIDENCE: Address.best_confidence,
    Sort.VALUE: Address.value,
}


@dataclass(frozen=True, slots=True)
class Fresh:
    """Where a page by score ended: the moment that its scores are of, and the last address."""

    now: datetime
    kind: str
    photographed_at: datetime
    address_id: str


class CursorRefused(Problem):
    """A cursor of another list, or none of ours."""

    status = 422

    def __init__(self) -> None:
        super().__init__("This cursor belongs to another query: start again without one.")


def encode(value: Any, address_id: str, filters: Filters) -> str:
    """The cursor of what follows the address with this sort value."""
    shown = value.isoformat() if isinstance(value, datetime) else value
    return _written([_fingerprint(filters), shown, address_id])


def decode(cursor: str, filters: Filters) -> tuple[Any, str]:
    """The sort value and id behind a cursor of exactly this query; CursorRefused."""
    try:
        fingerprint, shown, address_id = _read(cursor)
        value = _value(shown, filters.sort)
    except (ValueError, TypeError) as error:
        raise CursorRefused from error
    if fingerprint != _fingerprint(filters) or value is None:
        raise CursorRefused
    return value, _an_id(address_id)


def encode_fresh(last: Fresh, filters: Filters) -> str:
    """The cursor of what follows this address by score."""
    moments = [last.now.isoformat(), last.photographed_at.isoformat()]
    return _written([_fingerprint(filters), *moments, last.kind, last.address_id])


def decode_fresh(cursor: str, filters: Filters) -> Fresh:
    """What `encode_fresh` was given, of exactly this query; CursorRefused."""
    try:
        fingerprint, now, photographed_at, kind, address_id = _read(cursor)
        moments = written(now), written(photographed_at)
    except (ValueError, TypeError) as error:
        raise CursorRefused from error
    if fingerprint != _fingerprint(filters) or kind not in dict(filters.half_lives.days):
        raise CursorRefused
    return Fresh(moments[0], kind, moments[1], _an_id(address_id))


def _written(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _read(cursor: str) -> Any:
    try:
        return json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise CursorRefused from error


def _an_id(address_id: Any) -> str:
    if not isinstance(address_id, str) or not address_id.isalnum() or len(address_id) > 32:
        raise CursorRefused
    return address_id


def _value(shown: Any, sort: Sort) -> Any:
    """A value that the sorted column can be compared with, or None; a cursor can be made up."""
    if sort in (Sort.LAST_SEEN, Sort.FIRST_SEEN):
        return written(shown)
    if sort is Sort.VALUE:
        return shown if isinstance(shown, str) and shown.encode() and "\0" not in shown else None
    if isinstance(shown, bool) or not isinstance(shown, int | float) or not math.isfinite(shown):
        return None
    if sort is Sort.SIGHTINGS:
        return shown if isinstance(shown, int) and 0 <= shown <= MOST_COUNTED else None
    return float(shown) if 0 <= shown <= 1 else None


def _fingerprint(filters: Filters) -> str:
    return hashlib.sha256(repr(filters).encode()).hexdigest()[:12]
