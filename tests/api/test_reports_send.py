"""Sending a report: what is kept, what is promised, who may."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from api.app import create_app
from api.photos.blobs import BlobsUnavailable
from api.readings.service import store_reading
from models import AuditEntry, Photo, Report, ReportPhoto, Sighting
from tests.api.pictures import WALL, encoded, jpeg
from tests.api.walls import finding, reading

AT = {"lat": "54.87", "lon": "69.15"}


def photos(*pictures):
    return [("photo", (f"wall{number}.jpg", data, "image/jpeg")) for number, data in enumerate(pictures)]


def send(client, *pictures, fields=AT, key=None):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/v1/reports", data=fields, files=photos(*pictures) or None, headers=headers)


def count(services, table):
    with services.reading_unit() as unit:
        return unit.session.scalar(select(func.count()).select_from(table))


def test_nobody_sends_without_signing_in(client, services):
    answer = send(client(), jpeg())
    assert answer.status_code == 401
    assert count(services, Report) == 0


@pytest.mark.parametrize("role", ["supervisor", "admin"])
def test_roles_that_only_look_do_not_send(client, services, role):
    assert send(client(role), jpeg()).status_code == 403
    assert count(services, Report) == 0


def test_a_report_is_kept_with_its_hashes_and_its_audit_entry(client, services):
    picture = jpeg(gps=WALL)
    answer = send(client("officer"), picture, fields=AT | {"note": "у гаражей", "accuracy_m": "12,5"})
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    (photo,) = receipt["photos"]
    assert answer.headers["Location"] == f"/v1/reports/{receipt['id']}"
    assert services.blobs.get(photo["sha256"]) == picture
    assert photo["size_bytes"] == len(picture)
    with services.reading_unit() as unit:
        report = unit.session.get_one(Report, receipt["id"])
        assert (report.lat, report.lon, report.accuracy_m, report.note) == (54.87, 69.15, 12.5, "у гаражей")
        assert (report.channel, report.place_source) == ("upload", "typed")
        entry = unit.session.scalars(select(AuditEntry).where(AuditEntry.subject == report.id)).one()
        assert entry.action == "report.received"
        assert entry.actor == "officer"
        assert entry.facts["photos"] == [photo["sha256"]]
        assert entry.request_id == answer.headers["X-Request-ID"]
        assert unit.session.get_one(Photo, photo["sha256"]).state == "owed"


def test_ten_photos_of_every_format_are_one_report(client):
    pictures = [jpeg(seed) for seed in range(7)] + [encoded("PNG"), encoded("WEBP"), encoded("JPEG", 9)]
    answer = send(client("officer"), *pictures)
    assert answer.status_code == 201, answer.text
    assert len({photo["sha256"] for photo in answer.json()["photos"]}) == 10


def test_without_typed_coordinates_the_photos_own_count(client, services):
    receipt = send(client("officer"), jpeg(1), jpeg(2, gps=WALL), fields={}).json()
    assert receipt["place"]["source"] == "exif"
    assert (receipt["place"]["lat"], receipt["place"]["lon"]) == pytest.approx(WALL)


@pytest.mark.parametrize(
    ("text", "source"),
    [("54°52'12\"N 69°09'00\"E", "text"), ("https://yandex.kz/maps/?ll=69.15%2C54.87&z=17", "link")],
)
def test_a_place_may_be_text_or_a_link(client, text, source):
    receipt = send(client("officer"), jpeg(), fields={"place": text}).json()
    assert (receipt["place"]["lat"], receipt["place"]["lon"]) == pytest.approx((54.87, 69.15))
    assert receipt["place"]["source"] == source
    assert receipt["place"]["text"] == text


def test_typed_and_exif_places_are_kept_apart_and_a_large_distance_is_flagged(client, services):
    near, far, silent = jpeg(1, gps=WALL), jpeg(2, gps=(54.99, 69.15)), jpeg(3)
    receipt = send(client("officer"), near, far, silent).json()
    assert receipt["has_doubtful_place"] is True
    report = client("officer").get(f"/v1/reports/{receipt['id']}").json()
    assert (report["place"]["lat"], report["place"]["lon"]) == (54.87, 69.15)
    exif = [photo["exif"] for photo in report["photos"]]
    assert [each["is_place_doubtful"] for each in exif] == [False, True, False]
    assert exif[0]["distance_m"] < 100
    assert 13_000 < exif[1]["distance_m"] < 14_000
    assert exif[1]["lat"] == pytest.approx(54.99)
    assert exif[2]["distance_m"] is None


@pytest.mark.parametrize("gps", [(0.0, 0.0), (float("nan"), 69.15), (154.0, 69.15)])
def test_an_impossible_gps_tag_is_no_place(client, gps):
    answer = send(client("officer"), jpeg(gps=gps), fields={})
    assert answer.status_code == 422
    assert answer.json()["code"] == "coordinates_needed"
    assert "lat and lon" in answer.json()["detail"]


def test_when_it_was_seen_is_typed_or_from_the_photo_or_now(client, clock):
    taken = datetime(2026, 2, 1, 12, 0, tzinfo=timezone(timedelta(hours=5)))
    officer = client("officer")
    typed = send(officer, jpeg(1, taken_at=taken), fields=AT | {"seen_at": "2026-01-05T18:30:00+05:00"}).json()
    exif = send(officer, jpeg(2, taken_at=taken)).json()
    future = send(officer, jpeg(3, taken_at=taken.replace(year=2031))).json()
    assert datetime.fromisoformat(typed["seen_at"]) == datetime(2026, 1, 5, 13, 30, tzinfo=UTC)
    assert datetime.fromisoformat(exif["seen_at"]) == taken
    assert datetime.fromisoformat(future["seen_at"]) == clock.now()


def test_the_same_key_and_content_give_the_same_answer_and_one_report(client, services, clock):
    officer = client("officer")
    first = send(officer, jpeg(1), jpeg(2), key="k-1")
    clock.move(minutes=5)
    again = send(officer, jpeg(1), jpeg(2), key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert count(services, Report) == 1
    assert count(services, ReportPhoto) == 2


@pytest.mark.parametrize("changed", [{"note": "other"}, {"lat": "54.88"}, {"photo": 3}])
def test_the_same_key_with_other_content_is_refused(client, services, changed):
    officer = client("officer")
    first = send(officer, jpeg(1), key="k-1").json()
    picture = jpeg(changed.get("photo", 1))
    answer = send(officer, picture, fields=AT | {k: v for k, v in changed.items() if k != "photo"}, key="k-1")
    assert answer.status_code == 422
    assert answer.json()["code"] == "key_used_differently"
    assert answer.json()["report_id"] == first["id"]
    assert count(services, Report) == 1
    assert list(services.blobs.each()) == [first["photos"][0]["sha256"]]  # nothing of what was refused


def test_a_key_belongs_to_its_account(client, services):
    first = send(client("officer"), jpeg(1), key="k-1").json()
    other = send(client("investigator"), jpeg(1), key="k-1").json()
    assert first["id"] != other["id"]


def test_a_race_under_one_key_makes_one_report(client, services, app, key):
    headers = {"Authorization": f"Bearer {key('officer')}"}
    gate, answers = threading.Barrier(4), []

    def race():
        with TestClient(app, raise_server_exceptions=False, headers=headers) as racer:
            gate.wait()
            answers.append(send(racer, jpeg(1), jpeg(2), key="k-1"))

    runners = [threading.Thread(target=race) for _ in range(4)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert count(services, Report) == 1


def test_the_same_bytes_again_are_a_new_report_on_the_same_photo(client, services):
    first = send(client("officer"), jpeg()).json()
    second = send(client("investigator"), jpeg()).json()
    assert first["id"] != second["id"]
    assert first["photos"][0]["sha256"] == second["photos"][0]["sha256"]
    assert count(services, Photo) == 1
    with services.reading_unit() as unit:
        assert unit.session.scalars(select(Photo.want)).all() == [1]


def test_a_photo_twice_in_one_report_is_kept_once(client, services):
    receipt = send(client("officer"), jpeg(), jpeg()).json()
    assert len(receipt["photos"]) == 2
    assert count(services, Photo) == 1


def test_a_report_on_a_photo_that_was_read_before_is_on_the_watchlist_at_once(client, services):
    sha256 = send(client("officer"), jpeg()).json()["photos"][0]["sha256"]
    with services.unit() as unit:
        store_reading(unit, sha256, reading(sha256, finding()))
    second = send(client("investigator"), jpeg(), fields={"lat": "54.90", "lon": "69.20"}).json()
    with services.reading_unit() as unit:
        places = unit.session.execute(select(Sighting.report_id, Sighting.lat)).all()
        assert (second["id"], 54.90) in [tuple(place) for place in places]
        assert len(places) == 2
        assert unit.session.get_one(Photo, sha256).state == "read"


class FullDisk:
    """A blob store whose disk is full."""

    def put(self, _chunks, **_limits):
        raise BlobsUnavailable("no space left")


def test_a_full_disk_is_a_clear_refusal_and_keeps_no_report(services, key):
    with TestClient(
        create_app(replace(services, blobs=FullDisk())),
        raise_server_exceptions=False,
        headers={"Authorization": f"Bearer {key('officer')}"},
    ) as client:
        answer = send(client, jpeg())
    assert answer.status_code == 503
    assert answer.json()["code"] == "photo_store_unavailable"
    assert count(services, Report) == count(services, Photo) == 0


def test_a_failed_commit_is_a_failed_request(client, services):
    officer = client("officer")

    def fail(session):
        if any(isinstance(row, Report) for row in session):
            raise OSError("the disk went away")

    event.listen(Session, "before_commit", fail)
    answer = send(officer, jpeg(), key="k-1")
    event.remove(Session, "before_commit", fail)
    assert answer.status_code == 500
    assert "disk went away" not in answer.text
    assert count(services, Report) == count(services, Photo) == count(services, ReportPhoto) == 0
    assert send(officer, jpeg(), key="k-1").status_code == 201
