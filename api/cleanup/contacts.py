"""Who speaks for a territory, and in which chat. A Telegram group says itself that it is the one: by a code."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from api.audit.service import record
from api.cleanup.territories import changing
from api.errors import NotFound, Problem
from api.intake.text import clean_line
from api.languages.language import LANGUAGES
from api.unit import Unit
from api.watchlist.turn import take_turn
from models import TerritoryContact

CHANNELS = ("telegram", "whatsapp", "mail")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that are taken for one another
CODE_LENGTH = 10
MOST_CONTACTS = 20
_CHATS = {
    "telegram": re.compile(r"-?[1-9][0-9]{4,19}"),
    "whatsapp": re.compile(r"[1-9][0-9]{6,14}"),
    "mail": re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,189}\.[^@\s<>,;.]{2,}"),
}


class ChatNotUnderstood(Problem):
    """A chat that the channel has no such name for."""

    status = 422

    def __init__(self, channel: str) -> None:
        forms = {
            "telegram": "a chat's number such as -1001234567890 (or leave it out: a code binds the group)",
            "whatsapp": "a phone number with its country code",
            "mail": "a mail address",
        }
        super().__init__(f"A chat of {channel} is {forms.get(channel, 'not known: use ' + ', '.join(CHANNELS))}.")
        self.channel = channel


class ContactNameEmpty(Problem):
    """A name of which nothing is left that can be read."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Say who this is: the name holds nothing that can be read.")


class ContactChanged(Problem):
    """Somebody changed the contact, or bound its chat, meanwhile."""

    status = 409

    def __init__(self, version: int) -> None:
        super().__init__("This contact has changed since you loaded it: look again before you change it.")
        self.version = version


class TooManyContacts(Problem):
    """More contacts than one territory may have."""

    status = 409

    def __init__(self) -> None:
        super().__init__(f"A territory may have {MOST_CONTACTS} contacts: remove one first.")
        self.limit = MOST_CONTACTS


def add(
    unit: Unit, territory_id: str, *, name: str, channel: str, chat: str | None = None, language: str = "ru"
) -> TerritoryContact:
    """A new contact. One on Telegram without a chat gets a code: written into the group as `/bind CODE`, it binds it.

    Raises:
        NotFound, ChatNotUnderstood, ContactNameEmpty, TooManyContacts: each as its name says.
    """
    territory = changing(unit, territory_id)
    count = len([each for each in territory.contacts if each.removed_at is None])
    if count >= MOST_CONTACTS:
        raise TooManyContacts
    row = TerritoryContact(
        territory_id=territory.id,
        name=_named(name),
        channel=channel,
        chat=_chat(channel, chat),
        language=language if language in LANGUAGES else "ru",
        created_at=unit.clock.now(),
    )
    row.bind_code = new_code() if row.chat is None else None
    unit.session.add(row)
    unit.session.flush()
    record(unit, "territory.contact_add", territory.id, contact=row.id, name=row.name, channel=channel)
    return row


def change(
    unit: Unit,
    territory_id: str,
    contact_id: str,
    *,
    version: int,
    name: str | None = None,
    chat: str | None = None,
    language: str | None = None,
    is_binding_anew: bool = False,
) -> TerritoryContact:
    """A contact with what is given changed; bound anew it has no chat until the new code is written into a group.

    Raises:
        NotFound, ContactChanged, ChatNotUnderstood, ContactNameEmpty: each as its name says.
    """
    row = _changing(unit, territory_id, contact_id, version)
    if name is not None:
        row.name = _named(name)
    if language in LANGUAGES:
        row.language = str(language)
    if chat is not None:
        row.chat, row.bind_code = _chat(row.channel, chat), None
    elif is_binding_anew:
        if row.channel != "telegram":
            raise ChatNotUnderstood(row.channel)
        row.chat, row.bind_code = None, new_code()
    row.version += 1
    record(
        unit, "territory.contact_change", row.territory_id, contact=row.id, name=row.name, language=row.language,
        is_bound=row.chat is not None,
    )  # fmt: skip
    return row


def remove(unit: Unit, territory_id: str, contact_id: str, *, version: int) -> None:
    """Nothing goes to this contact any more, and its chat may answer no order. NotFound, ContactChanged."""
    row = _changing(unit, territory_id, contact_id, version)
    row.removed_at, row.bind_code = unit.clock.now(), None
    row.version += 1
    record(unit, "territory.contact_remove", row.territory_id, contact=row.id, name=row.name)


def bind(unit: Unit, code: str, chat: str) -> TerritoryContact | None:
    """Make a Telegram chat that of the contact whose code was written into it; None when no contact waits for it.

    A code is good once.
    """
    take_turn(unit.session)
    asked = select(TerritoryContact).where(
        TerritoryContact.bind_code == code.strip().upper()[:32],
        TerritoryContact.channel == "telegram",
        TerritoryContact.removed_at.is_(None),
    )
    row = unit.session.scalar(asked.with_for_update())
    if row is None:
        return None
    row.chat, row.bind_code = chat, None
    row.version += 1
    record(unit, "territory.contact_bind", row.territory_id, contact=row.id, name=row.name)
    return row


def contacts_in(unit: Unit, channel: str, chat: str) -> Sequence[TerritoryContact]:
    """The contacts that a chat is the chat of, with their territories, the oldest first."""
    asked = select(TerritoryContact).where(
        TerritoryContact.channel == channel, TerritoryContact.chat == chat, TerritoryContact.removed_at.is_(None)
    )
    order = TerritoryContact.created_at, TerritoryContact.id
    return unit.session.scalars(asked.options(joinedload(TerritoryContact.territory)).order_by(*order)).all()


def new_code() -> str:
    """A code for one group: 50 bits that nobody guesses."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def _changing(unit: Unit, territory_id: str, contact_id: str, version: int) -> TerritoryContact:
    changing(unit, territory_id)
    row = unit.session.get(TerritoryContact, contact_id, with_for_update=True, populate_existing=True)
    if row is None or row.territory_id != territory_id or row.removed_at is not None:
        raise NotFound("contact")
    if row.version != version:
        raise ContactChanged(row.version)
    return row


def _named(name: str) -> str:
    found = clean_line(name)[:200]
    if not found:
        raise ContactNameEmpty
    return found


def _chat(channel: str, chat: str | None) -> str | None:
    """The channel's own name for a chat; None for a Telegram group that will say so itself. ChatNotUnderstood."""
    if channel not in CHANNELS:
        raise ChatNotUnderstood(channel)
    said = clean_line(chat or "")
    if channel == "telegram" and not said:
        return None
    if channel == "whatsapp":
        said = re.sub(r"[\s()+-]", "", said)
    if channel == "mail":
        said = said.lower()
    if not _CHATS[channel].fullmatch(said):
        raise ChatNotUnderstood(channel)
    return said
