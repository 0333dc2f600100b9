"""A real HTTP server and a real SMTP server on this machine, that keep what they are sent."""

import socket
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller


class Hooks:
    """Takes webhooks: answers `statuses` in turn, the last for ever; `on_post` is called before it answers."""

    def __init__(self, *statuses, on_post=lambda: None, headers=(), trickle_s=0.0):
        self.posts = []
        self._statuses = list(statuses) or [204]
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                hooks.posts.append((self.path, dict(self.headers), body))
                on_post()
                status = hooks._statuses.pop(0) if len(hooks._statuses) > 1 else hooks._statuses[0]
                if trickle_s:
                    for byte in b"HTTP/1.1 204 x":
                        self.wfile.write(bytes([byte]))
                        time.sleep(trickle_s)
                    return
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                pass

            def handle(self):
                with suppress(OSError):  # whoever asked was killed, or has had enough
                    super().handle()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook?key=x"

    @contextmanager
    def open(self, context=None):
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(10)


class Mailbox:
    """Takes mail: answers `replies` in turn, the last for ever; `on_mail` is called before it answers."""

    def __init__(self, *replies, on_mail=lambda: None, rcpt="250 OK"):
        self.mails = []
        self._replies = list(replies) or ["250 OK"]
        self._on_mail, self._rcpt = on_mail, rcpt

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - the library's name
        envelope.rcpt_tos.append(address)
        return self._rcpt

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the same
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        self._on_mail()
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    @contextmanager
    def open(self, **options):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()
