"""What is kept of senders, and how long; who is not answered; what becomes of a report."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.inscriptions.service import paint
from api.intake.channels.arriving import accept, arrival_of
from api.intake.talk.retention import Retention
from api.readings.service import store_reading
from api.unit import SYSTEM, Actor
from models import (
    Account,
    Arrived,
    AuditEntry,
    Conversation,
    Inscription,
    Outgoing,
    Photo,
    Report,
    Sender,
    Territory,
    TerritoryContact,
)
from tests.api.seen import see, wall
from tests.api.talking import WALL, Chat, HttpChannel, reported
from tests.api.telling import ONE_DATABASE
from tests.api.walls import reading
from tests.api.words import refused


def sender_of(chat):
    with chat.services.reading_unit() as unit:
        return unit.session.scalars(select(Sender).order_by(Sender.created_at)).first()


def everything_kept(services):
    """Every column of every row about senders, as text."""
    with services.reading_unit() as unit:
        rows = [*unit.session.scalars(select(Sender)), *unit.session.scalars(select(Arrived))]
        rows += [*unit.session.scalars(select(Conversation)), *unit.session.scalars(select(Outgoing))]
        rows += unit.session.scalars(select(AuditEntry))
        return json.dumps([{k: str(v) for k, v in vars(row).items()} for row in rows], ensure_ascii=False)


@ONE_DATABASE
def test_nobody_is_named_and_where_they_are_is_forgotten_when_the_report_is_sent(chat, services):
    chat.send(photos=["wall1"])
    assert sender_of(chat).sealed_chat is not None
    chat.send(spot=WALL)
    chat.press("Отправить")
    assert sender_of(chat).sealed_chat is None
    assert {row.sealed_chat for row in chat.rows(Outgoing)} == {None}
    assert chat.name not in everything_kept(services)


def test_who_agreed_is_told_once_each_without_any_address(chat, services, clock, accounts):
    see(services, accounts["officer"], wall("qz_tuman_known_1"), photo="earlier", lat=43.2, lon=76.9, hours=-1)
    report_id = reported(chat)
    [said] = chat.press("Сообщать мне")
    assert "сообщим здесь" in said
    clock.move(seconds=6)
    assert chat.remind() == []  # not read yet
    with services.unit() as unit:
        photo = unit.session.get_one(Report, report_id).photos[0].photo_sha256
        store_reading(unit, photo, reading(photo, wall("qz_tuman_known_1"), wall("qz_tuman_new_1")))
        unit.session.get_one(Photo, photo).state = "read"
    clock.move(minutes=1)
    read, known = chat.remind()
    assert "адресов найдено: 2" in read
    assert "уже были известны: 1" in known
    assert "qz_tuman" not in read + known
    clock.move(hours=6)
    assert chat.remind() == []
    with services.unit(Actor("officer", accounts["officer"].id)) as unit:
        near = select(Inscription).where(Inscription.lat > 50)
        row = unit.session.scalars(near).one()
        paint(unit, row.id, version=row.version, painted_at=unit.clock.now(), reason="закрашено")
    clock.move(hours=6)
    [painted] = chat.remind()
    assert "закрашена" in painted
    clock.move(days=9)
    assert chat.remind() == []
    assert chat.rows()[0].remind_at is None


@ONE_DATABASE
def test_whoever_stops_is_forgotten_and_told_nothing_more(chat, services, clock):
    report_id = reported(chat)
    chat.press("Сообщать мне")
    assert sender_of(chat).sealed_chat is not None
    chat.send(photos=["wall2"])
    chat.send("заметка о стене")
    [said] = chat.send("/stop")
    assert "забыли" in said
    row = sender_of(chat)
    assert (row.sealed_chat, row.agreed_at, row.language) == (None, None, None)
    assert {(each.sealed_who, str(each.content)) for each in chat.rows(Arrived)} == {(None, "{}")}
    sent, stopped = chat.rows()
    assert (sent.report_id, sent.remind_at, sent.wants_status) == (report_id, None, False)
    assert (stopped.ended_why, stopped.note) == ("forgotten", None)
    clock.move(days=2)
    assert chat.remind() == []
    assert "Где эта стена" in chat.send(photos=["wall3"])[0]  # and may begin anew


@ONE_DATABASE
def test_too_many_messages_are_answered_once_and_left(make_services, provider, clock):
    services = make_services(talk={"messages_per_minute": 5})
    chat = Chat(services, provider, HttpChannel(provider.port))
    accept(services, [chat.arrival(photos=["wall1"])])
    accept(services, [chat.arrival(f"слово {n}") for n in range(8)])
    answers = chat.answers()
    assert sum("Слишком много" in said for said in answers) == 1
    assert chat.outcomes().count("too_many") == 4
    clock.move(seconds=61)
    assert "Отправить" in chat.send(spot=WALL)[0]


@ONE_DATABASE
def test_a_day_has_a_quota_of_photos(make_services, provider, clock):
    services = make_services(talk={"photos_per_day": 2})
    chat = Chat(services, provider, HttpChannel(provider.port))
    said = chat.send(photos=["wall1", "wall2", "wall3"])
    assert "не больше 2 фото" in said[0]
    assert "не больше 2 фото" in chat.send(photos=["wall4"])[0]
    clock.move(hours=25)
    assert "Где эта стена" in chat.send(photos=["wall4"])[0]
    [row] = chat.rows()
    with services.reading_unit() as unit:
        photos = unit.session.get_one(Conversation, row.id).photos
        assert [(each.photo_sha256 is None, each.error_code) for each in photos] == [
            (False, None), (False, None), (True, "quota"), (False, None)
        ]  # fmt: skip


@ONE_DATABASE
def test_a_blocked_sender_is_not_answered_and_nothing_is_fetched(chat, client, services):
    chat.send("/start")
    investigator = client("investigator")
    [listed] = investigator.get("/v1/senders").json()["senders"]
    assert chat.name not in json.dumps(listed)
    body = {"version": listed["version"], "reason": "шлёт одно и то же"}
    answer = investigator.post(f"/v1/senders/{listed['id']}/block", json=body)
    assert answer.status_code == 200, answer.text
    refused(investigator.post(f"/v1/senders/{listed['id']}/block", json=body), 409, "sender_changed")
    fetched = []
    chat.provider.on_fetch = lambda: fetched.append(1)
    assert chat.send(photos=["wall1"]) == []
    assert chat.send("/start") == []
    assert (fetched, chat.outcomes()[1:], chat.rows()) == ([], ["blocked", "blocked"], [])
    [blocked] = investigator.get("/v1/senders", params={"blocked": True}).json()["senders"]
    assert blocked["blocked_reason"] == "шлёт одно и то же"
    body = {"version": blocked["version"], "reason": "поговорили"}
    assert client("admin").post(f"/v1/senders/{listed['id']}/unblock", json=body).json()["blocked_at"] is None
    assert len(chat.send("/start")) == 1
    refused(
        investigator.post(f"/v1/senders/{listed['id']}/block", json=body | {"reason": "\u200b"}), 422, "reason_missing"
    )
    with services.reading_unit() as unit:
        said = list(unit.session.scalars(select(AuditEntry.action)))
        assert {"sender.block", "sender.unblock"} <= set(said)


@ONE_DATABASE
def test_a_group_that_is_nobodys_is_answered_never(chat):
    fetched = []
    chat.provider.on_fetch = lambda: fetched.append(1)
    assert chat.send(photos=["wall1"], chat="-100200300", is_group=True) == []
    assert chat.send("/start", chat="-100200300", is_group=True) == []
    assert (fetched, chat.outcomes(), chat.provider.sent) == ([], ["chat_not_allowed"] * 2, [])


def test_what_was_kept_long_enough_is_emptied(chat, services, clock):
    reported(chat, "wall1")
    chat.press("Сообщать мне")
    chat.send("t.me/qz_tuman_hinterland слева от двери")
    clock.move(hours=73)
    chat.remind()
    assert Retention(services, SYSTEM).empty() == 0
    clock.move(days=91)
    retention = Retention(services, SYSTEM)
    assert retention.empty() > 0
    assert retention.empty() == 0
    row = sender_of(chat)
    assert (row.sealed_chat, row.agreed_at, row.language) == (None, None, None)
    assert {(each.sealed_who, str(each.content)) for each in chat.rows(Arrived)} == {(None, "{}")}
    assert {(each.sealed_chat, str(each.content)) for each in chat.rows(Outgoing)} == {(None, "{}")}
    assert {(each.note, each.place_text) for each in chat.rows()} == {(None, None)}
    assert "qz_tuman" not in everything_kept(services)
    assert "/start" not in everything_kept(services)


@ONE_DATABASE
def test_a_mail_with_photo_and_place_is_a_report_at_once_and_one_without_is_asked(services, provider):
    mail = Chat(services, provider, HttpChannel(provider.port, name="mail"), name="i.lisov@qz-tuman-77.kz")
    [thanks] = mail.send("Стена у гаража\n54.8719, 69.1433\n\nС уважением", photos=["wall1"], kind="document")
    assert "номер" in thanks
    assert mail.mine()[-1]["buttons"] == []
    assert mail.mine()[-1]["about"] == mail.rows(Arrived)[-1].provider_id
    [asked] = mail.send("без места", photos=["wall2"])
    assert "Где эта стена" in asked
    quoted = "54.8801, 69.1502\n\n> Пришлите координаты (например 54.8700, 69.1500)\nнапример 54.8700, 69.1500"
    [thanks] = mail.send(quoted)
    assert "номер" in thanks
    with services.reading_unit() as unit:
        found = {(row.channel, row.lat) for row in unit.session.scalars(select(Report))}
        account = unit.session.scalars(select(Account)).one()
        assert (account.name, account.role, account.disabled_at is not None) == ("channel-mail", "officer", True)
    assert found == {("mail", 54.8719), ("mail", 54.8801)}


@ONE_DATABASE
def test_a_folder_is_never_answered_its_photos_are_reports_or_listed(services, provider, client, clock):
    folder = Chat(services, provider, HttpChannel(provider.port, name="folder", talks=False), name="in")
    assert folder.send(photos=["file"], kind="document") == []
    clock.move(seconds=1)
    assert folder.send(photos=["wall1"], kind="document") == []
    clock.move(seconds=1)
    assert folder.send(photos=["wall2"], kind="document") == []
    done, one, other = folder.rows()
    assert (done.state, one.state, other.state) == ("sent", "place", "place")
    assert provider.sent == []
    clock.move(days=30)
    assert folder.remind() == []
    officer = client("officer")
    listed = officer.get("/v1/conversations").json()["conversations"]
    assert {each["id"] for each in listed} == {one.id, other.id}


@pytest.fixture
def waiting(chat, client):
    """A conversation that waits for a place, an officer's client, and its version."""
    chat.send(photos=["wall1"])
    officer = client("officer")
    [listed] = officer.get("/v1/conversations").json()["conversations"]
    return officer, listed


def test_an_officer_gives_the_place_by_hand(chat, services, waiting, client):
    officer, listed = waiting
    way = f"/v1/conversations/{listed['id']}"
    picture = officer.get(f"{way}/photos/{listed['photos'][0]['sha256']}")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    refused(officer.get(f"{way}/photos/{'0' * 64}"), 404, "not_found")
    body = {"version": listed["version"], "lat": 54.8719, "lon": 69.1433}
    refused(officer.post(f"{way}/place", json=body | {"lat": 69.1, "lon": 54.8}), 422, "coordinates_swapped")
    refused(officer.post(f"{way}/place", json={"version": 1}), 422, "coordinates_needed")
    refused(officer.post(f"{way}/place", json=body | {"version": 99}), 409, "conversation_changed")
    answer = officer.post(f"{way}/place", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "sent"
    refused(
        officer.post(f"{way}/place", json=body | {"version": answer.json()["version"]}), 409, "conversation_is_over"
    )
    chat.deliver()
    assert answer.json()["receipt"] in chat.mine()[-1]["text"]
    report = officer.get(f"/v1/reports/{answer.json()['report_id']}").json()
    assert report["place"]["source"] == "typed"
    assert officer.get("/v1/conversations").json()["conversations"] == []
    assert chat.remind() == []
    assert client("investigator").get("/v1/review").status_code == 200


@ONE_DATABASE
def test_lists_have_pages(chat, services, provider, client, clock):
    others = [Chat(services, provider, chat.channel, name=f"70{n}") for n in range(3)]
    for n, other in enumerate(others):
        clock.move(seconds=1)
        other.send(photos=[f"wall{n + 1}"])
    investigator = client("investigator")
    for path, name in (("/v1/conversations", "conversations"), ("/v1/senders", "senders")):
        first = investigator.get(path, params={"limit": 2}).json()
        rest = investigator.get(path, params={"limit": 2, "cursor": first["next"]}).json()
        found = [each["id"] for each in first[name] + rest[name]]
        assert (len(set(found)), rest["next"]) == (3, None)
        refused(investigator.get(path, params={"cursor": "x!"}), 422, "cursor_not_understood")


@ONE_DATABASE
def test_a_reminder_keeps_to_its_hours(make_services, provider, clock):
    services = make_services(talk={"remind_after_h": (2.0,), "ends_after_h": 5.0})
    chat = Chat(services, provider, HttpChannel(provider.port))
    chat.send(photos=["file"], kind="document")
    [row] = chat.rows()
    assert row.remind_at == clock.now() + timedelta(hours=2)
    clock.move(hours=2)
    [said] = chat.remind()
    assert "ещё не отправлено" in said
    chat.press("Отправить")
    assert chat.rows()[0].state == "sent"


@ONE_DATABASE
def test_pictures_of_a_territorys_chat_are_kept_before_clean_up_is_asked(chat, services):
    with services.unit() as unit:
        now = unit.clock.now()
        area = {"type": "MultiPolygon", "coordinates": []}
        box = {"south": 54.0, "west": 69.0, "north": 55.0, "east": 70.0}
        territory = Territory(name_ru="КСК Исток-77", name_kk="Исток-77", area=area, area_m2=1.0, created_at=now, **box)
        contact = TerritoryContact(name="М. Озёрный", channel="telegram", chat=chat.name, created_at=now)
        territory.contacts.append(contact)
        unit.session.add(territory)
    chat.send(photos=["wall1"])
    with services.reading_unit() as unit:
        [row] = unit.session.scalars(select(Arrived))
        assert row.content["kept"] == list(unit.session.scalars(select(Photo.sha256)))
    # Of no work order: so it may be a report like anybody's.
    assert row.outcome == "photo"
    assert arrival_of(services.settings, row).media[0].ref == "wall1"
