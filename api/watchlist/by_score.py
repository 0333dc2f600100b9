"""Pages of the watchlist by decay score.

Addresses whose kinds have the same half-life decay alike, so among them the order is that of `photographed_at`, which
has an index. A page is the best of one walk for each half-life. A cursor carries the moment that its first page was
asked at: the scores of all pages are of that moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, tuple_, union_all

from api.watchlist import decay
from api.watchlist.cursors import Fresh
from api.watchlist.filters import Filters
from models import Address

Row = tuple[str, str, datetime]
"""Id, kind and `photographed_at`."""

COLUMNS = (Address.id, Address.kind, Address.photographed_at)


def walks(narrowed: Select[Any], filters: Filters, *, now: datetime, behind: Fresh | None, limit: int) -> Select[Any]:
    """One statement that finds, for each half-life, the first `limit` addresses behind the cursor's.

    `narrowed` selects `COLUMNS` and has everything but order and limit.
    """
    found = []
    for half_life, kinds in filters.half_lives.alike().items():
        asked = [kind for kind in kinds if filters.kind in (None, kind)]
        if not asked:
            continue
        query = narrowed.where(Address.kind.in_(asked))
        if behind is not None:
            query = query.where(_behind(behind, filters, now=now, half_life=half_life))
        key = Address.photographed_at, Address.id
        query = query.order_by(*(column.desc() if filters.is_descending else column for column in key)).limit(limit)
        found.append(select(query.subquery()))
    return select(union_all(*found).subquery())


def in_order(rows: Sequence[Row], filters: Filters, *, now: datetime) -> list[Row]:
    """The rows by score, ties by id."""
    return sorted(
        rows,
        key=lambda row: (
            -decay.lives(row[2], now=now, half_life=filters.half_lives.of_kind(row[1])),
            row[0],
        ),
        reverse=filters.is_descending,
    )


def at_least(filters: Filters, *, now: datetime) -> ColumnElement[bool]:
    """That an address's score is at least `min_score`."""
    least = filters.min_score or 0.0
    if not least:
        return literal(value=True)
    return or_(
        *(
            and_(
                Address.kind.in_(kinds),
                Address.photographed_at >= decay.still_at(least, now=now, half_life=half_life),
            )
            for half_life, kinds in filters.half_lives.alike().items()
        )
    )


def _behind(behind: Fresh, filters: Filters, *, now: datetime, half_life: timedelta) -> ColumnElement[bool]:
    """That an address of this half-life comes after the one that the page before ended with."""
    share = decay.lives(behind.photographed_at, now=now, half_life=filters.half_lives.of_kind(behind.kind))
    moment, is_exact = decay.moment_of(share, now=now, half_life=half_life)
    at = literal(moment, type_=Address.photographed_at.type)
    if is_exact:
        key = tuple_(Address.photographed_at, Address.id)
        last = tuple_(at, literal(behind.address_id, type_=Address.id.type))
        return key < last if filters.is_descending else key > last
    return Address.photographed_at <= at if filters.is_descending else Address.photographed_at > at
