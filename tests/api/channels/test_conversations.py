"""A whole conversation over each messenger's own wire: webhook in, media and messages by the real client libraries."""

import json

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.app import create_app
from api.intake.channels.table import channels
from api.intake.talk.delivery import Delivery, due
from api.intake.talk.taking import Taking, senders_waiting
from models import Conversation, Report
from tests.api.channels import telegram_server, whatsapp_server
from tests.api.channels.messengers import of_telegram, of_whatsapp
from tests.api.channels.whatsapp_server import body, signed
from tests.api.pictures import jpeg
from tests.api.talking import WALL
from tests.api.telling import ONE_DATABASE


class Wire:
    """What somebody does with their messenger, and what the messenger's server was sent."""

    def __init__(self, services, server, http):
        self.services, self.server, self.http = services, server, http
        known = channels(services)
        self._taking, self._delivery = Taking(services, known), Delivery(services, known, worker="test")

    def send(self, what):
        """Bring something by webhook; what was sent back."""
        before = len(self.server.sent)
        assert self.bring(what).status_code == 200
        with self.services.reading_unit() as unit:
            waiting = senders_waiting(unit)
        for each in waiting:
            self._taking.take_all(each)
        with self.services.reading_unit() as unit:
            asked = due(unit, begun_for_s=0)
        assert [self._delivery.attempt(each) for each in asked] == ["sent"] * len(asked)
        return self.server.sent[before:]

    def conversation(self):
        with self.services.reading_unit() as unit:
            return unit.session.scalars(select(Conversation)).one(), unit.session.scalars(select(Report)).all()


class OnTelegram(Wire):
    def bring(self, what):
        secret = {"X-Telegram-Bot-Api-Secret-Token": telegram_server.SECRET}
        return self.http.post("/hooks/telegram", json=what, headers=secret)


class OnWhatsApp(Wire):
    def bring(self, what):
        return self.http.post("/hooks/whatsapp", **signed(body(what)))


@pytest.fixture
def wire(make_services):
    """`wire(OnTelegram, server)`."""
    opened = []

    def make(kind, server):
        groups = {"telegram": of_telegram(mode="webhook"), "whatsapp": of_whatsapp()}
        groups["telegram" if kind is OnTelegram else "whatsapp"]["api"] = server.url
        services = make_services(**groups)
        opened.append(TestClient(create_app(services), raise_server_exceptions=False))
        return kind(services, server, opened[-1].__enter__())

    yield make
    for each in opened:
        each.__exit__(None, None, None)


@ONE_DATABASE
def test_a_report_by_telegram(telegram, wire):
    server, _ = telegram
    server.files["AgACAgIAAx-large"] = jpeg(70)
    anna = wire(OnTelegram, server)
    [asked] = anna.send(telegram_server.update(1, message_id=1, photo=telegram_server.PHOTO))
    assert "Бұл қабырға қайда" in asked["text"]
    assert asked["reply_markup"]["keyboard"][0][0]["request_location"] is True
    place = {"latitude": WALL[0], "longitude": WALL[1]}
    [shown] = anna.send(telegram_server.update(2, message_id=2, location=place))
    buttons = [each for row in shown["reply_markup"]["inline_keyboard"] for each in row]
    [thanks] = anna.send(telegram_server.press(3, data=buttons[0]["callback_data"]))
    row, [report] = anna.conversation()
    assert row.receipt in thanks["text"]
    assert (report.channel, report.lat, report.lon) == ("telegram", *WALL)
    assert len(server.bodies("answerCallbackQuery")) == 1


@ONE_DATABASE
def test_a_report_by_whatsapp(whatsapp, wire):
    server, _ = whatsapp
    sent = whatsapp_server.image(2)
    server.files[sent["image"]["id"]] = jpeg(71)
    bota = wire(OnWhatsApp, server)
    [asked] = bota.send(sent)
    assert "Где эта стена" in json.dumps(asked, ensure_ascii=False)
    place = {"latitude": WALL[0], "longitude": WALL[1]}
    [shown] = bota.send(whatsapp_server.message("location", place, 3))
    button = shown["interactive"]["action"]["buttons"][0]["reply"]
    pressed = {"type": "button_reply", "button_reply": {"id": button["id"], "title": button["title"]}}
    [thanks] = bota.send(whatsapp_server.message("interactive", pressed, 4))
    row, [report] = bota.conversation()
    assert row.receipt in json.dumps(thanks, ensure_ascii=False)
    assert (report.channel, report.lat, report.lon) == ("whatsapp", *WALL)
