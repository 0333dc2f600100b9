"""The figures: exact counts and medians of a scope, for each of its periods and for all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Integer, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from api.stats import scope as scopes
from api.stats.pages import REVIEWS, Rows
from api.stats.painted import hours_to_painted
from api.stats.scope import Mask, Scope
from api.stats.shelf import Read, Shelf
from api.unit import Unit
from models import AddressStatus, AddressStep, Review, StatNumber

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a period; a share or median of nothing is None, `…_of` says of how many it is."""

    reports: int
    sightings: int
    walls: int
    addresses: int
    read_alone_share: float | None
    hours_to_watchlist_median: float | None
    hours_to_painted_median: float | None
    blocked_share: float | None
    reappeared_share: float | None
    reappeared_of: int
    walls_per_address_mean: float | None
    walls_per_address_median: float | None
    review_agreement_share: float | None
    review_agreement_of: int


def figures(unit: Unit, shelf: Shelf, scope: Scope) -> tuple[list[Figures], Figures]:
    """Figures of each period in order, and of all of them as one."""
    found = scopes.read(unit.session, shelf, scope)
    fates = _fates(unit.session, found)
    painted = hours_to_painted(unit, scope)
    count = len(scope.spans)
    span = np.searchsorted(scope.bounds, found.sightings["at"], "right") - 1
    sent = np.searchsorted(scope.bounds, found.reports["at"], "right") - 1
    each = _of_spans(found, span, sent, count=count, scope=scope, fates=fates)
    one = _of_spans(found, span * 0, sent * 0, count=1, scope=scope, fates=fates) if count > 1 else each
    rows = [_figures(each, at, painted[at] if painted else None) for at in range(count)]
    return rows, _figures(one, 0, painted[-1] if painted else None)


def _of_spans(
    found: Read, span: Ints, sent: Ints, *, count: int, scope: Scope, fates: tuple[Mask, Mask, Mask]
) -> dict[str, Any]:
    """Every figure as an array with a value for each of the periods."""
    rows = found.sightings
    counted = rows["counts"]
    seen, at = rows[counted], span[counted]
    pairs = _different(at, seen["address"], seen["wall"])
    addresses = _heads(pairs)
    on_walls = _lengths(pairs)
    blocked, was_blocked, came_back = (fate[addresses[:, 1]] for fate in fates)
    alone = seen["accepted"] & (seen["review"] != REVIEWS[Review.CORRECTED])
    reviewed = rows["review"] != REVIEWS[Review.UNREVIEWED]
    kept = rows["review"] == REVIEWS[Review.CONFIRMED]
    if scope.kind is None and scope.status is None:
        reports = _count(sent, count)
    else:
        reports = _count(_different(at, seen["report"])[:, 0], count)
    sightings, per = _count(at, count), _count(addresses[:, 0], count)
    once_blocked = _count(addresses[was_blocked, 0], count)
    return {
        "reports": reports,
        "sightings": sightings,
        "walls": _count(_different(at, seen["wall"])[:, 0], count),
        "addresses": per,
        "read_alone_share": _share(_count(at[alone], count), sightings),
        "hours_to_watchlist_median": _medians(at, seen["waited_s"], count) / HOUR_S,
        "blocked_share": _share(_count(addresses[blocked, 0], count), per),
        "reappeared_share": _share(_count(addresses[was_blocked & came_back, 0], count), once_blocked),
        "reappeared_of": once_blocked,
        "walls_per_address_mean": _share(_count(pairs[:, 0], count), per),
        "walls_per_address_median": _medians(addresses[:, 0], on_walls, count),
        "review_agreement_share": _share(_count(span[reviewed & kept], count), _count(span[reviewed], count)),
        "review_agreement_of": _count(span[reviewed], count),
    }


def _figures(arrays: dict[str, Any], at: int, painted: float | None) -> Figures:
    def told(name: str) -> Any:
        value = arrays[name][at]
        if isinstance(value, np.integer):
            return int(value)
        return None if np.isnan(value) else round(float(value), 6)

    return Figures(hours_to_painted_median=painted, **{name: told(name) for name in arrays})


def _fates(session: Session, found: Read) -> tuple[Mask, Mask, Mask]:
    """By an address's number: whether it is blocked, whether it ever was, and whether it came back after that.

    A re-appearance that was taken back by itself, because its sighting does not count, was none.
    """
    blocked = scopes.having(session, AddressStatus.BLOCKED, found)
    was_blocked, came_back = scopes.none_of(found), scopes.none_of(found)
    back = and_(AddressStep.from_status == AddressStatus.REAPPEARED, AddressStep.is_automatic)
    ends = AddressStep.to_status.in_([AddressStatus.BLOCKED, AddressStatus.REAPPEARED])
    returns = func.sum(
        case((AddressStep.to_status == AddressStatus.REAPPEARED, 1), else_=0)
        - case((and_(back, AddressStep.to_status == AddressStatus.BLOCKED), 1), else_=0)
    )
    stepped = (
        select(
            AddressStep.address_id.label("id"),
            func.max(cast(AddressStep.to_status == AddressStatus.BLOCKED, Integer)).label("was_blocked"),
            returns.label("returns"),
        )
        .where(or_(ends, back))
        .group_by(AddressStep.address_id)
        .subquery()
    )
    numbered = select(StatNumber.number, stepped.c.id, stepped.c.was_blocked, stepped.c.returns).select_from(stepped)
    numbered = numbered.outerjoin(StatNumber, and_(StatNumber.of == "address", StatNumber.id == stepped.c.id))
    for number, address_id, was, returned in session.execute(numbered):
        place = number if number is not None else found.new.get(address_id)
        if place is not None and place < len(was_blocked):
            was_blocked[place], came_back[place] = bool(was), returned > 0
    return blocked, was_blocked, came_back


def _different(*columns: NDArray[Any]) -> Ints:
    """The different rows of these columns of whole numbers, sorted: (N, columns)."""
    if not len(columns[0]):
        return np.zeros((0, len(columns)), np.int64)
    sizes = [int(column.max()) + 1 for column in columns]
    key = columns[0].astype(np.int64)
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        key = key * size + column
    key.sort()
    key = key[np.concatenate([[True], key[1:] != key[:-1]])]
    parts: list[Ints] = []
    for size in reversed(sizes[1:]):
        key, part = np.divmod(key, size)
        parts.append(part)
    return np.stack([key, *reversed(parts)], axis=1)


def _starts(pairs: Ints) -> Ints:
    """Where in sorted (period, address, wall) another period or address begins."""
    if not len(pairs):
        return np.zeros(0, np.int64)
    changed = (pairs[1:, :2] != pairs[:-1, :2]).any(axis=1)
    return np.flatnonzero(np.concatenate([[True], changed]))


def _heads(pairs: Ints) -> Ints:
    return pairs[_starts(pairs), :2]


def _lengths(pairs: Ints) -> Ints:
    """On how many walls each of those addresses was."""
    return np.diff(np.append(_starts(pairs), len(pairs)))


def _count(span: Ints, count: int) -> Ints:
    return np.bincount(span, minlength=count).astype(np.int64)


def _share(part: Ints, whole: Ints) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def _medians(span: Ints, values: Rows, count: int) -> Floats:
    """The median of each period's values (whole numbers from 0 to 2**31), NaN where there are none."""
    key = np.sort(span.astype(np.int64) << 32 | values.astype(np.int64))
    sizes = _count(span, count)
    first = np.cumsum(sizes) - sizes
    has = sizes > 0
    medians = np.full(count, np.nan)
    low, high = (first + (sizes - 1) // 2)[has], (first + sizes // 2)[has]
    low_bits = (1 << 32) - 1
    medians[has] = ((key[low] & low_bits) + (key[high] & low_bits)) / 2
    return medians
