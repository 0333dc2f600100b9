"""What a channel is: it brings what people send, fetches what they attached, and takes messages to them.

One Protocol for messengers, mail and folders. What arrives is the same everywhere (`Arrival`), and so is what goes out
(`Message`), so that one state machine talks to everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal, Protocol

MediaKind = Literal["photo", "document", "sticker", "video", "voice", "contact", "other"]


@dataclass(frozen=True, slots=True)
class Media:
    """Something attached, still with the provider.

    Attributes:
        ref: what `Channel.fetch` needs to get it: a file's id, or a name in a message that the channel keeps.
        kind: `photo` is a picture that the messenger made small, `document` a file as it was; others are no pictures.
        size_bytes: as the provider says; None when it does not.
    """

    ref: str
    kind: MediaKind
    media_type: str | None = None
    size_bytes: int | None = None
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that was shared as such. Degrees and metres."""

    lat: float
    lon: float
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that somebody sent, or one button that somebody pressed.

    Attributes:
        channel: the channel's name.
        provider_id: the channel's own name for it: the same whenever it is delivered again, and nothing else's.
        chat: where an answer goes: a chat id, a phone number, a mail address.
        sender: who wrote it: a user id, a phone number, a mail address; the folder's name.
        sent_at: when it was sent, as the provider says.
        is_group: `chat` is a chat of several people.
        language: what the sender's program says it speaks, such as `kk`.
        album: what the pictures of one album have in common; empty where there is none.
        button: the `data` of the button that was pressed.
        about: the provider's id of the message that it answers or whose button it is.
        press: what `Channel.pressed` needs to say that the press was noticed.
        moved_to: the provider says that `chat` is called so from now on; there is nothing else in it then.
    """

    channel: str
    provider_id: str
    chat: str
    sender: str
    sent_at: datetime
    is_group: bool = False
    language: str | None = None
    text: str | None = None
    spot: Spot | None = None
    media: tuple[Media, ...] = ()
    album: str = ""
    button: str | None = None
    about: str | None = None
    press: str | None = None
    is_forwarded: bool = False
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press below a message: at most 20 characters of text, 64 bytes of data, three in a message."""

    text: str
    data: str


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out.

    Attributes:
        photo_sha256: a photo to show above the text, always sent as a copy on which every address is blurred.
        asks_for_place: offer a button that shares the place, where the channel has one.
        about: the provider's id of the message that it answers; empty: none.
        subject: of a mail.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    photo_sha256: str | None = None
    asks_for_place: bool = False
    about: str = ""
    subject: str = ""


class ChannelError(Exception):
    """Something that the provider did not do. `code` is a stable word, the message is for whoever runs this.

    Attributes:
        is_final: trying again is of no use.
        is_unknown: nobody knows whether it was done: the answer got lost.
        retry_after_s: not to be tried before; None when the provider does not say.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        is_final: bool = False,
        is_unknown: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.is_final = is_final
        self.is_unknown = is_unknown
        self.retry_after_s = retry_after_s


class Channel(Protocol):
    """One way that things arrive and, where `talks`, messages go out. Called from several threads."""

    @property
    def name(self) -> str:
        """`telegram`, `whatsapp`, `mail`, `folder`."""

    @property
    def talks(self) -> bool:
        """Whether `send` can be used."""

    def fetch(self, media: Media, into: BinaryIO, *, limit_bytes: int) -> None:
        """Write what was attached into a file.

        Raises:
            ChannelError: `media_too_large` (final) as soon as it passes the limit; `media_gone` (final) when the
                provider has it no more; another one when it may work later.
        """

    def send(self, chat: str, message: Message, *, picture: bytes | None = None) -> str:
        """Send a message, with a JPEG above it; the provider's id of it.

        Raises:
            ChannelError: it was not taken, or nobody knows.
        """

    def pressed(self, press: str) -> None:
        """Say that a press was noticed, where the channel wants that; what fails is left."""
