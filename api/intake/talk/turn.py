"""One sender's turn: what one transaction may use while it answers what that sender sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from api.intake.channels.base import Arrival, Button, Media, Message
from api.intake.channels.outbox import post
from api.intake.geo import Region
from api.intake.talk import words
from api.photos.service import Original
from api.settings import Settings
from api.unit import Unit
from models import Arrived, Conversation, Sender

LETTERS = frozenset({"mail"})
"""Channels that talk, but where nobody can press a button: what is complete is sent at once."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of an arrival: fetched and durable, or refused with a code and what to tell its sender."""

    media: Media
    original: Original | None = None
    code: str | None = None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that arrived, with the pictures in it."""

    row: Arrived
    arrival: Arrival
    pictures: tuple[Picture, ...] = ()


@dataclass(slots=True)
class Turn:
    """Lives as long as the transaction.

    Attributes:
        conversation: the one that is under way, or that was just ended.
        is_changed: the conversation changed, and its sender is told what it waits for now.
        only_photos: nothing but photos came, so what was asked a moment ago need not be asked again.
        facts: what the audit log is told.
    """

    unit: Unit
    settings: Settings
    sender: Sender
    items: tuple[Item, ...]
    talks: bool
    conversation: Conversation | None = None
    is_changed: bool = False
    only_photos: bool = True
    facts: dict[str, object] = field(default_factory=dict)
    _said: int = 0

    @property
    def last(self) -> Arrival:
        """The newest of what arrived."""
        return self.items[-1].arrival

    @property
    def chat(self) -> str:
        """Where answers go."""
        return self.last.chat

    @property
    def now(self) -> datetime:
        """The moment of the transaction."""
        return self.unit.clock.now()

    @property
    def region(self) -> Region | None:
        """Where reports are expected."""
        box = self.settings.intake.region
        return Region(*box) if box else None

    @property
    def confirms(self) -> bool:
        """Whether the sender is asked before a report is made."""
        return self.talks and self.last.channel not in LETTERS

    @property
    def language(self) -> str:
        """The language to answer in."""
        hint = next((each.arrival.language for each in reversed(self.items) if each.arrival.language), None)
        return words.language_of(self.sender.language, hint, self.settings.talk.languages)

    def say(self, name: str, *, buttons: tuple[Button, ...] = (), **facts: object) -> None:
        """Have one of our sentences sent."""
        self.tell(words.said(name, self.language, **facts), buttons=buttons)

    def tell_once(self, key: str, name: str) -> None:
        """Have one of our sentences sent, unless it was said under this key before."""
        self.tell(words.said(name, self.language), key=key)

    def tell(self, text: str, *, buttons: tuple[Button, ...] = (), asks_for_place: bool = False, key: str = "") -> None:
        """Have a text sent; nothing on a channel that does not talk."""
        if not self.talks:
            return
        self._said += 1
        is_letter = not self.confirms
        message = Message(
            text=text,
            buttons=buttons if self.confirms else (),
            asks_for_place=asks_for_place,
            about=self.last.provider_id if is_letter else "",
            subject=words.said("subject", self.language) if is_letter else "",
        )
        post(
            self.unit,
            self.settings,
            message,
            channel=self.last.channel,
            chat=self.chat,
            key=key or f"talk:{self.items[-1].row.seq}:{self._said}",
            conversation_id=self.conversation.id if self.conversation else None,
        )

    def button(self, action: str, text: str | None = None) -> Button:
        """A button about this conversation as it stands now."""
        data = f"t:{action}"
        if self.conversation is not None and action not in FREE:
            data = f"t:{action}:{self.conversation.id}:{self.conversation.version}"
        return Button(text or words.label(action, self.language), data)


FREE = frozenset({"forget", "lang:ru", "lang:kk", "lang:en"})
"""Buttons that are about no conversation."""
