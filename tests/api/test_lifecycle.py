"""An address's life-cycle: every step that may follow, and none that may not; who, when, why; re-appearance."""

import threading
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from api.lifecycle.service import AddressChanged, Sending, StepRefused, reopen, step
from api.lifecycle.states import BY_PEOPLE, BY_SIGHTINGS, may_follow, next_of
from api.unit import Actor
from models import Address, AddressStatus, AddressStep, AuditEntry, Notice, Report, Sighting
from tests.api.seen import see, wall
from tests.api.words import refused

NAME = "qz_tuman_lis_77"
ALL = list(AddressStatus)
# Written by hand beside the code's table, so that a change of either is seen.
TABLE = {
    "new": "confirmed rejected benign",
    "confirmed": "sent rejected benign",
    "sent": "confirmed sent blocked rejected benign",
    "blocked": "reappeared benign",
    "reappeared": "sent blocked benign",
    "rejected": "confirmed benign",
    "benign": "confirmed rejected",
}
PATHS = {
    "new": "",
    "confirmed": "confirmed",
    "sent": "confirmed sent",
    "blocked": "confirmed sent blocked",
    "reappeared": "confirmed sent blocked reappeared",
    "rejected": "rejected",
    "benign": "benign",
}
SENDING = {"recipient": "Комитет телекоммуникаций", "sent_at": "2026-03-01T08:00:00+00:00", "reference": "12-04/77"}


def body(to, version, **more):
    return (
        {"to": to, "version": version, "reason": "because the test says so"} | (SENDING if to == "sent" else {}) | more
    )


def only(client):
    return client("investigator").get("/v1/watchlist", params={"value": NAME}).json()["addresses"][0]


def walk(client, path, value=NAME):
    """Take the address through these steps; the last answer."""
    http = client("investigator")
    found = [
        row
        for status in ("", "rejected", "benign")
        for row in http.get("/v1/watchlist", params={"value": value} | ({"status": status} if status else {})).json()[
            "addresses"
        ]
    ]
    row = found[0]
    for to in path.split():
        answer = http.post(f"/v1/watchlist/{row['id']}/steps", json=body(to, row["version"]))
        assert answer.status_code == 200, answer.text
        row = answer.json()
    return row


@pytest.fixture
def seen(services, accounts):
    return see(services, accounts["officer"], wall(NAME), photo="a")[0]


def test_the_table_is_the_one_written_here():
    assert {str(k): {str(v) for v in vs} for k, vs in BY_PEOPLE.items()} == {
        k: set(v.split()) for k, v in TABLE.items()
    }
    assert set(BY_SIGHTINGS) <= set(ALL)


@given(before=st.sampled_from(ALL), after=st.sampled_from(ALL))
def test_a_step_may_follow_exactly_where_the_table_says(before, after):
    assert may_follow(before, after) == (str(after) in TABLE[str(before)].split())
    assert (str(after) in next_of(before)) == may_follow(before, after)


@pytest.mark.parametrize("before", ALL)
def test_every_pair_of_states_is_allowed_or_refused_as_the_table_says(client, seen, before):
    row = walk(client, PATHS[before])
    assert (row["status"], row["next_steps"]) == (before, [str(s) for s in ALL if str(s) in TABLE[before].split()])
    http = client("investigator")
    for after in ALL:
        if str(after) not in TABLE[before].split():
            answer = http.post(f"/v1/watchlist/{row['id']}/steps", json=body(after, row["version"]))
            said = refused(answer, 409, "step_refused")
            assert (said["address_status"], said["wanted"]) == (before, after)
            assert said["allowed"] == row["next_steps"]
    assert http.get(f"/v1/watchlist/{row['id']}").json()["version"] == row["version"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.lists(st.sampled_from(ALL), max_size=12), number=st.integers(0, 10**9))
def test_after_any_sequence_the_steps_tell_exactly_what_happened(services, accounts, path, number):
    name = f"qz_{number}_lis"
    see(services, accounts["officer"], wall(name), photo=f"p{number}")
    with services.unit(Actor("investigator", accounts["investigator"].id)) as unit:
        address = unit.session.scalars(select(Address).where(Address.value == name)).one()
        taken = list(unit.session.scalars(select(AddressStep).where(AddressStep.address_id == address.id)))
        expected = [step_.to_status for step_ in taken]
        for to in path:
            sent_at = unit.clock.now()
            sending = Sending("Somebody", sent_at, "1") if to == AddressStatus.SENT else None
            before, version = address.status, address.version
            if may_follow(before, to):
                step(unit, address.id, version=version, to=to, reason="x", sending=sending)
                expected.append(to)
                assert (address.status, address.version) == (to, version + 1)
            else:
                with pytest.raises(StepRefused):
                    step(unit, address.id, version=version, to=to, reason="x", sending=sending)
                assert (address.status, address.version) == (before, version)
        rows = list(
            unit.session.scalars(
                select(AddressStep).where(AddressStep.address_id == address.id).order_by(AddressStep.number)
            )
        )
        assert [row.to_status for row in rows] == expected
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        assert all(one.to_status == two.from_status for one, two in pairwise(rows))


def test_each_step_says_who_when_why_and_to_whom(client, services, clock, seen):
    row = walk(client, "confirmed sent")
    steps = client("supervisor").get(f"/v1/watchlist/{row['id']}/steps").json()["steps"]
    assert [(each["from_status"], each["to_status"], each["by"]) for each in steps] == [
        ("new", "confirmed", "investigator"),
        ("confirmed", "sent", "investigator"),
    ]
    last = steps[-1]
    assert (last["recipient"], last["reference"]) == (SENDING["recipient"], SENDING["reference"])
    assert (last["reason"], last["is_automatic"]) == ("because the test says so", False)
    assert last["at"].startswith("2026-03-01T09:00:00")
    with services.reading_unit() as unit:
        entries = unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "address.step")).all()
        assert [(entry.actor, entry.subject) for entry in entries] == [("investigator", row["id"])] * 2


def test_steps_come_in_pages(client, seen):
    row = walk(client, "confirmed sent blocked")
    http = client("investigator")
    first = http.get(f"/v1/watchlist/{row['id']}/steps", params={"limit": 2}).json()
    second = http.get(f"/v1/watchlist/{row['id']}/steps", params={"limit": 2, "after": first["next"]}).json()
    assert [each["to_status"] for each in first["steps"] + second["steps"]] == ["confirmed", "sent", "blocked"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"to": "confiscated"}, "request_not_understood"),
        ({"reason": ""}, "request_not_understood"),
        ({"reason": "\u200b \u200b"}, "reason_empty"),
        ({"reason": "x" * 1001}, "request_not_understood"),
        ({"reference": "12/3"}, "sending_only"),
        ({"sent_at": "2026-03-01T08:00:00"}, "time_without_zone"),
        ({"color": "red"}, "request_not_understood"),
        ({"version": 0}, "request_not_understood"),
    ],
)
def test_a_step_that_is_not_understood_is_refused_and_changes_nothing(client, seen, more, code):
    row = only(client)
    refused(
        client("investigator").post(f"/v1/watchlist/{row['id']}/steps", json=body("confirmed", 1) | more), 422, code
    )
    assert only(client) == row


@pytest.mark.parametrize("left_out", ["recipient", "sent_at", "reference"])
def test_sending_for_blocking_needs_to_whom_when_and_the_reference(client, seen, left_out):
    row = walk(client, "confirmed")
    asked = body("sent", row["version"]) | {left_out: None}
    said = refused(client("investigator").post(f"/v1/watchlist/{row['id']}/steps", json=asked), 422, "step_incomplete")
    assert said["missing"] == [left_out]
    future = body("sent", row["version"], sent_at="2026-03-02T10:00:00+00:00")
    refused(client("investigator").post(f"/v1/watchlist/{row['id']}/steps", json=future), 422, "sent_in_the_future")


def test_an_older_version_is_refused_with_where_it_stands_now(client, seen):
    row = only(client)
    walk(client, "confirmed")
    answer = client("investigator").post(f"/v1/watchlist/{row['id']}/steps", json=body("benign", row["version"]))
    said = refused(answer, 409, "address_changed")
    assert (said["address_status"], said["version"]) == ("confirmed", row["version"] + 1)


def test_two_at_once_make_one_step(services, accounts, seen):
    with services.reading_unit() as unit:
        address_id = unit.session.scalars(select(Address.id)).one()
    outcomes = []

    def go(to):
        try:
            with services.unit() as unit:
                step(unit, address_id, version=1, to=to, reason="x")
            outcomes.append("made")
        except AddressChanged:
            outcomes.append("refused")

    threads = [threading.Thread(target=go, args=(to,)) for to in (AddressStatus.BENIGN, AddressStatus.REJECTED)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["made", "refused"]
    with services.reading_unit() as unit:
        assert len(unit.session.scalars(select(AddressStep)).all()) == 1


def test_what_is_benign_or_rejected_is_off_the_list_but_can_be_asked_for(client, seen):
    row = walk(client, "benign")
    http = client("investigator")
    assert http.get("/v1/watchlist").json()["addresses"] == []
    assert [r["id"] for r in http.get("/v1/watchlist", params={"status": "benign"}).json()["addresses"]] == [row["id"]]
    params = {"status": "rejected", "box": "54,69,55,70"}
    walk(client, "rejected")
    assert [r["id"] for r in http.get("/v1/watchlist", params=params).json()["addresses"]] == [row["id"]]


def test_what_a_person_said_of_an_address_sightings_do_not_undo(client, services, accounts, seen):
    walk(client, "benign")
    see(services, accounts["officer"], wall(NAME), photo="b", hours=1)
    rows = client("investigator").get("/v1/watchlist", params={"status": "benign"}).json()["addresses"]
    assert [(row["status"], row["sightings"]) for row in rows] == [("benign", 2)]


def blocked(client, clock):
    clock.move(hours=1)
    row = walk(client, "confirmed sent blocked")
    clock.move(hours=5)
    return row


def notices(client, **params):
    return client("supervisor").get("/v1/notices", params=params).json()


def test_a_new_photo_of_a_blocked_address_opens_it_again_and_says_so_at_once(client, services, accounts, clock, seen):
    row = blocked(client, clock)
    (found,) = see(services, accounts["officer"], wall(NAME), photo="b")
    now = only(client)
    assert (now["status"], now["version"]) == ("reappeared", row["version"] + 1)
    (notice,) = notices(client)["notices"]
    assert (notice["kind"], notice["address_id"]) == ("address.reappeared", row["id"])
    assert (notice["facts"]["value"], notice["facts"]["is_older_than_the_block"]) == (NAME, False)
    with services.reading_unit() as unit:
        entry = unit.session.get_one(AuditEntry, notice["seq"])
        assert (entry.action, entry.subject) == ("address.reappeared", row["id"])
        last = unit.session.scalars(select(AddressStep).order_by(AddressStep.number.desc()).limit(1)).one()
        assert (last.is_automatic, last.sighting_id) == (True, notice["sighting_id"])
    assert found.accepted
    walk(client, "sent blocked")


def test_the_same_photo_again_and_what_came_before_the_block_open_nothing(client, services, accounts, clock, seen):
    (waiting,) = see(services, accounts["officer"], wall(NAME, accepted=False), photo="early")
    blocked(client, clock)
    see(services, accounts["officer"], wall(NAME), photo="a")
    client("investigator").post(f"/v1/findings/{waiting.id}/confirm", json={"version": 1})
    assert only(client)["status"] == "blocked"
    assert notices(client)["notices"] == []


def test_a_photo_that_says_it_is_older_opens_it_and_says_what_to_check(client, services, accounts, clock, seen):
    blocked(client, clock)
    see(services, accounts["officer"], wall(NAME), photo="b", seen_hours=-400)
    assert only(client)["status"] == "reappeared"
    assert notices(client)["notices"][0]["facts"]["is_older_than_the_block"] is True
    row = only(client)
    steps = client("investigator").get(f"/v1/watchlist/{row['id']}/steps").json()["steps"]
    assert "before it was blocked: check" in steps[-1]["reason"]


def test_a_correction_to_a_blocked_address_opens_it_too(client, services, accounts, clock, seen):
    blocked(client, clock)
    (other,) = see(services, accounts["officer"], wall("qz_tuman_1is_77", accepted=False), photo="b")
    asked = {"version": 1, "kind": "telegram", "value": NAME}
    assert client("investigator").post(f"/v1/findings/{other.id}/correct", json=asked).status_code == 200
    assert only(client)["status"] == "reappeared"


def test_it_is_blocked_again_when_the_sighting_was_none_and_open_when_that_is_undone(
    client, services, accounts, clock, seen
):
    row = blocked(client, clock)
    (found,) = see(services, accounts["officer"], wall(NAME), photo="b")
    http = client("investigator")
    clock.move(hours=1)
    rejected = http.post(f"/v1/findings/{found.id}/reject", json={"version": 1, "reason": "another name"})
    assert (rejected.status_code, only(client)["status"]) == (200, "blocked")
    kinds = [notice["kind"] for notice in notices(client)["notices"]]
    assert kinds == ["address.reappeared", "address.reappearance_withdrawn"]
    http.post(f"/v1/findings/{found.id}/undo", json={"version": 2})
    assert only(client)["status"] == "reappeared"
    assert only(client)["id"] == row["id"]


def test_with_two_new_photos_rejecting_one_leaves_it_open(client, services, accounts, clock, seen):
    blocked(client, clock)
    (one,) = see(services, accounts["officer"], wall(NAME), photo="b")
    see(services, accounts["officer"], wall(NAME), photo="c")
    client("investigator").post(f"/v1/findings/{one.id}/reject", json={"version": 1, "reason": "x"})
    assert only(client)["status"] == "reappeared"


def test_notices_are_read_from_where_one_stopped(client, services, accounts, clock, seen):
    row = blocked(client, clock)
    see(services, accounts["officer"], wall(NAME), photo="b")
    first = notices(client, limit=1)
    assert (len(first["notices"]), first["has_more"]) == (1, False)
    assert notices(client, after=first["last"]) == {"notices": [], "last": first["last"], "has_more": False}
    assert notices(client, kind="address.sold")["notices"] == []
    assert len(notices(client, address_id=row["id"], kind="address.reappeared")["notices"]) == 1


def test_when_the_sighting_fails_there_is_no_notice(client, services, accounts, clock, seen):
    blocked(client, clock)

    def fail_in_the_middle():
        with services.unit() as unit:
            photo = unit.session.scalars(select(Sighting)).one()
            unit.session.get_one(Report, photo.report_id).received_at = unit.clock.now()
            reopen(unit, unit.session.scalars(select(Address)).one(), photo)
            assert unit.session.scalars(select(Notice)).one().kind == "address.reappeared"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_in_the_middle()
    with services.reading_unit() as unit:
        assert unit.session.scalars(select(Notice)).all() == []
        assert unit.session.scalars(select(Address.status)).one() == "blocked"


def test_an_address_knows_since_when_it_has_its_status(client, clock, seen):
    row = only(client)
    clock.move(days=1)
    later = walk(client, "confirmed")
    assert row["status_at"].startswith("2026-03-01T09:00")
    assert later["status_at"].startswith("2026-03-02T09:00")
