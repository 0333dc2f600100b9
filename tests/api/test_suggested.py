"""What those who sent a photo suggest that it really says; and what their reports say beside the reading."""

from dataclasses import replace

import pytest

from api.readings.service import store_reading
from models import AuditEntry
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.pictures import jpeg
from tests.api.seen import see, wall
from tests.api.walls import CARD, reading

READ, MEANT = "qz_tuman_1is_77", "qz_tuman_lis_77"


@pytest.fixture
def read(services, accounts):
    """A finding below the threshold on a photo of the officer's."""
    return see(services, accounts["officer"], wall(READ, accepted=False), photo="a")[0]


def suggest(asking, finding, value=MEANT, **more):
    return asking.put(f"/v1/findings/{finding.id}/suggestion", json={"value": value, **more})


def test_the_reviewer_sees_what_the_sender_suggests_and_the_reading_stays(client, services, read):
    officer, reviewer = client("officer"), client("investigator")
    answer = suggest(officer, read, "@QZ_tuman_lis_77")
    assert (answer.status_code, answer.json()["value"], answer.json()["by"]) == (200, MEANT, "officer")
    (queued,) = reviewer.get("/v1/review").json()["findings"]
    assert (queued["value"], [each["value"] for each in queued["suggestions"]]) == (READ, [MEANT])
    assert reviewer.get(f"/v1/findings/{read.id}").json()["suggestions"] == queued["suggestions"]
    with services.reading_unit() as unit:
        assert unit.session.query(AuditEntry).filter_by(action="finding.suggest", actor="officer").count() == 1


def test_one_suggestion_an_account_and_it_can_be_taken_back(client, read):
    officer, other = client("officer"), client("investigator")
    suggest(officer, read, "qz_tuman_iis_77")
    suggest(officer, read)
    suggest(other, read, "qz_tuman_tis_77")
    said = other.get(f"/v1/findings/{read.id}").json()["suggestions"]
    assert sorted((each["by"], each["value"]) for each in said) == [
        ("investigator", "qz_tuman_tis_77"),
        ("officer", MEANT),
    ]
    assert officer.delete(f"/v1/findings/{read.id}/suggestion").status_code == 204
    assert officer.delete(f"/v1/findings/{read.id}/suggestion").status_code == 404
    assert [each["by"] for each in other.get(f"/v1/findings/{read.id}").json()["suggestions"]] == ["investigator"]


def test_a_newer_reader_that_sees_the_same_keeps_what_was_suggested(client, services, read):
    suggest(client("officer"), read)
    with services.unit() as unit:
        again = reading(read.photo_sha256, wall(READ, accepted=False), card=replace(CARD, version="2"))
        (newer,) = store_reading(unit, read.photo_sha256, again).findings
        newer_id = newer.id
    said = client("investigator").get(f"/v1/findings/{newer_id}").json()["suggestions"]
    assert [(each["by"], each["value"]) for each in said] == [("officer", MEANT)]


@pytest.mark.parametrize(
    ("value", "code"), [("не имя", "suggestion_refused"), (f"@{READ}", "suggestion_as_read"), ("x" * 301, None)]
)
def test_what_is_no_address_or_what_was_read_is_refused(client, read, value, code):
    answer = suggest(client("officer"), read, value)
    assert (answer.status_code, answer.json()["code"]) == (422, code or "request_not_understood")


def test_nothing_is_suggested_once_somebody_decided(client, read):
    officer, reviewer = client("officer"), client("investigator")
    suggest(officer, read)
    assert reviewer.post(f"/v1/findings/{read.id}/confirm", json={"version": 1}).status_code == 200
    assert suggest(officer, read, "qz_tuman_tis_77").json()["code"] == "finding_decided"
    assert officer.delete(f"/v1/findings/{read.id}/suggestion").status_code == 409
    assert [each["value"] for each in reviewer.get(f"/v1/findings/{read.id}").json()["suggestions"]] == [MEANT]


def test_a_finding_on_somebody_else_s_photo_does_not_exist(client, services, accounts):
    (hidden,) = see(services, accounts["investigator"], wall(READ, accepted=False), photo="b")
    assert suggest(client("officer"), hidden).status_code == 404
    assert suggest(client("supervisor"), hidden).status_code == 403
    assert suggest(client(), hidden).status_code == 401


def test_a_place_is_understood_before_it_is_sent(client):
    asking = client("officer")
    link = "https://www.openstreetmap.org/?mlat=54.8712&mlon=69.1534#map=18/54.8712/69.1534"
    answer = asking.post("/v1/reports/place", json={"place": f"тут {link}"})
    assert answer.json() == {"lat": 54.8712, "lon": 69.1534, "source": "link"}
    refused = asking.post("/v1/reports/place", json={"place": "у гаражей"})
    assert (refused.status_code, refused.json()["code"]) == (422, "place_not_understood")


def test_reports_say_who_sent_the_photo_before_and_are_listed_alone(client, clock):
    def send(role, *seeds):
        photos = [("photo", (f"{seed}.jpg", jpeg(seed), "image/jpeg")) for seed in seeds]
        clock.move(minutes=1)
        return client(role).post("/v1/reports", data={"lat": "54.87", "lon": "69.15"}, files=photos).json()["id"]

    first, second, third = send("investigator", 1), send("officer", 1, 2), send("officer", 2)
    asking = client("officer")
    before = [photo["before"] for photo in asking.get(f"/v1/reports/{second}").json()["photos"]]
    assert before[0]["by_you"] is False
    assert before[1] is None
    assert asking.get(f"/v1/reports/{third}").json()["photos"][0]["before"]["by_you"] is True
    everybody = client("investigator")
    assert [row["id"] for row in everybody.get("/v1/reports").json()["reports"]] == [third, second, first]
    assert [row["id"] for row in everybody.get("/v1/reports?mine=true").json()["reports"]] == [first]
