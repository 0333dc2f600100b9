"""When a reading is uncertain, what is known stands above the other alternatives; the reading stays as it was."""

import pytest
from sqlalchemy import select

from models import Address, Finding, Sighting
from tests.api.seen import see, wall
from tests.api.test_merge import merge
from tests.api.words import refused
from vision.types import Alternative

KNOWN, READ, OTHER = "qz_tuman_lis_77", "qz_tuman_1is_77", "qz_tuman_kis_77"
OTHERS = (Alternative(OTHER, 0.3), Alternative(KNOWN, 0.1))


@pytest.fixture
def doubtful(services, accounts):
    """A finding that waits, whose second alternative may become known; on another wall than what `know` sees."""
    waits = wall(READ, accepted=False, alternatives=OTHERS)
    return see(services, accounts["officer"], waits, photo="doubtful", lon=70.4)[0]


def know(client, services, account, value=KNOWN, photo="known"):
    """Let an address be confirmed by a person; its id."""
    (found,) = see(services, account, wall(value), photo=photo)
    assert client("investigator").post(f"/v1/findings/{found.id}/confirm", json={"version": 1}).status_code == 200
    with services.reading_unit() as unit:
        return unit.session.scalars(select(Address.id).where(Address.value == value)).one()


def shown(client, finding):
    return client("investigator").get(f"/v1/findings/{finding.id}").json()["alternatives"]


def test_without_anything_known_alternatives_are_as_they_were_read(client, doubtful):
    assert shown(client, doubtful) == [
        {"value": OTHER, "confidence": 0.3, "number": 0, "known": None},
        {"value": KNOWN, "confidence": 0.1, "number": 1, "known": None},
    ]


def test_a_known_alternative_goes_first_and_says_why_and_keeps_its_number(client, services, accounts, doubtful):
    known_id = know(client, services, accounts["officer"])
    known = {"address_id": known_id, "status": "confirmed", "photos": 1, "reason": "confirmed"}
    wanted = [
        {"value": KNOWN, "confidence": 0.1, "number": 1, "known": known},
        {"value": OTHER, "confidence": 0.3, "number": 0, "known": None},
    ]
    http = client("investigator")
    assert shown(client, doubtful) == wanted
    (waiting,) = http.get("/v1/review").json()["findings"]
    assert waiting["alternatives"] == wanted
    reading = http.get(f"/v1/photos/{doubtful.photo_sha256}/reading").json()
    assert reading["findings"][0]["alternatives"] == wanted
    report = http.get("/v1/reports").json()["reports"]
    pages = [http.get(f"/v1/reports/{each['id']}").json()["photos"][0]["findings"][0] for each in report]
    assert wanted in [each["alternatives"] for each in pages]
    with services.reading_unit() as unit:
        row = unit.session.get_one(Finding, doubtful.id)
        assert [each["value"] for each in row.alternatives] == [OTHER, KNOWN]
        assert (row.accepted, row.review, row.version) == (False, "unreviewed", 1)
        assert unit.session.scalars(select(Sighting).where(Sighting.finding_id == row.id)).all() == []
    body = {"version": 1, "alternative": wanted[0]["number"]}
    assert http.post(f"/v1/findings/{doubtful.id}/correct", json=body).json()["decided_value"] == KNOWN
    assert [each["known"] for each in shown(client, doubtful)] == [None, None]


def test_a_known_address_one_confusion_away_is_offered_though_the_reader_did_not(client, services, accounts):
    (found,) = see(services, accounts["officer"], wall(READ, accepted=False), photo="doubtful")
    know(client, services, accounts["officer"])
    (first,) = shown(client, found)
    assert (first["value"], first["number"], first["confidence"]) == (KNOWN, None, None)
    assert first["known"]["reason"] == "confirmed"
    http = client("investigator")
    refused(
        http.post(f"/v1/findings/{found.id}/correct", json={"version": 1, "alternative": 0}), 422, "alternative_unknown"
    )
    # An officer may see readings and not the watchlist: values that nobody painted there are not for them.
    url = f"/v1/photos/{found.photo_sha256}/reading"
    assert client("officer").get(url).json()["findings"][0]["alternatives"] == []
    assert len(client("supervisor").get(url).json()["findings"][0]["alternatives"]) == 1


def test_seen_on_several_photos_an_address_is_known_too(client, services, accounts, doubtful):
    see(services, accounts["officer"], wall(KNOWN), photo="one")
    assert [each["known"] for each in shown(client, doubtful)] == [None, None]
    see(services, accounts["officer"], wall(KNOWN), photo="two")
    known = shown(client, doubtful)[0]["known"]
    assert (known["reason"], known["photos"], known["status"]) == ("several_photos", 2, "new")


def test_what_people_rejected_or_merged_as_a_misreading_raises_nothing(client, services, accounts, doubtful):
    known_id = know(client, services, accounts["officer"])
    right = know(client, services, accounts["officer"], "qz_tuman_lys_77", "right")
    assert merge(client, known_id, right, relation="misreading").status_code == 200
    assert [each["known"] for each in shown(client, doubtful)] == [None, None]
    (found,) = see(services, accounts["officer"], wall(OTHER), photo="rejected")
    client("investigator").post(f"/v1/findings/{found.id}/reject", json={"version": 1, "reason": "x"})
    assert [each["known"] for each in shown(client, doubtful)] == [None, None]


def test_a_mirror_raises_the_alternative_as_the_address_that_it_is_shown_as(client, services, accounts, doubtful):
    known_id = know(client, services, accounts["officer"])
    right = know(client, services, accounts["officer"], "zima_les_krot", "right")
    assert merge(client, known_id, right).status_code == 200
    assert shown(client, doubtful)[0]["known"]["address_id"] == right


def test_a_sure_finding_shows_its_alternatives_as_they_were_read(client, services, accounts):
    (found,) = see(services, accounts["officer"], wall(READ, alternatives=OTHERS), photo="sure")
    know(client, services, accounts["officer"])
    assert [(each["value"], each["known"]) for each in shown(client, found)] == [(OTHER, None), (KNOWN, None)]
