"""What a mail is: who sent it, its name, whether a person wrote it, and what is in it for us."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import islice

import idna

from api.intake.channels.kept import LEFT
from api.intake.channels.mailbox import text
from api.intake.channels.mailbox.parts import BROKEN, MOST_PARTS, Part, TooManyParts, type_of
from api.intake.folder import SUFFIXES
from api.intake.text import clean_file_name

NOBODY = "nobody"
"""The sender of a mail that does not say who sent it: it is taken, and cannot be answered."""
SMALLEST_INLINE = 8 * 2**10
"""Pictures within the text that are smaller are signs and lines, not walls."""
DIGITS = 16

_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,220}>")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,253}")
_ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz")
_ARCHIVE_TYPES = re.compile(r"application/(x-)?(zip|rar|7z|gzip|tar|compress|vnd\.rar)")
_BY_PROGRAMS = ("X-Autoreply", "X-Autorespond", "X-Autoresponse", "X-Auto-Reply", "List-Id", "List-Post", "List-Help")
_PROGRAMS = re.compile(r"(mailer-daemon|postmaster|listserv|majordomo)@.*")


def why_ignored(headers: EmailMessage, *, ours: frozenset[str], allowed: Sequence[str]) -> str | None:
    """Why a mail is left alone; None when somebody seems to have written it.

    Whatever a program sent is (RFC 3834, 2): answering it may have it answer us, for ever. So is what we sent.
    """
    sender = sender_of(headers)
    auto = _plain(headers, "Auto-Submitted").partition(";")[0].strip().lower()
    if auto not in {"", "no"} or any(name in headers for name in _BY_PROGRAMS):
        return "automatic"
    if _plain(headers, "Precedence").strip().lower() in {"bulk", "junk", "list", "auto_reply"}:
        return "automatic"
    if _plain(headers, "Return-Path").strip() == "<>" or _PROGRAMS.fullmatch(sender):
        return "bounce"
    if type_of(headers) in {"multipart/report", "message/disposition-notification"}:
        return "bounce"
    if sender in ours:
        return "ours"
    return None if _may_write(sender, allowed) else "not_allowed"


def _may_write(sender: str, allowed: Sequence[str]) -> bool:
    """Whether the address, its domain or a domain above it is on the list; everybody is on an empty one."""
    wanted = {each.strip().lower().lstrip("@") for each in allowed}
    domain = sender.rpartition("@")[2]
    above = {domain.split(".", cut)[-1] for cut in range(domain.count(".") + 1)}
    return not wanted or sender in wanted or bool(above & wanted)


def sender_of(headers: EmailMessage) -> str:
    """The address in From, in lower case and with its host in ASCII; `nobody` where there is none.

    Reply-To is anybody's to write, and would have one person be several, or several one; From is what mail servers
    check (DMARC), if they check anything.
    """
    try:
        addresses = [each.addr_spec for each in getattr(headers.get("From"), "addresses", ())]
    except BROKEN:
        return NOBODY
    for address in addresses:
        if _ADDRESS.fullmatch(address):
            local, _, host = address.lower().rpartition("@")
            with suppress(idna.IDNAError):  # a host such as `printer_3` is none, and is whose it is
                host = idna.encode(host, uts46=True).decode().lower()
            return f"{local}@{host}"[:254]
    return NOBODY


def name_of(headers: EmailMessage, header: bytes) -> str:
    """The mail's name: its Message-ID and 16 digits of who wrote it when about what; without one, digits of its header.

    Some programs give every mail the same Message-ID, and anybody can write somebody else's: the digits keep such
    mails apart. A mail that is delivered again has the same ones.
    """
    found = _MESSAGE_ID.search(_plain(headers, "Message-ID"))
    if found is None:
        return "sha256:" + hashlib.sha256(header).hexdigest()
    said = "\0".join(_plain(headers, each) for each in ("From", "Date", "Subject"))
    return f"{found.group()} {hashlib.sha256(said.encode(errors='replace')).hexdigest()[:DIGITS]}"


def message_id_in(name: str) -> str | None:
    """The Message-ID in such a name, or in a header; None where there is none."""
    found = _MESSAGE_ID.search(name)
    return found.group() if found else None


def sent_at(headers: EmailMessage, received_at: datetime | None, now: datetime) -> datetime:
    """When a mail was sent: what it says, unless that cannot be; then when the server got it."""
    try:
        said: datetime | None = headers["Date"].datetime if headers["Date"] else None
    except (*BROKEN, OverflowError):
        said = None
    if said is not None:
        said = said if said.tzinfo else said.replace(tzinfo=UTC)
        if datetime(2000, 1, 1, tzinfo=UTC) <= said <= now + timedelta(minutes=10):
            return said.astimezone(UTC)
    return received_at or now


def language_of(headers: EmailMessage) -> str | None:
    """What the sender's program says that they write."""
    said = re.match(r"\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)", _plain(headers, "Content-Language"))
    return said.group(1).lower()[:35] if said else None


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a mail.

    Attributes:
        pictures: what may be a photo, by type or by name.
        others: what is attached besides, with the reason in `kept.WHY` why it is left.
        is_cut: there were more parts than anybody sends.
    """

    texts: tuple[Part, ...]
    pictures: tuple[Part, ...]
    others: tuple[tuple[Part, str], ...]
    is_cut: bool


def content_of(parts: Iterable[Part]) -> Content:
    """The parts of a mail, sorted."""
    found, is_cut = _bounded(parts)
    texts = [part for part in found if _is_text(part)]
    rest = [part for part in found if not _is_text(part)]
    pictures = [part for part in rest if _is_picture(part) and part.pieces is not None]
    chosen = {id(part) for part in pictures}
    others = [(part, _why_left(part)) for part in rest if id(part) not in chosen]
    return Content(
        texts=tuple(texts),
        pictures=tuple(part for part in pictures if not _is_sign(part)),
        others=tuple((part, why) for part, why in others if _is_worth_a_word(part)),
        is_cut=is_cut,
    )


def _bounded(parts: Iterable[Part]) -> tuple[list[Part], bool]:
    found: list[Part] = []
    try:
        for part in islice(parts, MOST_PARTS + 1):
            found.append(part)  # noqa: PERF402 - what was found before it was too many counts
    except TooManyParts:
        return found, True
    return found[:MOST_PARTS], len(found) > MOST_PARTS


def written(content: Content, headers: EmailMessage, *, is_answer: bool) -> str | None:
    """What the sender wrote: plain text, else HTML as text, and what forwarded mails say."""
    plain = [_said(part, is_answer=is_answer) for part in content.texts if part.media_type != "text/html"]
    pages = [_said(part, is_answer=is_answer) for part in content.texts if part.media_type == "text/html"]
    return text.joined(
        _plain(headers, "Subject"),
        iter(plain if any(each.strip() for each in plain) else pages),
        is_answer=is_answer,
    )


def _said(part: Part, *, is_answer: bool) -> str:
    own = is_answer and not part.is_forwarded
    said = text.decoded(_beginning(part), part.headers)
    if part.media_type == "text/html":
        return text.own_words(text.of_html(said, is_answer=own)) if own else text.of_html(said)
    said = text.without_signature(said)
    return text.own_words(said) if own else said


def _beginning(part: Part) -> bytes:
    data = b""
    for piece in part.pieces() if part.pieces else ():
        data += piece
        if len(data) >= text.LONGEST_BYTES:
            break
    return data[: text.LONGEST_BYTES]


def file_name(part: Part) -> str | None:
    """The attachment's name, whichever way it was encoded, cleaned."""
    try:
        name = part.headers.get_filename()
    except BROKEN:
        name = None
    return clean_file_name(str(name)) if name else None


def _is_text(part: Part) -> bool:
    is_plain = part.media_type in {"text/plain", "text/html"} and not part.is_attached
    return is_plain and not _has_picture_name(part)


def _is_picture(part: Part) -> bool:
    return part.media_type.startswith("image/") or _has_picture_name(part)


def _has_picture_name(part: Part) -> bool:
    return (file_name(part) or "").lower().endswith(tuple(SUFFIXES))


def _is_sign(part: Part) -> bool:
    is_inline = "Content-ID" in part.headers and not part.is_attached
    return is_inline and part.size_bytes < SMALLEST_INLINE


def _is_worth_a_word(part: Part) -> bool:
    """Not signatures, invitations' second halves and the like, which nobody knows to have sent."""
    return part.is_attached or file_name(part) is not None


def _why_left(part: Part) -> str:
    name, kind = (file_name(part) or "").lower(), part.media_type
    if _is_picture(part):
        return "encoding"
    if name == "winmail.dat" or kind in {"application/ms-tnef", "application/vnd.ms-tnef"}:
        return "winmail"
    return "archive" if name.endswith(_ARCHIVES) or _ARCHIVE_TYPES.match(kind) else "no_picture"


def left(why: str) -> str:
    """The `ref` of something that was left, and why."""
    return LEFT + why


def kinds(parts: Sequence[Part]) -> Iterator[str]:
    """What kind of media each part is, in the words of `Media`."""
    by_main = {"video": "video", "audio": "voice", "image": "document"}
    for part in parts:
        is_card = part.media_type in {"text/vcard", "text/x-vcard", "text/directory"}
        yield "contact" if is_card else by_main.get(part.media_type.partition("/")[0], "other")


def _plain(headers: EmailMessage, name: str) -> str:
    """A header's text; empty where there is none or where it cannot be taken apart."""
    try:
        return str(headers.get(name, ""))
    except BROKEN:
        return ""
