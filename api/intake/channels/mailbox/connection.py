"""A mailbox over IMAP (RFC 3501): what is new in a folder, a mail in pieces, and where it goes when it was taken.

IMAPClient gives bytes as the server sent them and takes BODYSTRUCTURE apart; imap-tools fetches mails whole, and
aioimaplib leaves the parsing to its user. Nothing here marks a mail as seen but `done`.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import structlog
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError, ProtocolError

from api.intake.channels.base import ChannelError
from api.intake.channels.settings import MailboxSettings

PIECE_BYTES = 2**20
HEADER_BYTES = 2**18
logging.getLogger("imapclient").setLevel(logging.WARNING)  # below it, it writes down whole mails
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Head:
    """A mail before its content is fetched: its header's first 256 KiB, and the size of all of it."""

    uid: int
    header: bytes
    size_bytes: int
    received_at: datetime | None


class Mailbox:
    """One folder of a mailbox that is open; every call may raise what `opened` turns into ChannelError.

    Attributes:
        validity: UIDVALIDITY: when it is another one, the numbers of all mails mean nothing any more (RFC 3501, 2.3.1).
    """

    def __init__(self, client: IMAPClient, settings: MailboxSettings) -> None:
        self._client, self._settings = client, settings
        try:
            selected = client.select_folder(settings.folder)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            text = f"The mailbox has no folder {settings.folder!r} that we may open: set WALLWATCH_MAILBOX__FOLDER."
            raise ChannelError("mail_folder", text, is_final=True) from error
        self.validity = int(selected.get(b"UIDVALIDITY") or 0)
        self._next = int(selected.get(b"UIDNEXT") or 0)

    def last(self) -> int:
        """The highest number that a mail had when the folder was opened."""
        return self._next - 1 if self._next else max(self._client.search("ALL"), default=0)

    def above(self, uid: int) -> list[int]:
        """Mails that came after this one, seen or not, the oldest first."""
        # `n:*` always names the last mail, also when its number is lower than n.
        return sorted(each for each in self._client.search(["UID", f"{uid + 1}:*"]) if each > uid)

    def unseen(self, since: date | None = None) -> list[int]:
        """Mails that nobody has seen, and all that came since a day; the oldest first."""
        wanted = ["OR", "UNSEEN", "SINCE", since] if since else ["UNSEEN"]
        return sorted(self._client.search(wanted))

    def head(self, uid: int) -> Head | None:
        """The beginning of a mail; None when it is gone."""
        wanted = ["RFC822.SIZE", "INTERNALDATE", f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"]
        found = self._fetched(uid, wanted)
        if not found:
            return None
        at = found.get(b"INTERNALDATE")
        return Head(
            uid=uid,
            header=_section(found),
            size_bytes=int(found.get(b"RFC822.SIZE") or 0),
            received_at=at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo else None,
        )

    def structure(self, uid: int) -> Any:
        """BODYSTRUCTURE as nested tuples; None when the server's makes no sense."""
        try:
            return self._fetched(uid, ["BODYSTRUCTURE"]).get(b"BODYSTRUCTURE")
        except (ProtocolError, AssertionError, IndexError, TypeError, ValueError, UnboundLocalError) as error:
            log.warning("mail_structure_not_understood", uid=uid, error=type(error).__name__)
            return None

    def pieces(self, uid: int, section: str = "") -> Iterator[bytes]:
        """The bytes of a section as they were sent, or of the whole mail, a mebibyte at a time."""
        offset = 0
        while True:
            piece = _section(self._fetched(uid, [f"BODY.PEEK[{section}]<{offset}.{PIECE_BYTES}>"]))
            yield piece
            offset += len(piece)
            if len(piece) < PIECE_BYTES:
                return

    def done(self, uid: int) -> None:
        """Mark a mail as seen, and move it where taken mails go; what cannot be moved stays, seen."""
        self._client.add_flags([uid], [rb"\Seen"], silent=True)
        if not self._settings.done_folder:
            return
        try:
            self._move(uid, self._settings.done_folder)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            log.warning("mail_not_moved", uid=uid, folder=self._settings.done_folder, error=str(error)[:200])

    def star(self, uid: int) -> None:
        """Mark a mail for people to look at."""
        self._client.add_flags([uid], [rb"\Flagged"], silent=True)

    def _move(self, uid: int, folder: str) -> None:
        if not self._client.folder_exists(folder):
            self._client.create_folder(folder)
        if self._client.has_capability("MOVE"):
            self._client.move([uid], folder)
            return
        self._client.copy([uid], folder)
        self._client.add_flags([uid], [rb"\Deleted"], silent=True)
        if self._client.has_capability("UIDPLUS"):  # a plain EXPUNGE would remove what other people marked
            self._client.uid_expunge([uid])

    def _fetched(self, uid: int, wanted: list[str]) -> dict[bytes, Any]:
        return dict(self._client.fetch([uid], wanted).get(uid, {}))


@contextmanager
def opened(settings: MailboxSettings) -> Iterator[Mailbox]:
    """The mailbox's folder, signed in.

    Raises:
        ChannelError: the server cannot be reached, refuses us, or failed on the way; `is_final` when somebody has to
            change a setting or a password first.
    """
    try:
        client = _connected(settings)
    except (OSError, IMAPClientError) as error:
        raise _trouble(error, settings) from error
    try:
        yield Mailbox(client, settings)
        client.logout()
    except (OSError, IMAPClientError) as error:
        raise _trouble(error, settings) from error
    finally:
        _closed(client)


def _trouble(error: Exception, settings: MailboxSettings) -> ChannelError:
    """What went wrong, and whether somebody has to do something about it."""
    broke_off = isinstance(error.__context__, IMAPClientAbortError)  # which IMAPClient tells as a refused sign-in, too
    if isinstance(error, LoginError) and not broke_off:
        text = (
            "The mail server refused the name or the password:"
            " set WALLWATCH_MAILBOX__USER and WALLWATCH_MAILBOX__PASSWORD."
        )
        return ChannelError("mail_sign_in", text, is_final=True)
    if isinstance(error, ssl.SSLError):
        return ChannelError("mail_tls", f"The mail server's TLS is wrong ({error.reason or error}).")
    if isinstance(error, TimeoutError):
        return ChannelError("mail_timeout", f"The mail server did not answer in {settings.timeout_s:g} s.")
    if isinstance(error, OSError):
        said = error.strerror or type(error).__name__
        return ChannelError("mail_unreachable", f"{settings.host}:{settings.port} failed: {said}.")
    return ChannelError("mail_protocol", f"The mail server refused or broke off: {str(error)[:200]}")


def _closed(client: IMAPClient) -> None:
    with suppress(OSError, IMAPClientError):
        client.shutdown()


def _connected(settings: MailboxSettings) -> IMAPClient:
    context = ssl.create_default_context()
    client = IMAPClient(
        settings.host,
        port=settings.port,
        ssl=settings.tls == "tls",
        ssl_context=context if settings.tls == "tls" else None,
        timeout=settings.timeout_s,
    )
    client.normalise_times = False
    try:
        if settings.tls == "starttls":
            client.starttls(context)
        client.login(settings.user, settings.password.get_secret_value())
    except BaseException:
        _closed(client)
        raise
    return client


def _section(found: dict[bytes, Any]) -> bytes:
    """The bytes of the one section that was asked for; the server may say where it begins."""
    return next((bytes(value or b"") for name, value in found.items() if name.startswith(b"BODY[")), b"")
