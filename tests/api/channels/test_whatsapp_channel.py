"""WhatsApp's own ways of sending, and its error codes."""

import pytest

from api.intake.channels.base import Button, ChannelError, Media, Message
from api.intake.channels.whatsapp_updates import name_of
from tests.api.channels import whatsapp_server as wire
from tests.api.channels.messengers import fetched

JPEG = b"\xff\xd8\xff\xe0 a wall \xff\xd9"
REF = "1137990011"


def refused(channel, message=None, picture=None):
    with pytest.raises(ChannelError) as error:
        channel.send(wire.WRITER, message or Message("x"), picture=picture)
    return error.value


def test_a_text_goes_out_to_the_number_and_its_name_is_masked(whatsapp):
    server, channel = whatsapp
    name = channel.send(wire.WRITER, Message("Спасибо"))
    (sent,) = server.sent
    assert (sent["to"], sent["recipient_type"], sent["type"]) == (wire.WRITER, "individual", "text")
    assert sent["text"] == {"body": "Спасибо", "preview_url": False}
    assert server.asked[0][1] == f"/v26.0/{wire.PHONE_ID}/messages"
    assert name == name_of(channel._settings, wire.wamid(501))


def test_who_hides_the_number_and_groups_are_reached_too(whatsapp):
    server, channel = whatsapp
    server.next("messages", lambda _, body: server.usual("messages", body))
    channel.send("Y2FwaV9ncm91cDoxNzA1NTU1", Message("x"))
    assert (server.sent[0]["to"], server.sent[0]["recipient_type"]) == ("Y2FwaV9ncm91cDoxNzA1NTU1", "group")
    channel.send("KZ.990011223344556677", Message("x"))
    assert server.sent[1]["recipient"] == "KZ.990011223344556677"
    assert "to" not in server.sent[1]


def test_texts_and_buttons_are_cut_to_what_whatsapp_takes(whatsapp):
    server, channel = whatsapp
    channel.send(wire.WRITER, Message("х" * 5000))
    assert len(server.sent[0]["text"]["body"]) == 4096
    buttons = tuple(Button(f"Кнопка с долгим именем {each}", f"b:{each}") for each in range(4))
    channel.send(wire.WRITER, Message("х" * 2000, buttons=buttons))
    said = server.sent[1]["interactive"]
    assert (said["type"], len(said["body"]["text"])) == ("button", 1024)
    assert [each["reply"]["id"] for each in said["action"]["buttons"]] == ["b:0", "b:1", "b:2"]
    assert {len(each["reply"]["title"]) for each in said["action"]["buttons"]} == {20}


def test_a_place_is_asked_for_with_whatsapp_s_own_button(whatsapp):
    server, channel = whatsapp
    channel.send(wire.WRITER, Message("Где это?", asks_for_place=True))
    assert server.sent[0]["interactive"] == {
        "type": "location_request_message",
        "action": {"name": "send_location"},
        "body": {"text": "Где это?"},
    }


def test_a_picture_is_uploaded_first_and_then_sent(whatsapp):
    server, channel = whatsapp
    channel.send(wire.WRITER, Message("До"), picture=JPEG)
    channel.send(wire.WRITER, Message("До", buttons=(Button("Принято", "o:1:a"),)), picture=JPEG)
    uploads = server.bodies("/media")
    assert len(uploads) == 2
    assert JPEG in uploads[0]
    assert server.sent[0]["image"] == {"id": "4490709327384033", "caption": "До"}
    said = server.sent[1]["interactive"]
    assert (said["header"], said["body"]["text"]) == ({"type": "image", "image": {"id": "4490709327384033"}}, "До")


def test_an_answer_is_tied_to_what_it_answers_where_that_is_known(whatsapp):
    server, channel = whatsapp
    channel.send(wire.WRITER, Message("да", about=name_of(channel._settings, wire.wamid(1))))
    channel.send(wire.WRITER, Message("да", about="of another secret"))
    assert server.sent[0]["context"] == {"message_id": wire.wamid(1)}
    assert "context" not in server.sent[1]


def test_beyond_24_hours_the_window_is_closed(whatsapp):
    server, channel = whatsapp
    server.next("messages", wire.refusal(131047, "Re-engagement message"))
    error = refused(channel)
    assert (error.code, error.is_final, error.is_unknown) == ("window_closed", True, False)


@pytest.mark.parametrize(
    ("code", "pause_s"), [(130429, 10.0), (131048, 3600.0), (131056, 60.0), (80007, 300.0), (4, 300.0)]
)
def test_too_many_messages_wait(whatsapp, code, pause_s):
    server, channel = whatsapp
    server.next("messages", wire.refusal(code, "Too many", 429))
    error = refused(channel)
    assert (error.code, error.retry_after_s, error.is_final) == ("rate_limited", pause_s, False)
    status, body = wire.refusal(code, "Too many", 429)
    server.next("messages", (status, body, {"Retry-After": "7"}))
    assert refused(channel).retry_after_s == 7.0


@pytest.mark.parametrize(
    ("code", "status", "expected", "is_final"),
    [
        (131026, 400, "undeliverable", True),
        (131009, 400, "refused", True),
        (100, 400, "refused", True),
        (131016, 500, "unavailable", False),
        (131000, 500, "unavailable", False),
        (368, 403, "account_blocked", False),
        (131031, 403, "account_blocked", False),
        (10, 403, "token_refused", False),
        (131005, 403, "token_refused", False),
        (999999, 500, "unavailable", False),
        (999999, 400, "refused", True),
    ],
)
def test_an_error_code_says_whether_to_try_again(whatsapp, code, status, expected, is_final):
    server, channel = whatsapp
    server.next("messages", wire.refusal(code, "said", status))
    error = refused(channel)
    assert (error.code, error.is_final, error.is_unknown) == (expected, is_final, False)


def test_a_picture_that_could_not_be_uploaded_was_not_sent(whatsapp):
    server, channel = whatsapp
    server.next("media", (500, b"oh"))
    error = refused(channel, Message("До"), JPEG)
    assert (error.is_unknown, server.sent) == (False, [])


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/x", "http://lookaside.fbsbx.com/x", "https://evilfbsbx.com/x"]
)
def test_the_token_is_shown_to_no_other_host(whatsapp, url):
    server, channel = whatsapp
    server.files[REF] = b"x"
    server.next(REF, (200, {"url": url, "id": REF, "file_size": 1}))
    with pytest.raises(ChannelError) as error:
        fetched(channel, Media(REF, "photo"))
    assert (error.value.code, error.value.is_final) == ("media_refused", True)


def test_a_redirect_elsewhere_is_not_followed(whatsapp):
    server, channel = whatsapp
    server.files[REF] = b"x"
    server.next(f"file-{REF}", (302, b"", {"Location": "http://127.0.0.1:9/x"}))
    with pytest.raises(ChannelError) as error:
        fetched(channel, Media(REF, "photo"))
    assert error.value.code == "media_refused"


@pytest.mark.parametrize(
    ("status", "code", "is_final"),
    [(404, "media_gone", True), (401, "token_refused", False), (500, "media_unavailable", False)],
)
def test_a_file_that_does_not_come(whatsapp, status, code, is_final):
    server, channel = whatsapp
    server.files[REF] = b"x"
    server.next(f"file-{REF}", (status, b"no"))
    with pytest.raises(ChannelError) as error:
        fetched(channel, Media(REF, "photo"))
    assert (error.value.code, error.value.is_final) == (code, is_final)


def test_what_has_nothing_to_fetch_is_gone(whatsapp):
    _, channel = whatsapp
    with pytest.raises(ChannelError) as error:
        fetched(channel, Media("", "contact"))
    assert error.value.code == "media_gone"
