"""Asking Telegram for updates: confirmed when they are durable, by one worker of several, through trouble."""

import threading
import time

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from api.intake.channels.telegram_polling import Poller, Turn, polling
from models import Arrived
from tests.api.channels.messengers import of_telegram
from tests.api.channels.telegram_server import TelegramServer, fields, press, refusal, update
from tests.api.channels.wire import late
from tests.api.telling import ONE_DATABASE


@pytest.fixture
def server():
    with TelegramServer().open() as server:
        yield server


@pytest.fixture
def services(make_services, server):
    return make_services(telegram=of_telegram(api=server.url))


@pytest.fixture
def poller(services):
    return Poller(services)


def texts(services):
    with services.reading_unit() as unit:
        return [row.content["text"] for row in unit.session.scalars(select(Arrived).order_by(Arrived.seq))]


def test_what_waits_is_kept_and_confirmed_by_the_next_question(services, server, poller):
    server.updates = [update(100, message_id=1, text="раз"), update(101, message_id=2, text="два"), press(102)]
    assert poller.go() == 0.0
    assert (texts(services), poller.offset) == (["раз", "два", None], 103)
    assert len(server.updates) == 3  # not confirmed yet: a worker that is killed now is given them again
    assert poller.go() == 0.0
    assert server.updates == []
    asked = fields(server.bodies("getUpdates")[-1])
    assert (asked["offset"], asked["allowed_updates"]) == ("103", ["message", "callback_query"])


def test_what_is_given_again_changes_nothing(services, server, poller):
    server.updates = [update(100, message_id=1, text="раз")]
    poller.go()
    Poller(services).go()  # after a crash nobody remembers the offset
    assert texts(services) == ["раз"]


def test_what_could_not_be_kept_is_not_confirmed(services, server, poller):
    def fail(*_):
        raise OperationalError("COMMIT", {}, Exception("busy"))

    server.updates = [update(100, message_id=1, text="раз")]
    event.listen(Session, "before_commit", fail)
    try:
        assert poller.go() == 1.0
        assert (poller.offset, poller.go()) == (0, 2.0)
    finally:
        event.remove(Session, "before_commit", fail)
    assert poller.go() == 0.0
    assert (texts(services), poller.offset) == (["раз"], 101)


@ONE_DATABASE
def test_one_that_no_table_can_hold_does_not_stop_the_rest(services, server, poller):
    def fail(_mapper, _connection, row):
        if row.content["text"] == "два":
            raise DataError("INSERT", {}, Exception("NUL"))

    server.updates = [update(100 + each, message_id=each, text=said) for each, said in enumerate(["раз", "два", "три"])]
    event.listen(Arrived, "before_insert", fail)
    try:
        assert poller.go() == 0.0
    finally:
        event.remove(Arrived, "before_insert", fail)
    assert (texts(services), poller.offset) == (["раз", "три"], 103)


@ONE_DATABASE
def test_an_update_that_makes_no_sense_is_passed_over(services, server, poller):
    server.updates = [{"update_id": 100, "message": {"message_id": "?"}}, update(101, text="да"), {"update_id": 102}]
    poller.go()
    assert (texts(services), poller.offset) == (["да"], 103)


@ONE_DATABASE
def test_trouble_waits_ever_longer_and_as_long_as_telegram_says(server, poller):
    server.next("getUpdates", (502, b"bad gateway"))
    assert [poller.go() for _ in range(8)] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    server.next("getUpdates", refusal(429, "Too Many Requests", retry_after=90))
    assert poller.go() == 90.0
    server.next("getUpdates", (200, {"ok": True, "result": []}))
    assert (poller.go(), poller._failures) == (0.0, 0)


@ONE_DATABASE
def test_a_webhook_in_the_way_is_told_with_what_to_do(server, poller):
    server.hook = "https://walls.example/hooks/telegram"
    with capture_logs() as lines:
        assert poller.go() == 1.0
    assert "wallwatch channels delete-webhook" in lines[-1]["message"]


def test_one_worker_of_several_asks_and_the_next_one_when_it_is_gone(services, make_services, server):
    other = make_services(telegram=of_telegram(api=server.url))
    first, second = Turn(services), Turn(other)
    try:
        assert [first.is_ours(), first.is_ours(), second.is_ours()] == [True, True, False]
        first.let_go()
        assert [second.is_ours(), first.is_ours()] == [True, False]
    finally:
        first.let_go()
        second.let_go()


def test_a_turn_whose_session_broke_off_is_taken_anew(services):
    turn = Turn(services)
    assert turn.is_ours()
    if turn._connection is not None:
        turn._connection.connection.dbapi_connection.close()
        assert not turn.is_ours()
    assert turn.is_ours()
    turn.let_go()


@ONE_DATABASE
def test_a_worker_asks_meanwhile_and_stops_in_the_middle_of_a_question(services, server):
    server.updates = [update(100, text="да")]
    server.next("getUpdates", lambda _, body: server.usual("getUpdates", body), late(20))
    with polling(services):
        until = time.monotonic() + 10
        while len(server.bodies("getUpdates")) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        started = time.monotonic()
    assert time.monotonic() - started < 3
    assert texts(services) == ["да"]
    assert not any(thread.name == "telegram-polling" for thread in threading.enumerate())


@ONE_DATABASE
@pytest.mark.parametrize("more", [{"mode": "webhook"}, {"token": ""}])
def test_nobody_is_asked_where_the_settings_say_so(make_services, server, more):
    with polling(make_services(telegram=of_telegram(api=server.url, **more))):
        assert not any(thread.name == "telegram-polling" for thread in threading.enumerate())
