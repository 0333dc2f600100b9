"""A city system and GeoReport v2: what it is told, what it may send, and what never leaves."""

import json

import pytest
from sqlalchemy import select

from api.cleanup.pictures_shown import asked_for
from models import AuditEntry, CityRequest, Report, Territory, WorkOrder, WorkOrderStep
from tests.api.conftest import START
from tests.api.georeport import valid
from tests.api.orders import SHOP, show
from tests.api.wall_pictures import LAT, LON, jpeg, plaster, work
from tests.api.walls import finding

V2 = "/open311/v2"
CODE = "drug-ad-graffiti"
FORM = {"service_code": CODE, "lat": str(LAT), "long": str(LON), "description": "big letters behind the garages"}
CITIZEN = {
    "email": "z.qoldanbaeva@mail.example", "phone": "+77010000001", "first_name": "Zere", "last_name": "Qoldanbaeva",
    "device_id": "device-zq-77", "account_id": "acc-zq-77",
}  # fmt: skip


@pytest.fixture
def territory(services):
    with services.unit() as unit:
        row = Territory(
            name_ru="КСК «Тестовый-77»", name_kk="«Сынақ-77» ПИК", area={}, area_m2=1.0, south=0.0, west=0.0, north=1.0,
            east=1.0, created_at=unit.clock.now(),
        )  # fmt: skip
        unit.session.add(row)
        unit.session.flush()
    return row


@pytest.mark.parametrize("form", ["json", "xml"])
def test_what_a_city_reads_is_what_the_specification_says(client, city, order, territory, form):
    nobody = client()
    found = valid(nobody.get(f"/open311/discovery.{form}"), "discovery")
    assert found["endpoints"][0]["url"] == "http://testserver/open311/v2"
    (service,) = valid(nobody.get(f"{V2}/services.{form}?jurisdiction_id=petropavl.example"), "services")
    assert service["service_code"] == CODE
    assert service["type"] == "batch"
    assert valid(nobody.get(f"{V2}/services/{CODE}.{form}"), "service_definition")["attributes"] == []
    first = order(state="sent", territory_id=territory.id, place_text="ул. Тестовая, 77", due_at=START)
    closed = order(state="closed", north_m=40)
    rows = valid(city.get(f"{V2}/requests.{form}?locale=kk"), "service_requests")
    by_id = {row["service_request_id"]: row for row in rows}
    one = by_id[str(first.number)]
    assert (one["status"], one["status_notes"]) == ("open", "Жауаптыларға берілді")
    assert (one["agency_responsible"], one["address"]) == ("«Сынақ-77» ПИК", "ул. Тестовая, 77")
    assert (one["lat"], one["long"]) == (first.lat, first.lon)
    assert one["requested_datetime"] == one["expected_datetime"] == "2026-03-01T14:00:00+05:00"
    assert by_id[str(closed.number)]["status"] == "closed"
    assert valid(city.get(f"{V2}/requests/{first.number}.{form}"), "service_requests")[0]["service_name"]
    updates = valid(city.get(f"{V2}/servicerequestupdates.{form}"), "service_request_updates")
    assert [each["status"] for each in updates if each["service_request_id"] == str(closed.number)] == [
        "open", "open", "open", "open", "closed", "closed",
    ]  # fmt: skip


def test_no_address_leaves_with_a_request(city, client, order, services):
    made = order(state="sent")
    for form in ("json", "xml"):
        for path in ("requests", f"requests/{made.number}", "servicerequestupdates"):
            answer = city.get(f"{V2}/{path}.{form}")
            assert answer.status_code == 200
            assert SHOP not in answer.text
    (row,) = city.get(f"{V2}/requests.json").json()
    path = row["media_url"].removeprefix("http://testserver")
    early = client().get(path)  # nobody has looked at the covered picture yet
    assert (early.status_code, early.headers["X-Problem-Code"]) == (404, "picture_not_ready")
    assert asked_for(services) == [made.photo_sha256]
    show(services, made.photo_sha256)
    picture = client().get(path)
    assert picture.headers["content-type"] == "image/jpeg"
    assert asked_for(services) == []
    copy = client("investigator").get(f"/v1/photos/{made.photo_sha256}/copy").content
    assert picture.content not in (copy, services.blobs.get(made.photo_sha256))
    token = path.rsplit("/", 1)[1].removesuffix(".jpg")
    assert client().get(f"/w/{token}").status_code == 404
    with services.unit() as unit:
        unit.session.get_one(WorkOrder, made.id).link_number += 1
    assert client().get(path).status_code == 404


def test_requests_are_narrowed_as_the_specification_says(city, order, clock, services):
    old = order(state="closed")
    clock.move(days=50)
    young = order(state="open", north_m=40)
    verified = order(state="verified", north_m=80)

    def ids(query):
        return [
            int(row["service_request_id"]) for row in valid(city.get(f"{V2}/requests.json?{query}"), "service_requests")
        ]

    numbers = [verified.number, young.number, old.number]
    assert sorted(ids(""), reverse=True) == numbers
    assert ids("status=open") == [young.number]
    assert sorted(ids("status=closed,open")) == sorted(numbers)
    assert sorted(ids("status=closed")) == [old.number, verified.number]
    assert ids(f"service_request_id={old.number},999999,{young.number}&status=open") == [old.number, young.number]
    assert ids(f"service_code={CODE},001&status=open") == [young.number]
    assert ids("service_code=001") == ids("status=fixed") == []
    assert ids("end_date=2026-03-02T00:00:00Z") == [old.number]
    assert ids("start_date=2026-03-02T00:00:00Z&status=open") == [young.number]
    assert len(ids("page_size=2")) == 2
    assert len(ids("page_size=2&page=2")) == 1
    clock.move(days=41)
    assert sorted(ids("")) == [young.number, verified.number]
    assert old.number in ids("start_date=2026-03-01T00:00:00Z&end_date=2026-05-30T00:00:00Z")


def test_a_cancelled_order_is_closed_without_painting(city, order, services):
    made = order(state="closed")
    with services.unit() as unit:
        last = unit.session.scalars(select(WorkOrderStep).order_by(WorkOrderStep.number.desc())).first()
        last.action = "cancel"
    notes = [
        city.get(f"{V2}/requests/{made.number}.json?locale={code}").json()[0]["status_notes"] for code in ("en", "ru")
    ]
    assert notes == ["Closed without painting", "Закрыто без закраски"]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_request_without_a_photo_waits_for_an_officer_and_keeps_nothing_of_the_citizen(city, services, form):
    url = "https://pictures.example/qz-77.jpg"
    answer = city.post(f"{V2}/requests.{form}", data=FORM | CITIZEN | {"media_url": url, "attribute[x]": "1"})
    assert answer.status_code == 201, answer.text
    (found,) = valid(answer, "sent")
    token = found["token"]
    assert "номер" in found["service_notice"].lower()
    assert valid(city.get(f"{V2}/tokens/{token}.{form}"), "token") == [{"service_request_id": None, "token": token}]
    with services.reading_unit() as unit:
        row = unit.session.get_one(CityRequest, token)
        assert (row.state, row.lat, row.lon, row.media_url) == ("waiting", LAT, LON, url)
        kept = json.dumps([{name: str(value) for name, value in vars(each).items()} for each in (row, *_audit(unit))])
    assert [value for value in CITIZEN.values() if value in kept] == []


def _audit(unit):
    return unit.session.scalars(select(AuditEntry)).all()


def test_a_photo_becomes_a_report_and_its_token_the_number_of_the_order(city, services, order, client):
    picture = jpeg(plaster(3, stencil="qz_tuman", side=480))
    files = {"media": ("IMG.jpg", picture, "image/jpeg")}
    answer = city.post(f"{V2}/requests.xml", data=FORM | CITIZEN, files=files)
    (found,) = valid(answer, "sent")
    with services.reading_unit() as unit:
        row = unit.session.get_one(CityRequest, found["token"])
        report = unit.session.get_one(Report, row.report_id)
        assert (report.channel, report.note, row.state) == ("open311", FORM["description"], "reported")
        sha256 = report.photos[0].photo_sha256
    assert valid(city.get(f"{V2}/tokens/{found['token']}.json"), "token")[0]["service_request_id"] is None
    work(services, finding(SHOP)).attempt(sha256)
    made = order(north_m=0)  # at the same place, where the same name stands: the same wall
    assert valid(city.get(f"{V2}/tokens/{found['token']}.json"), "token")[0]["service_request_id"] == str(made.number)


def test_sending_again_under_a_key_is_sending_once(city, services):
    headers = {"Idempotency-Key": "fms-77-1"}
    tokens = {city.post(f"{V2}/requests.json", data=FORM, headers=headers).json()[0]["token"] for _each in range(3)}
    assert len(tokens) == 1
    answer = city.post(f"{V2}/requests.json", data=FORM | {"description": "another"}, headers=headers)
    assert (answer.status_code, answer.headers["X-Problem-Code"]) == (400, "city_key_used_differently")
    with services.reading_unit() as unit:
        assert len(unit.session.scalars(select(CityRequest)).all()) == 1
