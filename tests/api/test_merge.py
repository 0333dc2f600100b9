"""Merging addresses: what moves, what is shown, what is refused, and that taking it back restores all of it."""

import pytest
from sqlalchemy import select

from models import Address, AddressMerge, AuditEntry, Sighting
from tests.api.listed import written
from tests.api.seen import see, wall
from tests.api.test_lifecycle import SENDING
from tests.api.test_near import BOT, MIRROR, MISREAD, OTHER, SITE, WHY, ids, judge, near, suggested, version
from tests.api.words import refused
from vision.types import Kind

__all__ = ["ids"]  # a fixture


def merge(client, one, into, /, **more):
    body = {"version": version(client, one), "into": into, "into_version": version(client, into)} | WHY | more
    return client("investigator").post(f"/v1/watchlist/{one}/merge", json=body)


def unmerge(client, one, **more):
    body = {"version": version(client, one)} | WHY | more
    return client("investigator").post(f"/v1/watchlist/{one}/unmerge", json=body)


def shown(client, address_id):
    return client("investigator").get(f"/v1/watchlist/{address_id}").json()


def on_list(client, **params):
    return {row["value"] for row in client("investigator").get("/v1/watchlist", params=params).json()["addresses"]}


def walk(client, address_id, *path):
    for to in path:
        body = {"version": version(client, address_id), "to": to} | WHY | (SENDING if to == "sent" else {})
        assert client("investigator").post(f"/v1/watchlist/{address_id}/steps", json=body).status_code == 200


def put(client, address_id, tag, case):
    """A tag, a case, a note and a file to an address; the case's id."""
    http = client("investigator")
    body = {"version": version(client, address_id), "tags": [tag], "tlp": "red"}
    assert http.patch(f"/v1/watchlist/{address_id}", json=body).status_code == 200
    assert http.post(f"/v1/watchlist/{address_id}/notes", json={"text": tag}).status_code == 201
    made = http.post("/v1/cases", json={"book": "kui", "number": case}).json()
    assert http.put(f"/v1/cases/{made['id']}/addresses/{address_id}").status_code == 204
    files = {"file": ("said.txt", tag.encode(), "text/plain")}
    assert http.post(f"/v1/watchlist/{address_id}/attachments", files=files).status_code == 201
    return made["id"]


def test_a_merged_address_is_shown_as_the_kept_one_with_all_that_belongs_to_it(client, services, ids):
    case = put(client, ids[MISREAD], "courier", "77/2026")
    answer = merge(client, ids[MISREAD], ids[SITE])
    kept = answer.json()
    assert (answer.status_code, kept["sightings"], kept["photos"], kept["tags"], kept["tlp"]) == (
        200, 2, 2, ["courier"], "red",
    )  # fmt: skip
    assert [(each["value"], each["relation"]) for each in kept["aliases"]] == [(MISREAD, "misreading")]
    page = shown(client, ids[SITE])
    assert {each["value"] for each in page["page"]} == {SITE, MISREAD}
    assert [each["id"] for each in page["cases"]] == [case]
    http = client("investigator")
    assert [n["text"] for n in http.get(f"/v1/watchlist/{ids[SITE]}/notes").json()["notes"]] == ["courier"]
    (file,) = http.get(f"/v1/watchlist/{ids[SITE]}/attachments").json()["attachments"]
    assert http.get(f"/v1/watchlist/{ids[SITE]}/attachments/{file['id']}").content == b"courier"
    alias = shown(client, ids[MISREAD])
    assert (alias["sightings"], alias["merged_into"]["id"], alias["status"]) == (0, ids[SITE], "new")
    assert on_list(client) == {SITE, MIRROR, BOT, OTHER}
    assert on_list(client, case=case) == on_list(client, tag="courier") == {SITE}
    assert http.get(f"/v1/cases/{case}").json()["addresses"] == 1
    assert on_list(client, value=MISREAD) == {SITE}
    assert on_list(client, prefix="qztumam") == {SITE}
    assert on_list(client, prefix="qztum") == {SITE, MIRROR, BOT}
    with services.reading_unit() as unit:
        entry = unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "address.merge")).one()
        assert (entry.subject, entry.facts["into"], entry.actor) == (ids[MISREAD], ids[SITE], "investigator")


def test_taking_it_back_restores_both(client, services, ids):
    case = put(client, ids[MISREAD], "courier", "77/2026")
    before = [shown(client, ids[value]) for value in (SITE, MISREAD)]
    merge(client, ids[MISREAD], ids[SITE])
    refused(unmerge(client, ids[MISREAD], version=1), 409, "address_changed")
    refused(unmerge(client, ids[MISREAD], reason="\u200b"), 422, "reason_empty")
    assert unmerge(client, ids[MISREAD]).status_code == 200
    after = [shown(client, ids[value]) for value in (SITE, MISREAD)]
    for each in (*before, *after):
        each.pop("version")
    assert after == before
    assert [len(each["cases"]) for each in after] == [0, 1]
    assert case == after[1]["cases"][0]["id"]
    refused(unmerge(client, ids[MISREAD]), 409, "not_merged")
    with services.reading_unit() as unit:
        entry = unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "address.unmerge")).one()
        assert (entry.subject, entry.facts["reason"], entry.facts["sightings"]) == (ids[MISREAD], WHY["reason"], 1)


def test_new_sightings_of_the_merged_value_go_to_the_kept_one_and_back_with_it(client, services, accounts, ids):
    merge(client, ids[MISREAD], ids[SITE])
    see(services, accounts["officer"], wall(MISREAD, kind=Kind.DOMAIN), photo="later", hours=5)
    assert (shown(client, ids[SITE])["sightings"], shown(client, ids[MISREAD])["sightings"]) == (3, 0)
    assert shown(client, ids[SITE])["page"][0]["value"] == MISREAD
    unmerge(client, ids[MISREAD])
    assert (shown(client, ids[SITE])["sightings"], shown(client, ids[MISREAD])["sightings"]) == (1, 2)


def test_a_finding_that_reads_as_a_merged_address_can_be_decided_and_undone(client, services, accounts, ids):
    merge(client, ids[MISREAD], ids[SITE])
    (found,) = see(services, accounts["officer"], wall(MISREAD, kind=Kind.DOMAIN, accepted=False), photo="later")
    http = client("investigator")
    assert http.post(f"/v1/findings/{found.id}/confirm", json={"version": 1}).status_code == 200
    assert (shown(client, ids[SITE])["sightings"], shown(client, ids[SITE])["status"]) == (3, "confirmed")
    http.post(f"/v1/findings/{found.id}/undo", json={"version": 2})
    assert (shown(client, ids[SITE])["sightings"], shown(client, ids[SITE])["status"]) == (2, "new")


def test_merges_can_follow_each_other_and_come_apart_one_by_one(client, services, ids):
    assert merge(client, ids[MISREAD], ids[MIRROR]).status_code == 200
    assert merge(client, ids[MIRROR], ids[SITE]).status_code == 200
    assert shown(client, ids[SITE])["sightings"] == 3
    assert {each["value"] for each in shown(client, ids[SITE])["aliases"]} == {MISREAD, MIRROR}
    refused(merge(client, ids[SITE], ids[MISREAD]), 409, "merge_cycle")
    refused(merge(client, ids[SITE], ids[MIRROR]), 409, "merge_cycle")
    assert on_list(client, value=MISREAD) == {SITE}
    assert unmerge(client, ids[MIRROR]).status_code == 200
    assert [shown(client, ids[value])["sightings"] for value in (SITE, MIRROR, MISREAD)] == [1, 2, 0]
    assert shown(client, ids[MISREAD])["merged_into"]["id"] == ids[MIRROR]
    with services.reading_unit() as unit:
        rows = unit.session.scalars(select(AddressMerge)).all()
        assert [(row.alias_id, row.into_id, row.kept_id) for row in rows] == [(ids[MISREAD], ids[MIRROR], ids[MIRROR])]


def test_what_is_merged_cannot_be_merged_again_or_merged_into(client, ids):
    merge(client, ids[MISREAD], ids[SITE])
    said = refused(merge(client, ids[MISREAD], ids[MIRROR]), 409, "already_merged")
    assert said["kept_id"] == ids[SITE]
    said = refused(merge(client, ids[BOT], ids[MISREAD]), 409, "target_merged")
    assert said["kept_id"] == ids[SITE]
    refused(judge(client, "separate", ids[MISREAD], ids[SITE]), 409, "merged_together")


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"into": "0" * 32}, 404, "not_found"),
        ({"version": 77}, 409, "address_changed"),
        ({"into_version": 77}, 409, "address_changed"),
        ({"reason": "\u200b"}, 422, "reason_empty"),
        ({"relation": "cousin"}, 422, "request_not_understood"),
        ({"into": ""}, 422, "request_not_understood"),
    ],
)
def test_a_merge_that_is_not_understood_changes_nothing(client, ids, more, status, code):
    before = shown(client, ids[SITE])
    refused(merge(client, ids[MISREAD], ids[SITE], **more), status, code)
    assert shown(client, ids[SITE]) == before


def test_an_address_does_not_merge_with_itself(client, ids):
    refused(merge(client, ids[SITE], ids[SITE]), 422, "merge_with_itself")
    body = {"version": 1, "into": ids[SITE], "into_version": 1} | WHY
    refused(client("investigator").post(f"/v1/watchlist/{'0' * 32}/merge", json=body), 404, "not_found")


def test_what_was_declared_separate_is_not_merged_nor_are_those_merged_with_it(client, ids):
    assert judge(client, "separate", ids[SITE], ids[MIRROR]).status_code == 200
    said = refused(merge(client, ids[MIRROR], ids[SITE]), 409, "declared_separate")
    assert (set(said["pair"]), said["reason"]) == ({ids[SITE], ids[MIRROR]}, WHY["reason"])
    assert merge(client, ids[BOT], ids[MIRROR]).status_code == 200
    refused(merge(client, ids[SITE], ids[MIRROR]), 409, "declared_separate")


def test_life_cycles_are_not_hidden_by_a_merge(client, ids):
    walk(client, ids[OTHER], "benign")
    refused(merge(client, ids[SITE], ids[OTHER]), 409, "target_off_the_list")
    refused(merge(client, ids[OTHER], ids[SITE]), 409, "merge_of_benign")
    walk(client, ids[MIRROR], "confirmed", "sent")
    said = refused(merge(client, ids[MIRROR], ids[SITE]), 409, "keep_the_other")
    assert (said["address_status"], said["other_status"]) == ("sent", "new")
    assert merge(client, ids[SITE], ids[MIRROR]).json()["status"] == "sent"


def test_merged_into_a_blocked_one_a_later_sighting_opens_it_and_taking_it_back_closes_it(
    client, services, accounts, clock, ids
):
    clock.move(days=1)
    walk(client, ids[SITE], "confirmed", "sent", "blocked")
    assert merge(client, ids[MISREAD], ids[SITE]).json()["status"] == "blocked"
    clock.move(days=1)
    see(services, accounts["officer"], wall("qztuman24.site", kind=Kind.DOMAIN), photo="new")
    with services.reading_unit() as unit:
        new = unit.session.scalars(select(Address.id).where(Address.value == "qztuman24.site")).one()
    assert merge(client, new, ids[SITE]).json()["status"] == "reappeared"
    kinds = [each["kind"] for each in client("supervisor").get("/v1/notices").json()["notices"]]
    assert kinds == ["address.reappeared"]
    unmerge(client, new)
    assert (shown(client, ids[SITE])["status"], shown(client, new)["status"]) == ("blocked", "new")


def test_nobody_works_on_a_merged_address(client, ids):
    case = client("investigator").post("/v1/cases", json={"book": "kui", "number": "78/2026"}).json()["id"]
    merge(client, ids[MISREAD], ids[SITE])
    http, url = client("investigator"), f"/v1/watchlist/{ids[MISREAD]}"
    now = {"version": version(client, ids[MISREAD])}
    files = {"file": ("said.txt", b"words", "text/plain")}
    for answer in (
        http.post(f"{url}/steps", json={"to": "benign"} | now | WHY),
        http.patch(url, json={"tags": []} | now),
        http.post(f"{url}/notes", json={"text": "x"}),
        http.post(f"{url}/attachments", files=files),
        http.put(f"/v1/cases/{case}/addresses/{ids[MISREAD]}"),
    ):
        assert refused(answer, 409, "address_merged")["kept_id"] == ids[SITE]


def test_near_matches_and_suggestions_know_of_merges(client, ids):
    merge(client, ids[MIRROR], ids[BOT], relation="mirror")
    by_value = {each["address"]["value"]: each for each in near(client, ids[SITE])["matches"]}
    assert set(by_value) == {BOT, MISREAD}
    assert by_value[BOT]["matched"] == MIRROR
    assert {each["address"]["value"] for each in near(client, ids[MIRROR])["matches"]} == {SITE, MISREAD}
    assert not any(MIRROR in pair for pair in suggested(client)[0])


def test_exports_tell_a_merged_address_once_and_its_mirrors_beside_it(client, services, ids):
    import csv
    import io
    import json

    from stix2validator import validate_string

    before = json.loads(written(services, "stix"))["objects"]
    merge(client, ids[MISREAD], ids[SITE])
    merge(client, ids[MIRROR], ids[SITE])
    rows = {row["value"]: row for row in csv.DictReader(io.StringIO(written(services, "csv").decode("utf-8-sig")))}
    assert {value: row["mirrors"] for value, row in rows.items()} == {SITE: MIRROR, BOT: "", OTHER: ""}
    assert rows[SITE]["sightings"] == "3"
    lines = written(services, "text").decode().split()
    assert sorted(lines) == sorted(each.replace(".", "[.]") for each in (SITE, MIRROR, OTHER, f"t.me/{BOT}"))
    data = written(services, "stix").decode()
    assert validate_string(data).is_valid
    after = json.loads(data)["objects"]
    (related,) = [each for each in after if each["type"] == "relationship"]
    of = {each["value"]: each["id"] for each in before if each["type"] == "domain-name"}
    assert (related["source_ref"], related["target_ref"]) == (of[MIRROR], of[SITE])
    assert MISREAD not in {each.get("value") for each in after}
    assert len([each for each in after if each["type"] == "indicator"]) == 3
    assert len([each for each in after if each["type"] == "sighting"]) == 5


def test_the_collection_says_of_a_misreading_that_nobody_should_look_out_for_it(client, clock, ids):
    merge(client, ids[MISREAD], ids[SITE])
    merge(client, ids[MIRROR], ids[SITE])
    clock.move(minutes=1)
    accept = {"Accept": "application/taxii+json;version=2.1"}
    found = client("investigator").get("/taxii2/watchlist/collections/watchlist/objects/", headers=accept).json()
    by_name = {each["name"]: each for each in found["objects"] if each["type"] == "indicator"}
    assert by_name["qztumam24[.]biz"]["revoked"] is True
    assert "revoked" not in by_name["qztuman24[.]cc"]
    assert "wallwatch:merged=mirror" in by_name["qztuman24[.]cc"]["labels"]
    counted = {each["count"] for each in found["objects"] if each["type"] == "sighting"}
    assert counted == {3, 1}


def test_a_merge_that_fails_in_the_middle_moves_nothing(client, services, ids):
    from api.near.merging import merge as merging

    def fail():
        with services.unit() as unit:
            merging(unit, ids[MISREAD], version=1, into=ids[SITE], into_version=1, relation=None, reason="x")
            assert len(unit.session.scalars(select(Sighting).where(Sighting.address_id == ids[SITE])).all()) == 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert shown(client, ids[MISREAD])["sightings"] == 1
    assert on_list(client) == {SITE, MIRROR, MISREAD, BOT, OTHER}
