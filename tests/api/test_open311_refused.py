"""What GeoReport v2 refuses here, in the specification's form, and how its clients say who they are."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.app import create_app
from models import CityRequest
from tests.api.georeport import valid
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.test_open311 import CODE, FORM, V2
from tests.api.wall_pictures import LAT, LON

PATHS = {
    "/services/001.{}": 404,
    "/requests/999999.{}": 404,
    "/requests/0x10.{}": 404,
    f"/tokens/{'0' * 32}.{{}}": 404,
    "/requests.{}?start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z": 400,
    "/requests.{}?start_date=2026-02-01T00:00:00Z&end_date=2026-01-01T00:00:00Z": 400,
    "/requests.{}?start_date=2026-01-01": 400,
    "/requests.{}?start_date=yesterday": 400,
    "/requests.{}?page_size=5000": 400,
    "/nothing.{}": 404,
}


@pytest.mark.parametrize("form", ["json", "xml"])
def test_errors_have_the_specifications_form(city, form):
    for path, status in PATHS.items():
        answer = city.get(V2 + path.format(form))
        assert answer.status_code == status, (path, answer.text)
        (error,) = valid(answer, "errors")
        assert error["code"] == status
        assert len(error["description"]) > 10


REFUSED = [
    ({"service_code": ""}, "service_code_missing"),
    ({"service_code": "001"}, "service_code_unknown"),
    ({"lat": "", "long": ""}, "city_place_missing"),
    ({"lat": "north"}, "field_not_understood"),
    ({"long": ""}, "half_a_point"),
    ({"lat": "0", "long": "0"}, "coordinates_zero"),
    ({"description": "x" * 4001}, "field_not_understood"),
    ({"media_url": "https://pictures.example/" + "x" * 2000}, "field_not_understood"),
]


def test_what_cannot_be_kept_is_refused_and_says_why(city, services):
    for changes, code in REFUSED:
        answer = city.post(f"{V2}/requests.xml", data=FORM | changes)
        valid(answer, "errors")
        assert answer.headers["X-Problem-Code"] == code
        assert answer.status_code == (404 if code == "service_code_unknown" else 400)
    with services.reading_unit() as unit:
        assert unit.session.scalars(select(CityRequest)).all() == []


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
    services = make_services(limits={"reports_per_minute": 2})
    with TestClient(create_app(services)) as http:
        asked = f"{V2}/requests.json?api_key={key('officer')}"
        answers = [http.post(asked, data=FORM) for _each in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].headers["Retry-After"]
    valid(answers[-1], "errors")
    assert timedelta(seconds=int(answers[-1].headers["Retry-After"])) < timedelta(minutes=1)
