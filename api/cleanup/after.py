"""Photos after painting: they make an order painted, and what the comparison says of them makes it verified or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from api.audit.service import record
from api.cleanup.letters import tell_chats
from api.cleanup.states import Action
from api.cleanup.steps import ACCOUNT, MACHINE, By, OrderStepRefused, changing, must_say_why, turn
from api.cleanup.verified import verify
from api.errors import NotFound
from api.settings import Settings
from api.unit import Unit
from models import OrderState, WorkOrder, WorkOrderPhoto

PAINTED, NOT_PAINTED, UNCLEAR = "painted", "not_painted", "unclear"
EXPECTED = frozenset({OrderState.SENT, OrderState.ACCEPTED, OrderState.PAINTED})
"""Where a photo after painting is welcome."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the comparison of two photos says: `painted`, `not_painted` or `unclear`, how surely (0..1), and why."""

    verdict: str
    score: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def photo_arrived(unit: Unit, order_id: str, sha256: str, *, by: By = ACCOUNT) -> bool:
    """Put a kept photo of the painted wall to its order, which is painted from now on; False when it is there already.

    Raises:
        NotFound: no such order.
        OrderStepRefused: the order expects no photo now.
    """
    order = changing(unit, order_id)
    if unit.session.get(WorkOrderPhoto, (order.id, sha256)) is not None:
        return False
    if order.state not in EXPECTED:
        raise OrderStepRefused(order.state, Action.PAINT)
    if order.state == OrderState.PAINTED:
        at = unit.clock.now()
        record(unit, "order.photo", order.id, number=order.number, photo=sha256, channel=by.channel)
    else:
        at = turn(unit, order, Action.PAINT, by=by, photo=sha256).at
    unit.session.add(
        WorkOrderPhoto(
            order_id=order.id,
            photo_sha256=sha256,
            received_at=at,
            contact_id=by.contact_id,
            account_id=None if by.contact_id else unit.actor.account_id,
            channel=by.channel or "web",
            facts={},
        )
    )
    unit.session.flush()
    return True


def unchecked(unit: Unit, *, limit: int) -> Sequence[WorkOrderPhoto]:
    """Photos that were not compared yet, the oldest first."""
    asked = select(WorkOrderPhoto).where(WorkOrderPhoto.verdict.is_(None))
    order = WorkOrderPhoto.received_at, WorkOrderPhoto.order_id, WorkOrderPhoto.photo_sha256
    return unit.session.scalars(asked.order_by(*order).limit(limit)).all()


def undecided(unit: Unit, *, limit: int) -> Sequence[tuple[WorkOrder, WorkOrderPhoto]]:
    """Painted orders with a photo that the comparison is not sure of, the longest waiting first: a person decides."""
    asked = (
        select(WorkOrder, WorkOrderPhoto)
        .join(WorkOrderPhoto, WorkOrderPhoto.order_id == WorkOrder.id)
        .where(WorkOrderPhoto.verdict == UNCLEAR, WorkOrder.state == OrderState.PAINTED)
        .where(WorkOrderPhoto.received_at >= WorkOrder.state_at)
        .order_by(WorkOrderPhoto.received_at, WorkOrderPhoto.order_id, WorkOrderPhoto.photo_sha256)
    )
    return [(row[0], row[1]) for row in unit.session.execute(asked.limit(limit))]


def settle_check(unit: Unit, settings: Settings, order_id: str, sha256: str, checked: Checked) -> bool:
    """Keep what the comparison said of a photo, and let the order follow; False when that was done before.

    An order goes back to `accepted` only when none of its photos is better than this one, or waits to be compared.
    """
    order = changing(unit, order_id)
    row = unit.session.get_one(WorkOrderPhoto, (order_id, sha256), populate_existing=True)
    if row.verdict is not None:
        return False
    row.verdict, row.score, row.facts = checked.verdict, checked.score, checked.facts
    row.checked_at = unit.clock.now()
    unit.session.flush()
    said: dict[str, Any] = {"photo": sha256, "score": checked.score}
    if order.state != OrderState.PAINTED or row.received_at < order.state_at:
        record(unit, "order.check", order.id, number=order.number, verdict=checked.verdict, **said)
    elif checked.verdict == PAINTED:
        _verify(unit, settings, order, by=MACHINE, **said)
    elif checked.verdict == NOT_PAINTED and not _others(unit, order, sha256):
        _not_painted(unit, settings, order, by=MACHINE, **said)
    else:
        record(unit, "order.check", order.id, number=order.number, verdict=checked.verdict, **said)
    return True


def decide(
    unit: Unit,
    settings: Settings,
    order_id: str,
    sha256: str,
    *,
    is_painted: bool,
    version: int | None = None,
    reason: str | None = None,
) -> WorkOrder:
    """A person says what a photo shows; the order follows. That it is not painted over needs a reason.

    Raises:
        NotFound, OrderChanged, OrderStepRefused, OrderReasonMissing: each as its name says; nothing was changed.
    """
    order = changing(unit, order_id, version=version)
    row = unit.session.get(WorkOrderPhoto, (order_id, sha256), populate_existing=True)
    if row is None:
        raise NotFound("photo of this work order")
    action = Action.VERIFY if is_painted else Action.NOT_PAINTED
    if order.state != OrderState.PAINTED:
        raise OrderStepRefused(order.state, action)
    why = reason if is_painted else must_say_why(action, reason)
    row.facts = {**row.facts, "program": row.verdict}
    row.verdict = PAINTED if is_painted else NOT_PAINTED
    row.decided_by, row.decided_at = unit.actor.account_id, unit.clock.now()
    (_verify if is_painted else _not_painted)(unit, settings, order, by=ACCOUNT, reason=why, photo=sha256)
    return order


def _verify(
    unit: Unit, settings: Settings, order: WorkOrder, *, by: By, reason: str | None = None, **facts: Any
) -> None:
    verify(unit, order, by=by, reason=reason, **facts)
    if order.state == OrderState.VERIFIED:  # a later photo may have opened it again at once
        tell_chats(unit, settings, order, "verified", key=f"verified:{order.version}")


def _not_painted(
    unit: Unit, settings: Settings, order: WorkOrder, *, by: By, reason: str | None = None, **facts: Any
) -> None:
    turn(unit, order, Action.NOT_PAINTED, by=by, reason=reason, **facts)
    tell_chats(unit, settings, order, "not_painted", key=f"not_painted:{order.version}")


def _others(unit: Unit, order: WorkOrder, sha256: str) -> bool:
    """Whether another photo since the painting is unclear, or was not compared yet."""
    asked = select(WorkOrderPhoto.photo_sha256).where(
        WorkOrderPhoto.order_id == order.id,
        WorkOrderPhoto.photo_sha256 != sha256,
        WorkOrderPhoto.received_at >= order.state_at,
        WorkOrderPhoto.verdict.is_(None) | (WorkOrderPhoto.verdict == UNCLEAR),
    )
    return unit.session.scalar(asked.limit(1)) is not None
