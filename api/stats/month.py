"""A month for a supervisor: the figures, what became of addresses, and where and by what kinds; never an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from api.connections.hotspots import Hotspot, different, hotspots
from api.intake.draft import FieldNotUnderstood
from api.near.aliases import stands_alone
from api.stats import scope as scopes
from api.stats.figures import Figures, figures
from api.stats.pages import KINDS
from api.stats.periods import EARLIEST, LATEST, Period, Span, floor, spans
from api.stats.scope import Scope
from api.stats.shelf import Read, Shelf
from api.unit import Unit
from models import Address, AddressStatus, AddressStep

PLACE_LEVEL = 7
"""H3 cells of about 5 km²: a part of a town."""

MOST_CELLS = 2000
STEPS = (AddressStatus.SENT, AddressStatus.BLOCKED, AddressStatus.REAPPEARED)


@dataclass(frozen=True, slots=True)
class Counts:
    """What was seen: sightings that count, different walls, different addresses."""

    sightings: int = 0
    walls: int = 0
    addresses: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """One month.

    Attributes:
        steps: different addresses that were new, sent, blocked and seen again.
        kinds: by kind of address.
        places: by H3 cell.
    """

    span: Span
    figures: Figures
    steps: dict[str, int]
    kinds: dict[str, Counts]
    places: dict[str, Counts]


def month_named(text: str) -> date:
    """The first day of `2026-05`. FieldNotUnderstood."""
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text, re.ASCII):
        day = date(max(int(text[:4]), 1), int(text[5:]), 1)
        if month_after(EARLIEST) < day < floor(LATEST, Period.MONTH):
            return day
    raise FieldNotUnderstood("month", expected="a year and a month, such as 2026-05")


def month_before(day: date) -> date:
    """The first day of the month before the one that holds a day."""
    return floor(floor(day, Period.MONTH) - timedelta(days=1), Period.MONTH)


def month_after(day: date) -> date:
    """The first day of the month after the one that holds a day."""
    return floor(day.replace(day=1) + timedelta(days=31), Period.MONTH)


def month_and_before(unit: Unit, shelf: Shelf, first: date, zone: ZoneInfo) -> tuple[Month, Month]:
    """The month that begins on a day, and the one before it."""
    last = month_after(first) - timedelta(days=1)
    both = spans(month_before(first), last, Period.MONTH, zone, most=2)
    scope = Scope(tuple(both))
    rows, _both = figures(unit, shelf, scope)
    kinds = _kinds(scopes.read(unit.session, shelf, scope), scope)
    made = [
        Month(span, row, _steps(unit.session, span), kinds[at], _places(unit, shelf, span))
        for at, (span, row) in enumerate(zip(both, rows, strict=True))
    ]
    return made[1], made[0]


def _kinds(found: Read, scope: Scope) -> list[dict[str, Counts]]:
    """For each period, what was seen by kind."""
    rows, count, size = found.sightings, len(scope.spans), max(KINDS.values()) + 1
    span = np.repeat(np.arange(count), np.diff(np.searchsorted(rows.at, scope.bounds)))
    counted = np.flatnonzero(rows.counts)
    part = span[counted] * size + rows.kind[counted]

    sightings = np.bincount(part, minlength=count * size).tolist()
    walls, addresses = (different(part, column[counted], count * size).tolist() for column in (rows.wall, rows.address))
    return [
        {
            str(kind): Counts(sightings[at], walls[at], addresses[at])
            for kind, number in KINDS.items()
            if sightings[at := period * size + number]
        }
        for period in range(count)
    ]


def _places(unit: Unit, shelf: Shelf, span: Span) -> dict[str, Counts]:
    found, _cells = hotspots(unit, shelf, Scope((span,)), level=PLACE_LEVEL, limit=MOST_CELLS)
    return {each.cell: _counts(each) for each in found}


def _counts(spot: Hotspot) -> Counts:
    return Counts(spot.sightings, spot.walls, spot.addresses)


def _steps(session: Session, span: Span) -> dict[str, int]:
    """Different addresses first seen in the month, and by the steps that were made in it.

    A re-appearance that the program took back, because its sighting does not count, is none; nor is what it went back
    to a step that anybody made.
    """
    back = aliased(AddressStep)
    taken_back = (
        select(back.address_id)
        .where(back.address_id == AddressStep.address_id, back.number == AddressStep.number + 1)
        .where(back.is_automatic, back.from_status == AddressStatus.REAPPEARED)
        .exists()
    )
    came_back = AddressStep.to_status == AddressStatus.REAPPEARED
    asked = (
        select(AddressStep.to_status, func.count(AddressStep.address_id.distinct()))
        .where(AddressStep.at >= span.since, AddressStep.at < span.until, AddressStep.to_status.in_(STEPS))
        .where((came_back & ~taken_back) | (~came_back & ~AddressStep.is_automatic))
        .group_by(AddressStep.to_status)
    )
    found = {str(row[0]): int(row[1]) for row in session.execute(asked)}
    first = Address.first_seen_at >= span.since, Address.first_seen_at < span.until
    new = select(func.count()).select_from(Address).where(*first, Address.sighting_count > 0, stands_alone())
    return {AddressStatus.NEW: session.scalar(new) or 0, **{status: found.get(status, 0) for status in STEPS}}
