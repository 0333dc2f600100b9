"""What an Update of the Bot API becomes."""

from datetime import UTC, datetime

import pytest

from api.intake.channels.base import Media, Spot
from api.intake.channels.telegram_updates import arrival_of, message_id_in, name_of
from tests.api.channels import telegram_server as wire
from tests.api.channels.messengers import both

SETTINGS = both()
NOW = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
USER = {"type": "user", "date": wire.DATE - 60, "sender_user": {"id": 1, "is_bot": False, "first_name": "B"}}


def read(update, settings=SETTINGS):
    return arrival_of(settings, update, now=NOW)


def test_a_photo_with_a_caption_is_its_largest_size():
    arrival = read(wire.update(photo=wire.PHOTO, caption="ул. Пушкина 4", media_group_id="13549912234567890"))
    assert arrival.media == (Media("AgACAgIAAx-large", "photo", media_type="image/jpeg", size_bytes=142_310),)
    assert (arrival.text, arrival.album, arrival.language) == ("ул. Пушкина 4", "13549912234567890", "kk")
    assert (arrival.chat, arrival.sender, arrival.is_group) == (str(wire.ANNA["id"]), str(wire.ANNA["id"]), False)
    assert arrival.sent_at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_a_picture_sent_as_a_file_stays_a_file():
    (media,) = read(wire.update(document=wire.DOCUMENT)).media
    assert media == Media("BQACAgIAAx-doc", "document", "image/heic", 2_345_678, "IMG_20260301.HEIC")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"sticker": wire.STICKER}, "sticker"),
        ({"video": wire.VIDEO}, "video"),
        ({"video_note": wire.NOTE}, "video"),
        ({"animation": wire.ANIMATION, "document": wire.DOCUMENT}, "video"),
        ({"voice": wire.VOICE}, "voice"),
        ({"contact": {"phone_number": "+77790001234567", "first_name": "B"}}, "contact"),
        ({"poll": wire.POLL}, "other"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "other"),
        ({"a_kind_of_next_year": {"x": 1}}, "other"),
    ],
)
def test_what_is_no_picture_is_kept_with_its_kind(content, kind):
    (media,) = read(wire.update(**content)).media
    assert media.kind == kind


def test_a_shared_place_has_its_accuracy_and_a_venue_its_name():
    place = {"latitude": 54.871, "longitude": 69.151}
    assert read(wire.update(location=place | {"horizontal_accuracy": 12.5})).spot == Spot(54.871, 69.151, 12.5)
    arrival = read(wire.update(venue={"location": place, "title": "Гаражи", "address": "Тұман 7"}))
    assert (arrival.spot, arrival.text) == (Spot(54.871, 69.151), "Гаражи\nТұман 7")


def test_a_forwarded_post_says_so_and_shows_what_its_links_hide():
    link = {"type": "text_link", "offset": 0, "length": 4, "url": "https://maps.example/@54.87,69.15"}
    arrival = read(wire.update(text="тут стена", entities=[link], forward_origin=USER))
    assert arrival.is_forwarded
    assert arrival.text == "тут стена\nhttps://maps.example/@54.87,69.15"


def test_a_group_s_message_answers_one_of_ours():
    asked = wire.message(50, chat=wire.GROUP, text="?")
    arrival = read(wire.update(chat=wire.GROUP, text="закрасили", reply_to_message=asked))
    assert (arrival.chat, arrival.sender, arrival.is_group) == ("-1009990001112", str(wire.ANNA["id"]), True)
    assert arrival.about == name_of(SETTINGS, wire.GROUP["id"], 50)


def test_who_writes_as_the_group_is_the_group():
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    assert (
        read(wire.update(chat=wire.GROUP, sender=anonymous, sender_chat=wire.GROUP, text="?")).sender
        == "-1009990001112"
    )


def test_a_press_says_which_button_below_which_message():
    arrival = read(wire.press(data="order:5:accept", message_id=50, chat=wire.GROUP))
    assert (arrival.button, arrival.press, arrival.is_group) == ("order:5:accept", "4382bfdwdsb323b2d9", True)
    assert (arrival.about, arrival.sent_at) == (name_of(SETTINGS, wire.GROUP["id"], 50), NOW)
    assert arrival.text is None
    assert arrival.media == ()


def test_a_group_that_moved_says_where_to():
    arrival = read(wire.update(chat={"id": -555, "type": "group"}, migrate_to_chat_id=-1009990001112))
    assert (arrival.chat, arrival.moved_to, arrival.media) == ("-555", "-1009990001112", ())


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1, "edited_message": wire.message(text="anders")},
        {"update_id": 1, "channel_post": wire.message(text="x")},
        {"update_id": 1, "my_chat_member": {"chat": wire.GROUP}},
        {"update_id": 1},
        {},
        {"update_id": 1, "message": "no object"},
        {"update_id": 1, "message": {"message_id": "x"}},
        {
            "update_id": 1,
            "callback_query": {"id": "1", "from": wire.ANNA, "chat_instance": "1", "inline_message_id": "5"},
        },
        wire.update(chat=wire.GROUP, new_chat_members=[wire.ANNA]),
        wire.update(chat=wire.GROUP, new_chat_title="Тұман 8"),
        wire.update(chat=wire.GROUP, migrate_from_chat_id=-555),
    ],
)
def test_what_nobody_wrote_is_left_out(update):
    assert read(update) is None


def test_what_the_library_cannot_read_is_still_something_that_somebody_sent():
    arrival = read(wire.update(text="адрес", photo=[{"width": "none of the fields"}]))
    assert ([each.kind for each in arrival.media], arrival.text) == (["other"], "адрес")
    assert arrival.sent_at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_a_message_has_one_name_however_it_comes_and_another_in_each_chat_and_bot():
    first = read(wire.update(887_700, text="x")).provider_id
    assert read(wire.update(999_999, text="x")).provider_id == first  # update_id begins anew after a quiet week
    assert read(wire.update(message_id=42, text="x")).provider_id != first
    assert read(wire.update(chat=wire.GROUP, text="x")).provider_id != first
    other = both(telegram={"token": "880011:AAother-bot"})
    assert read(wire.update(text="x"), other).provider_id != first


def test_names_hide_chats_and_are_read_only_where_they_belong():
    name = name_of(SETTINGS, wire.PRIVATE["id"], 41)
    assert str(wire.PRIVATE["id"]) not in name
    assert message_id_in(SETTINGS, str(wire.PRIVATE["id"]), name) == 41
    assert message_id_in(SETTINGS, "-1009990001112", name) is None
    assert message_id_in(SETTINGS, str(wire.PRIVATE["id"]), "u887700") is None
