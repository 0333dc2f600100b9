"""Assignee, TLP, tags, notes, cases: what people put to an address."""

import pytest
from sqlalchemy import select

from api.cases.numbers import CaseNumberRefused, case_number
from models import AuditEntry, CaseBook
from tests.api.seen import see, wall
from tests.api.words import refused

NAME = "qz_tuman_lis_77"


@pytest.fixture
def row(client, services, accounts):
    see(services, accounts["officer"], wall(NAME), photo="a")
    return client("investigator").get("/v1/watchlist").json()["addresses"][0]


def edit(client, row, **body):
    return client("investigator").patch(f"/v1/watchlist/{row['id']}", json={"version": row["version"]} | body)


def listed(client, **params):
    return client("supervisor").get("/v1/watchlist", params=params).json()["addresses"]


def test_assignee_tlp_and_tags_are_set_and_asked_for(client, services, row):
    now = edit(client, row, assignee="investigator", tlp="red", tags=["Опт", "shop:soli", "опт"]).json()
    assert (now["assignee"], now["tlp"], now["tags"], now["version"]) == (
        "investigator",
        "red",
        ["shop:soli", "опт"],
        2,
    )
    for params in ({"assignee": "investigator"}, {"tlp": "red"}, {"tag": "опт"}, {"tag": "SHOP:soli"}):
        assert [each["id"] for each in listed(client, **params)] == [row["id"]], params
    for params in ({"assignee": ""}, {"assignee": "nobody-of-this-name"}, {"tlp": "green"}, {"tag": "other"}):
        assert listed(client, **params) == [], params
    after = edit(client, now, tags=[]).json()
    assert (after["assignee"], after["tags"]) == ("investigator", [])
    assert edit(client, after, assignee=None).json()["assignee"] is None
    assert [each["id"] for each in listed(client, assignee="")] == [row["id"]]
    with services.reading_unit() as unit:
        assert len(unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "address.edit")).all()) == 3


def test_it_starts_amber_with_nobody_and_without_tags(row):
    assert (row["tlp"], row["assignee"], row["tags"], row["version"]) == ("amber", None, [], 1)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"assignee": "officer"}, "assignee_unknown"),
        ({"assignee": "nobody-of-this-name"}, "assignee_unknown"),
        ({"tlp": "purple"}, "request_not_understood"),
        ({"tags": ["two words"]}, "tag_refused"),
        ({"tags": ["<script>"]}, "tag_refused"),
        ({"tags": [f"t{n}" for n in range(51)]}, "too_many_tags"),
        ({"status": "blocked"}, "request_not_understood"),
    ],
)
def test_what_cannot_be_is_refused(client, row, body, code):
    refused(edit(client, row, **body), 422, code)
    assert listed(client)[0] == row


def test_an_older_version_is_refused(client, row):
    assert edit(client, row, tlp="green").status_code == 200
    refused(edit(client, row, tlp="red"), 409, "address_changed")


def test_several_are_changed_at_once(client, services, accounts, row):
    see(services, accounts["officer"], wall("qz_tuman_lis_78"), photo="b")
    rows = client("investigator").get("/v1/watchlist").json()["addresses"]
    some = [{"id": each["id"], "version": each["version"]} for each in rows]
    body = {"addresses": some, "add_tags": ["мост"], "assignee": "investigator"}
    assert client("investigator").post("/v1/watchlist/bulk", json=body).json()["changed"] == 2
    assert [(each["tags"], each["assignee"]) for each in listed(client)] == [(["мост"], "investigator")] * 2
    refused(client("investigator").post("/v1/watchlist/bulk", json=body), 409, "addresses_changed")
    ids = ",".join(each["id"] for each in some)
    assert len(listed(client, ids=ids)) == 2


def test_notes_are_kept_as_written_with_who_and_when(client, row, clock):
    http = client("investigator")
    for text in ("first\nline", "second \u202ehidden"):
        clock.move(minutes=1)
        assert http.post(f"/v1/watchlist/{row['id']}/notes", json={"text": text}).status_code == 201
    page = client("supervisor").get(f"/v1/watchlist/{row['id']}/notes", params={"limit": 1}).json()
    assert [(note["text"], note["by"]) for note in page["notes"]] == [("second hidden", "investigator")]
    more = http.get(f"/v1/watchlist/{row['id']}/notes", params={"limit": 1, "cursor": page["next"]}).json()
    assert ([note["text"] for note in more["notes"]], more["next"]) == (["first\nline"], None)


def test_a_note_that_is_too_long_or_empty_is_refused(client, row):
    http, path = client("investigator"), f"/v1/watchlist/{row['id']}/notes"
    refused(http.post(path, json={"text": "x" * 10_001}), 422, "request_not_understood")
    refused(http.post(path, json={"text": "x" * 10 * 2**20}), 413, "body_too_large")
    refused(http.post(path, json={"text": "\u200b"}), 422, "note_empty")
    refused(http.post(f"/v1/watchlist/{'0' * 32}/notes", json={"text": "x"}), 404, "not_found")


def test_a_case_gathers_addresses(client, row):
    http = client("investigator")
    case = http.post("/v1/cases", json={"book": "kui", "number": "КУИ № 4711 от 02.02.2026", "title": "Arcade"}).json()
    assert (case["number"], case["version"], case["addresses"]) == ("4711/2026", 1, 0)
    for _ in range(2):
        assert http.put(f"/v1/cases/{case['id']}/addresses/{row['id']}").status_code == 204
    assert http.get(f"/v1/cases/{case['id']}").json()["addresses"] == 1
    assert [each["id"] for each in listed(client, case=case["id"])] == [row["id"]]
    detail = http.get(f"/v1/watchlist/{row['id']}").json()
    assert [(each["book"], each["number"]) for each in detail["cases"]] == [("kui", "4711/2026")]
    for _ in range(2):
        assert http.delete(f"/v1/cases/{case['id']}/addresses/{row['id']}").status_code == 204
    assert listed(client, case=case["id"]) == []


def test_a_case_is_there_once_and_changed_by_version(client, accounts):
    http = client("investigator")
    body = {"book": "erdr", "number": "№ 26 1234567 890123"}
    case = http.post("/v1/cases", json=body).json()
    assert refused(http.post("/v1/cases", json=body), 409, "case_known")["case_id"] == case["id"]
    changed = http.patch(f"/v1/cases/{case['id']}", json={"version": 1, "note": "двор"}).json()
    assert (changed["note"], changed["version"]) == ("двор", 2)
    refused(http.patch(f"/v1/cases/{case['id']}", json={"version": 1, "note": "x"}), 409, "case_changed")
    assert [each["id"] for each in http.get("/v1/cases", params={"number": "261234567890123"}).json()["cases"]] == [
        case["id"]
    ]
    assert http.get("/v1/cases", params={"book": "kui"}).json()["cases"] == []
    refused(http.get(f"/v1/cases/{'0' * 32}"), 404, "not_found")
    refused(http.put(f"/v1/cases/{case['id']}/addresses/{'0' * 32}"), 404, "not_found")


def test_cases_come_in_pages(client, clock, accounts):
    http = client("investigator")
    for number in range(3):
        clock.move(minutes=1)
        http.post("/v1/cases", json={"book": "kui", "number": f"{number + 1}/2026"})
    first = http.get("/v1/cases", params={"limit": 2}).json()
    second = http.get("/v1/cases", params={"limit": 2, "cursor": first["next"]}).json()
    assert [each["number"] for each in first["cases"] + second["cases"]] == ["3/2026", "2/2026", "1/2026"]


@pytest.mark.parametrize(
    ("book", "text", "number"),
    [
        ("erdr", "261234567890123", "261234567890123"),
        ("erdr", "ЕРДР №261234567890123", "261234567890123"),
        ("kui", "261234567890123", "261234567890123"),
        ("kui", "007/2025", "7/2025"),
        ("kui", "КУИ 4711/2026", "4711/2026"),
        ("kui", "4711 от 02.02.2026 г.", "4711/2026"),
        ("kui", "４７１１/２０２６", "4711/2026"),
    ],
)
def test_a_number_has_one_form(book, text, number):
    assert case_number(CaseBook(book), text, year_now=2026) == number


@pytest.mark.parametrize(
    ("book", "text", "why"),
    [
        ("erdr", "4711/2026", "it has 8 digits"),
        ("erdr", "26123456789012", "it has 14 digits"),
        ("erdr", "991234567890123", "its year would be 2099"),
        ("kui", "4711", "the year is missing"),
        ("kui", "0/2026", "there is no number 0"),
        ("kui", "4711/1890", "its year would be 1890"),
        ("kui", "4711/2026; DROP", "something other than digits"),
        ("kui", "№", "it is empty"),
    ],
)
def test_another_form_is_refused_with_what_is_expected(book, text, why):
    with pytest.raises(CaseNumberRefused, match=why) as caught:
        case_number(CaseBook(book), text, year_now=2026)
    assert "15 digits" in caught.value.message
