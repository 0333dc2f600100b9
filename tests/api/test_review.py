"""What people decide about findings."""

import threading

import pytest

from api.watchlist.service import recount
from models import Address, AuditEntry, Finding
from tests.api.seen import see, wall
from tests.api.walls import BOX
from vision.types import Line, Uncertain


@pytest.fixture
def waiting(services, accounts):
    """A finding below the threshold."""
    return see(services, accounts["officer"], wall("qz_tuman_lis_77", accepted=False), photo="a")[0]


def rows(client, **params):
    return client("investigator").get("/v1/watchlist", params=params).json()["addresses"]


def test_a_finding_below_the_threshold_waits_and_is_not_on_the_watchlist(client, waiting):
    (queued,) = client("investigator").get("/v1/review").json()["findings"]
    assert (queued["id"], queued["review"], queued["version"]) == (waiting.id, "unreviewed", 1)
    assert rows(client) == []


def test_confirming_puts_it_on_the_watchlist_and_says_so_in_the_audit_log(client, services, waiting):
    answer = client("investigator").post(f"/v1/findings/{waiting.id}/confirm", json={"version": 1})
    assert (answer.status_code, answer.json()["review"]) == (200, "confirmed")
    (row,) = rows(client)
    assert (row["value"], row["status"]) == ("qz_tuman_lis_77", "confirmed")
    assert client("investigator").get("/v1/review").json()["findings"] == []
    with services.reading_unit() as unit:
        entry = unit.session.query(AuditEntry).order_by(AuditEntry.seq.desc()).filter_by(subject=waiting.id).first()
        assert (entry.action, entry.actor) == ("finding.confirm", "investigator")


def test_the_queue_says_which_characters_to_look_at(client, services, accounts):
    doubts = (Uncertain(14, "7", (("1", 0.21), ("", 0.05))),)
    see(services, accounts["officer"], wall("qz_tuman_lis_77", accepted=False, uncertain=doubts), photo="a")
    (queued,) = client("investigator").get("/v1/review").json()["findings"]
    rivals = [{"char": "1", "probability": 0.21}, {"char": "", "probability": 0.05}]
    assert queued["uncertain"] == [{"position": 14, "char": "7", "rivals": rivals}]
    answer = client("investigator").post(f"/v1/findings/{queued['id']}/confirm", json={"version": 1})
    assert answer.json()["uncertain"] == queued["uncertain"]


def test_correcting_moves_it_and_keeps_the_reading_as_it_was(client, services, accounts):
    (read,) = see(services, accounts["officer"], wall("qz_tuman_1is_77"), photo="a")
    body = {"version": 1, "kind": "telegram", "value": "@QZ_tuman_lis_77"}
    answer = client("investigator").post(f"/v1/findings/{read.id}/correct", json=body).json()
    assert (answer["value"], answer["decided_value"]) == ("qz_tuman_1is_77", "qz_tuman_lis_77")
    assert [(row["value"], row["sightings"]) for row in rows(client)] == [("qz_tuman_lis_77", 1)]
    assert [(row["value"], row["sightings"]) for row in rows(client, status="rejected")] == [("qz_tuman_1is_77", 0)]


def test_a_correction_that_is_no_address_is_refused_with_the_rule(client, waiting):
    body = {"version": 1, "kind": "telegram", "value": "не имя"}
    answer = client("investigator").post(f"/v1/findings/{waiting.id}/correct", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "value_refused")
    assert "only Latin letters, digits and _" in answer.json()["detail"]


def test_a_line_that_was_not_read_as_an_address_waits_and_needs_a_correction(client, services, accounts):
    (left,) = see(services, accounts["officer"], photo="a", unread=(Line("@qz.tuman.lis_77", 0.7, BOX),))
    (queued,) = client("investigator").get("/v1/review").json()["findings"]
    assert queued["uncertain"] == []
    assert (queued["id"], queued["kind"], queued["value"]) == (left.id, "unread", "@qz.tuman.lis_77")
    confirmed = client("investigator").post(f"/v1/findings/{left.id}/confirm", json={"version": 1})
    assert (confirmed.status_code, confirmed.json()["code"]) == (422, "correction_needed")
    body = {"version": 1, "kind": "telegram", "value": "qz_tuman_lis_77"}
    assert client("investigator").post(f"/v1/findings/{left.id}/correct", json=body).status_code == 200
    assert [(row["value"], row["status"]) for row in rows(client)] == [("qz_tuman_lis_77", "confirmed")]


def test_rejecting_takes_it_off_the_watchlist_and_confirming_brings_it_back(client, services, accounts):
    (read,) = see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a")
    asking = client("investigator")
    answer = asking.post(f"/v1/findings/{read.id}/reject", json={"version": 1, "reason": "a shop sign"})
    assert answer.json()["review"] == "rejected"
    assert rows(client) == []
    assert asking.post(f"/v1/findings/{read.id}/confirm", json={"version": 2}).status_code == 200
    assert [row["status"] for row in rows(client)] == ["confirmed"]


def test_who_looked_at_an_older_version_must_look_again(client, waiting):
    asking = client("investigator")
    assert asking.post(f"/v1/findings/{waiting.id}/confirm", json={"version": 1}).status_code == 200
    answer = asking.post(f"/v1/findings/{waiting.id}/reject", json={"version": 1, "reason": "late"})
    assert (answer.status_code, answer.json()["code"], answer.json()["version"]) == (409, "finding_changed", 2)


def test_two_at_once_never_overwrite_each_other(client, waiting):
    answers = []
    asking = [client("investigator"), client("investigator")]

    def decide(each):
        answers.append(each.post(f"/v1/findings/{waiting.id}/confirm", json={"version": 1}).status_code)

    threads = [threading.Thread(target=decide, args=(each,)) for each in asking]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409]


@pytest.mark.parametrize("verb", ["confirm", "correct", "reject"])
def test_review_is_for_investigators(client, waiting, verb):
    body = {"version": 1, "reason": "x", "kind": "telegram", "value": "qz_tuman_lis_77"}
    assert client().post(f"/v1/findings/{waiting.id}/{verb}", json=body).status_code == 401
    assert client("supervisor").post(f"/v1/findings/{waiting.id}/{verb}", json=body).status_code == 403
    assert client("investigator").post(f"/v1/findings/none/{verb}", json=body).status_code in (404, 422)


def test_the_sums_are_what_a_recount_gives(services, accounts, client):
    found = [see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo=str(n), hours=n)[0] for n in range(4)]
    asking = client("investigator")
    asking.post(f"/v1/findings/{found[0].id}/reject", json={"version": 1, "reason": "x"})
    asking.post(f"/v1/findings/{found[1].id}/confirm", json={"version": 1})
    with services.unit() as unit:
        address = unit.session.query(Address).one()
        before = (address.sighting_count, address.photo_count, address.first_seen_at, address.last_seen_at)
        recount(unit, [address.id])
        assert before == (address.sighting_count, address.photo_count, address.first_seen_at, address.last_seen_at)
        assert before[0] == 3


def test_two_walls_read_at_once_make_one_address(services, accounts):
    threads = [
        threading.Thread(target=see, args=(services, accounts["officer"], wall("qz_tuman_lis_77")), kwargs={"photo": p})
        for p in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with services.reading_unit() as unit:
        assert unit.session.query(Address).one().sighting_count == 2
        assert unit.session.query(Finding).count() == 2
