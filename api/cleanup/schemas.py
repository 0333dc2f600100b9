"""What the routes of work orders and holds take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.cleanup.letters import map_link, place_of
from api.cleanup.states import WAITING, next_of
from models import InscriptionHold, WorkOrder, WorkOrderPhoto, WorkOrderStep

Reason = Annotated[str, Field(min_length=1, max_length=1000)]
Version = Annotated[int, Field(ge=1)]
Id = Annotated[str, Field(min_length=1, max_length=32)]
ByName = Literal["assign", "send", "accept", "paint", "not_ours", "verify", "not_painted", "close", "cancel", "reopen"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OrderIn(_Body):
    """A wall to paint over; without a territory its place decides."""

    inscription: Id
    territory: Id | None = None
    note: Annotated[str | None, Field(max_length=1000, description="goes to the chat with the order")] = None


class OrdersIn(_Body):
    """An area whose walls are to be painted over: a box or a circle; `cursor` goes on where an answer ended."""

    box: Annotated[str | None, Field(max_length=100, examples=["54.8,69.0,54.95,69.3"])] = None
    circle: Annotated[str | None, Field(max_length=100, examples=["54.87,69.15,1500"])] = None
    cursor: Annotated[str | None, Field(max_length=300)] = None


class OrderStepIn(_Body):
    """A step of a work order.

    `reason` is needed by `paint` (without a photo), `not_ours`, `not_painted`, `cancel` and `reopen`; `territory` by
    `assign`. `is_back`, of `reopen`: the wall was painted over and is written on again; else its mark is taken back.
    """

    version: Version
    action: ByName
    reason: Reason | None = None
    territory: Id | None = None
    is_back: bool = False


class DecisionIn(_Body):
    """What a person sees on a photo after painting; that it is not painted over needs a reason."""

    version: Version
    verdict: Literal["painted", "not_painted"]
    reason: Reason | None = None


class HoldIn(_Body):
    """Why a wall is held, or released."""

    reason: Reason


class HoldOut(BaseModel):
    """A hold of a wall; without `released_at` it holds."""

    id: str
    inscription: str
    held_at: datetime
    held_by: str | None
    reason: str
    released_at: datetime | None
    released_by: str | None


class HoldsOut(BaseModel):
    """Every hold of a wall, the newest first; `is_held`: one of them was not released."""

    is_held: bool
    holds: list[HoldOut]


class OrderOut(BaseModel):
    """A work order; `version` goes into every change.

    `assigned`: how it got its territory: `inside` its area, `nearest`, by `hand`, `none`. `place` is the street address
    where one is known, and the coordinates. `next`: the steps that may be made now.
    """

    id: str
    number: int
    state: str
    inscription: str
    territory: str | None
    territory_name: str | None
    assigned: str
    photo: str
    lat: float
    lon: float
    place: str
    map: str
    note: str | None
    opened_at: datetime
    state_at: datetime
    due_at: datetime | None
    is_overdue: bool
    reminders: int
    reopened: int
    version: int
    next: list[str]


class OrderPageOut(BaseModel):
    """One page, the last opened first; `next` goes into `cursor`."""

    orders: list[OrderOut]
    next: str | None


class OrdersMadeOut(BaseModel):
    """What became of an area: the walls' orders, how many of them are new; `next` goes into `cursor`."""

    orders: list[OrderOut]
    new: int
    next: str | None


class OrderMadeOut(OrderOut):
    """A wall's order; `new` is false where it had one that is not closed."""

    new: bool


class OrderStepOut(BaseModel):
    """One step: who, when, through what, why. `by` is an account, `contact` a contact; neither: the program."""

    number: int
    action: str
    from_state: str | None
    to_state: str
    at: datetime
    by: str | None
    contact: str | None
    channel: str | None
    reason: str | None
    facts: dict[str, Any]


class OrderPhotoOut(BaseModel):
    """A photo after painting and what the comparison says: `painted`, `not_painted`, `unclear`; empty before it.

    `facts.program` is what the comparison said where a person decided.
    """

    photo: str
    received_at: datetime
    channel: str
    verdict: str | None
    score: float | None
    facts: dict[str, Any]
    checked_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None


class OrderDetailOut(OrderOut):
    """A work order with its steps and photos, the oldest first, and whether its wall is held."""

    is_held: bool
    steps: list[OrderStepOut]
    photos: list[OrderPhotoOut]


class UndecidedOut(BaseModel):
    """A painted order with a photo that a person has to look at."""

    order: OrderOut
    photo: OrderPhotoOut


class UndecidedPageOut(BaseModel):
    """The longest waiting first, 200 at most."""

    waiting: list[UndecidedOut]


def order_out(row: WorkOrder, *, now: datetime) -> OrderOut:
    """A work order as it is shown."""
    return OrderOut(
        id=row.id,
        number=row.number,
        state=row.state,
        inscription=row.inscription_id,
        territory=row.territory_id,
        territory_name=row.territory.name_ru if row.territory else None,
        assigned=row.assigned,
        photo=row.photo_sha256,
        lat=row.lat,
        lon=row.lon,
        place=place_of(row),
        map=map_link(row.lat, row.lon),
        note=row.note,
        opened_at=row.opened_at,
        state_at=row.state_at,
        due_at=row.due_at,
        is_overdue=row.state in WAITING and row.due_at is not None and row.due_at <= now,
        reminders=row.reminders,
        reopened=row.reopened,
        version=row.version,
        next=next_of(row.state),
    )


def step_out(row: WorkOrderStep, names: dict[str, str]) -> OrderStepOut:
    """A step as it is shown; `names` are those of accounts and contacts by their ids."""
    return OrderStepOut(
        number=row.number,
        action=row.action,
        from_state=row.from_state,
        to_state=row.to_state,
        at=row.at,
        by=names.get(row.account_id or ""),
        contact=names.get(row.contact_id or ""),
        channel=row.channel,
        reason=row.reason,
        facts=row.facts,
    )


def photo_out(row: WorkOrderPhoto, names: dict[str, str]) -> OrderPhotoOut:
    """A photo after painting as it is shown."""
    return OrderPhotoOut(
        photo=row.photo_sha256,
        received_at=row.received_at,
        channel=row.channel,
        verdict=row.verdict,
        score=row.score,
        facts=row.facts,
        checked_at=row.checked_at,
        decided_by=names.get(row.decided_by or ""),
        decided_at=row.decided_at,
    )


def hold_out(row: InscriptionHold, names: dict[str, str]) -> HoldOut:
    """A hold as it is shown."""
    return HoldOut(
        id=row.id,
        inscription=row.inscription_id,
        held_at=row.held_at,
        held_by=names.get(row.held_by),
        reason=row.reason,
        released_at=row.released_at,
        released_by=names.get(row.released_by or ""),
    )
