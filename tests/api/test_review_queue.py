"""The review queue's order, choosing an alternative, and taking decisions back."""

import threading

import pytest
from sqlalchemy import select

from api.watchlist import review
from api.watchlist.queue import STEP, Standing, decode, doubts_of, encode, rank
from models import Address, Decision, Finding, Sighting
from tests.api.seen import see, wall
from tests.api.walls import BOX, finding
from tests.api.words import refused
from vision.types import Alternative, Line, Uncertain

KNOWN, NEW = "qz_tuman_lis_77", "qz_sarai_kol_88"
DOUBTS = (Uncertain(3, "t", (("l", 0.2),)), Uncertain(4, "u", (("v", 0.3),)))


def queue(client, **params):
    return client("investigator").get("/v1/review", params=params).json()


def post(client, finding_id, verb, **body):
    return client("investigator").post(f"/v1/findings/{finding_id}/{verb}", json=body)


def state(services):
    """Everything that an undo has to bring back, but for the versions."""
    with services.reading_unit() as unit:
        findings = {
            row.id: (row.review, row.decided_kind, row.decided_value, row.review_reason, row.queue_rank)
            for row in unit.session.scalars(select(Finding))
        }
        sightings = {
            row.id: (row.address_id, row.state, row.confidence) for row in unit.session.scalars(select(Sighting))
        }
        addresses = {
            row.value: (row.status, row.sighting_count, row.best_confidence, row.photographed_at)
            for row in unit.session.scalars(select(Address))
        }
        return findings, sightings, addresses


def test_new_addresses_come_first_then_doubtful_ones_then_the_oldest(client, services, accounts, clock):
    def wait(name, photo, **values):
        clock.move(minutes=1)
        return see(services, accounts["officer"], wall(name, accepted=False, **values), photo=photo)[0].id

    see(services, accounts["officer"], wall(KNOWN), photo="listed")
    see(services, accounts["officer"], wall("qz_taza_ai_99"), photo="settled")
    row = client("investigator").get("/v1/watchlist", params={"value": "qz_taza_ai_99"}).json()["addresses"][0]
    step = {"version": row["version"], "to": "confirmed", "reason": "x"}
    client("investigator").post(f"/v1/watchlist/{row['id']}/steps", json=step)
    settled = wait("qz_taza_ai_99", "1", uncertain=DOUBTS)
    listed = wait(KNOWN, "2")
    plain = wait(NEW, "3")
    doubtful = wait("qz_zhana_ay_66", "4", uncertain=DOUBTS)
    plain_later = wait("qz_kara_su_55", "5")
    shown = queue(client)["findings"]
    assert [each["id"] for each in shown] == [doubtful, plain, plain_later, listed, settled]
    assert [(each["standing"], each["doubts"]) for each in shown] == [
        ("new", 2), ("new", 0), ("new", 0), ("listed", 0), ("settled", 2),
    ]  # fmt: skip
    pages, cursor = [], None
    while True:
        page = queue(client, limit=2, **({"cursor": cursor} if cursor else {}))
        pages += [each["id"] for each in page["findings"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == [each["id"] for each in shown]


def test_once_an_address_is_known_the_others_of_its_name_move_back(client, services, accounts):
    ids = [see(services, accounts["officer"], wall(NEW, accepted=False), photo=p)[0].id for p in "ab"]
    assert [each["standing"] for each in queue(client)["findings"]] == ["new", "new"]
    assert post(client, ids[0], "confirm", version=1).status_code == 200
    assert queue(client)["findings"] == []  # what a person confirmed on one photo of a wall puts the other on the list
    assert [(each["id"], each["standing"]) for each in queue(client, on_list=True)["findings"]] == [(ids[1], "settled")]
    assert post(client, ids[0], "undo", version=2).status_code == 200
    assert [each["standing"] for each in queue(client)["findings"]] == ["new", "new"]


def test_what_is_on_the_list_by_itself_can_be_gone_through_as_well(client, services, accounts):
    (found,) = see(services, accounts["officer"], wall(KNOWN), photo="a")
    assert queue(client)["findings"] == []
    (shown,) = queue(client, on_list=True)["findings"]
    assert (shown["id"], shown["standing"], shown["defanged"]) == (found.id, "listed", f"t[.]me/{KNOWN}")
    assert shown["links"]["crop"] == f"/v1/findings/{found.id}/crop"
    assert shown["links"]["reading"].startswith("/v1/photos/")


def test_doubts_are_counted_where_the_lattice_or_the_alternatives_have_them():
    assert doubts_of(finding(KNOWN, uncertain=DOUBTS)) == 2
    others = (Alternative("qz_tuman_1is_77", 0.2), Alternative("qz_tuman_lis_17", 0.1), Alternative("qz", 0.1))
    assert doubts_of(finding(KNOWN, alternatives=others)) == 2
    shifted = (Alternative("1" + KNOWN[:2] + KNOWN[3:], 0.2),)
    assert doubts_of(finding(KNOWN, alternatives=shifted)) == 2
    assert doubts_of(finding(KNOWN)) == 0
    assert rank(Standing.NEW, 10**6, context=1.0) == 0
    assert rank(Standing.SETTLED, 0) == 2 * STEP + STEP - 1
    assert rank(Standing.NEW, 10**6, is_lowered=True) > rank(Standing.SETTLED, 0)


@pytest.mark.parametrize(
    "cursor", ["x", "W10", "WzEsMl0", encode((1, __import__("datetime").datetime.min, "a b")), "é"]
)
def test_a_made_up_cursor_is_refused(client, cursor):
    refused(client("investigator").get("/v1/review", params={"cursor": cursor}), 422, "cursor_not_understood")


def test_a_cursor_comes_back_as_it_went(clock):
    key = (1998, clock.now(), "a" * 32)
    assert decode(encode(key)) == key


def test_an_alternative_is_chosen_by_its_number(client, services, accounts):
    others = (Alternative("qz_tuman_1is_77", 0.3), Alternative(KNOWN, 0.2))
    (found,) = see(
        services, accounts["officer"], wall("qz_tuman_lls_77", accepted=False, alternatives=others), photo="a"
    )
    answer = post(client, found.id, "correct", version=1, alternative=1, painted="тут @QZ_tuman_lis_77")
    assert (answer.status_code, answer.json()["decided_value"], answer.json()["value"]) == (
        200,
        KNOWN,
        "qz_tuman_lls_77",
    )
    (decision,) = client("investigator").get(f"/v1/findings/{found.id}/decisions").json()["decisions"]
    assert (decision["alternative"], decision["painted"]) == (1, "тут @QZ_tuman_lis_77")
    refused(post(client, found.id, "correct", version=2, alternative=2), 422, "alternative_unknown")


@pytest.mark.parametrize(
    "body", [{}, {"kind": "telegram"}, {"value": KNOWN}, {"kind": "telegram", "value": KNOWN, "alternative": 0},
             {"alternative": -1}, {"value": KNOWN, "alternative": 0}]
)  # fmt: skip
def test_a_correction_says_it_in_exactly_one_way(client, services, accounts, body):
    (found,) = see(services, accounts["officer"], wall(KNOWN, accepted=False), photo="a")
    refused(post(client, found.id, "correct", version=1, **body), 422, "request_not_understood")


def test_undo_brings_back_what_was_before_step_by_step(client, services, accounts):
    (found,) = see(services, accounts["officer"], wall(KNOWN), photo="a")
    see(services, accounts["officer"], wall(KNOWN), photo="a", hours=1)
    before = [state(services)]
    for number, (verb, more) in enumerate(
        [("correct", {"kind": "telegram", "value": NEW}), ("reject", {"reason": "x"}), ("confirm", {})], 1
    ):
        assert post(client, found.id, verb, version=number, **more).status_code == 200
        before.append(state(services))
    for number in range(4, 7):
        assert post(client, found.id, "undo", version=number).status_code == 200
        now = state(services)
        was = before[6 - number]
        assert now[0] == was[0] or number < 6
        assert {k: v[1:] for k, v in now[1].items()} == {k: v[1:] for k, v in was[1].items()}
        assert now[2][KNOWN] == was[2][KNOWN]
    assert state(services)[1] == before[0][1]
    refused(post(client, found.id, "undo", version=7), 409, "nothing_to_undo")
    with services.reading_unit() as unit:
        rows = unit.session.scalars(select(Decision).order_by(Decision.version)).all()
        assert [(row.review, row.undone_at is not None) for row in rows] == [
            ("corrected", True), ("rejected", True), ("confirmed", True),
        ]  # fmt: skip


def test_undoing_a_confirmation_of_what_waited_takes_it_off_the_list_again(client, services, accounts):
    (found,) = see(services, accounts["officer"], wall(NEW, accepted=False), photo="a")
    post(client, found.id, "confirm", version=1)
    post(client, found.id, "undo", version=2)
    assert client("investigator").get("/v1/watchlist").json()["addresses"] == []
    (shown,) = queue(client)["findings"]
    assert (shown["review"], shown["decided_value"], shown["version"]) == ("unreviewed", None, 3)


def test_an_undo_of_an_older_version_is_refused(client, services, accounts):
    (found,) = see(services, accounts["officer"], wall(NEW, accepted=False), photo="a")
    refused(post(client, found.id, "undo", version=1), 409, "nothing_to_undo")
    post(client, found.id, "confirm", version=1)
    refused(post(client, found.id, "undo", version=1), 409, "finding_changed")


def test_an_undo_and_a_decision_at_once_do_not_overwrite_each_other(services, accounts):
    (found,) = see(services, accounts["officer"], wall(NEW, accepted=False), photo="a")
    with services.unit() as unit:
        review.confirm(unit, found.id, version=1)
    outcomes = []

    def go(task):
        try:
            with services.unit() as unit:
                task(unit)
            outcomes.append("done")
        except review.FindingChanged:
            outcomes.append("refused")

    tasks = (
        lambda unit: review.undo(unit, found.id, version=2),
        lambda unit: review.reject(unit, found.id, version=2, reason="x"),
    )
    threads = [threading.Thread(target=go, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["done", "refused"]


def test_reviewers_of_many_walls_of_one_address_never_wait_for_each_other_in_a_ring(services, accounts):
    found = [see(services, accounts["officer"], wall(NEW, accepted=False), photo=str(n))[0] for n in range(6)]
    errors = []

    def go(row):
        try:
            with services.unit() as unit:
                review.confirm(unit, row.id, version=1)
        except Exception as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=go, args=(row,)) for row in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    with services.reading_unit() as unit:
        assert unit.session.scalars(select(Address.sighting_count)).one() == 6


def test_a_reason_of_nothing_but_marks_is_refused(client, services, accounts):
    (found,) = see(services, accounts["officer"], wall(NEW, accepted=False), photo="a")
    refused(post(client, found.id, "reject", version=1, reason="\u202e\u200b"), 422, "reason_empty")


def test_a_line_that_was_not_read_comes_after_new_addresses_with_doubts(client, services, accounts):
    see(
        services, accounts["officer"], wall(NEW, accepted=False, uncertain=DOUBTS), photo="a",
        unread=(Line("@qz.tuman.lis_77", 0.7, BOX),),
    )  # fmt: skip
    assert [each["kind"] for each in queue(client)["findings"]] == ["telegram", "unread"]
