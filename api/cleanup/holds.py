"""Walls that must not be painted over yet: an investigator's flag, with a reason, until it is taken away."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.audit.service import record
from api.cleanup.letters import tell_chats
from api.cleanup.states import WAITING
from api.errors import NotFound, Problem
from api.inscriptions.history import family
from api.intake.text import clean_note
from api.settings import Settings
from api.unit import Unit
from api.watchlist.turn import take_turn
from models import Inscription, InscriptionHold, WorkOrder


class WallHeld(Problem):
    """A wall that must stay as it is until its evidence is complete."""

    status = 409

    def __init__(self, hold: InscriptionHold) -> None:
        super().__init__(
            "This wall is held: it must not be painted over until its evidence is complete. An investigator can"
            " release it."
        )
        self.held_at = hold.held_at.isoformat()


class HeldAlready(Problem):
    """A second hold of one wall."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This wall is held already: release it before you hold it for another reason.")


class NotHeld(Problem):
    """Nothing to release."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This wall is not held, or was released meanwhile.")


class HoldReasonEmpty(Problem):
    """A reason of which nothing is left that can be read."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Say why: the reason holds nothing that can be read.")


def wall_of(session: Session, inscription_id: str) -> Inscription:
    """The inscription that this one stands for today: itself, or the one that it was merged into. NotFound."""
    row = session.get(Inscription, inscription_id)
    if row is None:
        raise NotFound("inscription")
    seen = {row.id}
    while row.merged_into_id is not None and row.merged_into_id not in seen:
        row = session.get_one(Inscription, row.merged_into_id)
        seen.add(row.id)
    return row


def holding(session: Session, inscription_id: str) -> InscriptionHold | None:
    """What holds a wall, whichever of the inscriptions that became it was held; None when nothing does."""
    walls = family(session, wall_of(session, inscription_id).id)
    asked = select(InscriptionHold).where(
        InscriptionHold.inscription_id.in_(walls), InscriptionHold.released_at.is_(None)
    )
    return session.scalar(asked.order_by(InscriptionHold.held_at, InscriptionHold.id).limit(1))


def is_held() -> ColumnElement[bool]:
    """For queries of work orders: whether the very inscription of the order is held."""
    return exists(
        select(InscriptionHold.id).where(
            InscriptionHold.inscription_id == WorkOrder.inscription_id, InscriptionHold.released_at.is_(None)
        )
    )


def must_not_be_held(session: Session, inscription_id: str) -> None:
    """Nothing when the wall may be painted over. WallHeld, NotFound."""
    found = holding(session, inscription_id)
    if found is not None:
        raise WallHeld(found)


def hold(unit: Unit, settings: Settings, inscription_id: str, reason: str) -> InscriptionHold:
    """Keep a wall from being painted over; chats that were asked to paint it are told once to wait.

    Raises:
        NotFound, HeldAlready, HoldReasonEmpty: each as its name says; nothing was changed.
    """
    why = _said(reason)
    take_turn(unit.session)
    wall = wall_of(unit.session, inscription_id)
    if holding(unit.session, wall.id) is not None:
        raise HeldAlready
    row = InscriptionHold(
        inscription_id=wall.id, held_at=unit.clock.now(), held_by=str(unit.actor.account_id), reason=why
    )
    try:
        with unit.session.begin_nested():
            unit.session.add(row)
    except IntegrityError:
        raise HeldAlready from None
    for order in _waiting(unit, wall.id):
        tell_chats(unit, settings, order, "wait", key=f"hold:{row.id}:wait")
    record(unit, "inscription.hold", wall.id, hold=row.id, reason=why)
    return row


def release(unit: Unit, settings: Settings, inscription_id: str, reason: str) -> InscriptionHold:
    """Let a wall be painted over; chats that were told to wait are told to go on.

    Raises:
        NotFound, NotHeld, HoldReasonEmpty: each as its name says; nothing was changed.
    """
    why = _said(reason)
    take_turn(unit.session)
    wall = wall_of(unit.session, inscription_id)
    row = holding(unit.session, wall.id)
    if row is None:
        raise NotHeld
    row.released_at, row.released_by = unit.clock.now(), unit.actor.account_id
    unit.session.flush()
    if holding(unit.session, wall.id) is None:
        for order in _waiting(unit, wall.id):
            tell_chats(unit, settings, order, "go_on", key=f"hold:{row.id}:go_on")
    record(unit, "inscription.release", wall.id, hold=row.id, reason=why)
    return row


def holds(unit: Unit, inscription_id: str) -> Sequence[InscriptionHold]:
    """Every hold of a wall, the newest first (100 at most). NotFound."""
    walls = family(unit.session, wall_of(unit.session, inscription_id).id)
    asked = select(InscriptionHold).where(InscriptionHold.inscription_id.in_(walls))
    return unit.session.scalars(asked.order_by(InscriptionHold.held_at.desc()).limit(100)).all()


def _waiting(unit: Unit, inscription_id: str) -> Sequence[WorkOrder]:
    """Orders of a wall that an association was asked to do."""
    walls = family(unit.session, inscription_id)
    asked = select(WorkOrder).where(WorkOrder.inscription_id.in_(walls), WorkOrder.state.in_(WAITING))
    return unit.session.scalars(asked.order_by(WorkOrder.number)).all()


def _said(reason: str) -> str:
    why = clean_note(reason)
    if not why:
        raise HoldReasonEmpty
    return why
