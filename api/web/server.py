"""The HTTP server."""

from __future__ import annotations

import gc
import secrets
import socket
import sys
from threading import Thread

import h11
import structlog
import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.app import create_app
from api.errors import Problem
from api.services import Services
from api.web.body_limit import HeadTooLarge
from api.web.logs import set_up
from api.web.problems import problem_response

HEADER_BYTES = 32 * 1024
GRACE_S = 10
log = structlog.get_logger()
EVER = (0, 30_000)
"""Days since 1970."""
AT_ONCE = 512  # connections; beyond that the answer is 503 at once instead of a slow one for everybody


class PortTaken(Exception):
    """Something else listens there already, or nobody may."""

    def __init__(self, host: str, port: int, why: object) -> None:
        super().__init__(f"cannot listen at {host}:{port} ({why}): set WALLWATCH_WEB__PORT to a free port")


def serve(services: Services, listening: socket.socket) -> None:
    """Answer requests until told to stop; prints where to go.

    On SIGTERM or Ctrl-C it takes no new requests and gives those under way ten seconds.
    """
    set_up(services.settings)
    Thread(target=_read_pages, args=(services,), name="read-pages", daemon=True).start()
    port = listening.getsockname()[1]
    print(  # noqa: T201
        f"WallWatch answers at http://{services.settings.web.host}:{port} - sign in there;"
        " its API describes itself at /docs",
        flush=True,
    )
    make_server(services).run(sockets=[listening])


def _read_pages(services: Services) -> None:
    """Read what statistics are counted from before anybody asks: a million sightings take a second."""
    try:
        with services.reading_unit() as unit:
            services.shelf.read(unit.session, *EVER)
    except SQLAlchemyError as error:
        log.warning("pages_not_read", error=type(error).__name__)  # whoever asks reads them, or is told why not
    settle()


def settle() -> None:
    """Take what there is now for what stays: looking through all of it again and again holds answers up by 0.1 s."""
    gc.collect()
    gc.freeze()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise PortTaken(host, port, error.strerror or error) from None


class RequestMalformed(Problem):
    """Bytes that are no HTTP request."""

    status = 400

    def __init__(self) -> None:
        super().__init__(
            "This is not an HTTP/1.1 request: check that the address begins with the right http:// or https://."
        )


class Protocol(H11Protocol):
    """uvicorn's, but what it refuses before the application hears of it is problem JSON with a request id as well."""

    def send_400_response(self, msg: str) -> None:
        """Called while h11's error is handled, which says whether it was the size."""
        is_size = getattr(sys.exception(), "error_status_hint", 400) == HeadTooLarge.status
        problem = HeadTooLarge(limit_bytes=HEADER_BYTES) if is_size else RequestMalformed()
        request_id = secrets.token_hex(8)
        log.warning("request_malformed", request_id=request_id, reason=msg, status=problem.status)
        answer = problem_response(problem, {"type": "http", "state": {"request_id": request_id}})
        headers = [*answer.raw_headers, (b"x-request-id", request_id.encode()), (b"connection", b"close")]
        for event in (
            h11.Response(status_code=problem.status, headers=headers),
            h11.Data(data=bytes(answer.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def make_server(services: Services) -> uvicorn.Server:
    """A server that is not running yet; it logs through us and says nothing of what it is."""
    config = uvicorn.Config(
        create_app(services),
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the application asks its own list of trusted proxies
        limit_concurrency=AT_ONCE,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=HEADER_BYTES,
    )
    return uvicorn.Server(config)
