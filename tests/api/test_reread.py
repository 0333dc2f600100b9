"""Reading again with a newer reader, behind what is new; all given-up photos tried again."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from api.jobs import reread, service
from api.readings.cards import note_card
from api.readings.convert import card_sha256
from api.readings.service import store_reading
from api.watchlist.service import sight_report
from models import AuditEntry, Photo, PhotoState, Reading, ReportPhoto
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture; workers on PostgreSQL do it in test_jobs.py
from tests.api.queue_process import SmallReader, send
from tests.api.words import refused
from vision.types import Card

OLD, NEW = Card("small", "1", {"a.onnx": "0" * 64}), Card("small", "2", {"a.onnx": "1" * 64})


@pytest.fixture
def read(services):
    """Reads a photo with a card, as a worker does."""

    def read_it(sha256, card=OLD):
        data = services.blobs.get(sha256)
        with services.unit() as unit:
            return store_reading(unit, sha256, replace(SmallReader().read(data), card=card)).id

    return read_it


@pytest.fixture
def old_photos(services, clock, read):
    """Photos that the old reader has read, the oldest first."""
    photos = []
    for _ in range(5):
        photos.append(send(services))
        read(photos[-1])
        clock.move(minutes=1)
    return photos


def alive(services, card=NEW, name="first"):
    with services.unit() as unit:
        service.beat(unit, name, version="1", card=note_card(unit, card))


def more(services, card=NEW):
    with services.unit() as unit:
        reread.ask_more(unit, card_sha256(card), at_once=2)
    with services.reading_unit() as unit:
        return {photo.sha256 for photo in unit.session.query(Photo).filter(Photo.state == PhotoState.OWED)}


def test_old_photos_are_read_again_newest_first_behind_new_ones(services, client, clock, old_photos, read):
    alive(services)
    with client("admin") as http:
        said = http.get("/v1/jobs/readers").json()
        assert [(card["version"], card["photos"], card["is_present"]) for card in said["cards"]] == [
            ("2", 0, True),
            ("1", 5, False),
        ]
        assert (said["photos"], said["not_by_present"]) == (5, 5)
        begun = http.post("/v1/jobs/reread", json={}).json()
        assert (begun["total"], begun["asked"], begun["is_running"]) == (5, 0, True)
        refused(http.post("/v1/jobs/reread", json={}), 409, "reread_is_running")
        assert more(services, OLD) == set()  # a worker that was not told of the new reader yet
        new = [send(services), send(services)]
        assert more(services) == set(new)  # new ones first
        for photo in new:
            read(photo, NEW)
        assert more(services) == set(old_photos[3:])
        assert more(services) == set(old_photos[3:])
        for photo in old_photos[3:]:
            read(photo, NEW)
        assert more(services) == set(old_photos[1:3])
        assert http.get("/v1/jobs/readers").json()["reread"]["asked"] == 4
        stopped = http.delete("/v1/jobs/reread").json()
        assert (stopped["was_stopped"], stopped["is_running"], stopped["asked"]) == (True, False, 4)
        refused(http.delete("/v1/jobs/reread"), 409, "nothing_is_reread")
        for photo in old_photos[1:3]:
            read(photo, NEW)
        clock.move(seconds=9)
        alive(services)
        assert http.post("/v1/jobs/reread", json={"most": 9}).json()["total"] == 1
        assert more(services) == {old_photos[0]}
        read(old_photos[0], NEW)
        assert more(services) == set()
        last = http.get("/v1/jobs/readers").json()
        assert (last["reread"]["is_running"], last["reread"]["was_stopped"], last["not_by_present"]) == (
            False,
            False,
            0,
        )
        refused(http.post("/v1/jobs/reread", json={}), 409, "nothing_to_reread")
    with services.reading_unit() as unit:
        done = [each.action for each in unit.session.query(AuditEntry) if each.action.startswith("reread")]
        assert unit.session.query(Reading).filter(Reading.photo_sha256 == old_photos[0]).count() == 2
    assert done == ["reread.begin", "reread.stop", "reread.begin", "reread.end"]


def test_a_run_reads_no_more_than_was_asked_for(services, client, old_photos, read):
    alive(services)
    with client("admin") as http:
        assert http.post("/v1/jobs/reread", json={"most": 2}).json()["total"] == 2
        assert more(services) == set(old_photos[3:])
        for photo in old_photos[3:]:
            read(photo, NEW)
        assert more(services) == set()
        assert http.get("/v1/jobs/readers").json()["reread"]["is_running"] is False


def test_nobody_knows_the_new_reader_while_workers_differ_or_sleep(services, client, old_photos, clock):
    with client("admin") as http:
        refused(http.post("/v1/jobs/reread", json={}), 409, "readers_differ")
        alive(services)
        alive(services, OLD, name="second")
        refused(http.post("/v1/jobs/reread", json={}), 409, "readers_differ")
        assert http.get("/v1/jobs/readers").json()["not_by_present"] is None
        clock.move(minutes=5)
        refused(http.post("/v1/jobs/reread", json={}), 409, "readers_differ")


def test_a_photo_that_the_new_reader_gives_up_stays_read(services, old_photos):
    with services.unit() as unit:
        service.try_again(unit, old_photos[0])
        begun = service.begin(unit, old_photos[0], worker="first", max_losses=6)
        assert service.fail(unit, begun.id, code="reading_failed", message="It failed.", max_failures=1)
        assert unit.session.get_one(Photo, old_photos[0]).state == PhotoState.READ


def test_all_photos_given_up_are_tried_again_or_those_given_up_for_one_reason(services, client):
    for code in ("photo_damaged", "photo_damaged", "reader_lost"):
        sha256 = send(services, "damaged")
        with services.unit() as unit:
            begun = service.begin(unit, sha256, worker="first", max_losses=6)
            service.fail(unit, begun.id, code=code, message="It is cut off.", max_failures=1)
    with client("admin") as http:
        assert http.post("/v1/jobs/retry", json={"error_code": "reader_lost"}).json() == {"photos": 1, "left": 0}
        assert http.post("/v1/jobs/retry", json={}).json() == {"photos": 2, "left": 0}
        assert http.post("/v1/jobs/retry", json={}).json() == {"photos": 0, "left": 0}
        assert http.get("/v1/jobs").json()["photos"] == {"owed": 3, "read": 0, "unreadable": 0}


@pytest.mark.parametrize("decision", ["confirm", "reject", "correct"])
def test_what_a_person_decided_holds_of_the_same_reading_by_another_reader(services, client, read, decision):
    photo = send(services, name="qz_again_7731")
    read(photo)
    http = client("investigator")
    (first,) = http.get("/v1/review", params={"on_list": True}).json()["findings"]
    asked = {
        "confirm": {},
        "reject": {"reason": "a shop sign"},
        "correct": {"kind": "telegram", "value": "qz_again_7737"},
    }
    body = {"version": first["version"]} | asked[decision]
    assert http.post(f"/v1/findings/{first['id']}/{decision}", json=body).status_code == 200
    before = http.get("/v1/watchlist", params={"prefix": "qz_again"}).json()["addresses"]
    again = read(photo, NEW)
    with services.reading_unit() as unit:
        (second,) = unit.session.get(Reading, again).findings
        assert second.review == {"confirm": "confirmed", "reject": "rejected", "correct": "corrected"}[decision]
        assert (
            second.decided_value == {"confirm": "qz_again_7731", "reject": None, "correct": "qz_again_7737"}[decision]
        )
        who = second.reviewed_by
    assert who is not None
    assert http.get("/v1/review", params={"on_list": True}).json()["findings"] == []
    assert http.get("/v1/review").json()["findings"] == []
    after = http.get("/v1/watchlist", params={"prefix": "qz_again"}).json()["addresses"]
    facts = ("value", "status", "photos", "sightings")
    assert [[row[name] for name in facts] for row in after] == [[row[name] for name in facts] for row in before]
    undone = http.post(f"/v1/findings/{second.id}/undo", json={"version": second.version})
    assert undone.status_code == 200, undone.text


def test_what_two_readers_read_on_a_photo_is_one_sighting_for_each_report(services, client, read):
    photo = send(services, name="qz_again_7732")
    read(photo)
    http = client("investigator")

    def listed():
        (row,) = http.get("/v1/watchlist", params={"prefix": "qz_again"}).json()["addresses"]
        return row["sightings"], row["photos"]

    assert listed() == (1, 1)
    read(photo, NEW)
    assert listed() == (1, 1)
    send(services, name="qz_again_7732")  # the same photo in another report
    with services.unit() as unit:
        for carried in unit.session.scalars(select(ReportPhoto).where(ReportPhoto.photo_sha256 == photo)):
            sight_report(unit, carried)
    assert listed() == (2, 1)
    _first, second = http.get("/v1/review", params={"on_list": True}).json()["findings"]
    body = {"version": second["version"], "reason": "a shop sign"}
    assert http.post(f"/v1/findings/{second['id']}/reject", json=body).status_code == 200
    assert http.get("/v1/watchlist", params={"prefix": "qz_again"}).json()["addresses"] == []
