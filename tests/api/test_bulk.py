"""Many addresses at once: tags, assignee, cases, and an export of some."""

import csv
import io

import pytest
from sqlalchemy import select

from models import AuditEntry
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture; `test_desk.py` asks both kinds
from tests.api.seen import see, wall
from tests.api.words import refused

NAMES = ("qz_tuman_lis_77", "qz_tuman_lis_78", "qz_tuman_lis_79")


@pytest.fixture
def rows(client, services, accounts):
    for name in NAMES:
        see(services, accounts["officer"], wall(name), photo=name)
    return client("investigator").get("/v1/watchlist", params={"sort": "value", "order": "asc"}).json()["addresses"]


def bulk(client, rows, *, versions=True, **body):
    some = [{"id": row["id"]} | ({"version": row["version"]} if versions else {}) for row in rows]
    return client("investigator").post("/v1/watchlist/bulk", json={"addresses": some} | body)


def now(client):
    params = {"sort": "value", "order": "asc"}
    found = client("investigator").get("/v1/watchlist", params=params).json()["addresses"]
    return [(row["tags"], row["assignee"], row["version"]) for row in found]


def test_tags_come_beside_those_of_others_and_need_no_version(client, services, rows):
    assert bulk(client, rows[:1], add_tags=["мост"]).json()["changed"] == 1
    answer = bulk(client, rows, versions=False, add_tags=["Мост", "опт"], remove_tags=["gone"])
    assert answer.status_code == 200, answer.text
    assert [(each["version"], each["changed"]) for each in answer.json()["addresses"]] == [(3, True)] + [(2, True)] * 2
    again = bulk(client, rows, versions=False, add_tags=["опт"]).json()
    assert (again["changed"], [each["version"] for each in again["addresses"]]) == (0, [3, 2, 2])
    assert bulk(client, rows[1:], versions=False, remove_tags=["опт"]).json()["changed"] == 2
    assert [row[0] for row in now(client)] == [["мост", "опт"], ["мост"], ["мост"]]
    with services.reading_unit() as unit:
        entries = unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "address.edit")).all()
        assert [entry.subject for entry in entries] == [
            rows[0]["id"],
            *(r["id"] for r in rows),
            *(r["id"] for r in rows[1:]),
        ]
        assert entries[1].facts == {"tags": ["мост", "опт"], "together": 3}


def test_all_are_assigned_or_none(client, rows):
    refused(bulk(client, rows, versions=False, assignee="investigator"), 422, "versions_needed")
    assert bulk(client, rows[1:2], add_tags=["x"]).status_code == 200
    body = refused(bulk(client, rows, assignee="investigator", add_tags=["y"]), 409, "addresses_changed")
    assert (body["addresses"], body["count"]) == ([rows[1]["id"]], 1)
    assert now(client) == [([], None, 1), (["x"], None, 2), ([], None, 1)]
    fresh = [{"id": row["id"], "version": version} for row, (_, _, version) in zip(rows, now(client), strict=True)]
    assert bulk(client, fresh, assignee="investigator").json()["changed"] == 3
    fresh = [row | {"version": row["version"] + 1} for row in fresh]
    assert bulk(client, fresh, assignee="investigator").json()["changed"] == 0
    assert bulk(client, fresh[:2], assignee=None).json()["changed"] == 2
    assert [row[1] for row in now(client)] == [None, None, "investigator"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "nothing_to_change"),
        ({"add_tags": ["two words"]}, 422, "tag_refused"),
        ({"add_tags": ["A"], "remove_tags": ["a"]}, 422, "tag_both_ways"),
        ({"assignee": "officer"}, 422, "assignee_unknown"),
        ({"add_tags": [f"t{n}" for n in range(49)] + ["u", "v"]}, 422, "request_not_understood"),
        ({"tlp": "red"}, 422, "request_not_understood"),
    ],
)
def test_what_cannot_be_is_refused_for_all(client, rows, body, status, code):
    refused(bulk(client, rows, **body), status, code)
    assert now(client) == [([], None, 1)] * 3


def test_too_many_tags_of_one_and_an_address_that_is_not_there_change_none(client, rows):
    assert bulk(client, rows[2:], add_tags=[f"t{n}" for n in range(50)]).status_code == 200
    refused(bulk(client, rows, versions=False, add_tags=["one-more"]), 422, "too_many_tags")
    refused(bulk(client, [*rows, {"id": "0" * 32}], versions=False, add_tags=["x"]), 404, "not_found")
    assert [row[0] for row in now(client)][:2] == [[], []]
    http = client("investigator")
    merge = {"version": 1, "into": rows[1]["id"], "into_version": 1, "relation": "mirror", "reason": "one shop"}
    assert http.post(f"/v1/watchlist/{rows[0]['id']}/merge", json=merge).status_code == 200
    refused(bulk(client, rows, versions=False, add_tags=["x"]), 409, "address_merged")


def test_only_those_that_are_named_are_listed_and_exported(client, rows):
    http = client("investigator")
    ids = ",".join([rows[2]["id"], rows[0]["id"], rows[0]["id"], "0" * 32])
    listed = http.get("/v1/watchlist", params={"ids": ids, "sort": "value", "order": "asc"}).json()["addresses"]
    assert [row["value"] for row in listed] == [NAMES[0], NAMES[2]]
    table = http.get("/v1/watchlist/export", params={"ids": ids, "prefix": NAMES[2]}).text
    assert [row["value"] for row in csv.DictReader(io.StringIO(table.lstrip("\ufeff")))] == [NAMES[2]]
    for wrong in ("", ",", "a b", ",".join(f"{n:032}" for n in range(201)), "é"):
        refused(http.get("/v1/watchlist", params={"ids": wrong}), 422, "ids_refused")


def test_several_are_put_into_a_case_or_none(client, rows):
    http = client("investigator")
    case = http.post("/v1/cases", json={"book": "kui", "number": "4711/2026"}).json()
    url = f"/v1/cases/{case['id']}/addresses"
    refused(http.post(url, json={"addresses": [rows[0]["id"], "0" * 32]}), 404, "not_found")
    assert http.get(f"/v1/cases/{case['id']}").json()["addresses"] == 0
    ids = [row["id"] for row in rows[:2]]
    assert [http.post(url, json={"addresses": [*ids, ids[0]]}).json()["addresses"] for _ in range(2)] == [2, 2]
    refused(http.post("/v1/cases/" + "0" * 32 + "/addresses", json={"addresses": ids}), 404, "not_found")


def test_letters_about_the_addresses_of_a_case_are_asked_for(client, rows):
    http = client("investigator")
    letter = {"addresses": [{"id": rows[0]["id"]}], "recipient": "Комитет", "reference": "12-04/77"}
    made = http.post("/v1/requests", json=letter).json()
    cases = [http.post("/v1/cases", json={"book": "kui", "number": f"{n}/2026"}).json()["id"] for n in (1, 2)]
    http.post(f"/v1/cases/{cases[0]}/addresses", json={"addresses": [rows[0]["id"]]})
    found = [http.get("/v1/requests", params={"case": case}).json()["requests"] for case in cases]
    assert [[each["id"] for each in some] for some in found] == [[made["id"]], []]
    refused(http.get("/v1/requests", params={"case": "0" * 32}), 404, "not_found")
