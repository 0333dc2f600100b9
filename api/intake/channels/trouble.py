"""What goes wrong on the way to a provider, and a download that knows when to stop; the same for every messenger."""

from __future__ import annotations

import ssl
import time
from functools import cache
from typing import BinaryIO

import httpx

from api.intake.channels.base import ChannelError

IN_TIME_S = 300.0  # a file that takes longer is asked for again later
PIECE_BYTES = 64 * 1024
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
NOT_DONE = frozenset({502, 503})
"""A gateway says that there was nobody to do it. After another 5xx nobody knows what was done."""


@cache
def tls() -> ssl.SSLContext:
    """Whom connections trust: reading the authorities takes a tenth of a second, once a process."""
    return httpx.create_ssl_context(trust_env=False)


def of_the_line(error: httpx.HTTPError, who: str, *, changes_something: bool = True) -> ChannelError:
    """What a broken connection means: before the request was out nothing happened, afterwards nobody knows."""
    if isinstance(error, NOT_SENT):
        return ChannelError("unreachable", f"{who} cannot be reached ({type(error).__name__})")
    is_late = isinstance(error, httpx.TimeoutException)
    return ChannelError(
        "timed_out" if is_late else "broken_off",
        f"{who} did not answer in time" if is_late else f"the connection to {who} broke off ({type(error).__name__})",
        is_unknown=changes_something,
    )


def of_the_server(status: int, who: str) -> ChannelError:
    """What a status of 500 and more means."""
    return ChannelError("unavailable", f"{who} answers {status}", is_unknown=status not in NOT_DONE)


def copied(answer: httpx.Response, into: BinaryIO, *, limit_bytes: int, until_s: float) -> int:
    """How many bytes were written. ChannelError: `media_too_large` before more than the limit is, `timed_out`."""
    declared = answer.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:20]) > limit_bytes:
        raise too_large(limit_bytes)
    count = 0
    for piece in answer.iter_bytes(PIECE_BYTES):
        count += len(piece)
        if count > limit_bytes:
            raise too_large(limit_bytes)
        if time.monotonic() > until_s:
            raise ChannelError("timed_out", "the file came too slowly")
        into.write(piece)
    return count


def too_large(limit_bytes: int) -> ChannelError:
    """More bytes than a photo may have."""
    return ChannelError("media_too_large", f"The file has more than {limit_bytes} bytes.", is_final=True)
