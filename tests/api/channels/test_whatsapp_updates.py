"""What a webhook of the Cloud API becomes."""

from datetime import UTC, datetime

import pytest

from api.intake.channels.base import Media, Spot
from api.intake.channels.whatsapp_updates import name_of, taken_of
from tests.api.channels import whatsapp_server as wire
from tests.api.channels.messengers import both

SETTINGS = both()


def read(*messages, **more):
    return taken_of(SETTINGS, wire.body(*messages, **more)).arrivals


def test_several_messages_in_one_body_are_several_arrivals():
    first, second, third = read(wire.text("Стена"), wire.image(2, "у подъезда"), wire.image(3))
    assert (first.text, first.media, first.chat, first.sender) == ("Стена", (), wire.WRITER, wire.WRITER)
    assert first.sent_at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    assert (second.text, second.media) == ("у подъезда", (Media("2754859441498130", "photo", "image/jpeg"),))
    assert (third.text, third.album, third.is_group, third.language) == (None, "", False, None)


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        (
            "document",
            {"filename": "IMG_1.HEIC", "mime_type": "image/heic", "id": "99", "caption": "c"},
            Media("99", "document", "image/heic", None, "IMG_1.HEIC"),
        ),
        ("sticker", {"mime_type": "image/webp", "id": "98", "animated": False}, Media("98", "sticker", "image/webp")),
        ("video", {"mime_type": "video/mp4", "id": "97"}, Media("97", "video", "video/mp4")),
        ("audio", {"mime_type": "audio/ogg", "id": "96", "voice": True}, Media("96", "voice", "audio/ogg")),
        ("contacts", [{"name": {"formatted_name": "B"}, "phones": []}], Media("", "contact")),
        ("order", {"catalog_id": "1", "product_items": []}, Media("", "other")),
        ("unsupported", {"type": "poll_creation"}, Media("", "other")),
        ("a_kind_of_next_year", {"x": 1}, Media("", "other")),
    ],
)
def test_whatever_is_sent_is_kept_with_its_kind(kind, content, expected):
    (arrival,) = read(wire.message(kind, content))
    assert arrival.media == (expected,)


def test_a_shared_place_may_have_a_name():
    content = {"latitude": 54.871, "longitude": 69.151, "name": "Гаражи", "address": "Тұман 7"}
    (arrival,) = read(wire.message("location", content))
    assert (arrival.spot, arrival.text, arrival.media) == (Spot(54.871, 69.151), "Гаражи\nТұман 7", ())


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("interactive", {"type": "button_reply", "button_reply": {"id": "ok:77", "title": "Да"}}),
        ("interactive", {"type": "list_reply", "list_reply": {"id": "ok:77", "title": "Да"}}),
        ("button", {"payload": "ok:77", "text": "Да"}),
    ],
)
def test_a_press_says_which_button_below_which_message(kind, content):
    (arrival,) = read(wire.message(kind, content, context={"from": "77790009999999", "id": wire.wamid(501)}))
    assert (arrival.button, arrival.text, arrival.media) == ("ok:77", None, ())
    assert arrival.about == name_of(SETTINGS, wire.wamid(501))


@pytest.mark.parametrize("word", ["forwarded", "frequently_forwarded"])
def test_a_forwarded_message_says_so(word):
    (arrival,) = read(wire.text(context={word: True}))
    assert arrival.is_forwarded
    assert arrival.about is None


def test_a_group_is_where_the_answer_goes_and_its_member_who_wrote():
    (arrival,) = read(wire.text(group_id="Y2FwaV9ncm91cDoxNzA1NTU1"))
    assert (arrival.chat, arrival.sender, arrival.is_group) == ("Y2FwaV9ncm91cDoxNzA1NTU1", wire.WRITER, True)


def test_who_hides_the_number_is_known_by_the_id_that_answers_reach():
    message = wire.text()
    del message["from"]
    assert read(message)[0].chat == "KZ.990011223344556677"
    assert read(message | {"from_user_id": "KZ.5"})[0].chat == "KZ.5"


@pytest.mark.parametrize("kind", ["reaction", "system", "request_welcome"])
def test_what_is_no_message_is_left_out_and_what_comes_beside_it_is_not(kind):
    assert [each.text for each in read(wire.message(kind, {"emoji": "👍"}, 1), wire.text("да", 2))] == ["да"]


def test_a_message_that_makes_no_sense_does_not_take_others_with_it():
    broken = [
        {"type": "text"},
        {**wire.text(number=3), "timestamp": "soon"},
        wire.message("location", {"latitude": "?"}, 4),
    ]
    assert [each.text for each in read(*broken, "no object", wire.text("да", 5))] == ["да"]


@pytest.mark.parametrize(
    "body",
    [None, [], "x", {}, {"entry": "x"}, {"entry": [1, {"changes": [{"field": "messages", "value": 7}]}]}],
)
def test_a_body_of_another_shape_brings_nothing(body):
    assert taken_of(SETTINGS, body).arrivals == ()


def test_messages_of_another_number_and_other_news_are_not_for_us():
    assert read(wire.text(), phone_id="106540352240000") == ()
    assert read(wire.text(), field="account_update") == ()


def test_names_are_the_same_each_time_and_hide_the_number():
    (first,), (again,) = read(wire.text()), read(wire.text("anders"))
    assert first.provider_id == again.provider_id == name_of(SETTINGS, wire.wamid(1))
    assert len(first.provider_id) <= 255
    assert "Nzc3OTAwMDEyMzQ1Njc" not in first.provider_id  # the number, as WhatsApp writes it there
    assert len(name_of(SETTINGS, "wamid." + "A" * 400)) <= 255


def test_only_failures_are_told_of_our_own_messages():
    statuses = [wire.status("sent", 6), wire.status("delivered", 6), wire.status("read", 6), wire.status("failed", 7)]
    taken = taken_of(SETTINGS, wire.body(statuses=statuses))
    assert [(each.provider_id, each.code, each.message) for each in taken.failed] == [
        (name_of(SETTINGS, wire.wamid(7)), "whatsapp_131026", "Message Undeliverable.")
    ]
    assert taken.arrivals == ()
