"""What condo chats say: buttons, photos and codes, delivered twice, out of order, and by chats of others."""

from datetime import UTC, datetime
from itertools import count

import pytest

from api.cleanup.chats import SAID_PAINTED_FOR, take, wants_photo
from api.cleanup.orders import order_of, photos_of, steps_of
from api.cleanup.sending import sending_of
from api.intake.channels.arriving import arrival_of, keep
from api.intake.channels.base import Arrival, Media
from models import Outgoing, WorkOrder
from tests.api.cleanup import GROUP, City, kept_photo
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture

OTHER = "-1004445556667"
_numbers = count(1)


@pytest.fixture
def city(services, accounts):
    return City(services, accounts["investigator"])


@pytest.fixture
def say(services, city):
    """Something arrives from a chat, as often as it is delivered; (taken, outcome) of the last delivery."""

    def arrive(chat=GROUP, *, photo=None, times=1, **more):
        more.setdefault("provider_id", f"p{next(_numbers)}")
        options = {"channel": "telegram", "is_group": True} | more
        arrival = Arrival(chat=chat, sender="5550001", sent_at=datetime(2026, 3, 1, 9, 0, tzinfo=UTC), **options)
        found = None
        for _ in range(times):
            with services.unit() as unit:
                row = keep(unit, services.settings, arrival)
                if row is None:
                    continue
                if photo is not None:
                    row.content = {**row.content, "kept": [photo]}
                found = take(unit, services.settings, arrival_of(services.settings, row), row), row.outcome
        return found

    return arrive


@pytest.fixture
def press(services, say):
    def send(order_id, deed, *, sending=None, **more):
        with services.reading_unit() as unit:
            number = sending_of(unit, unit.session.get_one(WorkOrder, order_id)) if sending is None else sending
        return say(button=f"order:{order_id}:{deed}:{number}", **more)

    return send


def order(services, order_id):
    with services.reading_unit() as unit:
        return order_of(unit, order_id)


def deeds(services, order_id):
    with services.reading_unit() as unit:
        return [step.action for step in steps_of(unit, order_id)]


def test_accept_painted_and_a_photo_lead_to_a_photo_that_waits_for_its_check(services, city, press, say):
    order_id, sha256 = city.order(to="sent"), kept_photo(services, b"after")
    assert press(order_id, "accept", times=3) == (True, "order_accepted")
    assert press(order_id, "painted") == (True, "order_said_painted")
    assert say(photo=sha256, media=(Media("m", "photo"),), times=2) == (True, "order_photo")
    assert say(photo=sha256) == (True, "order_photo_known")
    assert deeds(services, order_id) == ["open", "send", "accept", "say_painted", "paint"]
    with services.reading_unit() as unit:
        (photo,) = photos_of(unit, order_id)
        step = steps_of(unit, order_id)[2]
    assert (photo.channel, photo.contact_id, photo.verdict) == ("telegram", city.contact_id, None)
    assert (step.channel, step.contact_id, step.account_id, step.arrival_seq) == ("telegram", city.contact_id, None, 1)
    texts = [message.text for message in city.posted()][1:]
    assert [words for words in ("принята", "пришлите сюда фото", "фото получено") if any(words in t for t in texts)]
    assert len(texts) == 3


def test_presses_out_of_order_change_nothing_that_may_not_be_changed(services, city, press, say):
    order_id = city.order(to="sent")
    assert press(order_id, "painted")[1] == "order_said_painted"
    assert press(order_id, "painted")[1] == "order_said_painted"
    assert press(order_id, "accept")[1] == "order_accepted"
    say(photo=kept_photo(services, b"after"))
    for deed in ("accept", "painted", "not_ours"):
        assert press(order_id, deed) == (True, "order_unchanged")
    assert deeds(services, order_id) == ["open", "send", "say_painted", "accept", "paint"]
    assert "фото на проверке" in city.posted()[-1].text


def test_not_ours_gives_the_order_back_and_an_earlier_button_does_nothing(services, city, press):
    order_id = city.order(to="sent")
    assert press(order_id, "not_ours")[1] == "order_not_ours"
    row = order(services, order_id)
    assert (row.state, row.territory_id, row.assigned, row.due_at) == ("open", None, "none", None)
    assert "с вас снята" in city.posted()[-1].text
    assert press(order_id, "accept") == (True, "order_foreign")
    city.act(order_id, "assign", territory_id=city.territory_id)
    city.act(order_id, "send")
    assert press(order_id, "accept", sending=2) == (True, "order_unchanged")
    assert order(services, order_id).state == "sent"
    assert press(order_id, "accept")[1] == "order_accepted"


def test_data_that_is_none_of_ours_is_refused_politely(services, city, say):
    order_id = city.order(to="sent")
    for data in ("order:", "order:x:accept:1", f"order:{'0' * 32}:accept:2", f"order:{order_id}:paint:2",
                 f"order:{order_id}:accept:99999999999"):  # fmt: skip
        assert say(button=data) == (True, "order_foreign"), data
    assert deeds(services, order_id) == ["open", "send"]


def test_a_chat_that_the_order_did_not_go_to_learns_and_changes_nothing(services, city, press, say):
    order_id, sha256 = city.order(to="sent"), kept_photo(services, b"after")
    for more in ({"chat": OTHER}, {"chat": OTHER, "is_group": False}, {"channel": "whatsapp"}):
        assert press(order_id, "accept", **more) == (True, "order_foreign")
        assert "№" not in city.posted()[-1].text
    assert say(chat=OTHER, photo=sha256) == (False, None)
    assert deeds(services, order_id) == ["open", "send"]


def test_a_photo_belongs_to_the_message_that_it_answers_or_to_the_last_word(services, city, press, say, clock):
    first, second = city.order(to="sent"), city.order(1, to="sent")
    with services.unit() as unit:
        for number, row in enumerate(unit.session.query(Outgoing).order_by(Outgoing.seq)):
            row.provider_id = f"out-{number}"
    one, two, three = (kept_photo(services, data) for data in (b"1", b"2", b"3"))
    assert say(photo=one) == (True, "chat_talk")
    assert say(text="Кто закрасил?") == (True, "chat_talk")
    press(second, "painted")
    assert say(photo=one, about="out-0")[1] == "order_photo"
    assert (order(services, first).state, order(services, second).state) == ("painted", "sent")
    assert say(photo=two, about="of something else")[1] == "order_photo"
    assert order(services, second).state == "painted"
    assert say(photo=three, is_group=False)[1] == "order_photo"  # the next one of an album
    clock.move(seconds=SAID_PAINTED_FOR.total_seconds() + 1)
    assert say(photo=kept_photo(services, b"4"), is_group=False) == (False, None)


def test_a_held_order_is_not_accepted_but_its_photo_is_kept(services, city, press, say, client):
    order_id = city.order(to="sent")
    path = f"/v1/inscriptions/{order(services, order_id).inscription_id}/hold"
    assert client("investigator").post(path, json={"reason": "x"}).status_code == 201
    assert press(order_id, "accept") == (True, "order_held")
    assert order(services, order_id).state == "sent"
    assert "пока не закрашивайте" in city.posted()[-1].text
    press(order_id, "painted")
    assert say(photo=kept_photo(services, b"after"))[1] == "order_photo"


def test_a_group_binds_itself_with_a_code_once(services, city, say, client):
    http = client("investigator")
    body = {"name": "Совет дома", "channel": "telegram", "language": "kk"}
    bind = http.post(f"/v1/territories/{city.territory_id}/contacts", json=body).json()["bind"]
    assert say(chat=OTHER, text="/bind NOSUCHCODE") == (True, "bind_code_unknown")
    assert say(chat=OTHER, text=bind.replace("/bind", "/bind@qz_tuman_bot").lower()) == (True, "chat_bound")
    assert "Чат байланыстырылды: «Двор 7»" in city.posted()[-1].text
    assert say(chat="-1008889990001", text=bind) == (True, "bind_code_unknown")
    assert say(chat=OTHER, text=bind, channel="whatsapp") == (False, None)
    shown = http.get(f"/v1/territories/{city.territory_id}").json()["contacts"]
    assert {(each["chat"], each["bind"]) for each in shown} == {(GROUP, None), (OTHER, None)}


def test_a_contacts_own_talk_is_a_conversation_and_a_groups_is_not(city, say):
    assert say(text="Добрый день", is_group=False) == (False, None)
    assert say(text="Добрый день") == (True, "chat_talk")
    assert say(text="Добрый день", chat=OTHER) == (False, None)


def test_no_photo_is_wanted_from_a_chat_without_orders(services, city):
    arrival = Arrival("telegram", "x", GROUP, "1", datetime(2026, 3, 1, tzinfo=UTC), about="out-0")
    with services.reading_unit() as unit:
        assert wants_photo(unit, services.settings, arrival) is None
