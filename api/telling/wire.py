"""One signed POST to a webhook: to an address that was looked at, in bounded time, following nothing."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from api.telling.outcome import NotTaken
from api.telling.settings import TellingSettings
from api.telling.targets import Resolver, Target, addresses, parse


def post(url: str, body: bytes, headers: dict[str, str], *, settings: TellingSettings, resolve: Resolver) -> None:
    """Send a message and wait for any 2xx; what the receiver says beside its status is not read.

    Raises:
        NotTaken: it was not accepted, or nobody knows.
        WebhookUrlRefused, WebhookTargetRefused, WebhookUnresolved: nothing was sent.
    """
    target = parse(url, settings)
    found = addresses(target, settings, resolve)
    try:
        status = _status(_Connection(target, found, timeout_s=settings.webhook_timeout_s), body, headers)
    except TimeoutError:
        raise NotTaken("webhook_timeout", f"No answer within {settings.webhook_timeout_s:g} seconds.") from None
    except ssl.SSLError as error:
        raise NotTaken("webhook_tls", f"The TLS certificate or protocol is wrong ({error.reason}).") from None
    except (OSError, http.client.HTTPException) as error:
        raise NotTaken("webhook_unreachable", f"The connection failed ({type(error).__name__}).") from None
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise NotTaken("webhook_redirect", f"The receiver answered {status}: redirects are not followed.")
    raise NotTaken("webhook_refused", f"The receiver answered {status}.", is_gone=status == 410)


class _Connection(http.client.HTTPConnection):
    """Has the target's name in `Host` and in TLS, and goes to the addresses that were looked at."""

    def __init__(self, target: Target, found: Sequence[str], *, timeout_s: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout_s)
        self.default_port = 443 if target.is_https else 80  # which `Host` leaves out
        self.target = target
        self.timeout_s = timeout_s
        self._found = found

    def connect(self) -> None:
        self.sock = self._reach()
        if self.target.is_https:
            context = ssl.create_default_context()
            # In two steps, so that the socket can be cut off while it greets.
            secure = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = secure
            secure.do_handshake()

    def _reach(self) -> socket.socket:
        end, failed = time.monotonic() + self.timeout_s, OSError("there is no address")
        for each in self._found:
            left_s = end - time.monotonic()
            if left_s <= 0:
                raise TimeoutError
            try:
                return socket.create_connection((each, self.port), left_s)
            except OSError as error:
                failed = error
        raise failed


def _status(connection: _Connection, body: bytes, headers: dict[str, str]) -> int:
    own = {"Content-Type": "application/json", "User-Agent": "WallWatch", "Connection": "close"}
    with _within(connection) as is_over:
        try:
            connection.request("POST", connection.target.path, body, headers | own)
            return connection.getresponse().status  # http.client takes at most 100 headers of 64 KiB
        except (OSError, http.client.HTTPException):
            if is_over.is_set():
                raise TimeoutError from None
            raise


@contextmanager
def _within(connection: _Connection) -> Iterator[threading.Event]:
    """Cut the connection off when its time is over: a receiver that trickles would keep every single read alive."""
    is_over = threading.Event()

    def cut() -> None:
        is_over.set()
        if connection.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)  # not TLS's own, which would wait

    timer = threading.Timer(connection.timeout_s, cut)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()
        connection.close()
