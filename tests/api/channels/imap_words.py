"""What IMAP commands say and how they are answered: tokens, searches, sections, BODYSTRUCTURE (RFC 3501)."""

import email
import re
from datetime import datetime
from functools import lru_cache

_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\([^()]*(?:\[[^\]]*\][^()]*)*\)|[^\s"]+)')


def tokens(line):
    """Words of a command; quoted ones without their quotes, lists in brackets as one."""
    found = []
    for match in _TOKEN.finditer(line):
        quoted, plain = match.groups()
        found.append(re.sub(rb"\\(.)", rb"\1", quoted) if plain is None else plain)
    return found


def items(arguments):
    """The items of a FETCH."""
    text = b" ".join(arguments).strip()
    if text.startswith(b"("):
        text = text[1:-1]
    return [each.decode() for each in re.findall(rb"[^\s\[]+(?:\[[^\]]*\])?(?:<[0-9.]+>)?", text)]


def is_in(uid, wanted, mails):
    last = max((mail.uid for mail in mails), default=0)
    for each in wanted.decode().split(","):
        first, _, end = each.partition(":")
        bounds = sorted(last if bound == "*" else int(bound) for bound in (first, end or first))
        if bounds[0] <= uid <= bounds[1]:
            return True
    return False


def search(criteria, mails):
    """The mails that match every criterion."""
    tests = []
    while criteria:
        tests.append(_test(criteria, mails))
    return [mail for mail in mails if all(test(mail) for test in tests)]


def _test(criteria, mails):
    name = criteria.pop(0).decode().upper()
    if name == "OR":
        one, other = _test(criteria, mails), _test(criteria, mails)
        return lambda mail: one(mail) or other(mail)
    if name == "UID":
        uids = criteria.pop(0)
        return lambda mail: is_in(mail.uid, uids, mails)
    if name == "SINCE":
        day = datetime.strptime(criteria.pop(0).decode() + " +0000", "%d-%b-%Y %z").date()
        return lambda mail: mail.at.date() >= day
    return {"ALL": lambda _mail: True, "UNSEEN": lambda mail: r"\Seen" not in mail.flags}[name]


def answer(mail, item, structure=None):
    """One item of a FETCH, with its name."""
    if item == "BODYSTRUCTURE":
        return b"BODYSTRUCTURE " + (structure or _structure(mail.data))
    if item == "RFC822.SIZE":
        return f"RFC822.SIZE {len(mail.data)}".encode()
    if item == "INTERNALDATE":
        return f'INTERNALDATE "{mail.at:%d-%b-%Y %H:%M:%S %z}"'.encode()
    if item == "FLAGS":
        return f"FLAGS ({' '.join(sorted(mail.flags))})".encode()
    section, offset, count = re.fullmatch(r"BODY\.PEEK\[([^\]]*)\](?:<(\d+)\.(\d+)>)?", item).groups()
    data = _section(mail.data, section)
    begin = f"<{offset}>" if offset is not None else ""
    if offset is not None:
        data = data[int(offset) : int(offset) + int(count)]
    return f"BODY[{section}]{begin} {{{len(data)}}}\r\n".encode() + data


@lru_cache(maxsize=8)
def _parsed(data):
    return email.message_from_bytes(data)


@lru_cache(maxsize=8)
def _structure(data):
    return body_structure(_parsed(data))


@lru_cache(maxsize=8)
def _section(data, section):
    if section == "":
        return data
    if section == "HEADER":
        head, separator, _ = data.partition(b"\r\n\r\n")
        return head + separator
    part = _parsed(data)
    for number in section.split("."):
        if part.get_content_type() == "message/rfc822":
            part = part.get_payload(0)
        if part.is_multipart():
            part = part.get_payload(int(number) - 1)
        elif number != "1":
            return b""
    if part.get_content_type() == "message/rfc822":
        return part.get_payload(0).as_bytes()
    return part.get_payload().encode("ascii", "surrogateescape")


def body_structure(part):
    """BODYSTRUCTURE of a mail or a part."""
    kind, sub = part.get_content_maintype(), part.get_content_subtype()
    disposition = _disposition(part)
    if part.is_multipart() and kind == "multipart":
        inner = b"".join(body_structure(each) for each in part.get_payload())
        return (
            b"("
            + inner
            + b" "
            + b" ".join([_string(sub), _parameters(part, "Content-Type"), disposition, b"NIL"])
            + b")"
        )
    body = (
        part.get_payload(0).as_bytes() if part.is_multipart() else part.get_payload().encode("ascii", "surrogateescape")
    )
    basic = [
        _string(kind), _string(sub), _parameters(part, "Content-Type"), _string(part.get("Content-ID")), b"NIL",
        _string(part.get("Content-Transfer-Encoding", "7bit")), str(len(body)).encode(),
    ]  # fmt: skip
    lines = str(body.count(b"\n")).encode()
    if (kind, sub) == ("message", "rfc822") and part.is_multipart():
        letter = part.get_payload(0)
        envelope = b" ".join([b"NIL", _string(letter.get("Subject")), *[b"NIL"] * 8])
        basic += [b"(" + envelope + b")", body_structure(letter), lines]
    elif kind == "text":
        basic.append(lines)
    return b"(" + b" ".join([*basic, b"NIL", disposition, b"NIL", b"NIL"]) + b")"


def _disposition(part):
    if "Content-Disposition" not in part:
        return b"NIL"
    name = part.get_content_disposition()
    return b"(" + _string(name) + b" " + _parameters(part, "Content-Disposition") + b")"


def _parameters(part, header):
    """As they stand in the mail: servers leave what RFC 2231 and RFC 2047 encoded to their clients."""
    text = re.sub(r"\r?\n[ \t]+", " ", str(part._headers and dict(_raw(part)).get(header.lower(), "")))
    found = re.findall(r';\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))', text)
    if not found:
        return b"NIL"
    return b"(" + b" ".join(_string(name) + b" " + _string(quoted or plain) for name, quoted, plain in found) + b")"


def _raw(part):
    return [(name.lower(), value) for name, value in part.raw_items()]


def _string(text):
    """A quoted string, or a literal where it cannot be one."""
    if text is None:
        return b"NIL"
    data = str(text).encode("utf-8", "surrogateescape")
    if b'"' in data or b"\\" in data or b"\r" in data or not data.isascii():
        return b"{%d}\r\n" % len(data) + data
    return b'"' + data + b'"'
