"""Files of addresses into the watchlist: what is added, merged, known and refused, and what never happens."""

import io
import json

import pytest
from sqlalchemy import func, select

from api.exchange.incoming.service import Fate, take_in
from api.exchange.service import Format
from api.lifecycle.service import step
from api.unit import SYSTEM
from api.watchlist.review import reject
from models import Address, AddressStatus, AuditEntry, Import, ImportedSighting, Sighting
from tests.api.listed import VALUES, list_all, written
from tests.api.seen import see, wall
from tests.api.words import refused

EVERY = [str(form) for form in Format]
ENDINGS = {"text": "txt", "stix": "json", "misp": "json"}


def bring(services, data, *, name="list.txt", dry=False, **options):
    told = []
    outcome = take_in(services, SYSTEM, io.BytesIO(data), name=name, is_dry_run=dry, tell=told.append, **options)
    return outcome, told


def counted(outcome):
    return {str(fate): getattr(outcome, fate) for fate in Fate if getattr(outcome, fate)}


def rows(services, table):
    with services.reading_unit() as unit:
        return unit.session.scalar(select(func.count()).select_from(table))


@pytest.fixture
def empty(make_services, tmp_path):
    """A second installation."""
    from api.db import upgrade

    services = make_services(data_dir=tmp_path / "second", database={"url": ""})
    upgrade(services.engine)
    return services


@pytest.mark.parametrize("form", EVERY)
def test_what_was_exported_is_nothing_new(services, accounts, form):
    list_all(services, accounts["officer"])
    data = written(services, form)
    outcome, told = bring(services, data, name=f"watchlist.{ENDINGS.get(form, form)}", dry=True)
    assert [each for each in told if each.fate is not Fate.KNOWN] == []
    assert (outcome.format, counted(outcome)) == (form, {"known": len(VALUES)})


@pytest.mark.parametrize("form", EVERY)
def test_an_export_fills_an_empty_list_and_the_second_time_nothing(services, accounts, empty, form):
    list_all(services, accounts["officer"])
    data, name = written(services, form), f"watchlist.{ENDINGS.get(form, form)}"
    would, _ = bring(empty, data, name=name, dry=True)
    assert rows(empty, Address) == rows(empty, Import) == 0
    outcome, told = bring(empty, data, name=name)
    assert counted(would) == counted(outcome) == {"added": len(VALUES)}, told
    with empty.reading_unit() as unit:
        found = {(row.kind, row.value): row for row in unit.session.scalars(select(Address))}
    assert set(found) == {(str(kind), value) for kind, value in VALUES}
    assert {(row.status, row.sighting_count, row.photo_count) for row in found.values()} == {("new", 0, 0)}
    assert found["domain", "соль-туман-24.рф"].punycode == "xn----24-53d8dije3aom8i.xn--p1ai"
    assert rows(empty, Sighting) == 0
    assert rows(empty, ImportedSighting) == (len(VALUES) + 1 if form in ("geojson", "stix", "misp") else 0)
    if form != "text":
        assert found["phone", "+77075009665"].first_seen_at.isoformat() == "2026-03-01T16:00:00+00:00"
    again, _ = bring(empty, data, name=name)
    assert counted(again) == {"known": len(VALUES)}


def test_news_of_a_known_address_is_kept_beside_it_and_marked_with_its_file(client, services, accounts):
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a", hours=1)
    feature = {
        "type": "Feature", "id": "their-77", "geometry": {"type": "Point", "coordinates": [69.2, 54.9]},
        "properties": {"kind": "telegram", "value": "@QZ_tuman_lis_77", "seen_at": "2025-12-01T12:00:00+05:00",
                       "status": "blocked", "tags": ["theirs"]},
    }  # fmt: skip
    data = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    outcome, (told,) = bring(services, data, name="theirs.geojson")
    assert counted(outcome) == {"merged": 1}
    assert told.reason == "it was seen earlier; 1 sightings that are not known here"
    (row,) = client("admin").get("/v1/watchlist").json()["addresses"]
    assert (row["status"], row["sightings"], row["first_seen_at"]) == ("new", 1, "2026-03-01T10:00:00Z")
    (mention,) = client("admin").get(f"/v1/watchlist/{row['id']}/imports").json()["mentions"]
    assert (mention["file_name"], mention["given"], mention["is_new"]) == ("theirs.geojson", "@QZ_tuman_lis_77", False)
    assert mention["facts"] == {"status": "blocked", "tags": ["theirs"]}
    assert mention["places"] == [
        {"external_id": "their-77", "seen_at": "2025-12-01T07:00:00Z", "lat": 54.9, "lon": 69.2}
    ]
    assert counted(bring(services, data, name="theirs.geojson")[0]) == {"known": 1}


def test_what_was_rejected_here_is_not_brought_back(services, accounts):
    (found,) = see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a")
    with services.unit() as unit:
        reject(unit, found.id, version=1, reason="a shop sign")
    _outcome, (told,) = bring(services, b"@qz_tuman_lis_77\n")
    assert (told.fate, told.reason) == (Fate.KNOWN, "it was rejected here and stays so")
    with services.reading_unit() as unit:
        assert unit.session.scalars(select(Address.status)).one() == "rejected"


def test_what_is_benign_here_is_not_brought_back(services, accounts):
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a")
    with services.unit() as unit:
        row = unit.session.scalars(select(Address)).one()
        step(unit, row.id, version=row.version, to=AddressStatus.BENIGN, reason="a bakery")
    _outcome, (told,) = bring(services, b"value,first_seen_at\n@qz_tuman_lis_77,2020-01-01T00:00:00Z\n", name="a.csv")
    assert (told.fate, told.reason) == (Fate.KNOWN, "it is benign here and stays so")
    with services.reading_unit() as unit:
        assert unit.session.scalars(select(Address.status)).one() == "benign"


def test_an_address_that_only_files_name_is_as_fresh_as_they_say_and_no_fresher_than_now(client, services, accounts):
    def bring_seen(at):
        bring(services, f"value,last_seen_at\n@qz_tuman_lis_77,{at}\n".encode(), name="a.csv")
        (row,) = client("investigator").get("/v1/watchlist").json()["addresses"]
        return row["photographed_at"], row["status_at"], row["tlp"], row["next_steps"]

    steps = ["confirmed", "rejected", "benign"]
    now = "2026-03-01T09:00:00Z"
    assert bring_seen("2026-02-01T09:00:00Z") == ("2026-02-01T09:00:00Z", now, "amber", steps)
    assert bring_seen("2031-01-01T00:00:00Z") == (now, now, "amber", steps)
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a", hours=-5)
    (row,) = client("investigator").get("/v1/watchlist").json()["addresses"]
    assert (row["photographed_at"], row["sightings"]) == ("2026-03-01T04:00:00Z", 1)


def test_a_finding_that_waits_is_no_longer_new_once_a_file_names_its_address(client, services, accounts):
    see(services, accounts["officer"], wall("qz_tuman_lis_77", accepted=False), photo="a")
    bring(services, b"@qz_tuman_lis_77\n")
    (waiting,) = client("investigator").get("/v1/review").json()["findings"]
    assert waiting["standing"] == "listed"


def test_what_a_file_named_stays_when_our_own_reading_of_it_was_wrong(services, accounts):
    bring(services, b"@qz_tuman_lis_77\n")
    (found,) = see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a")
    with services.unit() as unit:
        reject(unit, found.id, version=1, reason="misread")
    with services.reading_unit() as unit:
        row = unit.session.scalars(select(Address)).one()
    assert (row.status, row.sighting_count) == ("new", 0)


def test_a_plain_list_is_read_line_by_line_and_every_refusal_says_why(services):
    text = (
        "# ours\n@QZ_Tuman_lis\n\nqz_tuman_bare\nhxxps://qz-tuman-77[.]biz/\nt[.]me/+qzTumanLIS77xx\n8 707 500 96 65\n"
    )
    data = text.encode() + b"\xff\xfe\n" + "просто слова\n".encode() + b"x" * (2**20 + 5) + b"\n@qz_tuman_last\n"
    outcome, told = bring(services, data)
    assert counted(outcome) == {"added": 5, "refused": 4}
    assert {(each.kind, each.value) for each in told if each.fate is Fate.ADDED} == {
        ("telegram", "qz_tuman_lis"), ("telegram", "qz_tuman_last"), ("domain", "qz-tuman-77.biz"),
        ("telegram_invite", "qzTumanLIS77xx"), ("phone", "+77075009665"),
    }  # fmt: skip
    why = {each.where: each.reason for each in told if each.fate is Fate.REFUSED}
    assert why.keys() == {"line 4", "line 8", "line 9", "line 10"}
    assert why["line 8"] == "It is not UTF-8."
    assert why["line 4"].startswith("Nothing says what this is")
    again, _ = bring(services, b"qz_tuman_bare\n", kind="telegram")
    assert counted(again) == {"added": 1}


def test_a_table_needs_only_a_column_of_values_and_names_its_bad_rows(services):
    text = (
        "Адрес;вид;first_seen_at\n@qz_tuman_lis;;2026-01-05T10:00:00+05:00\nqz_tuman_two;telegram;\n"
        "=cmd|' /C calc'!A0;telegram;\n@qz_tuman_lis;pigeon;\n@qz_tuman_tri;;yesterday\n'+77075009665;phone;\n;;\n"
    )
    outcome, told = bring(services, text.encode("utf-8-sig"), name="theirs.CSV")
    assert counted(outcome) == {"added": 3, "refused": 3}
    why = {each.where: each.reason for each in told if each.fate is Fate.REFUSED}
    assert why["row 4"] == "Column value holds a formula."
    assert why["row 5"].startswith("There is no kind “pigeon”")
    assert why["row 6"].startswith("first_seen_at is not a time")


def test_stix_of_others_is_read_as_far_as_it_names_addresses(services):
    def made(kind, **told):
        return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{len(told)}", **told}

    day = "2026-01-01T00:00:00Z"
    objects = [
        made("sighting", sighting_of_ref="indicator--4", first_seen=day, where_sighted_refs=["location--2"]),
        made("indicator", pattern="[domain-name:value='qz-tuman-77.biz']", pattern_type="stix", valid_from=day, x=1),
        made("location", latitude=54.9, longitude=69.2),
        made("indicator", pattern="[file:name = 'a' OR url:value = 'https://t.me/qz_tuman_lis']"),
        made("user-account", account_type="twitter", account_login="qz_tuman"),
        made("url", value="https://t.me/qz_tuman_lis", defanged=False, x=1),
        made("malware", name="x", is_family=False),
        {"type": "ipv4-addr", "value": "198.51.100.7"},
    ]  # fmt: skip
    data = json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}).encode()
    outcome, told = bring(services, data, name="theirs.json")
    assert outcome.format == "stix"
    assert counted(outcome) == {"added": 2, "refused": 2}
    assert rows(services, ImportedSighting) == 1
    assert [each.where for each in told if each.fate is Fate.REFUSED] == ["object 4", "object 5"]


def test_an_import_over_http_says_what_it_did_and_is_written_down(client, services):
    asking = client("investigator")
    send = {"files": {"file": ("names.txt", b"@qz_tuman_lis\nnothing\n", "text/plain")}}
    would = asking.post("/v1/watchlist/import", params={"dry_run": "true"}, **send)
    assert would.status_code == 200, would.text
    assert (would.json()["added"], would.json()["id"], rows(services, Address)) == (1, None, 0)
    did = asking.post("/v1/watchlist/import", **send).json()
    assert [did[name] for name in ("dry_run", "entries", "added", "merged", "known", "refused")] == [
        False,
        2,
        1,
        0,
        0,
        1,
    ]
    assert [(told["fate"], told["where"]) for told in did["told"]] == [("refused", "line 2"), ("added", "line 1")]
    with services.reading_unit() as unit:
        entries = unit.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "watchlist.import").order_by(AuditEntry.seq)
        ).all()
    assert [(entry.actor, entry.facts["dry_run"], entry.facts["added"]) for entry in entries] == [
        ("investigator", True, 1), ("investigator", False, 1),
    ]  # fmt: skip
    assert entries[1].subject == did["id"]
    refused(client("supervisor").post("/v1/watchlist/import", **send), 403, "not_allowed")
    two = {"files": [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]}
    refused(asking.post("/v1/watchlist/import", **two), 422, "one_file_expected")
    refused(asking.post("/v1/watchlist/import", files={"photo": b"x"}), 422, "part_unknown")
    refused(asking.post("/v1/watchlist/import", params={"format": "pdf"}, **send), 422, "request_not_understood")
    refused(asking.get(f"/v1/watchlist/{'0' * 32}/imports"), 404, "not_found")


def test_the_command_says_it_too_and_dry_changes_nothing(run, tmp_path):
    (tmp_path / "names.txt").write_bytes(b"@qz_tuman_lis\n\x1b[31mslova\n")
    done = run("import-watchlist", "names.txt", "--dry-run")
    assert (done.returncode, json.loads(run("export", "--format", "json").stdout)) == (1, [])
    assert b"1 would be added" in done.stdout
    assert (b"refused: line 2" in done.stderr, b"\x1b" in done.stderr) == (True, False)
    assert run("import-watchlist", "names.txt").returncode == 1
    assert run("export", "--format", "text").stdout == b"t[.]me/qz_tuman_lis\n"
    (tmp_path / "odd.bin").write_bytes(b"\0")
    done = run("import-watchlist", "odd.bin")
    assert (done.returncode, b"Traceback" in done.stderr, b"say the format" in done.stderr) == (2, False, True)
