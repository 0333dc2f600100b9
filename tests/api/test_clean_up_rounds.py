"""What the worker does for work orders: places, comparisons, reminders, each once, and nothing that is too late."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from api.cleanup.after import NOT_PAINTED, PAINTED, UNCLEAR, Checked, photo_arrived, undecided
from api.cleanup.geocoder import GeocoderUnavailable, address_at
from api.cleanup.orders import open_order, order_of, photos_of
from api.cleanup.rounds import CleanUp
from api.readings.service import store_reading
from api.unit import Actor
from models import Inscription, Notice, Photo, PhotoState
from tests.api.cleanup import LAT, LON, NAME, City, kept_photo
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.photographed import photographed
from tests.api.wall_pictures import bare, jpeg, plaster
from tests.api.walls import finding, reading
from tests.api.words import refused

WORKER = Actor("worker:test")
STREET = {"address": {"road": "улица Сыпатай\u202e Туманный", "house_number": "24/7", "city": "Зайсан-Тест"}}


class Nominatim:
    """A geocoder on this machine that answers what it is told to."""

    def __init__(self):
        self.asked, self.says, self.on_ask = [], [(200, STREET)], lambda: None

    @contextmanager
    def open(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append((urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)))
                outer.on_ask()
                status, said = outer.says[min(len(outer.asked), len(outer.says)) - 1]
                body = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_port}/reverse"
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            yield self
            server.shutdown()
            thread.join()


@pytest.fixture
def nominatim():
    with Nominatim().open() as opened:
        yield opened


@pytest.fixture
def city(services, accounts):
    return City(services, accounts["investigator"])


def order(services, order_id):
    with services.reading_unit() as unit:
        return order_of(unit, order_id)


def after(services, order_id, data=b"after"):
    """A photo after painting; its SHA-256."""
    sha256 = kept_photo(services, data)
    with services.unit() as unit:
        photo_arrived(unit, order_id, sha256)
    return sha256


def saying(verdict, score=0.9):
    """A comparison that always says this."""
    return lambda *_: Checked(verdict, score, {"reason": "x"})


def test_an_order_waits_for_its_street_address_and_is_sent_without_one_when_nobody_knows(
    make_services, accounts, nominatim, clock
):
    services = make_services(cleanup={"geocoder": nominatim.url})
    city, rounds = City(services, accounts["investigator"]), CleanUp(services, WORKER)
    order_id = city.order(to="sent")
    assert city.posted() == []
    rounds.round()
    rounds.round()
    (message,) = city.posted()
    assert "Место: улица Сыпатай Туманный, 24/7, Зайсан-Тест (54.87100, 69.15100)" in message.text
    assert len(nominatim.asked) == 1
    path, asked = nominatim.asked[0]
    assert (path, asked["lat"], asked["lon"], asked["format"]) == ("/reverse", ["54.871000"], ["69.151000"], ["jsonv2"])
    nominatim.says = [(200, {"error": "Unable to geocode"})]
    city.order(1, to="sent")
    rounds.round()
    assert (order(services, order_id).place_text[:5], "Место: 54.87110" in city.posted()[-1].text) == ("улица", True)
    nominatim.says = [(503, {})]
    still_open = city.order(2)
    city.order(3, to="sent")
    rounds.round()
    rounds.round()
    assert "Место: 54.87130" in city.posted()[-1].text
    assert len(nominatim.asked) == 3  # it failed once, and is left alone
    assert order(services, still_open).place_text is None
    clock.move(minutes=2)
    nominatim.says = [(200, STREET)]
    rounds.round()
    assert order(services, still_open).place_text == "улица Сыпатай Туманный, 24/7, Зайсан-Тест"


@pytest.mark.parametrize(
    "said", [(302, {}), (500, b"x"), (200, b"<html>"), (200, b"[]"), (200, b"[" * 100_000), (200, b" " * 300_000)]
)
def test_a_geocoder_that_says_nothing_useful_is_unavailable(nominatim, said):
    nominatim.says = [said]
    with pytest.raises(GeocoderUnavailable):
        address_at(nominatim.url, LAT, LON, timeout_s=5)
    assert len(nominatim.asked) == 1


def test_a_geocoder_that_is_not_there_is_unavailable():
    with pytest.raises(GeocoderUnavailable):
        address_at("http://127.0.0.1:9/reverse", LAT, LON, timeout_s=1)


def test_a_painted_wall_is_verified_marked_and_thanked_for_once(services, city):
    order_id = city.order(to="accepted")
    sha256, rounds = after(services, order_id), CleanUp(services, WORKER, compare=saying(PAINTED))
    rounds.round()
    rounds.round()
    row = order(services, order_id)
    with services.reading_unit() as unit:
        (photo,) = photos_of(unit, order_id)
        assert unit.session.get_one(Inscription, row.inscription_id).state == "painted"
    assert (row.state, photo.photo_sha256, photo.verdict, photo.score) == ("verified", sha256, "painted", 0.9)
    assert [message.text for message in city.posted()][1:] == ["Заявка № 1 выполнена: надпись закрашена. Спасибо!"]


def test_a_wall_that_is_not_painted_goes_back_kindly_unless_another_photo_is_better(services, city):
    order_id, other = city.order(to="accepted"), city.order(1, to="accepted")
    after(services, order_id)
    after(services, other, b"first")
    better = after(services, other, b"second")

    def compare(_services, asked, sha256):
        return Checked(UNCLEAR if sha256 == better else NOT_PAINTED, 0.3)

    CleanUp(services, WORKER, compare=compare).round()
    assert (order(services, order_id).state, order(services, other).state) == ("accepted", "painted")
    assert "ещё видна" in city.posted()[-1].text
    with services.reading_unit() as unit:
        assert [(row.id, photo.photo_sha256) for row, photo in undecided(unit, limit=9)] == [(other, better)]


def test_a_person_decides_where_the_program_is_not_sure(services, city, client):
    order_id, http = city.order(to="sent"), client("officer")
    sha256 = after(services, order_id)
    CleanUp(services, WORKER, compare=saying(UNCLEAR, 0.5)).round()
    (waiting,) = http.get("/v1/orders/undecided").json()["waiting"]
    assert (waiting["order"]["id"], waiting["photo"]["photo"]) == (order_id, sha256)
    path, version = f"/v1/orders/{order_id}/photos/{sha256}/decide", waiting["order"]["version"]
    no = {"version": version, "verdict": "not_painted"}
    refused(http.post(path, json=no), 422, "order_reason_missing")
    refused(http.post(path.replace(sha256, "0" * 64), json=no), 404, "not_found")
    assert http.post(path, json=no | {"reason": "half of it"}).json()["state"] == "accepted"
    assert http.get("/v1/orders/undecided").json()["waiting"] == []
    refused(http.post(path, json={"version": version + 1, "verdict": "painted"}), 409, "order_step_refused")
    second = after(services, order_id, b"second")
    version = order(services, order_id).version
    answer = http.post(path.replace(sha256, second), json={"version": version, "verdict": "painted"})
    assert answer.json()["state"] == "verified"
    shown = {photo["photo"]: photo for photo in http.get(f"/v1/orders/{order_id}").json()["photos"]}
    assert (shown[sha256]["verdict"], shown[sha256]["facts"]["program"], shown[sha256]["decided_by"]) == (
        "not_painted", "unclear", "officer",
    )  # fmt: skip
    CleanUp(services, WORKER, compare=saying(NOT_PAINTED)).round()  # too late for the second one: a person has spoken
    assert order(services, order_id).state == "verified"


def test_the_pictures_themselves_are_compared_once_both_are_read(services, city):
    wall_photo = jpeg(plaster(3, stencil=NAME))
    before = photographed(services, city.account, finding(NAME), data=wall_photo, lat=LAT, lon=LON)
    with services.unit(city.actor) as unit:
        wall_id = unit.session.scalar(select(Inscription.id))
        order_id = open_order(unit, services.settings, wall_id)[0].id
    city.act(order_id, "send")
    rounds = CleanUp(services, WORKER)
    with services.unit() as unit:
        photo_arrived(unit, order_id, before)  # the very same photo again
    other = after(services, order_id, jpeg(bare(5)))
    rounds.round()
    with services.reading_unit() as unit:
        shown = {photo.photo_sha256: photo for photo in photos_of(unit, order_id)}
    assert (shown[before].verdict, shown[before].facts["reason"]) == ("not_painted", "same_photo")
    assert (shown[other].verdict, order(services, order_id).state) == (None, "painted")
    with services.unit() as unit:
        store_reading(unit, other, reading(other, lines=()))
    rounds.round()
    with services.reading_unit() as unit:
        shown = {photo.photo_sha256: photo for photo in photos_of(unit, order_id)}
    assert shown[other].verdict == "unclear"
    assert order(services, order_id).state == "painted"


def test_a_photo_that_cannot_be_opened_is_for_a_person_to_look_at(services, city):
    order_id = city.order(to="sent")
    after(services, order_id, b"no picture at all")
    with services.unit() as unit:
        (photo,) = photos_of(unit, order_id)
        unit.session.get_one(Photo, photo.photo_sha256).state = PhotoState.UNREADABLE
    CleanUp(services, WORKER).round()
    with services.reading_unit() as unit:
        (photo,) = photos_of(unit, order_id)
    assert (photo.verdict, photo.facts["reason"]) == ("unclear", "not_read")


def test_reminders_come_when_they_are_due_and_end_and_leave_held_walls_in_peace(services, city, client, clock):
    late, held, done = city.order(to="sent"), city.order(1, to="accepted"), city.order(2, to="painted")
    path = f"/v1/inscriptions/{order(services, held).inscription_id}/hold"
    assert client("investigator").post(path, json={"reason": "x"}).status_code == 201
    rounds, said = CleanUp(services, WORKER), len(city.posted())
    times = []
    for half_day in range(2 * 20):
        clock.move(hours=12)
        rounds.remind()
        if len(city.posted()) > said:
            times.append(12 * (half_day + 1))
            said = len(city.posted())
    assert times == [24 * 7, 24 * 9, 24 * 11]
    assert [order(services, each).reminders for each in (late, held, done)] == [3, 0, 0]
    assert "Напоминаем: заявка № 1" in city.posted()[-1].text
    assert [button.data.split(":")[1] for button in city.posted()[-1].buttons] == [late] * 3
    with services.reading_unit() as unit:
        notices = unit.session.scalars(select(Notice).where(Notice.kind == "order.overdue").order_by(Notice.seq)).all()
    assert [(each.facts["number"], each.facts["reminder"]) for each in notices] == [(1, 1), (1, 2), (1, 3)]
    listed = client("officer").get("/v1/orders", params={"overdue": True}).json()["orders"]
    assert sorted(each["number"] for each in listed) == [1, 2]


def test_trouble_with_one_order_keeps_no_other_waiting(services, city):
    first, second = city.order(to="sent"), city.order(1, to="sent")
    after(services, first, b"first")
    after(services, second, b"second")

    def compare(_services, order_id, _sha256):
        if order_id == first:
            raise ZeroDivisionError
        return Checked(PAINTED, 1.0)

    CleanUp(services, WORKER, compare=compare).round()
    assert (order(services, first).state, order(services, second).state) == ("painted", "verified")
