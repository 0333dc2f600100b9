"""Conversations with those who send photos: photo, place, confirm, thanks, in any order."""

import re

import pytest
from sqlalchemy import select

from api.audit.verify import verify
from api.exchange.backup import backup, open_backup
from api.intake.channels.arriving import accept
from models import AuditEntry, Conversation, Photo, Report
from tests.api.pictures import jpeg
from tests.api.talking import WALL, Chat
from tests.api.telling import ONE_DATABASE

RECEIPT = re.compile(r"\b[234679DFJLNQRUVW]{3}-[234679DFJLNQRUVW]{3}\b")


PLACES = (
    ("54.8719, 69.1433", "text"),
    ("у гаража 54.8719, 69.1433 слева", "text"),
    ("https://yandex.kz/maps/?pt=69.1433,54.8719", "link"),
    ("смотрите\nhttps://www.google.com/maps?q=54.8719,69.1433", "link"),
)
NO_PLACES = (
    (None, (0.0, 0.0), "0, 0"),
    (None, (float("nan"), 69.0), "Такого места на земле нет"),
    (None, (48.85, 2.35), "далеко отсюда"),
    ("69.1433, 54.8719", None, "местами"),
    ("https://maps.app.goo.gl/x7q", None, "ссылк"),
    ("за гаражами", None, "Координат в этом тексте нет"),
)


@pytest.fixture
def reports(services):
    def ask():
        with services.reading_unit() as unit:
            found = list(unit.session.scalars(select(Report).order_by(Report.received_at, Report.id)))
            return [(row, [carried.photo_sha256 for carried in row.photos]) for row in found]

    return ask


def test_photo_place_confirm_thanks(chat, reports, services):
    [asked] = chat.send(photos=["wall1"])
    assert "Где эта стена" in asked
    assert chat.mine()[-1]["asks_for_place"]
    [shown] = chat.send(spot=WALL)
    assert f"{WALL[0]:.6f}, {WALL[1]:.6f}" in shown
    assert reports() == []
    [thanks] = chat.press("Отправить")
    assert RECEIPT.search(thanks)
    [(report, photos)] = reports()
    assert (report.channel, report.lat, report.lon, report.place_source) == ("telegram", *WALL, "shared")
    assert len(photos) == 1
    assert chat.provider.presses == ["p"]
    [row] = chat.rows()
    assert (row.state, row.report_id, row.receipt) == ("sent", report.id, RECEIPT.search(thanks)[0])
    with services.reading_unit() as unit:
        actions = set(unit.session.scalars(select(AuditEntry.action)))
        assert {"conversation.turn", "report.received"} <= actions
    assert [trouble for trouble in verify(services) if trouble.is_grave or trouble.code == "orphan"] == []


def test_pressed_twice_and_delivered_twice_it_is_one_report_and_one_answer(chat, reports):
    chat.send(photos=["wall1"])
    chat.send(spot=WALL)
    first = chat.arrival(button=chat.mine()[-1]["buttons"][0][1], number="press-1")
    assert accept(chat.services, [first]) == 1
    assert accept(chat.services, [first]) == 0
    [thanks] = chat.answers()
    [again] = chat.press("Отправить", said=-2)
    assert RECEIPT.search(again)[0] == RECEIPT.search(thanks)[0]
    assert len(reports()) == 1


@ONE_DATABASE
def test_a_place_may_be_text_or_a_link(chat, reports, clock):
    wanted = []
    for number, (said, source) in enumerate(PLACES, start=1):
        clock.move(seconds=1)
        chat.send(said)
        chat.send(photos=[f"wall{number}"])
        chat.send("да")
        wanted.append((*WALL, source))
    assert [(round(row.lat, 4), round(row.lon, 4), row.place_source) for row, _ in reports()] == wanted


@ONE_DATABASE
def test_a_file_knows_its_place_and_what_a_person_says_counts_more(chat, reports):
    [shown] = chat.send(photos=["file"], kind="document")
    assert "из самого фото" in shown
    [shown] = chat.send(spot=(54.9, 69.2))
    assert "54.900000" in shown
    assert "из самого фото" not in shown
    chat.press("Отправить")
    [(report, _)] = reports()
    assert (report.lat, report.place_source) == (54.9, "shared")


def test_an_album_in_any_order_and_delivered_apart_is_one_report(chat, clock, reports):
    for name in ("wall2", "wall1"):
        accept(chat.services, [chat.arrival(photos=[name], album="a7")])
    assert chat.answers() == []  # the others may be on their way
    accept(chat.services, [chat.arrival(spot=WALL)])
    assert chat.answers() == []  # sent after the album, so it waits as well
    clock.move(seconds=4)
    [asked, shown] = chat.answers()
    assert "2" in asked
    assert "Фото: 2" in shown
    accept(chat.services, [chat.arrival(photos=["wall3"], album="a7")])
    clock.move(seconds=4)
    [shown] = chat.answers()
    assert "Фото: 3" in shown
    [old] = chat.press("Отправить", said=-2)[:1]
    assert "уже не действует" in old
    chat.press("Отправить")
    [(_, photos)] = reports()
    assert len(photos) == 3


@ONE_DATABASE
def test_an_album_picture_that_comes_after_the_report_is_asked_about_with_the_same_place(chat, clock, reports):
    accept(chat.services, [chat.arrival(photos=["wall1"], album="a8")])
    clock.move(seconds=4)
    chat.answers()
    chat.send(spot=WALL)
    chat.press("Отправить")
    accept(chat.services, [chat.arrival(photos=["wall2"], album="a8")])
    clock.move(seconds=4)
    late, shown = chat.answers()
    assert RECEIPT.search(late)
    assert "Фото: 1" in shown
    chat.press("Отправить")
    assert [len(photos) for _, photos in reports()] == [1, 1]
    assert {(report.lat, report.lon) for report, _ in reports()} == {WALL}


@ONE_DATABASE
def test_an_earlier_place_that_is_delivered_later_changes_nothing(chat, clock):
    earlier = chat.arrival(spot=(54.0, 69.0))
    clock.move(seconds=10)
    chat.send(photos=["wall1"])
    chat.send(spot=WALL)
    accept(chat.services, [earlier])
    assert chat.answers() == []
    [row] = chat.rows()
    assert (row.lat, row.lon, row.state) == (*WALL, "confirm")
    assert chat.outcomes()[-1] == "late"


@ONE_DATABASE
def test_a_place_that_cannot_be_is_asked_for_again(chat):
    chat.send(photos=["wall1"])
    for text, spot, word in NO_PLACES:
        [said] = chat.send(text, spot=spot)
        assert word in said
    [row] = chat.rows()
    assert (row.state, row.lat) == ("place", None)
    assert "Отправить" in chat.send(spot=WALL)[0]


@ONE_DATABASE
def test_what_is_no_photo_is_answered_with_what_to_send(chat):
    for kind in ("sticker", "video", "voice", "contact"):
        [said] = chat.send(photos=["x"], kind=kind)
        assert "Пришлите фото надписи" in said
    assert chat.rows() == []


@ONE_DATABASE
def test_media_that_cannot_be_had_is_told_and_media_that_may_come_is_tried_again(chat, clock):
    assert "не удалось" in chat.send(photos=["nowhere"])[0]
    chat.provider.media["large"] = jpeg(60) + bytes(33 * 2**20)
    assert "слишком большой" in chat.send(photos=["large"])[0]
    chat.provider.media["text"] = b"no picture at all"
    [refused] = chat.send(photos=["text"])
    assert "JPEG" in refused
    assert chat.rows() == []
    chat.provider.media["later"] = (503, b"")
    assert chat.send(photos=["later"]) == []
    chat.provider.media["later"] = jpeg(61)
    assert chat.answers() == []
    clock.move(minutes=1)
    assert "Где эта стена" in chat.answers()[0]


@ONE_DATABASE
def test_an_address_without_its_wall_is_kept_as_a_note(chat, reports):
    [said] = chat.send("пишите сюда t.me/qz_tuman_hinterland", is_forwarded=True)
    assert "фото стены" in said
    forwarded, asked = chat.send(photos=["wall1"], is_forwarded=True)
    assert "самой стены" in forwarded
    assert "Где эта стена" in asked
    chat.send(spot=WALL)
    chat.press("Отправить")
    [(report, _)] = reports()
    assert "qz_tuman_hinterland" in report.note


@ONE_DATABASE
def test_languages_change_at_any_time_and_are_remembered(chat):
    chat.language = "kk-KZ"
    assert "Сәлеметсіз" in chat.send("/start")[0]
    chat.send(photos=["wall1"])
    said, asked = chat.send("English")
    assert said == "English from now on."
    assert asked.startswith("Thank you, photos received: 1")
    chat.send(spot=WALL)
    chat.press("More")
    chat.press("Language")
    _, shown = chat.press("Русский")
    assert "Проверьте" in shown
    assert "Проверьте" in chat.send(photos=["wall2"])[0]


@ONE_DATABASE
def test_place_again_add_cancel(chat, reports):
    chat.send(photos=["wall1"])
    chat.send(spot=(54.9, 69.2))
    chat.press("Другое место")
    chat.send(spot=WALL)
    chat.press("Ещё")
    assert "той же стены" in chat.press("Добавить фото")[0] or "этой же стены" in chat.mine()[-1]["text"]
    [shown] = chat.send(photos=["wall2"])
    assert "Фото: 2" in shown
    [same] = chat.send(photos=["wall2"])
    assert "уже есть" in same
    chat.press("Ещё", said=-2)
    assert "Отменено" in chat.press("Отменить")[0]
    assert "не действует" in chat.press("Отправить", said=-4)[0]
    assert reports() == []
    [row] = chat.rows()
    assert (row.state, row.ended_why) == ("ended", "cancelled")


@ONE_DATABASE
def test_a_button_of_somebody_else_does_nothing_and_says_so(chat, services, provider, reports):
    chat.send(photos=["wall1"])
    chat.send(spot=WALL)
    other = Chat(services, provider, chat.channel, name="963852741")
    data = chat.mine()[-1]["buttons"][0][1]
    assert "не действует" in other.send(button=data)[0]
    assert "не действует" in other.send(button="t:yes:x")[0]
    assert "не действует" in other.send(button="whatever")[0]
    assert reports() == []


@ONE_DATABASE
def test_photos_without_an_answer_are_reminded_of_kept_and_a_place_that_comes_late_still_counts(
    chat, clock, client, reports
):
    chat.send(photos=["wall1"])
    clock.move(minutes=61)
    assert "не хватает места" in chat.remind()[0]
    assert chat.remind() == []
    clock.move(hours=24)
    assert "не хватает места" in chat.remind()[0]
    clock.move(hours=48)
    assert chat.remind() == []
    [row] = chat.rows()
    assert (row.state, row.ended_why, row.remind_at) == ("ended", "silent", None)
    assert row.sender_id
    officer = client("officer")
    [listed] = officer.get("/v1/conversations?state=silent").json()["conversations"]
    assert listed["id"] == row.id
    assert listed["photos"][0]["sha256"]
    clock.move(days=4)
    assert "Отправить" in chat.send(spot=WALL)[0]
    chat.press("Отправить")
    assert len(reports()) == 1


def test_a_backup_holds_conversations_and_their_photos(chat, services, tmp_path):
    chat.send(photos=["wall1", "wall2"])
    target = backup(services, tmp_path / "kept")
    copy = open_backup(target)
    try:
        with copy.reading_unit() as unit:
            [row] = unit.session.scalars(select(Conversation))
            photos = list(unit.session.scalars(select(Photo.sha256)))
            assert sorted(each.photo_sha256 for each in row.photos) == sorted(photos)
            assert len(photos) == 2
        assert [trouble.code for trouble in verify(copy) if trouble.is_grave or trouble.code == "orphan"] == []
    finally:
        copy.close()
