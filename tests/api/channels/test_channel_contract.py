"""What holds for every messenger: the Protocol, over the real client library and a server with its wire format."""

import json
import threading

import pytest

from api.intake.channels.base import Button, ChannelError, Media, Message
from tests.api.channels import telegram_server, whatsapp_server
from tests.api.channels.messengers import BOTH, NOBODY, fetched, telegram_at, whatsapp_at
from tests.api.channels.wire import hang_up, late

CHAT = {"telegram": str(telegram_server.ANNA["id"]), "whatsapp": whatsapp_server.WRITER}
AT = {"telegram": telegram_at, "whatsapp": whatsapp_at}
SEND = {"telegram": "sendMessage", "whatsapp": "messages"}
REF = "1137990011"
FILE = Media(REF, "photo")


@pytest.fixture(params=BOTH)
def messenger(request):
    """(name, server, channel) of each messenger."""
    server, channel = request.getfixturevalue(request.param)
    return request.param, server, channel


def refused(call, *arguments, **options):
    with pytest.raises(ChannelError) as error:
        call(*arguments, **options)
    return error.value


def test_it_has_the_name_of_its_settings_and_talks(messenger):
    name, _, channel = messenger
    assert (channel.name, channel.talks) == (name, True)


def test_what_is_sent_has_a_name_of_its_own_that_shows_no_chat(messenger):
    name, _, channel = messenger
    names = {channel.send(CHAT[name], Message(f"Привет {number}")) for number in range(3)}
    assert len(names) == 3
    assert all(0 < len(each) <= 255 and CHAT[name] not in each for each in names)


def test_a_file_is_written_as_it_is(messenger):
    _, server, channel = messenger
    server.files[REF] = bytes(range(256)) * 3000
    assert fetched(channel, FILE) == server.files[REF]


def test_a_file_over_the_limit_is_refused_and_not_written(messenger):
    _, server, channel = messenger
    server.files[REF] = bytes(20 * 2**20)
    error = refused(fetched, channel, FILE, limit_bytes=19 * 2**20)
    assert (error.code, error.is_final) == ("media_too_large", True)


def test_a_file_that_is_longer_than_said_stops_at_the_limit(messenger):
    name, server, channel = messenger
    server.files[REF] = b"x" * 1000
    server.next(REF if name == "telegram" else f"file-{REF}", endless)
    written = Counting()
    error = refused(channel.fetch, FILE, written, limit_bytes=300_000)
    assert (error.code, error.is_final) == ("media_too_large", True)
    assert written.count <= 300_000


def test_a_file_that_is_gone_is_gone_for_good(messenger):
    _, _, channel = messenger
    error = refused(fetched, channel, Media("404404", "photo"))
    assert (error.code, error.is_final) == ("media_gone", True)


def test_an_answer_that_is_lost_is_unknown_and_a_server_that_is_down_is_not(messenger):
    name, server, channel = messenger
    server.next(SEND[name], hang_up)
    lost = refused(channel.send, CHAT[name], Message("x"))
    assert (lost.is_unknown, lost.is_final) == (True, False)
    server.next(SEND[name], (503, b"busy"))
    down = refused(channel.send, CHAT[name], Message("x"))
    assert (down.code, down.is_unknown, down.is_final) == ("unavailable", False, False)
    server.next(SEND[name], (500, b"oh"))
    assert refused(channel.send, CHAT[name], Message("x")).is_unknown


def test_an_answer_that_is_late_is_unknown(messenger):
    name, server, _ = messenger
    server.next(SEND[name], late(0.6))
    hasty = AT[name](server.url, timeout_s=0.2)
    try:
        error = refused(hasty.send, CHAT[name], Message("x"))
    finally:
        hasty.close()
    assert (error.code, error.is_unknown, error.is_final) == ("timed_out", True, False)


def test_nobody_there_is_not_unknown(messenger):
    name, _, _ = messenger
    alone = AT[name](NOBODY)
    try:
        error = refused(alone.send, CHAT[name], Message("x"))
    finally:
        alone.close()
    assert (error.code, error.is_unknown, error.is_final) == ("unreachable", False, False)


def test_a_file_that_breaks_off_is_never_unknown(messenger):
    name, server, channel = messenger
    server.files[REF] = b"x"
    server.next(REF if name == "telegram" else f"file-{REF}", hang_up)
    error = refused(fetched, channel, FILE)
    assert (error.is_unknown, error.is_final) == (False, False)


def test_a_token_that_is_refused_is_told_to_whoever_runs_this(messenger):
    name, server, channel = messenger
    said = {
        "telegram": telegram_server.refusal(401, "Unauthorized"),
        "whatsapp": whatsapp_server.refusal(190, "Expired", 401),
    }
    server.next(SEND[name], said[name])
    error = refused(channel.send, CHAT[name], Message("x"))
    assert (error.code, error.is_final) == ("token_refused", False)
    assert f"WALLWATCH_{name.upper()}__TOKEN" in str(error)


def test_an_answer_that_makes_no_sense_is_unknown(messenger):
    name, server, channel = messenger
    server.next(SEND[name], (200, b'{"ok": true, "nothing": "else"}'))
    assert refused(channel.send, CHAT[name], Message("x")).is_unknown


def test_several_threads_may_send_at_once(messenger):
    name, _, channel = messenger
    names = []
    threads = [threading.Thread(target=lambda: names.append(channel.send(CHAT[name], Message("x")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(set(names)) == 8


def test_proxies_of_the_environment_are_not_asked(messenger, monkeypatch):
    for variable in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    name, _, there = messenger
    channel = type(there)(there._settings)
    try:
        assert channel.send(CHAT[name], Message("x"))
    finally:
        channel.close()


def test_a_press_is_noticed_without_trouble_even_when_nobody_is_there(messenger):
    _, server, channel = messenger
    channel.pressed("4382bfdwdsb323b2d9")
    server.next("answerCallbackQuery", telegram_server.refusal(400, "Bad Request: query is too old"))
    channel.pressed("4382bfdwdsb323b2d9")


def test_buttons_carry_their_data(messenger):
    name, server, channel = messenger
    channel.send(CHAT[name], Message("Верно?", buttons=(Button("Да", "ok:77"), Button("Нет", "no:77"))))
    assert all(data in json.dumps(server.sent[-1]) for data in ("ok:77", "no:77"))


class Counting:
    count = 0

    def write(self, data):
        self.count += len(data)


def endless(request, _body):
    """A file without a length, in pieces that never end."""
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    for _ in range(200):
        request.wfile.write(b"10000\r\n" + bytes(65536) + b"\r\n")
