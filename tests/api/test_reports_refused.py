"""Reports that cannot be taken: each says which part is wrong and what to do, and leaves nothing behind."""

import pytest
from sqlalchemy import func, select

from models import Photo, Report
from tests.api import pictures
from tests.api.pictures import boundary_form, jpeg

# The database has no part in what is tested here: one kind is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AT = {"lat": "54.87", "lon": "69.15"}
FORM = {"Content-Type": "multipart/form-data; boundary=edge"}
PHOTO = b'form-data; name="photo"; filename="a.jpg"'
LAT, LON = (b'form-data; name="lat"', b"54.87"), (b'form-data; name="lon"', b"69.15")


@pytest.fixture
def officer(client, services):
    """A client; whatever it sends in these tests, no report, no photo and no byte may be there at the end."""
    yield client("officer")
    with services.reading_unit() as unit:
        assert unit.session.scalar(select(func.count()).select_from(Report)) == 0
        assert unit.session.scalar(select(func.count()).select_from(Photo)) == 0
    assert not [path for path in (services.settings.data_dir / "blobs").rglob("*") if path.is_file()]


def send(client, *files, fields=AT, headers=None):
    parts = [("photo", (f"p{number}.jpg", data, "image/jpeg")) for number, data in enumerate(files)]
    return client.post("/v1/reports", data=fields, files=parts, headers=headers or {})


def refused(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code
    assert len(problem["detail"]) > 20
    assert "Traceback" not in answer.text
    return problem


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "photo_empty"),
        (b"this is a text, not a photo\n" * 40, 415, "photo_type_unknown"),
        (pictures.POLYGLOT, 415, "photo_type_unknown"),
        (pictures.encoded("GIF"), 415, "photo_type_unknown"),
        (pictures.pixel_bomb(), 413, "photo_too_many_pixels"),
        (pictures.many_scans(), 422, "photo_too_many_scans"),
        (pictures.animated_webp(), 422, "photo_animated"),
        (jpeg(size=(16, 16)), 422, "photo_too_small"),
    ],
    ids=["empty", "text", "gif-js", "gif", "81-megapixels", "1000-scans", "animated", "tiny"],
)
def test_a_bad_photo_refuses_the_whole_report_and_is_named(officer, data, status, code):
    problem = refused(send(officer, jpeg(1), data), status, code)
    assert problem["photo"] == "photo 2"


def test_eleven_photos_are_too_many(officer):
    refused(send(officer, *(jpeg(seed) for seed in range(11))), 422, "too_many_photos")


def test_a_photo_over_the_limit_is_refused_while_it_comes_in(officer, services):
    big = jpeg() + bytes(services.settings.limits.photo_bytes)
    problem = refused(send(officer, big), 413, "photo_part_too_large")
    assert problem["photo"] == "photo 1"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "coordinates_needed"),
        ({"lat": "", "lon": " ", "place": ""}, "coordinates_needed"),
        ({"lat": "54.87"}, "half_a_point"),
        ({"lon": "69.15"}, "half_a_point"),
        ({"lat": "69.15", "lon": "54.87"}, "coordinates_swapped"),
        ({"lat": "151.2", "lon": "-33.8"}, "coordinates_swapped"),
        ({"lat": "254.87", "lon": "269.15"}, "coordinates_out_of_range"),
        ({"lat": "0", "lon": "0"}, "coordinates_zero"),
        ({"lat": "nan", "lon": "69.15"}, "field_not_understood"),
        ({"lat": "1e999", "lon": "69.15"}, "field_not_understood"),
        ({"lat": "54.87; DROP", "lon": "69.15"}, "field_not_understood"),
        ({"place": "за гаражами"}, "place_not_understood"),
        ({"place": "https://maps.app.goo.gl/AbCdEf"}, "link_too_short"),
        (AT | {"place": "54.87, 69.15"}, "place_given_twice"),
        (AT | {"accuracy_m": "-1"}, "field_not_understood"),
        (AT | {"accuracy_m": "far"}, "field_not_understood"),
        (AT | {"seen_at": "yesterday"}, "field_not_understood"),
        (AT | {"seen_at": "2026-01-01T10:00:00"}, "field_not_understood"),
        (AT | {"seen_at": "2031-01-01T10:00:00Z"}, "seen_at_impossible"),
        (AT | {"seen_at": "1970-01-01T00:00:00Z"}, "seen_at_impossible"),
        (AT | {"note": "я" * 4001}, "field_not_understood"),
        (AT | {"note": "x" * 20_000}, "part_not_text"),
        (AT | {"colour": "red"}, "part_unknown"),
    ],
)
def test_a_wrong_field_is_named_with_what_it_should_be(officer, fields, code):
    refused(send(officer, jpeg(), fields=fields), 422, code)


@pytest.mark.parametrize("name", ["", " ", "has space", "k" * 129])
def test_an_idempotency_key_that_is_none_is_refused(officer, name):
    refused(send(officer, jpeg(), headers={"Idempotency-Key": name}), 422, "field_not_understood")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (boundary_form(LAT, LON), 422, "photo_needed"),
        (boundary_form((PHOTO, jpeg()), LAT, LON, LAT), 422, "part_repeated"),
        (boundary_form((PHOTO, jpeg()), LAT, LON, end=False), 400, "form_damaged"),
        (boundary_form((PHOTO, jpeg()))[:-300], 400, "form_damaged"),
        (b"", 400, "form_damaged"),
        (b"no boundary here", 400, "form_damaged"),
        (boundary_form((PHOTO, jpeg()), (b"form-data", b"1")), 400, "form_damaged"),
        (boundary_form((b'attachment; name="photo"', jpeg()), LAT, LON), 400, "form_damaged"),
        (boundary_form((PHOTO + b"\r\nX-Long: " + b"x" * 9000, jpeg())), 400, "form_damaged"),
        (boundary_form((PHOTO, jpeg()), LAT, (b'form-data; name="lon"', b"\xff\xfe69")), 422, "part_not_text"),
        (boundary_form((b'form-data; name="photo"; filename="\xff.jpg"', jpeg()), LAT, LON), 422, "part_not_text"),
        (boundary_form((b'form-data; name="PHOTO"; filename="a.jpg"', jpeg()), LAT, LON), 422, "part_unknown"),
        (boundary_form(*[(PHOTO, b"x")] * 10_000), 422, "too_many_photos"),
        (boundary_form(*[(b'form-data; name="n%d"' % n, b"x") for n in range(10_000)]), 422, "part_unknown"),
    ],
    ids=[
        "no-photo",
        "repeated",
        "no-end",
        "cut",
        "empty",
        "noise",
        "nameless",
        "attachment",
        "long-header",
        "field-not-utf8",
        "name-not-utf8",
        "other-case",
        "ten-thousand-photos",
        "ten-thousand-fields",
    ],
)
def test_a_form_that_breaks_the_rules_is_refused(officer, body, status, code):
    refused(officer.post("/v1/reports", content=body, headers=FORM), status, code)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "image/jpeg",
        "multipart/mixed; boundary=edge",
    ],
)
def test_another_content_type_is_refused(officer, content_type):
    answer = officer.post("/v1/reports", content=b"{}", headers={"Content-Type": content_type})
    refused(answer, 415, "form_expected")


def test_an_overlong_boundary_is_refused(officer):
    headers = {"Content-Type": "multipart/form-data; boundary=" + "b" * 400}
    refused(officer.post("/v1/reports", content=b"--b", headers=headers), 415, "form_expected")
