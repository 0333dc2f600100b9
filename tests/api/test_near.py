"""Near matches and suggestions: what is offered, what is not, and that nobody is asked twice."""

import pytest
from sqlalchemy import select

from api.near.index import MOST_PAIRS, index_all
from api.watchlist.service import put_on
from models import Address, AddressKey, AddressPair, AuditEntry
from tests.api.seen import see, wall
from tests.api.words import refused
from vision.addresses.likeness import keys_of
from vision.types import Kind

SITE, MIRROR, BOT, MISREAD, OTHER = "qztuman24.biz", "qztuman24.cc", "qztuman24_bot", "qztumam24.biz", "zima-les.cc"
WHY = {"reason": "the test says so"}


@pytest.fixture
def ids(services, accounts):
    """One shop's addresses and a stranger's, by value."""
    for n, value in enumerate((SITE, MIRROR, MISREAD, OTHER)):
        see(services, accounts["officer"], wall(value, kind=Kind.DOMAIN), photo=f"wall-{n}", lat=54.8 + n / 100)
    see(services, accounts["officer"], wall(BOT), photo="bot")
    with services.reading_unit() as unit:
        return {row.value: row.id for row in unit.session.scalars(select(Address))}


def near(client, address_id, **params):
    answer = client("supervisor").get(f"/v1/watchlist/{address_id}/near", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def suggested(client, **params):
    answer = client("supervisor").get("/v1/suggestions", params=params).json()
    return [{each["one"]["value"], each["other"]["value"]} for each in answer["suggestions"]], answer["next"]


def version(client, address_id):
    return client("investigator").get(f"/v1/watchlist/{address_id}").json()["version"]


def judge(client, verb, one, other, /, **more):
    body = {"version": version(client, one), "other": other, "other_version": version(client, other)} | WHY | more
    return client("investigator").post(f"/v1/watchlist/{one}/{verb}", json=body)


def test_near_matches_come_nearest_first_and_say_why(client, ids):
    found = near(client, ids[SITE])["matches"]
    assert {each["address"]["value"] for each in found} == {MIRROR, BOT, MISREAD}
    scores = [each["score"] for each in found]
    assert scores == sorted(scores, reverse=True)
    why = {each["address"]["value"]: [reason["why"] for reason in each["reasons"]] for each in found}
    assert why[MIRROR] == ["same_name", "other_ending"]
    assert why[BOT] == ["same_name", "bot", "other_platform"]
    misread = next(each for each in found if each["address"]["value"] == MISREAD)
    assert misread["reasons"] == [{"why": "misreading", "characters": [["n", "m"]]}]
    assert (misread["address"]["defanged"], misread["matched"]) == ("qztumam24[.]biz", None)
    assert near(client, ids[OTHER])["matches"] == []


def test_near_matches_can_be_fewer(client, ids):
    assert len(near(client, ids[SITE], limit=1)["matches"]) == 1
    assert [each["address"]["value"] for each in near(client, ids[SITE], min_score=0.94)["matches"]] == [MIRROR]
    http = client("investigator")
    refused(http.get(f"/v1/watchlist/{'0' * 32}/near"), 404, "not_found")
    refused(http.get(f"/v1/watchlist/{ids[SITE]}/near", params={"min_score": 0.1}), 422, "request_not_understood")


def test_suggestions_are_kept_when_addresses_are_written_and_come_in_pages(client, ids):
    every, following = suggested(client)
    assert following is None
    assert len(every) == 5
    assert {MIRROR, SITE} in every
    assert not any(OTHER in pair for pair in every)
    paged, cursor = [], None
    while True:
        found, cursor = suggested(client, limit=2, **({"cursor": cursor} if cursor else {}))
        paged += found
        if cursor is None:
            break
    assert paged == every
    assert len(suggested(client, min_score=0.94)[0]) == 1


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMiwzXQ", "W05hTiwiYSIsImIiXQ", "WzAuOSwiYSIsImIsYyJd", "\x00"])
def test_a_cursor_that_is_none_is_refused(client, ids, cursor):
    answer = client("investigator").get("/v1/suggestions", params={"cursor": cursor})
    refused(answer, 422, "cursor_not_understood")


def test_what_is_separate_is_never_offered_again_until_that_is_taken_back(client, services, ids):
    answer = judge(client, "separate", ids[SITE], ids[MIRROR])
    pair = answer.json()
    assert (answer.status_code, pair["verdict"], pair["reason"]) == (200, "separate", WHY["reason"])
    shown = near(client, ids[SITE])
    assert MIRROR not in {each["address"]["value"] for each in shown["matches"]}
    assert [each["version"] for each in shown["separate"]] == [pair["version"]]
    assert {SITE, MIRROR} not in suggested(client)[0]
    said = refused(judge(client, "separate", ids[MIRROR], ids[SITE]), 409, "already_separate")
    assert said["reason"] == WHY["reason"]
    http = client("investigator")
    url = f"/v1/watchlist/{ids[MIRROR]}/unseparate"
    stale = {"version": pair["version"] + 1, "other": ids[SITE]} | WHY
    refused(http.post(url, json=stale), 409, "pair_changed")
    refused(http.post(url, json=stale | {"version": pair["version"], "reason": "\u200b"}), 422, "reason_empty")
    assert http.post(url, json=stale | {"version": pair["version"]}).json()["verdict"] == "open"
    refused(http.post(url, json=stale), 409, "not_separate")
    assert {SITE, MIRROR} in suggested(client)[0]
    with services.reading_unit() as unit:
        asked = select(AuditEntry.action, AuditEntry.actor).where(AuditEntry.action.like("address.%separate"))
        assert [tuple(row) for row in unit.session.execute(asked.order_by(AuditEntry.seq))] == [
            ("address.separate", "investigator"), ("address.unseparate", "investigator"),
        ]  # fmt: skip


def test_any_two_can_be_separate_and_nobody_is_asked_about_them(client, ids):
    assert judge(client, "separate", ids[SITE], ids[OTHER]).status_code == 200
    assert [each["verdict"] for each in near(client, ids[OTHER])["separate"]] == ["separate"]


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"other": "0" * 32}, 404, "not_found"),
        ({"version": 77}, 409, "address_changed"),
        ({"other_version": 77}, 409, "address_changed"),
        ({"reason": "\u200b "}, 422, "reason_empty"),
        ({"reason": ""}, 422, "request_not_understood"),
        ({"reason": "x" * 1001}, 422, "request_not_understood"),
        ({"colour": "red"}, 422, "request_not_understood"),
    ],
)
def test_a_declaration_that_is_not_understood_changes_nothing(client, ids, more, status, code):
    refused(judge(client, "separate", ids[SITE], ids[MIRROR], **more), status, code)
    assert near(client, ids[SITE])["separate"] == []


def test_an_address_is_not_separate_from_itself(client, ids):
    refused(judge(client, "separate", ids[SITE], ids[SITE]), 422, "separate_from_itself")


def test_what_leaves_the_list_is_not_suggested(client, ids):
    http = client("investigator")
    step = {"version": version(client, ids[SITE]), "to": "benign"} | WHY
    assert http.post(f"/v1/watchlist/{ids[SITE]}/steps", json=step).status_code == 200
    assert sorted(map(sorted, suggested(client)[0])) == [[MISREAD, MIRROR], [MIRROR, BOT]]


def test_the_index_made_later_is_the_one_that_grew(services, ids):
    """For addresses from before there was one: the migration uses the same function."""
    tables = (AddressKey, AddressPair)
    with services.unit() as unit:
        session = unit.session
        grown = [sorted(map(tuple, session.execute(select(*table.__table__.primary_key)))) for table in tables]
        for table in tables:
            session.query(table).delete()
        index_all(session.connection())
        made = [sorted(map(tuple, session.execute(select(*table.__table__.primary_key)))) for table in tables]
        assert made == grown
        assert len(made[1]) == 5


def test_a_flood_of_alike_addresses_is_no_flood_of_pairs(services, ids):
    with services.unit() as unit:
        now = unit.clock.now()
        for n in range(30):
            put_on(unit, Address(
                kind="domain", value=f"qztuman24.{'abcdefghij'[n % 10]}{'klm'[n // 10]}", status="new", status_at=now,
                photographed_at=now, first_seen_at=now, last_seen_at=now, created_at=now,
            ))  # fmt: skip
        newest = unit.session.scalars(select(Address).where(Address.value == "qztuman24.jm")).one()
        pairs = unit.session.scalars(
            select(AddressPair).where((AddressPair.one_id == newest.id) | (AddressPair.other_id == newest.id))
        ).all()
        assert len(pairs) == MOST_PAIRS
        keys = unit.session.scalars(select(AddressKey.key).where(AddressKey.address_id == newest.id))
        assert set(keys) == keys_of("domain", newest.value)
