"""Calls of messengers: the signature, what they bring, once, and an answer only when it is durable."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from api.app import create_app
from api.intake.channels.arriving import arrival_of
from api.intake.channels.base import Message
from api.intake.channels.outbox import post
from api.intake.channels.taking import Lane, Taken, _Waiting
from api.intake.channels.whatsapp_updates import name_of, taken_of
from models import Arrived, Outgoing, Sender
from tests.api.channels import telegram_server, whatsapp_server
from tests.api.channels.messengers import of_telegram, of_whatsapp
from tests.api.channels.whatsapp_server import body, signed, text
from tests.api.telling import ONE_DATABASE
from tests.api.words import refused

HEADER = "X-Telegram-Bot-Api-Secret-Token"
TELEGRAM, WHATSAPP = "/hooks/telegram", "/hooks/whatsapp"
VERIFY = {"hub.mode": "subscribe", "hub.verify_token": whatsapp_server.VERIFY, "hub.challenge": "1158201444"}


@pytest.fixture
def services(make_services):
    return make_services(
        telegram=of_telegram(mode="webhook"), whatsapp=of_whatsapp(), limits={"requests_per_minute": 10}
    )


@pytest.fixture
def http(services):
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        yield client


def kept(services):
    with services.reading_unit() as unit:
        return list(unit.session.scalars(select(Arrived).order_by(Arrived.seq)))


def to_telegram(http, update, secret=telegram_server.SECRET, **headers):
    return http.post(TELEGRAM, json=update, headers={HEADER: secret, **headers})


def test_what_telegram_sends_is_kept_before_it_is_answered_and_once(services, http):
    update = telegram_server.update(photo=telegram_server.PHOTO, caption="у гаражей")
    for _ in range(3):
        answer = to_telegram(http, update)
        assert (answer.status_code, answer.content) == (200, b"")
    (row,) = kept(services)
    arrival = arrival_of(services.settings, row)
    assert (arrival.chat, arrival.text, arrival.media[0].ref) == ("5550001234567", "у гаражей", "AgACAgIAAx-large")
    assert "5550001234567" not in f"{row.provider_id}{row.content}{row.chat_hash}"


def test_what_whatsapp_sends_is_kept_all_of_it_and_once(services, http):
    sent = signed(body(text("раз", 1), whatsapp_server.image(2), text("два", 3)))
    for _ in range(2):
        assert http.post(WHATSAPP, **sent).status_code == 200
    assert http.post(WHATSAPP, **signed(body(text("два", 3), text("три", 4)))).status_code == 200
    assert [row.content["text"] for row in kept(services)] == ["раз", None, "два", "три"]
    assert all(whatsapp_server.WRITER not in f"{row.provider_id}{row.content}" for row in kept(services))


@ONE_DATABASE
@pytest.mark.parametrize("secret", ["", "wrong", telegram_server.SECRET[:-1], telegram_server.SECRET + "x", "секрет"])
def test_a_call_without_telegram_s_secret_is_refused(services, http, secret):
    answer = to_telegram(http, telegram_server.update(text="x"), secret.encode())
    refused(answer, 403, "hook_refused")
    assert kept(services) == []


@ONE_DATABASE
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": "sha256=" + "0" * 64},
        {"X-Hub-Signature-256": "0" * 64},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature": "sha1=" + "0" * 40},
        signed(body(text("another body")))["headers"],
        signed(body(text("x")), secret="another secret")["headers"],
    ],
)
def test_a_call_that_whatsapp_did_not_sign_is_refused(services, http, headers):
    answer = http.post(WHATSAPP, content=json.dumps(body(text("x"))).encode(), headers=headers)
    refused(answer, 403, "hook_refused")
    assert kept(services) == []


@ONE_DATABASE
def test_the_signature_is_of_the_bytes_that_came(services, http):
    raw = json.dumps(body(text("Стена")), ensure_ascii=False, indent=3).encode()
    assert http.post(WHATSAPP, **signed(raw)).status_code == 200
    changed = signed(raw) | {"content": raw.replace(b"\n", b"")}
    refused(http.post(WHATSAPP, **changed), 403, "hook_refused")
    assert [row.content["text"] for row in kept(services)] == ["Стена"]


@ONE_DATABASE
def test_nothing_secret_is_in_the_log(http):
    with capture_logs() as lines:
        to_telegram(http, {}, "wrong-secret-value")
        http.get(WHATSAPP, params=VERIFY | {"hub.verify_token": "wrong-verify-value"})
    assert [line["channel"] for line in lines if line["event"] == "hook_refused"] == ["telegram", "whatsapp"]
    assert not any(each in str(lines) for each in ("wrong-secret", "wrong-verify", telegram_server.SECRET))


@ONE_DATABASE
def test_whatsapp_is_told_that_the_address_is_ours(http):
    answer = http.get(WHATSAPP, params=VERIFY)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")
    for wrong in ({"hub.verify_token": "x"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": ""}):
        refused(http.get(WHATSAPP, params=VERIFY | wrong), 403, "hook_refused")


@ONE_DATABASE
def test_without_a_messenger_there_is_no_hook(make_services):
    off = make_services(telegram=of_telegram(mode="polling"))
    with TestClient(create_app(off)) as client:
        refused(to_telegram(client, telegram_server.update(text="x")), 404, "not_found")
        refused(client.post(WHATSAPP, **signed(body(text()))), 404, "not_found")
        refused(client.get(WHATSAPP, params=VERIFY), 404, "not_found")


@ONE_DATABASE
@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"7", b'"x"', b"[]", b"null", b'{"entry": {}}']
)
def test_what_is_signed_and_makes_no_sense_is_not_asked_for_again(services, http, raw):
    assert http.post(WHATSAPP, **signed(raw)).status_code == 200
    assert http.post(TELEGRAM, content=raw, headers={HEADER: telegram_server.SECRET}).status_code == 200
    assert kept(services) == []


@ONE_DATABASE
def test_a_body_may_be_as_large_as_whatsapp_says_and_no_larger(services, http):
    long = signed(body(*(text("ж" * 4096, number) for number in range(110))))
    assert 2**20 < len(long["content"]) < 3 * 2**20
    assert http.post(WHATSAPP, **long).status_code == 200
    assert len(kept(services)) == 110
    refused(http.post(WHATSAPP, **signed(b" " * (3 * 2**20 + 1))), 413, "body_too_large")


@ONE_DATABASE
def test_signed_calls_are_not_counted_and_all_others_are(services, http):
    for number in range(15):
        assert to_telegram(http, telegram_server.update(message_id=number, text="x")).status_code == 200
    codes = [to_telegram(http, {}, "wrong").status_code for _ in range(12)]
    assert (codes[0], codes[9], codes[10]) == (403, 403, 429)
    assert http.get(WHATSAPP, params=VERIFY).status_code == 429  # the same address, the same minute
    assert to_telegram(http, telegram_server.update(message_id=99, text="x")).status_code == 200
    assert len(kept(services)) == 16


@ONE_DATABASE
def test_a_call_is_no_page_of_another_site(services, http):
    foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert to_telegram(http, telegram_server.update(text="x"), **foreign).status_code == 200
    assert http.post("/v1/session", json={}, headers=foreign).status_code == 403


@ONE_DATABASE
def test_hooks_are_not_in_the_description(http):
    assert not any(path.startswith("/hooks") for path in http.get("/openapi.json").json()["paths"])


def test_calls_that_come_together_are_all_kept(services, http):
    with ThreadPoolExecutor(16) as pool:
        sent = [signed(body(text(f"{number % 40}", number % 40))) for number in range(80)]
        codes = list(pool.map(lambda each: http.post(WHATSAPP, **each).status_code, sent))
    assert set(codes) == {200}
    assert sorted(int(row.content["text"]) for row in kept(services)) == list(range(40))
    with services.reading_unit() as unit:
        assert len(list(unit.session.scalars(select(Sender)))) == 1


def test_a_database_that_is_busy_is_told_and_nothing_is_lost(services, http):
    def fail(*_):
        raise OperationalError("COMMIT", {}, Exception("busy"))

    sent = signed(body(text()))
    event.listen(Session, "before_commit", fail)
    try:
        assert http.post(WHATSAPP, **sent).status_code == 503
    finally:
        event.remove(Session, "before_commit", fail)
    assert kept(services) == []
    assert http.post(WHATSAPP, **sent).status_code == 200
    assert len(kept(services)) == 1


def arrivals(services, *messages):
    return taken_of(services.settings, body(*messages))


@ONE_DATABASE
def test_calls_that_wait_for_a_transaction_share_the_next(services):
    lane, gate = Lane(services), threading.Event()
    write = lane._write
    lane._write = lambda batch: (gate.wait(5), write(batch))  # the first holds the others up
    new = []
    threads = [
        threading.Thread(target=lambda n=n: new.append(lane.take(arrivals(services, text(number=n)))))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    while len(lane._waiting) < 19 and any(thread.is_alive() for thread in threads):
        gate.wait(0.01)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert new == [1] * 20
    assert lane.transactions == 2
    assert len(kept(services)) == 20


@ONE_DATABASE
def test_what_cannot_be_written_does_not_keep_out_what_came_beside_it(services):
    lane = Lane(services)
    good, bad = arrivals(services, text(number=1)), Taken((object(),))
    lane._waiting = [mine, broken, other] = [
        _Waiting(good),
        _Waiting(bad),
        _Waiting(arrivals(services, text(number=2))),
    ]
    lane._write_some()
    assert (mine.error, other.error, mine.new, other.new) == (None, None, 1, 1)
    assert isinstance(broken.error, TypeError)
    assert len(kept(services)) == 2


def test_a_message_of_ours_that_was_not_delivered_says_so(services, http):
    with services.unit() as unit:
        post(unit, services.settings, Message("x"), channel="whatsapp", chat=whatsapp_server.WRITER, key="k")
        row = unit.session.scalars(select(Outgoing)).one()
        row.provider_id = name_of(services.settings, whatsapp_server.wamid(7))
    statuses = [whatsapp_server.status("delivered", 7), whatsapp_server.status("failed", 7, 131047)]
    assert http.post(WHATSAPP, **signed(body(statuses=statuses))).status_code == 200
    with services.reading_unit() as unit:
        row = unit.session.scalars(select(Outgoing)).one()
    assert (row.error_code, row.error_message, row.state) == ("whatsapp_131047", "Message Undeliverable.", "waiting")
