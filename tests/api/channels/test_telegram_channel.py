"""Telegram's own ways of sending, and its refusals."""

import json

import pytest

from api.intake.channels.base import Button, ChannelError, Media, Message
from api.intake.channels.telegram_updates import name_of
from tests.api.channels import telegram_server as wire
from tests.api.channels.messengers import fetched

CHAT = str(wire.ANNA["id"])
GROUP = str(wire.GROUP["id"])
JPEG = b"\xff\xd8\xff\xe0 a wall \xff\xd9"


def refused(channel, chat=CHAT, message=None):
    with pytest.raises(ChannelError) as error:
        channel.send(chat, message or Message("x"))
    return error.value


def test_a_text_goes_out_without_a_preview_of_its_links(telegram):
    server, channel = telegram
    name = channel.send(CHAT, Message("Адрес: hxxps://x[.]example"))
    (sent,) = server.sent
    assert (sent["chat_id"], sent["text"]) == (CHAT, "Адрес: hxxps://x[.]example")
    assert sent["link_preview_options"] == {"is_disabled": True}
    assert sent["reply_markup"] == {"remove_keyboard": True}
    assert name == name_of(channel._settings, CHAT, 901)


def test_buttons_stand_below_each_other(telegram):
    server, channel = telegram
    channel.send(GROUP, Message("?", buttons=(Button("Принято", "o:1:a"), Button("Закрашено", "o:1:p"))))
    rows = server.sent[0]["reply_markup"]["inline_keyboard"]
    assert [[(each["text"], each["callback_data"]) for each in row] for row in rows] == [
        [("Принято", "o:1:a")],
        [("Закрашено", "o:1:p")],
    ]


def test_a_place_is_asked_for_with_a_button_where_a_chat_is_private(telegram):
    server, channel = telegram
    channel.send(CHAT, Message("Где?", asks_for_place=True))
    channel.send(GROUP, Message("Где?", asks_for_place=True))
    markup = server.sent[0]["reply_markup"]
    assert markup["keyboard"][0][0]["request_location"] is True
    assert (markup["one_time_keyboard"], markup["resize_keyboard"]) == (True, True)
    assert "reply_markup" not in server.sent[1]


def test_a_picture_goes_out_as_it_is_with_its_text_below(telegram):
    server, channel = telegram
    channel.send(CHAT, Message("х" * 1100, buttons=(Button("Да", "y"),)), picture=JPEG)
    (body,) = server.bodies("sendPhoto")
    assert JPEG in body
    caption = body.split(b'name="caption"')[1].split(b"\r\n\r\n")[1].split(b"\r\n")[0].decode()
    assert (len(caption), caption[-1]) == (1024, "…")
    assert b'"callback_data": "y"' in body


def test_a_text_longer_than_telegram_takes_is_cut(telegram):
    server, channel = telegram
    channel.send(CHAT, Message("х" * 5000))
    assert len(server.sent[0]["text"]) == 4096


def test_an_answer_is_tied_to_what_it_answers_where_that_is_known(telegram):
    server, channel = telegram
    channel.send(CHAT, Message("да", about=name_of(channel._settings, CHAT, 41)))
    channel.send(CHAT, Message("да", about=name_of(channel._settings, GROUP, 41)))
    channel.send(CHAT, Message("да", about="of another secret"))
    assert server.sent[0]["reply_parameters"] == {"message_id": 41, "allow_sending_without_reply": True}
    assert ["reply_parameters" in each for each in server.sent] == [True, False, False]


def test_too_many_messages_wait_as_long_as_telegram_says(telegram):
    server, channel = telegram
    server.next("sendMessage", wire.refusal(429, "Too Many Requests: retry after 17", retry_after=17))
    error = refused(channel)
    assert (error.code, error.retry_after_s, error.is_final) == ("rate_limited", 17.0, False)
    server.next("sendMessage", (429, b"<html>"))
    assert refused(channel).retry_after_s == 30.0


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (403, "Forbidden: bot was blocked by the user", "blocked"),
        (403, "Forbidden: bot was kicked from the supergroup chat", "blocked"),
        (400, "Bad Request: chat not found", "chat_unknown"),
        (400, "Bad Request: message is too long", "refused"),
    ],
)
def test_a_refusal_is_final(telegram, status, said, code):
    server, channel = telegram
    server.next("sendMessage", wire.refusal(status, said))
    error = refused(channel)
    assert (error.code, error.is_final, error.is_unknown) == (code, True, False)


def test_a_group_that_moved_is_written_to_under_its_new_number(telegram):
    server, channel = telegram
    said = "Bad Request: group chat was upgraded to a supergroup chat"
    server.next(
        "sendMessage",
        wire.refusal(400, said, migrate_to_chat_id=-1009990001112),
        lambda _, body: server.usual("sendMessage", body),
    )
    assert channel.send("-555", Message("x")) == name_of(channel._settings, GROUP, 901)
    server.next("sendMessage", wire.refusal(400, said, migrate_to_chat_id=-1009990001112))
    assert refused(channel, "-555").code == "chat_unknown"


def test_a_file_that_bots_may_not_have_is_too_large(telegram):
    server, channel = telegram
    server.next("getFile", wire.refusal(400, "Bad Request: file is too big"))
    for media in (Media("x", "document"), Media("x", "document", size_bytes=20 * 2**20 + 1)):
        with pytest.raises(ChannelError) as error:
            fetched(channel, media, limit_bytes=32 * 2**20)
        assert (error.value.code, error.value.is_final) == ("media_too_large", True)


def test_a_file_that_is_not_there_now_is_asked_for_again(telegram):
    server, channel = telegram
    server.next("getFile", wire.refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable"))
    with pytest.raises(ChannelError) as error:
        fetched(channel, Media("x", "photo"))
    assert (error.value.code, error.value.is_final) == ("media_unavailable", False)


@pytest.mark.parametrize("path", ["/etc/hostname", "https://elsewhere.example/x.jpg", "http://127.0.0.1:9/x"])
def test_a_file_elsewhere_is_not_asked_for(telegram, path):
    _, channel = telegram
    with pytest.raises(ChannelError) as error:
        channel._client.download(path, None, limit_bytes=9)
    assert error.value.code == "media_refused"


def test_a_press_is_answered(telegram):
    server, channel = telegram
    channel.pressed("4382bfdwdsb323b2d9")
    (body,) = server.bodies("answerCallbackQuery")
    assert wire.fields(body) == {"callback_query_id": "4382bfdwdsb323b2d9"}


def test_the_token_is_in_no_log_line():
    from api.web.logs import redact

    event = {"event": "x", "url": f"https://api.telegram.org/bot{wire.TOKEN}/getMe"}
    assert wire.TOKEN not in json.dumps(redact(None, "", event))
