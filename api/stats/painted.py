"""How long walls stay as they are: when inscriptions were painted over, and on how many writing came back.

Marks are few beside sightings, and a mark belongs to a wall and not to a day: they are asked for, not kept in pages.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import aliased

from api.inscriptions.history import PAINTED, REAPPEARED
from api.stats.periods import Span
from api.stats.scope import Scope
from api.unit import Unit
from api.watchlist.repository import inside
from models import Address, Inscription, InscriptionEvent, Sighting, SightingState

HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Painted:
    """Of the walls that were painted over in a period: how long the first coat took, and how many came back.

    Attributes:
        hours_median: from the wall's first photo to its first mark; None without a wall.
        back: walls on which writing was seen again after a mark.
        of: walls that were painted over.
    """

    hours_median: float | None
    back: int
    of: int

    @property
    def back_share(self) -> float | None:
        """The part that came back; None without a wall."""
        return round(self.back / self.of, 6) if self.of else None


def painted(unit: Unit, scope: Scope) -> list[Painted]:
    """One for each period and one for all of them.

    A wall counts once, in the period of its first mark that stands, whatever was merged into it; marks and returns that
    were taken back count nowhere. Only walls with a sighting that counts of what is asked for, from before that mark.
    """
    bounds = [span.since for span in scope.spans] + [scope.spans[-1].until]
    periods: list[list[tuple[float, bool]]] = [[] for _ in scope.spans]
    for first_seen_at, painted_at, is_back in unit.session.execute(_walls(scope, bounds[0], bounds[-1])):
        hours = (painted_at - first_seen_at).total_seconds() / HOUR_S
        periods[bisect_right(bounds, painted_at) - 1].append((hours, bool(is_back)))
    return [*map(_told, periods), _told([wall for period in periods for wall in period])]


def painted_of_seen(unit: Unit, span: Span) -> int:
    """Of the walls that were seen in a period, how many had their first coat in it, after that."""
    walls = _walls(Scope((span,)), span.since, span.until, seen_since=span.since).subquery()
    return unit.session.scalar(select(func.count()).select_from(walls)) or 0


def _told(walls: Sequence[tuple[float, bool]]) -> Painted:
    hours = round(median(hours for hours, _ in walls), 6) if walls else None
    return Painted(hours, sum(is_back for _, is_back in walls), len(walls))


def _walls(scope: Scope, since: datetime, until: datetime, *, seen_since: datetime | None = None) -> Select[Any]:
    """First photo, first mark and whether writing came back, of each wall that was painted in the time.

    With `seen_since` only walls that were also seen between then and the mark.

    A wall has a mark exactly when its state is not open, and its last mark in `painted_at`: both narrow what is read
    before any event is.
    """
    wall = aliased(Inscription)
    of = (
        select(wall.id.label("root"), wall.id.label("id"))
        .where(wall.state.in_([PAINTED, REAPPEARED]), func.coalesce(wall.merged_into_id, "") == "")
        .where(wall.painted_at >= since, wall.first_seen_at < until)
        .cte("painted_walls", recursive=True)
    )
    below = aliased(Inscription)
    of = of.union_all(select(of.c.root, below.id).join(below, below.merged_into_id == of.c.id))
    mark = case((InscriptionEvent.kind == PAINTED, InscriptionEvent.happened_at))
    back = case((InscriptionEvent.kind == REAPPEARED, 1), else_=0)
    events = (
        select(of.c.root, func.min(mark).label("painted_at"), func.max(back).label("is_back"))
        .join(InscriptionEvent, InscriptionEvent.inscription_id == of.c.id)
        .where(InscriptionEvent.kind.in_([PAINTED, REAPPEARED]), InscriptionEvent.undone_at.is_(None))
        .group_by(of.c.root)
        .subquery("first_marks")
    )
    asked = (
        select(Inscription.first_seen_at, events.c.painted_at, events.c.is_back)
        .join(events, events.c.root == Inscription.id)
        .where(events.c.painted_at >= since, events.c.painted_at < until)
        .where(events.c.painted_at >= Inscription.first_seen_at, _shows(scope, events.c.painted_at, seen_since))
    )
    return asked.where(*inside(Inscription, scope.region)) if scope.region else asked


def _shows(scope: Scope, painted_at: Any, since: datetime | None) -> ColumnElement[bool]:
    """That a wall showed, before it was painted (and not before `since`), what is asked for."""
    seen = select(Sighting.id).where(
        Sighting.inscription_id == Inscription.id, Sighting.state != SightingState.REJECTED
    )
    seen = seen.where(Sighting.seen_at <= painted_at).correlate_except(Sighting, Address)
    if since is not None:
        seen = seen.where(Sighting.seen_at >= since)
    if scope.kind is None and scope.status is None:
        return seen.exists()
    seen = seen.join(Address, Address.id == Sighting.address_id)
    if scope.kind is not None:
        seen = seen.where(Address.kind == scope.kind)
    return (seen if scope.status is None else seen.where(Address.status == scope.status)).exists()
