"""Content transfer encodings (RFC 2045, 6), undone piece by piece, so that no attachment is in memory as a whole."""

from __future__ import annotations

import binascii
import string
from collections.abc import Iterator

AS_IT_IS = frozenset({"", "7bit", "8bit", "binary"})
KNOWN = AS_IT_IS | {"base64", "quoted-printable"}

_BASE64 = (string.ascii_letters + string.digits + "+/=").encode()
_JUNK = bytes(set(range(256)) - set(_BASE64))


def decoded(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The content itself. What is no base64 between base64 is left out, as RFC 2045 says; ValueError: not `KNOWN`."""
    encoding = encoding.strip().lower()
    if encoding in AS_IT_IS:
        return pieces
    if encoding == "base64":
        return _base64(pieces)
    if encoding == "quoted-printable":
        return _quoted(pieces)
    raise ValueError(encoding)


def _base64(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        rest += piece.translate(None, _JUNK)
        end = rest.find(b"=")
        if end >= 0:  # what follows the padding is no content
            rest = rest[:end]
            break
        whole = len(rest) // 4 * 4
        yield binascii.a2b_base64(rest[:whole])
        rest = rest[whole:]
    if len(rest) % 4 == 1:  # cut off in the middle of a byte
        rest = rest[:-1]
    yield binascii.a2b_base64(rest + b"=" * (-len(rest) % 4))


def _quoted(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        rest += piece
        end = rest.rfind(b"\n") + 1
        if end:
            yield binascii.a2b_qp(rest[:end])
            rest = rest[end:]
    yield binascii.a2b_qp(rest)
