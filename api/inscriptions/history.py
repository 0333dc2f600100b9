"""What happened to an inscription, and what follows for its state: painted over, and written on again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.cleanup.returns import writing_back, writing_gone
from api.notices.service import notify
from api.unit import Unit
from models import Address, Inscription, InscriptionEvent, Sighting, SightingState

OPEN, PAINTED, REAPPEARED = "open", "painted", "reappeared"
WITHDRAWN = "reappearance_withdrawn"
MOST_MERGED = 1000


def happened(
    unit: Unit,
    inscription_id: str,
    kind: str,
    *,
    at: datetime | None = None,
    reason: str | None = None,
    sighting: Sighting | None = None,
    **facts: Any,
) -> InscriptionEvent:
    """Write down what happened to an inscription, at a time or now. Call it in your turn: numbers cannot meet then."""
    unit.session.flush()
    last = select(func.max(InscriptionEvent.number)).where(InscriptionEvent.inscription_id == inscription_id)
    now = unit.clock.now()
    event = InscriptionEvent(
        inscription_id=inscription_id,
        number=(unit.session.scalar(last) or 0) + 1,
        kind=kind,
        at=now,
        happened_at=at or now,
        made_by=unit.actor.account_id,
        reason=reason,
        photo_sha256=sighting.photo_sha256 if sighting else None,
        sighting_id=sighting.id if sighting else None,
        facts=facts,
    )
    unit.session.add(event)
    unit.session.flush()
    return event


def family(session: Session, inscription_id: str) -> list[str]:
    """The inscription and those that were merged into it, and into those."""
    found = [inscription_id]
    ring = found
    while ring and len(found) < MOST_MERGED:
        asked = select(Inscription.id).where(Inscription.merged_into_id.in_(ring)).order_by(Inscription.id)
        ring = [one for one in session.scalars(asked.limit(MOST_MERGED)) if one not in found]
        found += ring
    return found


def marks(session: Session, inscription_id: str) -> list[InscriptionEvent]:
    """When it was painted over, the oldest first; without what was taken back."""
    asked = select(InscriptionEvent).where(
        InscriptionEvent.inscription_id.in_(family(session, inscription_id)),
        InscriptionEvent.kind == PAINTED,
        InscriptionEvent.undone_at.is_(None),
    )
    return list(session.scalars(asked.order_by(InscriptionEvent.happened_at, InscriptionEvent.at)))


def seen_again(unit: Unit, sightings: Iterable[Sighting]) -> None:
    """Say so when these sightings, which begin to count or no longer do, show writing where it was painted over."""
    for inscription_id in sorted({sighting.inscription_id for sighting in sightings}):
        inscription = unit.session.get_one(Inscription, inscription_id)
        if inscription.painted_at is not None:
            settle(unit, inscription)


def settle(unit: Unit, inscription: Inscription) -> None:
    """Give an inscription the state that its marks and sightings say; a re-appearance is written down and told.

    Again changes nothing. A re-appearance whose sighting is rejected, undone or taken to another wall is withdrawn.
    """
    unit.session.flush()
    before = inscription.state
    painted = marks(unit.session, inscription.id)
    inscription.painted_at = painted[-1].happened_at if painted else None
    later = _first_after(unit.session, inscription) if painted else None
    inscription.state = OPEN if not painted else REAPPEARED if later else PAINTED
    if later is not None and not _was_told(unit.session, inscription, painted[-1]):
        _tell(unit, inscription, later, painted[-1])
    elif before == REAPPEARED and later is None:
        _withdraw(unit, inscription)
    unit.session.flush()


def _first_after(session: Session, inscription: Inscription) -> Sighting | None:
    """The first sighting that counts behind the last mark."""
    asked = select(Sighting).where(
        Sighting.inscription_id == inscription.id,
        Sighting.state != SightingState.REJECTED,
        Sighting.seen_at > inscription.painted_at,
    )
    return session.scalar(asked.order_by(Sighting.seen_at, Sighting.id).limit(1))


def _last_return(session: Session, inscription_id: str) -> InscriptionEvent | None:
    asked = select(InscriptionEvent).where(
        InscriptionEvent.inscription_id.in_(family(session, inscription_id)),
        InscriptionEvent.kind == REAPPEARED,
        InscriptionEvent.undone_at.is_(None),
    )
    return session.scalar(asked.order_by(InscriptionEvent.at.desc(), InscriptionEvent.number.desc()).limit(1))


def _was_told(session: Session, inscription: Inscription, mark: InscriptionEvent) -> bool:
    last = _last_return(session, inscription.id)
    return last is not None and last.facts.get("mark") == [mark.inscription_id, mark.number]


def _tell(unit: Unit, inscription: Inscription, sighting: Sighting, mark: InscriptionEvent) -> None:
    known = select(Sighting.address_id).where(
        Sighting.inscription_id == inscription.id,
        Sighting.seen_at <= mark.happened_at,
        Sighting.address_id == sighting.address_id,
        Sighting.state != SightingState.REJECTED,
    )
    is_same = unit.session.scalar(known.limit(1)) is not None
    inscription.version += 1
    happened(
        unit,
        inscription.id,
        REAPPEARED,
        at=sighting.seen_at,
        sighting=sighting,
        mark=[mark.inscription_id, mark.number],
        is_same_address=is_same,
    )
    notify(
        unit,
        "inscription.reappeared",
        unit.session.get_one(Address, sighting.address_id),
        sighting_id=sighting.id,
        inscription=inscription.id,
        photo=sighting.photo_sha256,
        seen_at=sighting.seen_at.isoformat(),
        painted_at=mark.happened_at.isoformat(),
        is_same_address=is_same,
    )
    writing_back(unit, family(unit.session, inscription.id), sighting)


def _withdraw(unit: Unit, inscription: Inscription) -> None:
    last = _last_return(unit.session, inscription.id)
    if last is None or last.sighting_id is None:
        return
    last.undone_at, last.undone_by = unit.clock.now(), unit.actor.account_id
    inscription.version += 1
    happened(unit, inscription.id, WITHDRAWN, event=last.number)
    sighting = unit.session.get_one(Sighting, last.sighting_id)
    notify(
        unit,
        f"inscription.{WITHDRAWN}",
        unit.session.get_one(Address, sighting.address_id),
        sighting_id=sighting.id,
        inscription=inscription.id,
    )
    writing_gone(unit, family(unit.session, inscription.id), sighting.id)
