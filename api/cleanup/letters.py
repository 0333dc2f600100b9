"""What goes out to condo chats: the order itself with photo, place and buttons, and short words about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from api.cleanup.links import address_of
from api.cleanup.words import button, text
from api.intake.channels import outbox
from api.intake.channels.base import Arrival, Button, Message
from api.languages.language import Writing
from api.settings import Settings
from api.unit import Unit
from models import TerritoryContact, WorkOrder

ORDER = "order:"
"""What the data of our buttons begins with."""

PRESSED = ("accept", "painted", "not_ours")


def chats_of(unit: Unit, territory_id: str | None) -> list[TerritoryContact]:
    """Those of a territory's contacts that a message can go to, each chat once, the first contact of it."""
    asked = select(TerritoryContact).where(
        TerritoryContact.territory_id == territory_id,
        TerritoryContact.removed_at.is_(None),
        TerritoryContact.chat.is_not(None),
    )
    found: dict[tuple[str, str | None], TerritoryContact] = {}
    for contact in unit.session.scalars(asked.order_by(TerritoryContact.created_at, TerritoryContact.id)):
        found.setdefault((contact.channel, contact.chat), contact)
    return list(found.values())


def tell_chats(unit: Unit, settings: Settings, order: WorkOrder, name: str, *, key: str) -> int:
    """Say something short about an order to every chat of its territory; how many messages are new.

    `key` names the occasion: said again, it is said once.
    """
    said = 0
    for contact in chats_of(unit, order.territory_id):
        message = Message(text(name, contact.language, number=order.number), subject=subject(order))
        said += post(unit, settings, order, contact, message, key=key)
    return said


def ask_chats(unit: Unit, settings: Settings, order: WorkOrder, *, sending: int) -> int:
    """Send the order itself, with photo, place and buttons; how many messages are new.

    `sending` is the number of the step that sends it: buttons of an earlier sending are known by it.
    """
    said = 0
    for contact in chats_of(unit, order.territory_id):
        message = order_letter(settings, order, contact.language, sending=sending)
        message = _answerable(unit, settings, order, contact, message)
        said += post(unit, settings, order, contact, message, key=f"ask:{sending}")
    return said


def remind_chats(unit: Unit, settings: Settings, order: WorkOrder, *, sending: int) -> int:
    """Remind every chat of an order, with its place and buttons; how many messages are new."""
    said = 0
    for contact in chats_of(unit, order.territory_id):
        language = contact.language
        lines = [text("remind", language, number=order.number), *place_lines(order, language)]
        message = Message("\n".join(lines), buttons=buttons(order, language, sending=sending), subject=subject(order))
        message = _answerable(unit, settings, order, contact, message)
        said += post(unit, settings, order, contact, message, key=f"remind:{sending}:{order.reminders}")
    return said


def order_letter(settings: Settings, order: WorkOrder, language: str, *, sending: int) -> Message:
    """The message that asks for the painting; its photo goes out blurred."""
    first = "ask_again" if order.reopened else "ask"
    lines = [text(first, language, number=order.number), *place_lines(order, language)]
    if order.note:
        lines.append(text("note", language, note=order.note))
    if order.due_at is not None:
        lines.append(text("due", language, day=_day(order.due_at, language, settings)))
    lines.append(text("blurred", language))
    return Message(
        "\n".join(lines),
        buttons=buttons(order, language, sending=sending),
        photo_sha256=order.photo_sha256,
        subject=subject(order),
    )


def _answerable(
    unit: Unit, settings: Settings, order: WorkOrder, contact: TerritoryContact, message: Message
) -> Message:
    """A mail has no buttons: it gets a signed link to the order's page, where our own address is set."""
    if contact.channel != "mail":
        return message
    if not settings.web.origin:
        return replace(message, buttons=())
    link = address_of(settings, order, unit.clock.now())
    said = text("answer_here", contact.language, link=link)
    return replace(message, text=f"{message.text}\n{said}", buttons=())


def place_lines(order: WorkOrder, language: str) -> list[str]:
    """Where the wall is, and a link to a map."""
    return [text("place", language, place=place_of(order)), text("map", language, link=map_link(order.lat, order.lon))]


def place_of(order: WorkOrder) -> str:
    """The street address where one is known, and the coordinates."""
    point = f"{order.lat:.5f}, {order.lon:.5f}"
    return f"{order.place_text} ({point})" if order.place_text else point


def map_link(lat: float, lon: float) -> str:
    """A link that shows the place on a map."""
    point = f"{lat:.5f}", f"{lon:.5f}"
    return f"https://www.openstreetmap.org/?mlat={point[0]}&mlon={point[1]}#map=18/{point[0]}/{point[1]}"


def buttons(order: WorkOrder, language: str, *, sending: int) -> tuple[Button, ...]:
    """What may be pressed below the order; the data names order, deed and sending in at most 64 bytes."""
    return tuple(Button(button(deed, language), f"{ORDER}{order.id}:{deed}:{sending}") for deed in PRESSED)


def subject(order: WorkOrder) -> str:
    """Of a mail."""
    return f"WallWatch № {order.number}"


def post(
    unit: Unit, settings: Settings, order: WorkOrder, contact: TerritoryContact, message: Message, *, key: str
) -> bool:
    """Have one message sent to one contact's chat; False when it was asked for already."""
    return outbox.post(
        unit,
        settings,
        message,
        channel=contact.channel,
        chat=str(contact.chat),
        key=f"order:{order.id}:{key}:{contact.id}",
        order_id=order.id,
    )


def answer(unit: Unit, settings: Settings, arrival: Arrival, seq: int, said: str, *, order_id: str | None) -> None:
    """Answer what arrived, once, in the chat that it came from."""
    outbox.post(
        unit,
        settings,
        Message(said),
        channel=arrival.channel,
        chat=arrival.chat,
        key=f"arrival:{seq}:answer",
        order_id=order_id,
    )


def _day(moment: datetime, language: str, settings: Settings) -> str:
    return Writing(language, settings.zone).day(moment)
