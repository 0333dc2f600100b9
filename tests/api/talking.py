"""A channel over the loopback, and somebody who writes through it: what the tests of conversations have in common."""

import http.client
import itertools
import json
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

from sqlalchemy import select

from api.intake.channels.arriving import accept
from api.intake.channels.base import Arrival, ChannelError, Media, Spot
from api.intake.talk import reminders
from api.intake.talk.delivery import Delivery, due
from api.intake.talk.taking import Taking, senders_waiting
from models import Arrived, Conversation
from tests.api.pictures import jpeg

WALL = (54.8719, 69.1433)
NUMBERS = itertools.count(1)


class Provider:
    """A messenger's server: has media by name, takes messages, answers as it is told."""

    def __init__(self):
        self.media, self.sent, self.presses, self.answers = {}, [], [], []
        self.on_send = self.on_fetch = lambda: None
        self._numbers = itertools.count(1)
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.on_fetch()
                name = unquote(self.path.removeprefix("/media/"))
                found = provider.media.get(name)
                self.answer(*(found if isinstance(found, tuple) else (200, found) if found is not None else (404, b"")))

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if self.path == "/pressed":
                    provider.presses.append(body)
                    return self.answer(200, b"")
                status, answer = provider.answers.pop(0) if provider.answers else (200, {})
                if status == 200:
                    provider.sent.append(body)
                    answer = {"id": f"m{next(provider._numbers)}"}
                provider.on_send()
                return self.answer(status, json.dumps(answer).encode())

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

            def handle(self):
                with suppress(OSError):  # whoever asked was killed
                    super().handle()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port

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


class HttpChannel:
    """The channel that speaks to `Provider`."""

    def __init__(self, port, *, name="telegram", talks=True):
        self._port, self._name, self._talks = port, name, talks

    @property
    def name(self):
        return self._name

    @property
    def talks(self):
        return self._talks

    def fetch(self, media, into, *, limit_bytes):
        status, body = self._ask("GET", f"/media/{quote(media.ref)}")
        if status != 200:
            raise ChannelError("media_gone" if status == 404 else "provider_down", str(status), is_final=status == 404)
        if len(body) > limit_bytes:
            raise ChannelError("media_too_large", "too large", is_final=True)
        into.write(body)

    def send(self, chat, message, *, picture=None):
        said = {"chat": chat, "text": message.text, "buttons": [[b.text, b.data] for b in message.buttons]}
        said |= {"asks_for_place": message.asks_for_place, "about": message.about, "picture": picture is not None}
        status, body = self._ask("POST", "/send", json.dumps(said))
        if status == 200:
            return json.loads(body)["id"]
        wait_s = json.loads(body).get("retry_after_s")
        raise ChannelError("refused", str(status), is_final=status == 403, retry_after_s=wait_s)

    def pressed(self, press):
        self._ask("POST", "/pressed", json.dumps(press))

    def _ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError as error:
            raise ChannelError("provider_down", str(error), is_unknown=True) from error
        finally:
            connection.close()


class Chat:
    """Somebody with a messenger: sends, and reads what came back."""

    def __init__(self, services, provider, channel, *, name="741852963", clock=None):
        self.services, self.provider, self.channel, self.name = services, provider, channel, name
        self._channels = {channel.name: channel}
        self.taking = Taking(services, self._channels)
        self.delivery = Delivery(services, self._channels, worker="test")
        self.language = "ru"

    def arrival(self, text=None, *, photos=(), at=None, kind="photo", number=None, **more):
        """Something to be accepted; photos are names of the provider's media, or `(name, file name)`."""
        media = tuple(Media(ref=name, kind=kind) if isinstance(name, str) else name for name in photos)
        if (spot := more.pop("spot", None)) is not None:
            more["spot"] = Spot(*spot)
        number = number or f"{next(NUMBERS)}"
        values = {"chat": self.name, "sender": self.name, "language": self.language} | more
        sent_at = at or self.services.clock.now()
        return Arrival(channel=self.channel.name, provider_id=number, sent_at=sent_at, text=text, media=media, **values)

    def send(self, *texts, **more):
        """Send something, have it taken, and what is answered delivered; the texts that came back."""
        accept(self.services, [self.arrival(*texts, **more)])
        return self.answers()

    def press(self, label, *, said=-1, **more):
        """Press a button of a message that came back, by its beginning."""
        data = next(data for text, data in self.mine()[said]["buttons"] if text.startswith(label))
        return self.send(button=data, press="p", **more)

    def answers(self):
        """Have everything that waits taken and sent; the texts that came back to this chat."""
        before = len(self.mine())
        with self.services.reading_unit() as unit:
            waiting = senders_waiting(unit)
        for sender_id in waiting:
            self.taking.take_all(sender_id)
        self.deliver()
        return [said["text"] for said in self.mine()[before:]]

    def deliver(self):
        """Try what is due until nothing is."""
        tried = []
        while True:
            with self.services.reading_unit() as unit:
                asked = [each for each in due(unit, begun_for_s=0) if each not in tried]
            if not asked:
                return
            tried += asked
            for each in asked:
                self.delivery.attempt(each)

    def remind(self):
        """Do what is due with time; the texts that came back."""
        before = len(self.mine())
        with self.services.reading_unit() as unit:
            waiting = reminders.due(unit)
        for each in waiting:
            with self.services.unit() as unit:
                reminders.look(unit, self.services.settings, each)
        self.deliver()
        return [said["text"] for said in self.mine()[before:]]

    def mine(self):
        return [said for said in self.provider.sent if said["chat"] == self.name]

    def rows(self, table=Conversation):
        """All rows, the oldest first."""
        order = Conversation.opened_at if table is Conversation else table.seq
        with self.services.reading_unit() as unit:
            return list(unit.session.scalars(select(table).order_by(order)))

    def outcomes(self):
        return [row.outcome for row in self.rows(Arrived)]


@contextmanager
def opened_provider():
    """A messenger's server with a few pictures; `file` knows its place."""
    with Provider().open() as opened:
        opened.media |= {f"wall{n}": jpeg(40 + n) for n in range(1, 6)}
        opened.media["file"] = jpeg(50, gps=WALL)
        yield opened


def reported(chat, *photos):
    """A whole conversation; the report's id."""
    chat.send(photos=photos or ["wall1"])
    chat.send(spot=WALL)
    chat.press("Отправить")
    return chat.rows()[-1].report_id
