"""The outbox's delivery: in order for each chat, tried again, twice at most where nobody knows, given up, sent anew."""

import hashlib
from types import SimpleNamespace

import pytest

from api.intake.channels.arriving import accept, arrival_of
from api.intake.channels.base import Message
from api.intake.channels.outbox import post
from api.intake.talk.delivery import Delivery, begin, due
from api.intake.talk.pictures import blurred
from models import Arrived, Outgoing
from tests.api.talking import Chat, HttpChannel
from tests.api.telling import ONE_DATABASE
from tests.api.words import refused
from vision.types import Card, Reading


def say(services, text, chat="741852963", **more):
    with services.unit() as unit:
        assert post(unit, services.settings, Message(text), channel="telegram", chat=chat, key=f"k:{text}", **more)


def asked(services):
    with services.reading_unit() as unit:
        return due(unit, begun_for_s=0)


def states(chat):
    return [row.state for row in chat.rows(Outgoing)]


def test_messages_to_one_chat_go_in_order_and_wait_for_each_other(chat, services, clock):
    chat.provider.answers = [(500, {})]
    say(services, "first")
    say(services, "second")
    say(services, "elsewhere", chat="963")
    assert len(asked(services)) == 2
    chat.deliver()
    assert [said["text"] for said in chat.provider.sent] == ["elsewhere"]
    assert asked(services) == []
    clock.move(seconds=7)
    chat.deliver()
    assert [said["text"] for said in chat.mine()] == ["first", "second"]
    assert set(states(chat)) == {"sent"}
    assert {row.sealed_chat for row in chat.rows(Outgoing)} == {None}


@ONE_DATABASE
def test_what_the_provider_says_about_waiting_is_honoured(chat, services, clock):
    chat.provider.answers = [(429, {"retry_after_s": 600})] * 20
    say(services, "first")
    for _ in range(20):
        chat.deliver()
        clock.move(seconds=599)
        assert asked(services) == []
        clock.move(seconds=2)
    chat.deliver()
    assert states(chat) == ["sent"]
    assert chat.rows(Outgoing)[0].tries == 1


@ONE_DATABASE
def test_a_message_whose_fate_is_unknown_twice_is_given_up_and_an_admin_may_send_it_again(chat, services, client):
    say(services, "first")
    say(services, "second")
    [each] = asked(services)
    for begun in (True, True, False):  # begun by workers that were killed before they marked it
        with services.unit() as unit:
            assert (begin(unit, each) is not None) is begun
    assert states(chat)[0] == "dead"
    chat.deliver()
    assert [said["text"] for said in chat.provider.sent] == ["second"]
    admin = client("admin")
    [dead] = admin.get("/v1/outgoing").json()["messages"]
    assert (dead["error_code"], dead["unknowns"]) == ("fate_unknown", 2)
    assert "741852963" not in str(dead)
    assert admin.post(f"/v1/outgoing/{dead['seq']}/retry").status_code == 202
    refused(admin.post(f"/v1/outgoing/{dead['seq']}/retry"), 409, "not_given_up")
    refused(admin.post("/v1/outgoing/999999/retry"), 404, "not_found")
    chat.deliver()
    assert states(chat) == ["sent", "sent"]


@ONE_DATABASE
def test_what_is_refused_for_good_is_given_up_at_once_and_holds_nothing_up(chat, services):
    chat.provider.answers = [(403, {})]
    say(services, "first")
    say(services, "second")
    chat.deliver()
    assert states(chat) == ["dead", "sent"]


@ONE_DATABASE
def test_a_channel_that_is_off_keeps_what_is_to_be_said(chat, services, clock):
    with services.unit() as unit:
        post(unit, services.settings, Message("x"), channel="whatsapp", chat="77011234", key="k")
    chat.deliver()
    row = chat.rows(Outgoing)[0]
    assert (row.state, row.error_code) == ("waiting", "channel_off")


@ONE_DATABASE
def test_an_arrival_that_fails_is_kept_told_and_can_be_taken_again(make_services, provider, client, accounts):
    services = make_services(talk={"max_tries": 2, "first_pause_s": 0.001})
    chat = Chat(services, provider, HttpChannel(provider.port))
    provider.media["later"] = (503, b"")
    chat.send(photos=["later"])
    services.clock.move(seconds=1)
    [said] = chat.answers()
    assert "ещё раз" in said
    admin = client("admin")
    [failed] = admin.get("/v1/arrivals").json()["arrivals"]
    assert (failed["tries"], failed["outcome"]) == (2, "provider_down")
    assert "741852963" not in str(failed)
    provider.media["later"] = provider.media["wall1"]
    assert admin.post(f"/v1/arrivals/{failed['seq']}/retry").status_code == 202
    refused(admin.post(f"/v1/arrivals/{failed['seq']}/retry"), 409, "not_given_up")
    assert "Где эта стена" in chat.answers()[0]


@pytest.mark.parametrize("text", ["ноль\0байт", "половина \ud83d знака"])
def test_what_no_database_keeps_is_kept_without_it(services, chat, text):
    assert accept(services, [chat.arrival(text, spot=(float("inf"), float("nan")))]) == 1
    [row] = chat.rows(Arrived)
    assert "\0" not in arrival_of(services.settings, row).text
    assert str(arrival_of(services.settings, row).spot.lat) == "inf"


class CoveringReader:
    """Finds nothing to read, as a reader does on a wall that is covered already."""

    options = SimpleNamespace(working_side_px=640)
    detector = SimpleNamespace(detect=lambda _picture: [])

    def read_photo(self, photo):
        return Reading(photo.facts, (), (), Card("covering", "1"), {})


@ONE_DATABASE
def test_a_photo_goes_out_only_when_its_writing_can_be_covered(chat, services, clock):
    chat.send(photos=["wall1"])
    sha256 = hashlib.sha256(chat.provider.media["wall1"]).hexdigest()
    with services.unit() as unit:
        message = Message("look", photo_sha256=sha256)
        post(unit, services.settings, message, channel="telegram", chat=chat.name, key="picture")
    chat.deliver()
    assert (chat.rows(Outgoing)[-1].state, chat.rows(Outgoing)[-1].error_code) == ("waiting", "picture_not_ready")
    clock.move(minutes=1)
    channels = {"telegram": chat.channel}
    chat.delivery = Delivery(services, channels, worker="test", reader=CoveringReader)
    chat.deliver()
    assert [said["picture"] for said in chat.mine()] == [False, True]
    assert blurred(services, CoveringReader(), sha256)[:3] == b"\xff\xd8\xff"
