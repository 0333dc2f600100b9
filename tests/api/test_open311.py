"""A city system and GeoReport v2: what it is told, what it may send, and what never leaves."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from models import AuditEntry, CityRequest, Report, Territory, WorkOrder, WorkOrderStep
from tests.api.conftest import START
from tests.api.georeport import valid
from tests.api.orders import SHOP
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
def city(client):
    return client("officer", scopes=["reports:write", "reports:read"])


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
    picture = client().get(path)
    assert picture.headers["content-type"] == "image/jpeg"
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
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/services/001.{}", 404),
        ("/requests/999999.{}", 404),
        ("/requests/0x10.{}", 404),
        ("/tokens/" + "0" * 32 + ".{}", 404),
        ("/requests.{}?start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z", 400),
        ("/requests.{}?start_date=2026-02-01T00:00:00Z&end_date=2026-01-01T00:00:00Z", 400),
        ("/requests.{}?start_date=2026-01-01", 400),
        ("/requests.{}?start_date=yesterday", 400),
        ("/requests.{}?page_size=5000", 400),
        ("/nothing.{}", 404),
    ],
)
def test_errors_have_the_specifications_form(city, path, status, form):
    answer = city.get(V2 + path.format(form))
    assert answer.status_code == status, answer.text
    (error,) = valid(answer, "errors")
    assert error["code"] == status
    assert len(error["description"]) > 10


def test_keys_come_as_the_specification_says_or_in_a_header(client, key, order):
    order()
    nobody = client()
    for answer in (
        nobody.get(f"{V2}/requests.json"),
        nobody.get(f"{V2}/requests.json?api_key=ww_nobodys"),
        nobody.post(f"{V2}/requests.json", data=FORM),
        nobody.post(f"{V2}/requests.json", data=FORM | {"api_key": "ww_nobodys"}),
        nobody.get(f"{V2}/requests.json", auth=("city", "ww_nobodys")),
    ):
        (error,) = valid(answer, "errors")
        assert (answer.status_code, error["code"]) == (403, 403)
    secret = key("officer")
    assert nobody.get(f"{V2}/requests.json?api_key={secret}").status_code == 200
    assert nobody.get(f"{V2}/requests.json", auth=("city", secret)).status_code == 200
    assert nobody.post(f"{V2}/requests.json", data=FORM, auth=("city", secret)).status_code == 403
    assert nobody.post(f"{V2}/requests.json", data=FORM | {"api_key": secret}).status_code == 201
    assert nobody.post(f"{V2}/requests.json?api_key={secret}", data=FORM).status_code == 201
    readers = key("officer", scopes=["reports:read"])
    answer = nobody.post(f"{V2}/requests.json?api_key={readers}", data=FORM)
    assert (answer.status_code, answer.headers["X-Problem-Code"]) == (403, "not_allowed")
    # Elsewhere a key in the address is none: addresses are written down in many places.
    assert nobody.get(f"/v1/reports?api_key={secret}").status_code == 401


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


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"service_code": ""}, "service_code_missing"),
        ({"service_code": "001"}, "service_code_unknown"),
        ({"lat": "", "long": ""}, "city_place_missing"),
        ({"lat": "north"}, "field_not_understood"),
        ({"long": ""}, "half_a_point"),
        ({"lat": "0", "long": "0"}, "coordinates_zero"),
        ({"description": "x" * 4001}, "field_not_understood"),
        ({"media_url": "https://pictures.example/" + "x" * 2000}, "field_not_understood"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_says_why(city, services, changes, code):
    answer = city.post(f"{V2}/requests.xml", data=FORM | changes)
    valid(answer, "errors")
    assert answer.headers["X-Problem-Code"] == code
    assert answer.status_code == (404 if code == "service_code_unknown" else 400)
    with services.reading_unit() as unit:
        assert unit.session.scalars(select(CityRequest)).all() == []


def test_bodies_that_are_no_form_and_files_that_are_no_photo_are_refused(city):
    asked = f"{V2}/requests.json"
    assert city.post(asked, json=FORM).headers["X-Problem-Code"] == "city_form_expected"
    not_utf8 = {
        "content": b"description=%ff&service_code=x",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    }
    assert city.post(asked, **not_utf8).headers["X-Problem-Code"] == "city_form_expected"
    answer = city.post(asked, data=FORM, files={"media": ("a.jpg", b"GIF89a not a photo", "image/jpeg")})
    assert answer.status_code in {400, 415}
    valid(answer, "errors")


def test_a_street_address_alone_waits_with_its_words(city, services):
    answer = city.post(f"{V2}/requests.json", data={"service_code": CODE, "address_string": "ул. Тестовая, 77, двор"})
    assert answer.status_code == 201, answer.text
    linked = {"service_code": CODE, "address_string": f"{LAT}, {LON}"}
    second = city.post(f"{V2}/requests.json", data=linked).json()[0]["token"]
    with services.reading_unit() as unit:
        rows = {row.place_text: row for row in unit.session.scalars(select(CityRequest))}
        assert rows["ул. Тестовая, 77, двор"].lat is None
        assert unit.session.get_one(CityRequest, second).lat == LAT


def test_one_jurisdiction_is_answered_where_one_is_set(make_services, accounts, key):
    from starlette.testclient import TestClient

    from api.app import create_app

    services = make_services(open311={"jurisdiction": "petropavl.example"})
    with TestClient(create_app(services)) as http:
        assert http.get(f"{V2}/services.json").status_code == 200
        assert http.get(f"{V2}/services.json?jurisdiction_id=petropavl.example").status_code == 200
        answer = http.get(f"{V2}/services.xml?jurisdiction_id=elsewhere.example")
        assert (answer.status_code, valid(answer, "errors")[0]["code"]) == (404, 404)
        secret = key("officer")
        sent = http.post(f"{V2}/requests.json?api_key={secret}", data=FORM | {"jurisdiction_id": "elsewhere.example"})
        assert sent.status_code == 404


def test_too_many_requests_are_told_so_in_the_specifications_form(make_services, accounts, key):
    from starlette.testclient import TestClient

    from api.app import create_app

    services = make_services(limits={"reports_per_minute": 2})
    with TestClient(create_app(services)) as http:
        asked = f"{V2}/requests.json?api_key={key('officer')}"
        answers = [http.post(asked, data=FORM) for _each in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].headers["Retry-After"]
    valid(answers[-1], "errors")
    assert timedelta(seconds=int(answers[-1].headers["Retry-After"])) < timedelta(minutes=1)
