"""Looking at reports and readings: who sees what, and what is said."""

import pytest

from api.readings.service import store_reading
from models import Finding, Photo, PhotoState
from tests.api.pictures import jpeg
from tests.api.walls import RICH, finding, reading
from vision.types import Card

AT = {"lat": "54.87", "lon": "69.15"}


def send(client, seed=1, **fields):
    answer = client.post("/v1/reports", data=AT | fields, files=[("photo", ("wall.jpg", jpeg(seed), "image/jpeg"))])
    assert answer.status_code == 201, answer.text
    return answer.json()


def read(services, sha256, *findings, **options):
    with services.unit() as unit:
        return store_reading(unit, sha256, reading(sha256, *findings, **options)).id


PATHS = ["/v1/reports", "/v1/reports/{report}", "/v1/reports/{report}/events", "/v1/photos/{photo}"] + [
    f"/v1/photos/{{photo}}/{what}" for what in ("copy", "annotated", "original", "reading", "readings")
]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_looks_without_signing_in(client, path):
    receipt = send(client("officer"))
    names = {"report": receipt["id"], "photo": receipt["photos"][0]["sha256"]}
    assert client().get(path.format(**names)).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_key_that_may_only_send_does_not_look(client, path):
    receipt = send(client("officer"))
    names = {"report": receipt["id"], "photo": receipt["photos"][0]["sha256"]}
    assert client("officer", scopes=["reports:write"]).get(path.format(**names)).status_code == 403


@pytest.mark.parametrize("path", PATHS[1:7] + PATHS[7:])
def test_an_officer_does_not_see_what_another_sent(client, services, path):
    receipt = send(client("investigator"))
    sha256 = receipt["photos"][0]["sha256"]
    read(services, sha256, finding())
    answer = client("officer").get(path.format(report=receipt["id"], photo=sha256))
    assert answer.status_code == (403 if path.endswith("original") else 404)
    assert client("supervisor").get("/v1/reports/" + receipt["id"]).status_code == 200


@pytest.mark.parametrize("path", PATHS[1:])
def test_what_there_is_not_is_not_found(client, path):
    for name in ("0" * 64, "x", "..%2f..%2fetc%2fpasswd", "%00"):
        answer = client("investigator").get(path.format(report=name, photo=name))
        assert answer.status_code in (404, 422)
        assert "Traceback" not in answer.text


def test_sending_the_same_photo_makes_it_visible(client, services):
    sha256 = send(client("investigator"))["photos"][0]["sha256"]
    officer = client("officer")
    assert officer.get(f"/v1/photos/{sha256}").status_code == 404
    own = send(officer)
    photo = officer.get(f"/v1/photos/{sha256}").json()
    assert photo["reports"] == [own["id"]]
    assert len(client("investigator").get(f"/v1/photos/{sha256}").json()["reports"]) == 2


def test_officers_list_their_own_reports_and_others_all(client):
    mine = send(client("officer"), 1)
    theirs = send(client("investigator"), 2)
    ids = [report["id"] for report in client("officer").get("/v1/reports").json()["reports"]]
    assert ids == [mine["id"]]
    for role in ("investigator", "supervisor", "admin"):
        listed = client(role).get("/v1/reports").json()["reports"]
        assert {report["id"] for report in listed} == {mine["id"], theirs["id"]}
        assert {report["sender"] for report in listed} == {"officer", "investigator"}
        assert listed[0]["states"] == {"owed": 1}


def test_pages_hold_every_report_once_while_new_ones_come(client, clock):
    officer = client("officer")
    sent = []
    for seed in range(7):
        sent.append(send(officer, seed)["id"])
        clock.move(seconds=seed % 2)  # some at the same moment
    seen, cursor = [], None
    while True:
        page = officer.get("/v1/reports", params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        seen += [report["id"] for report in page["reports"]]
        cursor = page["next"]
        if cursor is None:
            break
        clock.move(seconds=1)
        send(officer, 99)
    assert sorted(seen) == sorted(sent)
    assert len(seen) == 7


@pytest.mark.parametrize("query", ["cursor=x", "cursor=WzEsMl0", "cursor=%00", "limit=0", "limit=101", "limit=many"])
def test_a_page_that_cannot_be_is_refused(client, query):
    answer = client("officer").get(f"/v1/reports?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_report_shows_findings_and_says_what_is_known_of_them(client, services):
    first = send(client("investigator"), 1)
    second = send(client("officer"), 2)
    for receipt in (first, second):
        read(services, receipt["photos"][0]["sha256"], finding(), finding("qz_unsure_wall_9", accepted=False))
    (photo,) = client("officer").get(f"/v1/reports/{second['id']}").json()["photos"]
    sure, unsure = photo["findings"]
    assert photo["state"] == "read"
    assert (sure["kind"], sure["value"], sure["accepted"]) == ("telegram", "qz_sample_wall_77", True)
    assert sure["known"]["status"] == "new"
    assert sure["known"]["sightings"] == 2
    assert sure["known"]["elsewhere"] is True
    assert unsure["known"] is None
    assert unsure["accepted"] is False


def test_an_address_seen_only_here_is_not_elsewhere(client, services):
    receipt = send(client("officer"))
    read(services, receipt["photos"][0]["sha256"], finding())
    report = client("officer").get(f"/v1/reports/{receipt['id']}").json()
    assert report["is_settled"] is True
    assert report["photos"][0]["findings"][0]["known"]["elsewhere"] is False


def test_a_report_shows_what_a_person_decided_beside_what_was_read(client, services):
    receipt = send(client("officer"))
    read(services, receipt["photos"][0]["sha256"], finding())
    with services.unit() as unit:
        row = unit.session.query(Finding).one()
        row.review, row.decided_kind, row.decided_value = "corrected", "telegram", "qz_sample_wall_79"
    shown = client("officer").get(f"/v1/reports/{receipt['id']}").json()["photos"][0]["findings"][0]
    assert (shown["value"], shown["decided_value"]) == ("qz_sample_wall_77", "qz_sample_wall_79")
    assert shown["known"] is None


def test_a_report_names_why_a_photo_could_not_be_read(client, services):
    receipt = send(client("officer"))
    sha256 = receipt["photos"][0]["sha256"]
    with services.unit() as unit:
        photo = unit.session.get_one(Photo, sha256)
        photo.state, photo.error_code, photo.error_message = PhotoState.UNREADABLE, "photo_damaged", "It is cut off."
    officer = client("officer")
    report = officer.get(f"/v1/reports/{receipt['id']}").json()
    assert report["is_settled"] is True
    assert report["photos"][0]["problem"] == {"code": "photo_damaged", "message": "It is cut off."}
    for what in ("reading", "annotated"):
        answer = officer.get(f"/v1/photos/{sha256}/{what}")
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["state"]) == (409, "photo_unreadable", "unreadable")
        assert problem["reason"] == "photo_damaged"
        assert "cut off" in problem["detail"]


def test_a_photo_that_waits_says_so(client):
    sha256 = send(client("officer"))["photos"][0]["sha256"]
    for what in ("reading", "annotated"):
        answer = client("officer").get(f"/v1/photos/{sha256}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (409, "photo_not_read_yet")
    assert client("officer").get(f"/v1/photos/{sha256}/readings").json() == []


def test_a_reading_is_shown_whole(client, services):
    sha256 = send(client("officer"))["photos"][0]["sha256"]
    read(services, sha256, RICH)
    shown = client("officer").get(f"/v1/photos/{sha256}/reading").json()
    assert [stage["name"] for stage in shown["stages"]] == ["prepare", "detect", "address", "a"]
    assert shown["engine"] == {
        "name": "test-reader",
        "version": "1",
        "weights": {"a.onnx": "a" * 64, "b.onnx": "b" * 64},
    }
    assert shown["lines"][0]["text"] == "СОЛЬ 24"
    assert shown["findings"][0]["box"] == [[10.0, 20.0], [200.5, 22.0], [200.0, 60.25], [10.0, 58.0]]
    (alternative,) = shown["findings"][0]["alternatives"]
    assert alternative == {"value": "qz_sample_wa11_78", "confidence": 0.2, "number": 0, "known": None}
    assert shown["findings"][0]["uncertain"] == [
        {
            "position": 12,
            "char": "l",
            "rivals": [{"char": "1", "probability": 0.2}, {"char": "", "probability": 0.04}],
        },
        {"position": 13, "char": "l", "rivals": [{"char": "1", "probability": 0.2}]},
    ]
    report = client("officer").get("/v1/reports").json()["reports"][0]["id"]
    (photo,) = client("officer").get(f"/v1/reports/{report}").json()["photos"]
    assert photo["findings"][0]["uncertain"] == shown["findings"][0]["uncertain"]
    assert shown["findings"][0]["trail"] == [{"rule": "homoglyph", "before": "а", "after": "a"}]


def test_the_newest_reading_comes_first(client, services, clock):
    sha256 = send(client("officer"))["photos"][0]["sha256"]
    old = read(services, sha256, finding())
    clock.move(hours=1)
    new = read(services, sha256, finding(), card=Card("test-reader", "2"))
    officer = client("officer")
    assert officer.get(f"/v1/photos/{sha256}/reading").json()["id"] == new
    assert [each["id"] for each in officer.get(f"/v1/photos/{sha256}/readings").json()] == [new, old]
