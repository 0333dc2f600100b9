"""The HTTP server."""

from __future__ import annotations

import socket

import uvicorn

from api.app import create_app
from api.services import Services
from api.web.logs import set_up

HEADER_BYTES = 32 * 1024
GRACE_S = 10
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
    port = listening.getsockname()[1]
    print(  # noqa: T201
        f"WallWatch answers at http://{services.settings.web.host}:{port} - its API describes itself at /docs",
        flush=True,
    )
    make_server(services).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise PortTaken(host, port, error.strerror or error) from None


def make_server(services: Services) -> uvicorn.Server:
    """A server that is not running yet; it logs through us and says nothing of what it is."""
    config = uvicorn.Config(
        create_app(services),
        http="h11",
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
