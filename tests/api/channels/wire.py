"""A provider on this machine: a real HTTP server that answers as its documentation says, and keeps what it is sent."""

import json
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Provider:
    """Answers what `answers` holds for a path first, the last for ever; else what the subclass's `usual` says."""

    def __init__(self):
        self.asked = []  # (method, path, headers, body)
        self.answers = {}
        self._lock = threading.Lock()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _go(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                provider.handle(self, body)

            do_GET = do_POST = do_DELETE = _go  # noqa: N815 - the library's names

            def log_message(self, *_):
                pass

            def handle(self):
                with suppress(OSError):  # whoever asked has had enough
                    super().handle()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def open(self):
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(10)

    def next(self, name, *answers):
        """Answer these in turn where `name` is asked for: (status, json or bytes[, headers]), or a function."""
        self.answers[name] = list(answers)

    def handle(self, request, body):
        with self._lock:
            self.asked.append((request.command, request.path, dict(request.headers), body))
            name = self.name_of(request)
            waiting = self.answers.get(name)
            answer = (waiting.pop(0) if len(waiting) > 1 else waiting[0]) if waiting else self.usual(name, body)
        if callable(answer):
            answer = answer(request, body)
            if answer is None:  # it answered by itself, or not at all
                return
        status, said, *headers = answer
        data = said if isinstance(said, bytes) else json.dumps(said).encode()
        request.send_response(status)
        for header, value in (headers[0] if headers else {}).items():
            request.send_header(header, value)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        with suppress(OSError):
            request.wfile.write(data)

    def bodies(self, name):
        """What was sent where `name` was asked for."""
        return [body for method, path, headers, body in self.asked if name in path]


def hang_up(request, _body):
    """Break the connection off without an answer: nobody knows what was done."""
    request.close_connection = True
    request.connection.close()


def late(seconds):
    """Say nothing for so long."""
    waiting = threading.Event()

    def answer(request, _body):
        waiting.wait(seconds)
        request.close_connection = True

    return answer
