"""What condo chats say: codes that bind them, buttons of work orders, photos after painting.

Everything is written in the transaction that settles the arrival, so a press that is delivered again changes nothing.
Answers name no order that was sent to somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from api.cleanup import contacts, words
from api.cleanup.after import EXPECTED, photo_arrived
from api.cleanup.holds import holding
from api.cleanup.letters import ORDER, PRESSED, answer, tell_chats
from api.cleanup.sending import sending_of
from api.cleanup.states import WAITING, Action
from api.cleanup.steps import By, changing, last_step, turn
from api.intake.channels.base import Arrival
from api.settings import Settings
from api.unit import Unit
from models import Arrived, Assigned, OrderState, Outgoing, TerritoryContact, WorkOrder, WorkOrderStep

SAID_PAINTED_FOR = timedelta(days=7)
"""A photo without a word belongs to the order that the chat called painted, for so long."""

_BIND = re.compile(r"/bind(?:@\w{1,64})?\s+([A-Za-z0-9]{4,32})\s*", re.ASCII)
_PRESSED = re.compile(rf"{ORDER}([0-9a-f]{{32}}):({'|'.join(PRESSED)}):([0-9]{{1,9}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Said:
    """One thing that a contact said in its chat about an order that was sent to it."""

    unit: Unit
    settings: Settings
    arrival: Arrival
    row: Arrived
    contact: TerritoryContact

    @property
    def by(self) -> By:
        return By(channel=self.arrival.channel, contact_id=self.contact.id, arrival_seq=self.row.seq)

    def answer(self, name: str, order: WorkOrder, **facts: Any) -> None:
        """Say something about the order in this chat alone."""
        said = words.text(name, self.contact.language, number=order.number, **facts)
        answer(self.unit, self.settings, self.arrival, self.row.seq, said, order_id=order.id)


def take(unit: Unit, settings: Settings, arrival: Arrival, row: Arrived) -> bool:
    """Whether it was for clean-up, with `row.outcome` saying what became of it; False: it may be a conversation.

    Pictures of chats that are contacts are kept by now: `row.content["kept"]` has their SHA-256.
    """
    if arrival.channel == "telegram" and (found := _BIND.fullmatch(arrival.text or "")):
        _bind(unit, settings, arrival, row, found[1])
        return True
    if arrival.button is not None and arrival.button.startswith(ORDER):
        row.outcome = _press(unit, settings, arrival, row)
        return True
    here = contacts.contacts_in(unit, arrival.channel, arrival.chat)
    if not here:
        return False
    order_id = wants_photo(unit, settings, arrival) if _kept(row) else None
    if order_id is not None:
        row.outcome = _photos(unit, settings, arrival, row, order_id=order_id)
        return True
    row.outcome = "chat_talk" if arrival.is_group else row.outcome
    return arrival.is_group


def _kept(row: Arrived) -> list[str]:
    return [str(each) for each in row.content.get("kept") or []]


def wants_photo(unit: Unit, _settings: Settings, arrival: Arrival) -> str | None:
    """The order that a picture from this chat is the after-photo of; None when it is of none.

    It answers the order's message, or the chat said "painted" before and no order was called painted since.
    """
    here = contacts.contacts_in(unit, arrival.channel, arrival.chat)
    if not here:
        return None
    return _answered(unit, arrival, here) or _called_painted(unit, here)


def _answered(unit: Unit, arrival: Arrival, here: Sequence[TerritoryContact]) -> str | None:
    if not arrival.about:
        return None
    asked = (
        select(WorkOrder)
        .join(Outgoing, Outgoing.order_id == WorkOrder.id)
        .where(Outgoing.channel == arrival.channel, Outgoing.provider_id == arrival.about)
        .where(WorkOrder.territory_id.in_([each.territory_id for each in here]), WorkOrder.state.in_(EXPECTED))
    )
    order = unit.session.scalar(asked.order_by(Outgoing.seq.desc()).limit(1))
    return order.id if order else None


def _called_painted(unit: Unit, here: Sequence[TerritoryContact]) -> str | None:
    asked = (
        select(WorkOrder, WorkOrderStep)
        .join(WorkOrderStep, WorkOrderStep.order_id == WorkOrder.id)
        .where(WorkOrder.territory_id.in_([each.territory_id for each in here]), WorkOrder.state.in_(EXPECTED))
        .where(
            WorkOrderStep.action == str(Action.SAY_PAINTED),
            WorkOrderStep.contact_id.in_([each.id for each in here]),
            WorkOrderStep.at >= unit.clock.now() - SAID_PAINTED_FOR,
        )
        .order_by(WorkOrderStep.at.desc(), WorkOrderStep.order_id, WorkOrderStep.number.desc())
    )
    found = unit.session.execute(asked.limit(1)).first()
    if found is None or found[1].number < sending_of(unit, found[0]):
        return None
    return str(found[0].id)


def _bind(unit: Unit, settings: Settings, arrival: Arrival, row: Arrived, code: str) -> None:
    contact = contacts.bind(unit, code, arrival.chat)
    if contact is None:
        language = next((each.language for each in contacts.contacts_in(unit, "telegram", arrival.chat)), "ru")
        row.outcome, said = "bind_code_unknown", words.text("code_unknown", language)
    else:
        territory = contact.territory
        name = territory.name_kk if contact.language == "kk" else territory.name_ru
        row.outcome, said = "chat_bound", words.text("bound", contact.language, territory=name)
    answer(unit, settings, arrival, row.seq, said, order_id=None)


def _press(unit: Unit, settings: Settings, arrival: Arrival, row: Arrived) -> str:
    """Do what a button says; how it went."""
    here = contacts.contacts_in(unit, arrival.channel, arrival.chat)
    found = _PRESSED.fullmatch(arrival.button or "")
    order = unit.session.get(WorkOrder, found[1]) if found else None
    contact = next((each for each in here if order is not None and each.territory_id == order.territory_id), None)
    if found is None or order is None or contact is None:
        language = here[0].language if here else arrival.language or "ru"
        answer(unit, settings, arrival, row.seq, words.text("foreign", language), order_id=None)
        return "order_foreign"
    said, order = _Said(unit, settings, arrival, row, contact), changing(unit, order.id)
    is_current = int(found[3]) == sending_of(unit, order)
    if not is_current or order.state not in WAITING or order.territory_id != contact.territory_id:
        return _standing(said, order)
    return {"accept": _accept, "painted": _painted, "not_ours": _not_ours}[found[2]](said, order)


def _standing(said: _Said, order: WorkOrder) -> str:
    """Nothing changes: say where the order stands."""
    said.answer("standing", order, state=words.state(order.state, said.contact.language))
    return "order_unchanged"


def _accept(said: _Said, order: WorkOrder) -> str:
    if order.state != OrderState.SENT:
        return _standing(said, order)
    if holding(said.unit.session, order.inscription_id) is not None:
        said.answer("wait", order)
        return "order_held"
    turn(said.unit, order, Action.ACCEPT, by=said.by)
    said.answer("accepted", order)
    return "order_accepted"


def _painted(said: _Said, order: WorkOrder) -> str:
    """Ask for the photo; pressed twice in a row it is noted once."""
    last = last_step(said.unit, order.id)
    if last is None or last.action != Action.SAY_PAINTED or last.contact_id != said.contact.id:
        turn(said.unit, order, Action.SAY_PAINTED, by=said.by)
    said.answer("photo_please", order)
    return "order_said_painted"


def _not_ours(said: _Said, order: WorkOrder) -> str:
    """Take the order back; every chat of the territory is told."""
    before = order.territory_id
    tell_chats(said.unit, said.settings, order, "not_ours", key=f"not_ours:{order.version}")
    order.territory_id, order.assigned, order.due_at, order.reminders = None, Assigned.NONE, None, 0
    turn(said.unit, order, Action.NOT_OURS, by=said.by, reason=said.contact.name, territory_before=before)
    return "order_not_ours"


def _photos(unit: Unit, settings: Settings, arrival: Arrival, row: Arrived, *, order_id: str) -> str:
    order = changing(unit, order_id)
    here = contacts.contacts_in(unit, arrival.channel, arrival.chat)
    contact = next((each for each in here if each.territory_id == order.territory_id), None)
    if contact is None or order.state not in EXPECTED:
        return "order_foreign" if contact is None else _standing(_Said(unit, settings, arrival, row, contact), order)
    said = _Said(unit, settings, arrival, row, contact)
    new = [photo_arrived(unit, order.id, sha256, by=said.by) for sha256 in _kept(row)]
    if not any(new):
        return "order_photo_known"
    said.answer("photo_thanks", order)
    return "order_photo"
