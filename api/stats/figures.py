"""The figures: exact counts and medians of a scope, for each of its periods and for all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Integer, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from api.stats import scope as scopes
from api.stats.pages import REVIEWS
from api.stats.painted import Painted, painted
from api.stats.scope import Mask, Scope
from api.stats.shelf import Read, Shelf
from api.unit import Unit
from models import AddressStatus, AddressStep, Review

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
    walls_painted: int
    walls_reappeared_share: float | None
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
    with ThreadPoolExecutor(1) as pool:
        # Sorting a million numbers and asking the database both leave the interpreter to others: side by side.
        counting = pool.submit(_counted, found, scope)
        fates, coats = _fates(unit.session, found), painted(unit, scope)
        arrays, owners = counting.result()
    arrays |= _fated(owners, fates, arrays["addresses"], len(scope.spans))
    rows = [_figures(arrays, at, each) for at, each in enumerate(coats)]
    return rows[:-1], rows[-1]


def _counted(found: Read, scope: Scope) -> tuple[dict[str, Any], _Told]:
    """What the sightings tell, as arrays: one value for each of the periods, and one for all; and the addresses."""
    rows, count = found.sightings, len(scope.spans)
    span = np.repeat(np.arange(count), np.diff(np.searchsorted(rows.at, scope.bounds)))
    counted = np.flatnonzero(rows.counts)
    at, address, wall = span[counted], rows.address[counted], rows.wall[counted]
    pairs = _different(count, at, address, wall)
    lists = [_walls_of(*part) for part in (pairs.each, pairs.all)]
    owners = _Told(*(one for one, _ in lists))
    alone = rows.accepted[counted] & (rows.review[counted] != REVIEWS[Review.CORRECTED])
    reviewed = np.flatnonzero(rows.review != REVIEWS[Review.UNREVIEWED])
    kept = rows.review[reviewed] == REVIEWS[Review.CONFIRMED]
    if scope.kind is None and scope.status is None:
        reports = _with_sum(np.diff(np.searchsorted(found.reports["at"], scope.bounds)))
    else:
        reports = _with_sum(_in_one_period(at, rows.report[counted], count))
    sightings, addresses = _with_sum(_in_order(at, count)), owners.counts(count)
    arrays = {
        "reports": reports,
        "sightings": sightings,
        "walls": _different(count, at, wall).counts(count),
        "addresses": addresses,
        "read_alone_share": _share(_with_sum(_in_order(at[alone], count)), sightings),
        "hours_to_watchlist_median": _medians_in_order(at, rows.waited_s[counted], count) / HOUR_S,
        "walls_per_address_mean": _share(pairs.counts(count), addresses),
        "walls_per_address_median": np.append(
            _medians(owners.each[0], lists[0][1], count), _medians(owners.all[0], lists[1][1], 1)
        ),
        "review_agreement_share": _share(
            _with_sum(_in_order(span[reviewed[kept]], count)), _with_sum(_in_order(span[reviewed], count))
        ),
        "review_agreement_of": _with_sum(_in_order(span[reviewed], count)),
    }
    return arrays, owners


def _fated(owners: _Told, fates: tuple[Mask, Mask, Mask], addresses: Ints, count: int) -> dict[str, Any]:
    """What became of the addresses of each period, and of all."""
    blocked, was, back = fates
    once_blocked = owners.counts(count, was)
    return {
        "blocked_share": _share(owners.counts(count, blocked), addresses),
        "reappeared_share": _share(owners.counts(count, was & back), once_blocked),
        "reappeared_of": once_blocked,
    }


def _figures(arrays: dict[str, Any], at: int, coats: Painted) -> Figures:
    def told(name: str) -> Any:
        value = arrays[name][at]
        if isinstance(value, np.integer):
            return int(value)
        return None if np.isnan(value) else round(float(value), 6)

    return Figures(
        hours_to_painted_median=coats.hours_median,
        walls_painted=coats.of,
        walls_reappeared_share=coats.back_share,
        **{name: told(name) for name in arrays},
    )


def _fates(session: Session, found: Read) -> tuple[Mask, Mask, Mask]:
    """By an address's number: whether it is blocked, whether it ever was, and whether it came back after that.

    A re-appearance that was taken back by itself, because its sighting does not count, was none.
    """
    back = and_(AddressStep.from_status == AddressStatus.REAPPEARED, AddressStep.is_automatic)
    ends = AddressStep.to_status.in_([AddressStatus.BLOCKED, AddressStatus.REAPPEARED])
    returns = func.sum(
        case((AddressStep.to_status == AddressStatus.REAPPEARED, 1), else_=0)
        - case((and_(back, AddressStep.to_status == AddressStatus.BLOCKED), 1), else_=0)
    )
    blocked = func.max(cast(AddressStep.to_status == AddressStatus.BLOCKED, Integer))
    stepped = (
        select(AddressStep.address_id.label("id"), blocked.label("was_blocked"), returns.label("returns"))
        .where(or_(ends, back))
        .group_by(AddressStep.address_id)
        .subquery()
        .c
    )
    once = [scopes.joined(case((told, stepped.id))) for told in (stepped.was_blocked == 1, stepped.returns > 0)]
    was_blocked, came_back = session.execute(select(*once)).one()
    return (
        scopes.having(session, AddressStatus.BLOCKED, found),
        found.marked(scopes.parted(was_blocked)),
        found.marked(scopes.parted(came_back)),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """Different things of each period, and of all of them: columns of equal length, the first is the period (or 0)."""

    each: tuple[Ints, ...]
    all: tuple[Ints, ...]

    def counts(self, count: int, of: Mask | None = None) -> Ints:
        """How many there are, of a mask by their number only those that it lets through."""
        each, every = (part[0] if of is None else part[0][of[part[1]]] for part in (self.each, self.all))
        return np.append(_count(each, count), len(every))


def _different(count: int, span: Ints, *columns: NDArray[np.uint32]) -> _Told:
    """The different rows of these numbers in each period and in all: sorted once, as one whole number each."""
    bits = [max(1, int(column.max()).bit_length()) if len(column) else 1 for column in columns]
    low = max(1, (count - 1).bit_length())
    key = np.zeros(len(span), np.int64)
    for column, width in zip(columns, bits, strict=True):
        key <<= width
        key |= column
    key <<= low
    key |= span
    key.sort()
    each = key[_is_new(key)]
    every = each >> low
    every = every[_is_new(every)]
    return _Told((each & ((1 << low) - 1), *_parted(each >> low, bits)), (np.zeros_like(every), *_parted(every, bits)))


def _parted(key: Ints, bits: Sequence[int]) -> list[Ints]:
    parts: list[Ints] = []
    for width in reversed(bits):
        parts.append(key & ((1 << width) - 1))
        key = key >> width
    return parts[::-1]


def _is_new(key: Ints) -> Mask:
    """Where a sorted column has another value than before."""
    return np.concatenate([np.ones(min(1, len(key)), np.bool_), key[1:] != key[:-1]])


def _walls_of(span: Ints, address: Ints, _wall: Ints) -> tuple[tuple[Ints, Ints], Ints]:
    """The different (period, address) of different (period, address, wall), and how many walls each has."""
    low = max(1, int(address.max()).bit_length()) if len(address) else 1
    key = np.sort(span << low | address)
    starts = np.flatnonzero(_is_new(key))
    heads = key[starts]
    return (heads >> low, heads & ((1 << low) - 1)), np.diff(np.append(starts, len(key)))


def _count(span: Ints, count: int) -> Ints:
    return np.bincount(span, minlength=count).astype(np.int64)


def _in_order(span: Ints, count: int) -> Ints:
    """How many there are of each; `span` never falls."""
    return np.diff(np.searchsorted(span, np.arange(count + 1)))


def _in_one_period(span: Ints, of: NDArray[np.uint32], count: int) -> Ints:
    """How many different things there are of each period, where a thing lies in one: a report has one time."""
    lies_in = np.full(int(of.max(initial=0)) + 1, -1, np.int64)
    lies_in[of] = span
    return _count(lies_in[lies_in >= 0], count)


def _with_sum(counts: Ints) -> Ints:
    return np.append(counts, counts.sum())


def _share(part: Ints, whole: Ints) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def _medians_in_order(span: Ints, values: NDArray[np.int32], count: int) -> Floats:
    """The median of each period's values and of all, NaN where there are none; `span` never falls."""
    edges = np.searchsorted(span, np.arange(count + 1))
    parts = [values[a:b] for a, b in pairwise(edges)]
    return np.array([_median(part) for part in [*parts, values]], np.float64)


def _median(values: NDArray[np.int32]) -> float:
    middle = [(len(values) - 1) // 2, len(values) // 2]
    return float(np.partition(values, middle)[middle].mean()) if len(values) else np.nan


def _medians(span: Ints, values: Ints, count: int) -> Floats:
    """The median of each period's values (whole numbers from 0 to 2**31), NaN where there are none."""
    key = np.sort(span << 32 | values)
    sizes = _count(span, count)
    first = np.cumsum(sizes) - sizes
    has = sizes > 0
    medians = np.full(count, np.nan)
    low, high = (first + (sizes - 1) // 2)[has], (first + sizes // 2)[has]
    low_bits = (1 << 32) - 1
    medians[has] = ((key[low] & low_bits) + (key[high] & low_bits)) / 2
    return medians
