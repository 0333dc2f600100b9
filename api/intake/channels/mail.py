"""The mail channel: photos come in by IMAP (`mailbox/`), answers go out by the mail server that tells people things.

An answer says that a program sent it (`Auto-Submitted: auto-replied`, RFC 3834), names the mail that it answers, and
goes to the address in From alone, if `WALLWATCH_TELLING__MAIL_DOMAINS` lets mail go there.
"""

from __future__ import annotations

import hashlib
from email.headerregistry import HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from html import escape
from typing import BinaryIO

from api.errors import Problem
from api.intake.channels import kept
from api.intake.channels.base import ChannelError, Media, Message
from api.intake.channels.loop import Loop
from api.intake.channels.mailbox.letters import message_id_in
from api.intake.channels.mailbox.taking import NAME, MailRounds
from api.services import Services
from api.telling import mail
from api.telling.outcome import FateUnknown, NotTaken

_IDS = HeaderRegistry()
_IDS.map_to_type("in-reply-to", MessageIDHeader)  # type: ignore[arg-type]
_IDS.map_to_type("references", MessageIDHeader)  # type: ignore[arg-type]


class MailChannel:
    """A mailbox that reports come into."""

    name = NAME

    def __init__(self, services: Services) -> None:
        self._services = services

    @property
    def talks(self) -> bool:
        """Whether there is a mail server to answer by."""
        return bool(self._services.settings.telling.smtp_host)

    def fetch(self, media: Media, into: BinaryIO, *, limit_bytes: int) -> None:
        """Write an attachment into a file. ChannelError as `Channel.fetch` and `kept.fetch` say."""
        kept.fetch(self._services.blobs, media, into, limit_bytes=limit_bytes)

    def send(self, chat: str, message: Message, *, picture: bytes | None = None) -> str:
        """Answer by mail; the Message-ID. The same answer on the same day has the same one.

        Buttons cannot be pressed in a mail: their words stand below the text.

        Raises:
            ChannelError: it was not taken, or nobody knows.
        """
        settings, now = self._services.settings.telling, self._services.clock.now()
        if not settings.smtp_host:
            raise ChannelError("mail_not_set_up", "No mail is sent: set WALLWATCH_TELLING__SMTP_HOST.")
        try:
            to = mail.mail_address(chat, settings)
        except Problem as problem:
            raise ChannelError(problem.code, problem.message, is_final=True) from None
        said = (chat, message.text, message.subject, message.about, now.date().isoformat())
        digest = hashlib.sha256("\0".join(said).encode() + (picture or b"")).hexdigest()
        text = "\n\n".join(part for part in (message.text, " · ".join(each.text for each in message.buttons)) if part)
        built = mail.build(
            sender=settings.smtp_from,
            to=to,
            subject=message.subject or "WallWatch",
            text=text,
            html="<p>" + escape(text).replace("\n", "<br>\n") + "</p>",
            message_id=digest[:32],
            made_at=now,
        )
        _answer(built, message_id_in(message.about))
        if picture is not None:
            built.add_attachment(picture, maintype="image", subtype="jpeg", filename="photo.jpg")
        try:
            mail.send(built, to=to, settings=settings)
        except NotTaken as trouble:
            is_unknown = isinstance(trouble, FateUnknown)
            raise ChannelError(
                trouble.code, str(trouble), is_final=trouble.is_final, is_unknown=is_unknown
            ) from trouble
        return str(built["Message-ID"])

    def pressed(self, press: str) -> None:
        """Nothing: a mail has no buttons."""


def mail_channel(services: Services) -> MailChannel | None:
    """The channel; None where no mailbox is set."""
    return MailChannel(services) if services.settings.mailbox.host else None


def mail_loop(services: Services, worker: str) -> Loop | None:
    """What a worker starts and stops to read the mailbox; None where there is none."""
    settings = services.settings.mailbox
    if not settings.host:
        return None
    rounds = MailRounds(services, worker)
    return Loop(NAME, rounds.go, every_s=settings.every_s, closing=rounds.close)


def _answer(built: EmailMessage, message_id: str | None) -> None:
    """Say what it is and what it answers; as plain text, long ids would be folded and encoded."""
    del built["Auto-Submitted"]
    built["Auto-Submitted"] = "auto-replied"
    if message_id is not None:
        for name in ("In-Reply-To", "References"):
            built[name] = _IDS(name, message_id)
