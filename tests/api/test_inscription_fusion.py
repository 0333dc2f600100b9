"""Readings of one wall, and of one address on other walls, add up to what waits for a person."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from api.inscriptions.fusion import add_up
from models import Address, AuditEntry, Finding, FusedFinding, InscriptionPhoto, Sighting
from tests.api.seen import see
from tests.api.wall_pictures import plaster, seen_from, take, walls
from tests.api.walls import finding
from vision.types import Alternative

TRUE, WRONG = "qz_tuman_lis_77", "qz_tuman_lis_71"
BOX = ((150.0, 230.0), (500.0, 230.0), (500.0, 400.0), (150.0, 400.0))


def unsure(value, confidence, **others):
    alternatives = tuple(Alternative(name, share) for name, share in others.items())
    found = finding(value, accepted=False, confidence=confidence, alternatives=alternatives)
    return replace(found, box=BOX)


@pytest.fixture
def http(client):
    return client("investigator")


@pytest.fixture
def photos(services, accounts):
    """Takes photos of one wall: `photos(1, finding…)`."""
    painted = plaster(31)

    def shoot(number, *found, **where):
        return take(services, accounts["officer"], seen_from(painted, number), *found, hours=number, **where)

    return shoot


def waiting(http, **params):
    return http.get("/v1/review", params=params).json()["findings"]


def listed(http):
    return [row["value"] for row in http.get("/v1/watchlist").json()["addresses"]]


def everything(services):
    with services.reading_unit() as unit:
        return [
            sorted(
                tuple(repr(getattr(row, column.name)) for column in table.__table__.columns)
                for row in unit.session.scalars(select(table))
            )
            for table in (Finding, FusedFinding, Sighting, Address, InscriptionPhoto)
        ]


def test_what_waits_is_raised_with_its_alternatives_and_its_reading_stays(services, photos, http):
    first = photos(1, unsure(WRONG, 0.5, **{"qz_tuman_lys_71": 0.41, TRUE: 0.4}))
    (before,) = waiting(http)
    assert (before["fused"], before["standing"]) == (None, "new")
    second = photos(2, unsure(TRUE, 0.7, **{WRONG: 0.2}))
    shown = {row["photo"]: row for row in waiting(http)}
    fused = shown[first]["fused"]
    assert (fused["value"], fused["accepted"]) == (TRUE, False)
    assert fused["confidence"] > 0.55
    assert fused["supported_by"] == [second]
    assert fused["seen_in"] == sorted([first, second])
    ranked = [(row["value"], row["alternative"]) for row in fused["alternatives"]]
    assert ranked[0] == (WRONG, None)  # its own reading is now the second best, before the others
    assert ("qz_tuman_lys_71", 0) in ranked
    kept = ("id", "value", "confidence", "alternatives", "accepted", "version", "text")
    assert {name: shown[first][name] for name in kept} == {name: before[name] for name in kept}
    assert listed(http) == []


def test_what_the_photos_together_read_well_enough_is_listed_and_says_so(services, photos, http):
    shots = [photos(1, unsure(WRONG, 0.5, **{TRUE: 0.4})), photos(2, unsure(TRUE, 0.84))]
    assert listed(http) == []
    shots.append(photos(3, unsure(TRUE, 0.84)))
    assert waiting(http) == []
    on_list = waiting(http, on_list=True)
    assert {row["photo"] for row in on_list} == set(shots)
    assert {row["fused"]["value"] for row in on_list} == {TRUE}
    assert listed(http) == [TRUE]
    row = http.get("/v1/watchlist").json()["addresses"][0]
    page = http.get(f"/v1/watchlist/{row['id']}").json()["page"]
    assert {(each["photo"], each["fused"], each["state"]) for each in page} == {
        (photo, True, "unreviewed") for photo in shots
    }
    assert sorted(each["confidence"] for each in page) == [0.5, 0.84, 0.84]
    with services.reading_unit() as unit:
        told = [
            row.facts for row in unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "finding.fused"))
        ]
        assert [each["meant"] for each in told] == [["telegram", TRUE]] * 3
        assert {row.accepted for row in unit.session.scalars(select(Finding))} == {False}
    before = everything(services)
    with services.unit() as unit:
        add_up(unit, shots[0])
    assert everything(services) == before


def test_when_photos_go_or_are_rejected_what_they_said_goes_too(services, photos, http):
    shots = [photos(number, unsure(TRUE, 0.8)) for number in (1, 2, 3)]
    assert listed(http) == [TRUE]
    rejected = next(row for row in waiting(http, on_list=True) if row["photo"] == shots[0])
    answer = http.post(f"/v1/findings/{rejected['id']}/reject", json={"version": 1, "reason": "a shadow"})
    assert answer.status_code == 200
    assert listed(http) == []
    assert len(waiting(http)) == 2
    http.post(f"/v1/findings/{rejected['id']}/undo", json={"version": 2})
    assert listed(http) == [TRUE]
    (one,) = set(walls(services, *shots))
    body = {"version": http.get(f"/v1/inscriptions/{one}").json()["version"], "photos": shots[1:], "reason": "x"}
    assert http.post(f"/v1/inscriptions/{one}/split", json=body).status_code == 200
    alone = next(row for row in [*waiting(http), *waiting(http, on_list=True)] if row["photo"] == shots[0])
    # The value still stands on another wall, which counts as a witness of its own.
    assert set(alone["fused"]["seen_in"]) == set(shots)


def test_what_a_person_confirmed_counts_for_what_waits_beside_it(photos, http):
    first = photos(1, unsure(WRONG, 0.5, **{TRUE: 0.4}))
    photos(2, unsure(TRUE, 0.6, **{WRONG: 0.3}))
    second = next(row for row in waiting(http) if row["photo"] != first)
    http.post(f"/v1/findings/{second['id']}/confirm", json={"version": 1})
    (row,) = [*waiting(http), *waiting(http, on_list=True)]
    assert (row["photo"], row["fused"]["value"]) == (first, TRUE)
    assert row["fused"]["confidence"] > 0.9
    assert row["standing"] == "settled"  # of the address that it is taken for now


def test_the_same_value_on_another_wall_raises_what_waits_on_the_first(services, accounts, http):
    officer = accounts["officer"]
    see(services, officer, unsure(TRUE, 0.7), photo="a")
    (alone,) = waiting(http)
    assert alone["fused"] is None
    see(services, officer, unsure(TRUE, 0.72), photo="b", lat=54.95)
    fused = {row["photo"]: row["fused"] for row in waiting(http)}
    assert len(fused) == 2
    assert all(each["confidence"] > 0.75 and len(each["supported_by"]) == 2 for each in fused.values())
    see(services, officer, unsure("qz_zhana_ay_66", 0.7), photo="c", lat=54.96)
    assert next(row["fused"] for row in waiting(http) if row["value"] == "qz_zhana_ay_66") is None


def test_a_value_that_is_seen_elsewhere_raises_it_where_it_is_only_an_alternative(services, accounts, http):
    officer = accounts["officer"]
    see(services, officer, unsure(WRONG, 0.5, **{TRUE: 0.4}), photo="a")
    see(services, officer, finding(TRUE, confidence=0.95), photo="b", lat=54.95)
    (row,) = [
        each for each in waiting(http) if each["value"] == WRONG
    ]  # no photo of its own wall reads it: a person must
    assert row["fused"]["value"] == TRUE
    assert row["fused"]["confidence"] > 0.8
    assert row["standing"] == "listed"
