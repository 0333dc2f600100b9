"""Work orders: every step that may follow and none that may not, one active order a wall, holds, writing back."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.cleanup import contacts
from api.cleanup.after import photo_arrived
from api.cleanup.orders import open_order, order_of, photos_of, steps_of
from api.cleanup.reminders import CLOSED_AFTER
from api.cleanup.returns import REOPENED_WITHIN
from api.cleanup.states import NOT_BY_NAME, STEPS, Action, next_of
from api.cleanup.steps import By, OrderStepRefused
from models import AuditEntry, Inscription, OrderState, WorkOrder, WorkOrderStep
from tests.api.cleanup import GROUP, LAT, NAME, PATHS, City, kept_photo
from tests.api.seen import see, wall
from tests.api.telling import ONE_DATABASE
from tests.api.words import refused

# Written by hand beside the code's table, so that a change of either is seen.
TABLE = {
    "open": "assign send cancel",
    "sent": "accept paint not_ours cancel",
    "accepted": "paint not_ours cancel",
    "painted": "verify not_painted",
    "verified": "close reopen",
    "closed": "reopen",
}
BY_PROGRAM = {"say_painted": "sent accepted", "remind": "sent accepted", "stay_painted": "open"}


@pytest.fixture
def city(services, accounts):
    return City(services, accounts["investigator"])


@pytest.fixture
def http(client):
    return client("investigator")


def order(services, order_id):
    with services.reading_unit() as unit:
        return order_of(unit, order_id)


def wall_state(services, order_id):
    with services.reading_unit() as unit:
        return unit.session.get_one(Inscription, order_of(unit, order_id).inscription_id).state


def again(city, number=0, **when):
    """The name is seen again on the order's wall; the sighting's finding."""
    (finding,) = see(
        city.services, city.account, wall(f"{NAME}_{number}"), photo=f"again-{number}-{when}",
        lat=LAT + number / 10_000, lon=69.151, **when,
    )  # fmt: skip
    return finding


def test_the_table_is_the_one_written_here():
    assert {str(state): set(next_of(state)) for state in OrderState} == {k: set(v.split()) for k, v in TABLE.items()}
    assert {str(each): {str(s) for s in STEPS[each].before} for each in NOT_BY_NAME} == {
        k: set(v.split()) for k, v in BY_PROGRAM.items()
    }
    assert set(STEPS) == set(Action)


def test_steps_that_may_follow_do_and_others_are_refused_with_what_may(services, city):
    for number, state in enumerate(PATHS):
        order_id = city.order(number, to=state)
        before = order(services, order_id)
        assert (before.state, before.number) == (state, number + 1)
        for action in Action:
            if action not in TABLE[state].split():
                with pytest.raises(OrderStepRefused) as refusal:
                    city.act(order_id, action)
                assert refusal.value.facts == {"order_state": state, "step": action, "next_steps": next_of(state)}
        assert order(services, order_id).version == before.version
        with services.reading_unit() as unit:
            steps = steps_of(unit, order_id)
            assert [step.action for step in steps] == ["open", *PATHS[state]]
            assert {step.account_id for step in steps} == {city.account.id}
            entries = unit.session.scalars(select(AuditEntry.action).where(AuditEntry.subject == order_id))
            assert list(entries) == [f"order.{step.action}" for step in steps]


def test_two_who_make_an_order_for_one_wall_get_the_same_one(services, city):
    wall_id, made, gate = city.wall(), [], threading.Barrier(4)

    def make():
        gate.wait()
        with services.unit(city.actor) as unit:
            row, is_new = open_order(unit, services.settings, wall_id)
            made.append((row.id, is_new))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len({order_id for order_id, _ in made}), sum(is_new for _, is_new in made)) == (1, 1)


def test_writing_that_is_back_opens_the_order_again_and_a_rejected_sighting_closes_it(services, city, http, clock):
    done, old = city.order(to="verified"), city.order(1, to="closed")
    clock.move(days=1)
    finding = again(city)
    row = order(services, done)
    assert (row.state, row.reopened, wall_state(services, done)) == ("open", 1, "reappeared")
    assert row.photo_sha256 == finding.photo_sha256
    assert http.post(f"/v1/findings/{finding.id}/reject", json={"version": 1, "reason": "x"}).status_code == 200
    row = order(services, done)
    assert (row.state, row.reopened, wall_state(services, done)) == ("verified", 0, "painted")
    assert row.photo_sha256 != finding.photo_sha256
    with services.reading_unit() as unit:
        assert {step.account_id for step in steps_of(unit, done)[-2:]} == {None}
    clock.move(days=(REOPENED_WITHIN + timedelta(days=1)).days)
    again(city, 1)
    assert order(services, old).state == "closed"
    with services.reading_unit() as unit:
        rows = unit.session.scalars(select(WorkOrder).where(WorkOrder.is_active, WorkOrder.number > 2)).all()
        (step,) = steps_of(unit, rows[0].id)
    assert (len(rows), step.facts["earlier"]) == (1, 2)


@ONE_DATABASE
def test_a_mistaken_order_takes_its_mark_back_and_a_wall_written_on_again_keeps_it(services, city):
    order_id, other = city.order(to="verified"), city.order(1, to="verified")
    assert wall_state(services, order_id) == "painted"
    city.act(order_id, "reopen")
    assert (wall_state(services, order_id), order(services, order_id).state) == ("open", "open")
    city.act(other, "reopen", is_back=True)
    assert (wall_state(services, other), order(services, other).reopened) == ("painted", 1)


@ONE_DATABASE
def test_an_order_that_a_person_marked_the_wall_before_leaves_the_mark_alone(services, city, http, clock):
    order_id = city.order(to="painted")
    row = order(services, order_id)
    body = {"version": 1, "painted_at": clock.now().isoformat(), "reason": "seen from the street"}
    body["version"] = http.get(f"/v1/inscriptions/{row.inscription_id}").json()["version"]
    assert http.post(f"/v1/inscriptions/{row.inscription_id}/painted", json=body).status_code == 200
    city.act(order_id, "verify")
    city.act(order_id, "reopen")
    assert wall_state(services, order_id) == "painted"


@ONE_DATABASE
def test_photos_after_painting_come_once_and_only_when_they_are_expected(services, city, clock):
    order_id, sha256 = city.order(to="sent"), kept_photo(services, b"one")
    by = By("telegram", city.contact_id)
    for _ in range(2):
        with services.unit() as unit:
            photo_arrived(unit, order_id, sha256, by=by)
    second = kept_photo(services, b"two")
    with services.unit() as unit:
        assert photo_arrived(unit, order_id, second, by=by)
    assert order(services, order_id).state == "painted"
    with services.reading_unit() as unit:
        assert [row.photo_sha256 for row in photos_of(unit, order_id)] == sorted([sha256, second])
        assert [step.action for step in steps_of(unit, order_id)].count("paint") == 1
    city.act(order_id, "verify")
    with services.unit() as unit, pytest.raises(OrderStepRefused):
        photo_arrived(unit, order_id, kept_photo(services, b"three"), by=by)


@ONE_DATABASE
def test_orders_over_http(services, city, client, http):
    officer, wall_id = client("officer"), city.wall()
    made = officer.post("/v1/orders", json={"inscription": wall_id, "note": "third floor"})
    assert (made.status_code, made.json()["new"], made.json()["territory_name"]) == (201, True, "Двор 7")
    row = made.json()
    same = officer.post("/v1/orders", json={"inscription": wall_id})
    assert (same.status_code, same.json()["id"]) == (200, row["id"])
    refused(officer.post("/v1/orders", json={"inscription": "0" * 32}), 404, "not_found")
    path = f"/v1/orders/{row['id']}/steps"
    assert refused(officer.post(path, json={"version": 9, "action": "send"}), 409, "order_changed")["version"] == 1
    told = refused(officer.post(path, json={"version": 1, "action": "accept"}), 409, "order_step_refused")
    assert told["next_steps"] == ["assign", "send", "cancel"]
    refused(officer.post(path, json={"version": 1, "action": "cancel"}), 422, "order_reason_missing")
    refused(officer.post(path, json={"version": 1, "action": "assign"}), 422, "territory_missing")
    sent = officer.post(path, json={"version": 1, "action": "send"}).json()
    assert (sent["state"], sent["next"], sent["is_overdue"]) == ("sent", TABLE["sent"].split(), False)
    shown = http.get(f"/v1/orders/{row['id']}").json()
    assert [(step["action"], step["by"]) for step in shown["steps"]] == [("open", "officer"), ("send", "officer")]
    assert [each["id"] for each in http.get("/v1/orders", params={"state": "sent"}).json()["orders"]] == [row["id"]]
    for asked, found in (
        ({"territory": city.territory_id}, 1), ({"inscription": wall_id}, 1), ({"circle": f"{LAT},69.151,50"}, 1),
        ({"box": "50,60,51,61"}, 0), ({"overdue": True}, 0), ({"overdue": False}, 1), ({"held": True}, 0),
        ({"active": True}, 1), ({"state": "open"}, 0),
    ):  # fmt: skip
        assert len(http.get("/v1/orders", params=asked).json()["orders"]) == found, asked
    refused(http.post("/v1/orders/area", json={}), 422, "area_missing")
    city.wall(1)
    made = http.post("/v1/orders/area", json={"circle": f"{LAT},69.151,500"}).json()
    assert (made["new"], len(made["orders"]), made["next"]) == (1, 2, None)


@ONE_DATABASE
def test_a_held_wall_is_neither_sent_nor_accepted_and_chats_are_told_once(services, city, http, client):
    open_id, sent_id = city.order(), city.order(1, to="sent")
    for order_id in (open_id, sent_id):
        path = f"/v1/inscriptions/{order(services, order_id).inscription_id}/hold"
        refused(http.post(path, json={"reason": "\u200b"}), 422, "hold_reason_empty")
        refused(http.post(f"{path}/release", json={"reason": "x"}), 409, "not_held")
        assert http.post(path, json={"reason": "expert comes on Monday"}).status_code == 201
        refused(http.post(path, json={"reason": "again"}), 409, "held_already")
    for order_id, action in ((open_id, "send"), (sent_id, "accept")):
        body = {"version": order(services, order_id).version, "action": action}
        refused(http.post(f"/v1/orders/{order_id}/steps", json=body), 409, "wall_held")
    assert client("officer").get(f"/v1/orders/{sent_id}").json()["is_held"]
    assert len(http.get("/v1/orders", params={"held": True}).json()["orders"]) == 2
    assert [message.text.split(":")[0] for message in city.posted()][1:] == ["Заявка № 2"]
    assert http.post(f"{path}/release", json={"reason": "done"}).status_code == 200
    city.act(sent_id, "accept")
    shown = http.get(path).json()
    assert (shown["is_held"], shown["holds"][0]["released_by"]) == (False, "investigator")
    assert "теперь надпись можно закрасить" in city.posted()[-1].text


@ONE_DATABASE
def test_an_order_is_sent_with_photo_place_map_and_buttons_in_the_chats_language(services, city, http):
    body = {"name": "Айгүл", "channel": "whatsapp", "chat": "77000001122", "language": "kk"}
    assert http.post(f"/v1/territories/{city.territory_id}/contacts", json=body).status_code == 201
    twin = {"name": "Заместитель", "channel": "telegram", "chat": GROUP}
    assert http.post(f"/v1/territories/{city.territory_id}/contacts", json=twin).status_code == 201
    order_id = city.order(to="sent", note="у подъезда")
    ru, kk = sorted(city.posted(), key=lambda message: "өтінім" in message.text)
    row = order(services, order_id)
    assert ru.text.splitlines() == [
        "Заявка № 1: просим закрасить надпись на стене.",
        "Место: 54.87100, 69.15100",
        "Карта: https://www.openstreetmap.org/?mlat=54.87100&mlon=69.15100#map=18/54.87100/69.15100",
        "Примечание: у подъезда",
        "Срок: до 8 марта 2026\u202fг.",
        "Адрес на фото размыт намеренно. Пожалуйста, не пересылайте его никому.",
    ]
    assert kk.text.startswith("№ 1 өтінім: қабырғадағы жазуды")
    assert ru.photo_sha256 == kk.photo_sha256 == row.photo_sha256
    assert [button.text for button in ru.buttons] == ["Принять", "Закрашено", "Не наша территория"]
    assert all(len(b.text) <= 20 and len(b.data.encode()) <= 64 for m in (ru, kk) for b in m.buttons)
    assert NAME not in ru.text + kk.text


@ONE_DATABASE
def test_an_order_without_territory_or_chat_is_not_sent(services, city, http):
    far = city.wall(5, lat=50.0)
    row = http.post("/v1/orders", json={"inscription": far}).json()
    assert (row["assigned"], row["territory"]) == ("none", None)
    path = f"/v1/orders/{row['id']}/steps"
    refused(http.post(path, json={"version": 1, "action": "send"}), 409, "order_without_territory")
    given = http.post(path, json={"version": 1, "action": "assign", "territory": city.territory_id}).json()
    assert (given["assigned"], given["territory_name"]) == ("hand", "Двор 7")
    contact = f"/v1/territories/{city.territory_id}/contacts/{city.contact_id}"
    assert http.delete(contact, params={"version": 1}).status_code == 204
    refused(http.post(path, json={"version": 2, "action": "send"}), 409, "territory_without_chat")


@ONE_DATABASE
def test_what_was_verified_long_ago_is_closed_and_not_before(services, city, clock):
    from api.cleanup import reminders

    order_id = city.order(to="verified")
    clock.move(seconds=CLOSED_AFTER.total_seconds() - 1)
    with services.unit() as unit:
        assert (reminders.done(unit, limit=9), reminders.close(unit, order_id)) == ([], False)
    clock.move(seconds=1)
    with services.unit() as unit:
        assert (reminders.done(unit, limit=9), reminders.close(unit, order_id)) == ([order_id], True)
    with services.reading_unit() as unit:
        last = unit.session.scalars(select(WorkOrderStep).order_by(WorkOrderStep.number.desc())).first()
    assert (last.action, last.account_id, order(services, order_id).is_active) == ("close", None, False)


@ONE_DATABASE
def test_a_mail_has_a_signed_link_where_messengers_have_buttons(make_services, accounts):
    services = make_services(web={"origin": "https://walls.qz-tuman-77.kz"})
    city = City(services, accounts["investigator"])
    with services.unit(city.actor) as unit:
        contacts.remove(unit, city.territory_id, city.contact_id, version=1)
        contacts.add(unit, city.territory_id, name="x", channel="mail", chat="yard@qz-tuman-77.kz", language="en")
    city.order(to="sent")
    (message,) = city.posted()
    assert (message.buttons, message.subject) == ((), "WallWatch № 1")
    assert "Answer and send a photo: https://walls.qz-tuman-77.kz/w/wwl_" in message.text
