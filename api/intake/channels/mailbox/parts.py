"""The parts of a mail: from Python's own parser for a small one, and from the server's BODYSTRUCTURE for a large one.

A small mail is fetched whole: one question, and one parser for whatever people send. A large one is not: its parts are
told by BODYSTRUCTURE, those that are wanted are fetched a mebibyte at a time, decoded on the way and never held as a
whole. Forwarded mails (message/rfc822) are looked into, however deep, up to a limit.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import HeaderParser
from itertools import islice
from typing import Any

from api.intake.channels.mailbox.decoding import KNOWN, decoded

WHOLE_BYTES = 2 * 2**20
MOST_PARTS = 200
DEEPEST = 30
LONGEST_FIELD, MOST_FIELDS = 2048, 2**16
"""Of a header, in bytes, and of all that are about content: the standard parser needs quadratic time for one."""
MOST_PARAMETERS, LONGEST_PARAMETER = 40, 1024
BROKEN = (LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError)
"""What the standard parser raises where a header is made to be no header."""

Pieces = Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Part:
    """One part that has no parts.

    Attributes:
        headers: what the mail says about its content, and no content.
        size_bytes: of the content, about.
        pieces: the content, decoded; None in an encoding that nobody knows.
        is_forwarded: it lies in a mail within the mail.
    """

    headers: EmailMessage
    size_bytes: int
    pieces: Pieces | None
    is_forwarded: bool = False

    @property
    def media_type(self) -> str:
        """`image/jpeg`; what is broken counts as text/plain, as RFC 2045 says."""
        return type_of(self.headers)

    @property
    def is_attached(self) -> bool:
        """Whether it is said to be an attachment."""
        try:
            return self.headers.get_content_disposition() == "attachment"
        except BROKEN:
            return False


class TooManyParts(Exception):
    """More than anybody sends; what was found before counts."""


def type_of(headers: EmailMessage) -> str:
    """The media type; `text/plain` where it is broken."""
    try:
        return headers.get_content_type()
    except BROKEN:
        return "text/plain"


def header_of(data: bytes) -> EmailMessage:
    """A mail's header; of a field that is far too long, the beginning. Bytes that are no ASCII are UTF-8, or old."""
    fields = re.split(rb"\r?\n(?![ \t])", data.partition(b"\r\n\r\n")[0])
    bounded = b"\r\n".join(field[:LONGEST_FIELD] for field in fields if field) + b"\r\n\r\n"
    try:
        text = bounded.decode()
    except UnicodeDecodeError:
        text = bounded.decode("windows-1251", "replace")
    return HeaderParser(policy=email.policy.default).parsestr(text)


def whole(data: bytes) -> EmailMessage | None:
    """A mail, however broken; None where the standard parser would be busy with it for hours, or fall over it."""
    length = total = 0
    for line in data.split(b"\n"):
        if line[:8].lower() == b"content-":
            length = len(line)
        elif length and line[:1] in (b" ", b"\t"):
            length += len(line)
        else:
            length = 0
        total += len(line) if length else 0
        if length > LONGEST_FIELD or total > MOST_FIELDS:
            return None
    try:
        return email.message_from_bytes(data, policy=email.policy.default)
    except BROKEN:
        return None


def of_message(message: EmailMessage, *, depth: int = 0, is_forwarded: bool = False) -> Iterator[Part]:
    """The parts of a mail that is here as a whole. TooManyParts beyond the depth."""
    if depth > DEEPEST:
        raise TooManyParts
    inner, kind = message.get_payload(), type_of(message)
    if isinstance(inner, list):
        is_letter = kind == "message/rfc822"
        for each in inner:
            if isinstance(each, EmailMessage):
                if is_letter:
                    yield _subject(each)
                yield from of_message(each, depth=depth + 1, is_forwarded=is_forwarded or is_letter)
        return
    content = message.get_payload(decode=True)
    data = content if isinstance(content, bytes) else b""
    said = "".join(f"{name}: {value}\r\n" for name, value in message.raw_items() if name.lower().startswith("content-"))
    yield Part(header_of(said.encode(errors="surrogateescape")), len(data), lambda: iter([data]), is_forwarded)


def of_structure(
    structure: Any, fetch: Callable[[str], Iterator[bytes]], *, whole_bytes: int = WHOLE_BYTES
) -> Iterator[Part]:
    """The parts of a mail that is with the server.

    Args:
        structure: as IMAPClient gives it.
        fetch: gives a section's bytes as they were sent.
        whole_bytes: mails within the mail are fetched whole up to this size: servers number their parts differently.

    Raises:
        TooManyParts: beyond the depth.
        ValueError: the structure makes no sense.
    """
    try:
        yield from _Reading(fetch, whole_bytes).parts(structure, "", depth=0, is_forwarded=False)
    except (IndexError, TypeError, AttributeError) as error:
        raise ValueError("BODYSTRUCTURE") from error


@dataclass(frozen=True, slots=True)
class _Reading:
    fetch: Callable[[str], Iterator[bytes]]
    whole_bytes: int

    def parts(self, structure: Any, section: str, *, depth: int, is_forwarded: bool) -> Iterator[Part]:
        """Sections are numbered as RFC 3501, 6.4.5 says: `2.1` is the first part in the second one."""
        if depth > DEEPEST:
            raise TooManyParts
        if isinstance(structure[0], list):
            for number, each in enumerate(structure[0], start=1):
                inner = f"{section}.{number}" if section else str(number)
                yield from self.parts(each, inner, depth=depth + 1, is_forwarded=is_forwarded)
            return
        section = section or "1"
        if (structure[0].lower(), structure[1].lower()) == (b"message", b"rfc822") and len(structure) > 8:
            yield from self._letter(structure, section, depth=depth)
            return
        encoding, size = _text(structure[5]).lower(), int(structure[6] or 0)
        pieces = (lambda: decoded(self.fetch(section), encoding)) if encoding in KNOWN else None
        content = size * 3 // 4 if encoding == "base64" else size
        yield Part(header_of(_header(structure)), content, pieces, is_forwarded)

    def _letter(self, structure: Any, section: str, *, depth: int) -> Iterator[Part]:
        """A mail within the mail."""
        if int(structure[6] or 0) <= self.whole_bytes:
            message = whole(b"".join(self.fetch(section)))
            if message is not None:
                yield _subject(message)
                yield from of_message(message, depth=depth + 1, is_forwarded=True)
                return
        yield _subject(header_of(b"Subject: " + b" ".join((structure[7][1] or b"").split())))
        # A mail with parts gives its own number to them; one without is the first part of itself.
        inner = section if isinstance(structure[8][0], list | tuple) else f"{section}.1"
        yield from self.parts(_listed(structure[8]), inner, depth=depth + 1, is_forwarded=True)


def _listed(structure: Any) -> Any:
    """A structure within a forwarded mail, which IMAPClient leaves as tuples, with its parts as a list."""
    if not isinstance(structure[0], tuple):
        return structure
    parts = [each for each in structure if isinstance(each, tuple)]
    first_word = next(at for at, each in enumerate(structure) if not isinstance(each, tuple))
    return ([_listed(each) for each in parts[:first_word]], *structure[first_word:])


def _header(structure: Sequence[Any]) -> bytes:
    """The content's header as it will have been, for the standard parser: it knows RFC 2231, RFC 2047 and what not."""
    main, sub, encoding = _text(structure[0]), _text(structure[1]), _text(structure[5])
    basic = 8 if main.lower() == "text" else 7
    disposition = structure[basic + 1] if len(structure) > basic + 1 else None
    lines = [f"Content-Type: {main}/{sub}".encode() + _parameters(structure[2])]
    if encoding:
        lines.append(f"Content-Transfer-Encoding: {encoding}".encode())
    if isinstance(structure[3], bytes):
        lines.append(b"Content-ID: " + b" ".join(structure[3].split()))
    if isinstance(disposition, tuple) and disposition and isinstance(disposition[0], bytes):
        given = _parameters(disposition[1]) if len(disposition) > 1 else b""
        lines.append(b"Content-Disposition: " + b" ".join(disposition[0].split()) + given)
    elif isinstance(disposition, bytes):  # as it stands in the mail, which RFC 3501 does not say
        lines.append(b"Content-Disposition: " + b" ".join(disposition.split())[:LONGEST_FIELD])
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _parameters(pairs: Any) -> bytes:
    """`; name="value"` for each; those that RFC 2231 wrote are not quoted."""
    if not isinstance(pairs, tuple):
        return b""
    found = b""
    for name, value in islice(zip(pairs[::2], pairs[1::2], strict=False), MOST_PARAMETERS):
        if isinstance(name, bytes) and isinstance(value, bytes | int):
            text = b" ".join([str(value).encode()] if isinstance(value, int) else value.split())[:LONGEST_PARAMETER]
            is_plain = name.endswith(b"*") and not set(text) & set(b' ";,()<>@\\:/[]?=')
            quoted = text if is_plain else b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
            found += b"; " + b"".join(name.split()) + b"=" + quoted
    return found


def _subject(letter: EmailMessage) -> Part:
    """What a mail within the mail is about, as a part of text."""
    said = next((str(text) for name, text in letter.raw_items() if name.lower() == "subject"), "")
    try:
        data = str(header_of(f"Subject: {said}".encode(errors="surrogateescape"))["Subject"]).encode(errors="replace")
    except BROKEN:
        data = b""
    headers = header_of(b'Content-Type: text/plain; charset="utf-8"\r\n\r\n')
    return Part(headers, len(data), lambda: iter([data]), is_forwarded=True)


def _text(value: Any) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else ""
