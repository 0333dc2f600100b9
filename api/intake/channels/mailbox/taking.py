"""A worker's rounds over the mailbox: each new mail becomes one arrival, and only then is marked as taken.

How far it has come is kept with the lease, as UIDVALIDITY and UID: people may read mails in the mailbox before us, so
that they are seen says nothing. The first time, what nobody has seen is taken; when the server has numbered all mails
anew, what nobody has seen and whatever came since the day before the last round. What is taken twice by that is known
by its name and changes nothing. A mail that is not taken (a program's, a stranger's, one that we fail on) is left as it
is, for people; one that we fail on gets a star.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

import structlog
from sqlalchemy import select

from api.intake.channels import kept
from api.intake.channels.arriving import accept
from api.intake.channels.base import Arrival, Media
from api.intake.channels.lease import Lease
from api.intake.channels.mailbox import letters
from api.intake.channels.mailbox.connection import Head, Mailbox, opened
from api.intake.channels.mailbox.parts import WHOLE_BYTES, Part, header_of, of_message, of_structure, whole
from api.photos.blobs import BlobTooLarge, Stored
from api.services import Services
from models import Arrived

NAME = "mail"
MOST_PICTURES = 50
MOST_OTHERS = 20
MOST_TRIES = 5
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """How far the mailbox was read.

    Attributes:
        uid: mails above it are to be taken.
        todo: and these, below it.
        day: of the last round.
        at: the mail that was begun last.
        tries: how often it was begun and not finished.
    """

    validity: int = 0
    uid: int = 0
    todo: tuple[int, ...] = ()
    day: date | None = None
    at: int = 0
    tries: int = 0

    @classmethod
    def of(cls, there: dict[str, Any]) -> Place:
        """The place that a lease keeps; the beginning when it keeps none."""
        day = there.get("day")
        todo = tuple(there.get("todo", ()))
        return cls(**(there | {"todo": todo, "day": date.fromisoformat(day) if day else None}))

    def as_json(self) -> dict[str, Any]:
        """What a lease keeps of it."""
        return asdict(self) | {"todo": list(self.todo), "day": self.day.isoformat() if self.day else None}

    def begun(self, uid: int) -> Place:
        """The place when a mail is begun."""
        return replace(self, at=uid, tries=self.tries + 1 if self.at == uid else 1)

    def behind(self, uid: int) -> Place:
        """The place when a mail is done with."""
        return replace(self, uid=max(uid, self.uid), todo=tuple(each for each in self.todo if each != uid), tries=0)


class MailRounds:
    """Reads the mailbox for one worker, when it is its turn."""

    def __init__(self, services: Services, worker: str) -> None:
        self._services, self._settings = services, services.settings.mailbox
        self._lease = Lease(services, NAME, worker)

    def go(self, is_stopping: Callable[[], bool] = lambda: False) -> int:
        """One round; how many mails were taken. ChannelError when the mailbox or we cannot go on now."""
        if not self._lease.hold():
            return 0
        taken = 0
        with opened(self._settings) as mailbox:
            place = self._beginning(mailbox, Place.of(self._lease.kept))
            self._lease.keep(place.as_json())
            for uid in [*place.todo, *mailbox.above(place.uid)]:
                if is_stopping():
                    break
                place = place.begun(uid)
                self._lease.keep(place.as_json())
                taken += self._tried(mailbox, uid, place.tries)
                place = place.behind(uid)
            self._lease.keep(place.as_json())
        return taken

    def _beginning(self, mailbox: Mailbox, place: Place) -> Place:
        """Where a round begins: the first time, and when old numbers mean nothing any more, with a list of its own."""
        today = self._services.clock.now().date()
        if place.day is not None and place.validity == mailbox.validity:
            return replace(place, day=today)
        if place.day is not None:
            log.warning("mailbox_numbered_anew", before=place.validity, now=mailbox.validity)
        todo = mailbox.unseen(since=place.day - timedelta(days=1) if place.day else None)
        return Place(validity=mailbox.validity, uid=max([mailbox.last(), *todo]), todo=tuple(todo), day=today)

    def close(self) -> None:
        """Leave the mailbox to another worker."""
        self._lease.let_go()

    def _tried(self, mailbox: Mailbox, uid: int, tries: int) -> bool:
        """Whether a mail was taken; one on which we fail, or fail again and again, is left with a star."""
        if tries > MOST_TRIES:
            log.error("mail_left", uid=uid, reason=f"{MOST_TRIES} rounds ended in it")
            mailbox.star(uid)
            return False
        try:
            return take(self._services, mailbox, uid)
        except NotUnderstood as error:
            log.warning("mail_left", uid=uid, reason=str(error))
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
            log.exception("mail_left", uid=uid)
        mailbox.star(uid)
        return False


class NotUnderstood(Exception):
    """A mail of which neither the standard parser nor the server makes sense."""


def take(services: Services, mailbox: Mailbox, uid: int) -> bool:
    """Take one mail; False when it is gone, or is to be left.

    Raises:
        ChannelError: the photo store does not take its pictures now.
        NotUnderstood: nothing can be made of it.
    """
    head = mailbox.head(uid)
    if head is None:
        return False
    headers = header_of(head.header)
    settings = services.settings
    ours = frozenset(each.lower() for each in (settings.mailbox.user, settings.telling.smtp_from) if "@" in each)
    if why := letters.why_ignored(headers, ours=ours, allowed=settings.mailbox.senders):
        log.info("mail_ignored", uid=uid, reason=why)
        return False
    name = letters.name_of(headers, head.header)
    if not _is_known(services, name):
        accept(services, [_arrival(services, mailbox, head, name)])
    mailbox.done(uid)
    return True


def _is_known(services: Services, name: str) -> bool:
    with services.reading_unit() as unit:
        known = select(Arrived.seq).where(Arrived.channel == NAME, Arrived.provider_id == name)
        return unit.session.scalar(known) is not None


def _arrival(services: Services, mailbox: Mailbox, head: Head, name: str) -> Arrival:
    """The mail as an arrival, its pictures kept."""
    headers = header_of(head.header)
    content = letters.content_of(_parts(mailbox, head))
    about = letters.message_id_in(str(headers.get("In-Reply-To", "")))
    sender = letters.sender_of(headers)
    return Arrival(
        channel=NAME,
        provider_id=name,
        chat=sender,
        sender=sender,
        sent_at=letters.sent_at(headers, head.received_at, services.clock.now()),
        language=letters.language_of(headers),
        text=letters.written(content, headers, is_answer=about is not None),
        media=(*_kept(services, content.pictures), *_left(content)),
        about=about,
        is_forwarded=any(part.is_forwarded for part in content.pictures),
    )


def _parts(mailbox: Mailbox, head: Head) -> Iterator[Part]:
    """A small mail's parts from the mail itself; a large one's, and a tricky one's, as the server tells them."""
    if head.size_bytes <= WHOLE_BYTES:
        message = whole(b"".join(mailbox.pieces(head.uid)))
        if message is not None:
            return of_message(message)
    structure = mailbox.structure(head.uid)
    if structure is None:
        raise NotUnderstood("neither the mail nor the server's account of it can be taken apart")
    return of_structure(structure, lambda section: mailbox.pieces(head.uid, section))


def _kept(services: Services, pictures: tuple[Part, ...]) -> Iterator[Media]:
    """Pictures, durable from here on; of those that are too large or too many, their names."""
    limits, seen = services.settings.limits, set[str]()
    left_bytes = limits.body_bytes
    for number, (part, kind) in enumerate(zip(pictures, letters.kinds(pictures), strict=True)):
        is_over = number >= MOST_PICTURES or left_bytes <= 0
        stored = "too_many" if is_over else _stored(services, part, min(limits.photo_bytes, left_bytes))
        if isinstance(stored, str):
            yield _media(part, kind, letters.left(stored))
        elif stored.sha256 not in seen:  # the same picture in the text and attached
            seen.add(stored.sha256)
            left_bytes -= stored.size_bytes
            yield _media(part, kind, kept.KEPT + stored.sha256, stored.size_bytes)


def _stored(services: Services, part: Part, limit_bytes: int) -> Stored | str:
    if part.pieces is None:
        return "encoding"
    if part.size_bytes > limit_bytes * 2:  # not worth the fetching
        return "media_too_large"
    try:
        stored = kept.keep(services.blobs, part.pieces(), limit_bytes=limit_bytes)
    except BlobTooLarge:
        return "media_too_large"
    return stored if stored.size_bytes else "empty"


def _left(content: letters.Content) -> Iterator[Media]:
    parts = [part for part, _why in content.others[:MOST_OTHERS]]
    for (part, why), kind in zip(content.others, letters.kinds(parts), strict=False):
        yield _media(part, "other" if kind == "document" else kind, letters.left(why))


def _media(part: Part, kind: str, ref: str, size_bytes: int | None = None) -> Media:
    return Media(
        ref=ref,
        kind=kind,  # type: ignore[arg-type]
        media_type=part.media_type[:100],
        size_bytes=part.size_bytes if size_bytes is None else size_bytes,
        file_name=letters.file_name(part),
    )
