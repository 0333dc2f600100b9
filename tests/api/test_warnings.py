"""Warnings on addresses and findings: written with them, shown, filtered by, overruled, looked up anew."""

import pytest
from sqlalchemy import func, select, text

from api.lifecycle.service import AddressChanged
from api.unit import SYSTEM
from api.warninglists.recheck import Recheck
from api.warninglists.service import Verdict, override
from models import Address, AuditEntry, Finding, FindingContext, WarningHit, WarningRun, WarningState
from tests.api.listfiles import put, said
from tests.api.seen import see, wall
from tests.api.words import refused
from vision.types import Kind, Line

AT_ONCE = {"addresses": 1, "readings": 2}
BANK, SHORT, SHOP = "kaspi.kz", "clck.ru/3qzTuman", "qz-tuman-77.biz"


def seen(services, accounts, *values, accepted=True, kind=Kind.DOMAIN):
    return [
        see(services, accounts["officer"], wall(value, kind=kind, accepted=accepted), photo=f"{value}-{kind}")[0]
        for value in values
    ]


def rows(client, **params):
    return {
        each["value"]: each for each in client("investigator").get("/v1/watchlist", params=params).json()["addresses"]
    }


def queue(client, **params):
    return client("investigator").get("/v1/review", params=params).json()["findings"]


def put_override(client, row, verdict, reason="a person looked", **more):
    body = {"version": row["version"], "verdict": verdict, "reason": reason} | more
    return client("investigator").put(f"/v1/watchlist/{row['id']}/override", json=body)


def test_an_address_is_shown_with_its_lists_and_filtered_by_them(client, services, accounts):
    seen(services, accounts, BANK, SHORT, SHOP)
    found = rows(client)
    assert [hit["list"] for hit in found[BANK]["warnings"]] == ["misp/tranco10k", "wallwatch/kz-banks"]
    assert found[BANK]["warnings"][1] == {
        "list": "wallwatch/kz-banks", "version": 1, "match_type": "hostname", "entry": "kaspi.kz",
        "meaning": "A bank of Kazakhstan, or a service of one.", "is_lowering": True,
    }  # fmt: skip
    assert {hit["is_lowering"] for hit in found[SHORT]["warnings"]} == {False}
    assert (found[SHOP]["warnings"], found[SHOP]["override"], found[BANK]["status"]) == ([], None, "new")
    assert set(rows(client, warned="true")) == {BANK, SHORT}
    assert set(rows(client, warned="false")) == {SHOP}
    assert set(rows(client, warned="false", kind="telegram")) == set()
    detail = client("supervisor").get(f"/v1/watchlist/{found[BANK]['id']}").json()
    assert detail["warnings"] == found[BANK]["warnings"]
    refused(client("investigator").get("/v1/watchlist", params={"warned": "maybe"}), 422, "request_not_understood")


def test_hits_are_in_the_transaction_of_their_address(services, accounts):
    def fail_after_writing():
        with services.unit() as unit:
            unit.session.add(new_address(unit, BANK))
            unit.session.flush()
            assert unit.session.scalar(select(func.count()).select_from(WarningHit)) == 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_writing()
    with services.reading_unit() as unit:
        assert [unit.session.scalar(select(func.count()).select_from(table)) for table in (WarningHit, Address)] == [
            0,
            0,
        ]


def new_address(unit, value, kind="domain"):
    now = unit.clock.now()
    return Address(
        kind=kind, value=value, status="new", status_at=now, photographed_at=now, first_seen_at=now, last_seen_at=now,
        created_at=now,
    )  # fmt: skip


def test_many_warned_addresses_are_walked_in_order_page_by_page(client, services, accounts):
    with services.unit() as unit:
        unit.session.add_all(new_address(unit, f"{'abcdefgh'[n]}.{BANK if n % 2 else SHOP}") for n in range(8))
    pages, cursor = [], {}
    while cursor is not None:
        page = client("investigator").get(
            "/v1/watchlist", params={"warned": "true", "sort": "value", "order": "asc", "limit": 3} | cursor
        ).json()  # fmt: skip
        pages += [each["value"] for each in page["addresses"]]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert pages == [f"{letter}.{BANK}" for letter in "bdfh"]


def test_a_person_says_a_shop_despite_the_lists_and_takes_it_back(client, services, accounts):
    seen(services, accounts, BANK)
    row = rows(client)[BANK]
    answer = put_override(client, row, "shop", "  the page\u202e was   sold ")
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert (after["override"]["verdict"], after["override"]["reason"]) == ("shop", "the page was sold")
    assert (after["override"]["by"], after["version"], after["status"]) == ("investigator", row["version"] + 1, "new")
    assert after["warnings"] == row["warnings"]
    assert (set(rows(client, warned="true")), set(rows(client, warned="false"))) == (set(), {BANK})
    again = client("investigator").delete(f"/v1/watchlist/{row['id']}/override", params={"version": after["version"]})
    assert (again.status_code, again.json()["override"], again.json()["version"]) == (200, None, after["version"] + 1)
    assert set(rows(client, warned="true")) == {BANK}
    with services.reading_unit() as unit:
        told = unit.session.scalars(select(AuditEntry).where(AuditEntry.action.like("address.override%"))).all()
        assert [(entry.action, entry.facts["verdict"], entry.actor) for entry in told] == [
            ("address.override", "shop", "investigator"), ("address.override_taken_back", "shop", "investigator"),
        ]  # fmt: skip
        assert told[0].facts["reason"] == "the page was sold"
        assert told[0].facts["hits"] == ["misp/tranco10k", "wallwatch/kz-banks"]


def test_a_person_says_benign_although_no_list_does(client, services, accounts):
    seen(services, accounts, SHOP)
    (waiting,) = see(services, accounts["officer"], wall(SHOP, kind=Kind.DOMAIN, accepted=False), photo="later")
    row = rows(client)[SHOP]
    assert queue(client)[0]["is_lowered"] is False
    assert put_override(client, row, "benign").status_code == 200
    assert set(rows(client, warned="true")) == {SHOP}
    (shown,) = queue(client)
    assert (shown["id"], shown["is_lowered"], shown["standing"], shown["warnings"]) == (waiting.id, True, "listed", [])
    changed = rows(client)[SHOP]
    assert put_override(client, changed, "shop", "no, it is one").json()["override"]["verdict"] == "shop"
    assert queue(client)[0]["is_lowered"] is False
    row = rows(client)[SHOP]
    client("investigator").delete(f"/v1/watchlist/{row['id']}/override", params={"version": row["version"]})
    with services.reading_unit() as unit:
        assert unit.session.scalars(select(WarningState)).all() == []


def test_an_override_names_the_version_that_was_seen_and_says_why(client, services, accounts):
    seen(services, accounts, BANK)
    row = rows(client)[BANK]
    refused(put_override(client, row, "shop", version=row["version"] + 1), 409, "address_changed")
    refused(put_override(client, row, "shop", reason="\u200b\u202e"), 422, "override_reason_empty")
    refused(put_override(client, row, "maybe"), 422, "request_not_understood")
    refused(put_override(client, row, "shop", reason="x" * 1001), 422, "request_not_understood")
    refused(put_override(client, row | {"id": "0" * 32}, "shop"), 404, "not_found")
    url = f"/v1/watchlist/{row['id']}/override"
    refused(client("investigator").delete(url, params={"version": row["version"]}), 404, "not_found")
    refused(client("investigator").delete(url), 422, "request_not_understood")
    assert rows(client)[BANK]["version"] == row["version"]


def test_of_two_overrides_at_once_one_is_refused(services, accounts):
    seen(services, accounts, BANK)
    with services.unit() as unit:
        one = unit.session.scalars(select(Address)).one()
        override(unit, one.id, version=1, verdict=Verdict.SHOP, reason="x")
    with pytest.raises(AddressChanged), services.unit() as unit:
        override(unit, one.id, version=1, verdict=Verdict.BENIGN, reason="x")


def test_findings_on_lists_come_last_in_the_queue_and_none_is_hidden(client, services, accounts, clock):
    def wait(value, **values):
        clock.move(minutes=1)
        return see(services, accounts["officer"], wall(value, kind=Kind.DOMAIN, accepted=False, **values), photo=value)[
            0
        ].id

    bank, shortener, shop = wait(BANK), wait(SHORT), wait(SHOP)
    seen(services, accounts, "qz-settled-77.biz")
    row = rows(client)["qz-settled-77.biz"]
    step = {"version": row["version"], "to": "confirmed", "reason": "x"}
    client("investigator").post(f"/v1/watchlist/{row['id']}/steps", json=step)
    settled = wait("qz-settled-77.biz")
    shown = queue(client)
    assert [each["id"] for each in shown] == [shortener, shop, settled, bank]
    assert [each["is_lowered"] for each in shown] == [False, False, False, True]
    assert [hit["list"] for hit in shown[-1]["warnings"]] == ["misp/tranco10k", "wallwatch/kz-banks"]
    assert shown[-1]["standing"] == "new"
    one = client("investigator").get(f"/v1/findings/{bank}").json()
    assert one["warnings"] == shown[-1]["warnings"]
    confirmed = client("investigator").post(f"/v1/findings/{bank}/confirm", json={"version": 1}).json()
    assert confirmed["review"] == "confirmed"
    undone = client("investigator").post(f"/v1/findings/{bank}/undo", json={"version": 2}).json()
    assert (undone["is_lowered"], [each["id"] for each in queue(client)][-1]) == (True, bank)


def test_what_a_person_said_of_the_address_holds_for_its_next_finding(client, services, accounts):
    seen(services, accounts, BANK)
    put_override(client, rows(client)[BANK], "shop")
    see(services, accounts["officer"], wall(BANK, kind=Kind.DOMAIN, accepted=False), photo="later")
    assert queue(client)[0]["is_lowered"] is False


def lines(*texts):
    """Lines below the box that the tests' findings have."""
    return tuple(
        Line(each, 0.9, ((10.0, top), (200.0, top), (200.0, top + 30), (10.0, top + 30)))
        for each, top in zip(texts, (70.0, 110.0, 150.0), strict=False)
    )


def test_words_around_put_a_finding_forward_among_its_equals(client, services, accounts, clock):
    def wait(value, *texts):
        clock.move(minutes=1)
        found = wall(value, accepted=False)
        return see(services, accounts["officer"], found, photo=value, lines=lines(*texts))[0].id

    sign = wait("qz_remont_okna_77", "РЕМОНТ ОКОН", "опт")
    plain = wait("qz_tuman_lis_77", "@qz_tuman_lis_77")
    drugs = wait("qz_sarai_kol_88", "МЯУ ШИШКИ", "курьер 24/7")
    shown = queue(client)
    assert [each["id"] for each in shown] == [drugs, plain, sign]
    scores = [each["context"]["score"] for each in shown]
    assert scores[0] > 0.9
    assert scores[1] == 0.5
    assert scores[2] < 0.1
    assert {word["meant"] for word in shown[2]["context"]["words"]} == {"ремонт", "окон", "опт"}
    assert shown[0]["context"]["words"][0]["sense"] == "drugs"
    with services.unit() as unit:
        unit.session.execute(text("DELETE FROM finding_contexts"))
    assert [each["context"]["score"] for each in queue(client)] == scores


def without_notes(services):
    """Make the database one from before there were lists."""
    with services.unit() as unit:
        for table in ("warning_hits", "warning_states", "finding_contexts", "warning_runs"):
            unit.session.execute(text(f"DELETE FROM {table}"))
        unit.session.execute(text("UPDATE findings SET queue_rank = queue_rank % 1000 - queue_rank % 10 + 9"))


def kept(services):
    with services.reading_unit() as unit:
        hits = {(row.address_id, row.list_id, row.list_version) for row in unit.session.scalars(select(WarningHit))}
        states = {
            (row.address_id, row.is_warned, row.is_lowered, row.verdict)
            for row in unit.session.scalars(select(WarningState))
        }
        ranks = {
            row.id: row.queue_rank
            for row in unit.session.scalars(select(Finding).where(Finding.review == "unreviewed"))
        }
        contexts = {row.finding_id: row.score for row in unit.session.scalars(select(FindingContext))}
        return hits, states, ranks, contexts


def test_what_was_there_before_the_lists_is_looked_up_bit_by_bit_and_once(services, accounts):
    seen(services, accounts, BANK, SHORT, SHOP, "a.kaspi.kz")
    seen(services, accounts, "halykbank.kz", "qz-sarai-88.biz", accepted=False)
    wanted = kept(services)
    without_notes(services)
    for _ in range(3):  # killed after each slice: another worker goes on
        assert Recheck(services, SYSTEM, at_once=AT_ONCE).go(for_s=0) is False
    with services.reading_unit() as unit:
        run = unit.session.scalars(select(WarningRun)).one()
        assert (run.phase, bool(run.after), run.ended_at) == ("addresses", True, None)
    assert Recheck(services, SYSTEM, at_once=AT_ONCE).go(for_s=60) is True
    assert kept(services) == wanted
    assert Recheck(services, SYSTEM).go() is True
    with services.reading_unit() as unit:
        run = unit.session.scalars(select(WarningRun)).one()
        assert (run.phase, run.changed, run.ended_at is not None) == ("done", 3, True)
        told = unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "warninglists.recheck")).all()
        assert [entry.facts["changed"] for entry in told] == [3]


def test_when_lists_change_hits_come_and_go_and_overrides_stay(client, services, accounts, make_services, tmp_path):
    seen(services, accounts, BANK, SHOP, "qz-sarai-88.biz")
    (waiting,) = seen(services, accounts, "a.qz-tuman-77.biz", accepted=False)
    put_override(client, rows(client)[BANK], "shop")
    Recheck(services, SYSTEM).go(for_s=60)
    put(tmp_path / "lists", **said(SHOP))
    without = ("wallwatch/kz-banks", "misp/tranco10k")
    other = make_services(warninglists={"folder": tmp_path / "lists", "left_out": without})
    assert Recheck(other, SYSTEM).go(for_s=60) is True
    found = rows(client)
    assert (found[BANK]["warnings"], found[BANK]["override"]["verdict"]) == ([], "shop")
    assert [hit["list"] for hit in found[SHOP]["warnings"]] == ["own/one"]
    assert set(rows(client, warned="true")) == {SHOP}
    assert queue(client)[0]["is_lowered"] is True
    put(tmp_path / "lists", **said(SHOP, version=4))
    newer = make_services(warninglists={"folder": tmp_path / "lists", "left_out": without})
    assert Recheck(newer, SYSTEM).go(for_s=60) is True
    assert rows(client)[SHOP]["warnings"][0]["version"] == 4
    assert Recheck(services, SYSTEM).go(for_s=60) is True
    assert [hit["list"] for hit in rows(client)[BANK]["warnings"]] == ["misp/tranco10k", "wallwatch/kz-banks"]
    assert (rows(client)[SHOP]["warnings"], rows(client)[BANK]["override"]["verdict"]) == ([], "shop")
    with services.reading_unit() as unit:
        assert unit.session.get_one(Finding, waiting.id).queue_rank < 10_000


def test_lists_are_shown_and_values_can_be_tried(client, services, accounts):
    answer = client("supervisor").get("/v1/warninglists").json()
    banks = next(each for each in answer["lists"] if each["id"] == "wallwatch/kz-banks")
    assert (banks["entries"] > 20, banks["type"], banks["category"]) == (True, "hostname", "false_positive")
    assert banks["source"] == "comes with WallWatch"
    assert len(answer["sha256"]) == 64
    tried = client("supervisor").get("/v1/warninglists/check", params={"kind": "domain", "value": "HTTPS://A.Kaspi.KZ"})
    assert (tried.json()["value"], [hit["entry"] for hit in tried.json()["warnings"]]) == (
        "a.kaspi.kz",
        ["kaspi.kz"] * 2,
    )
    nothing = client("supervisor").get("/v1/warninglists/check", params={"kind": "telegram", "value": "@kaspi_qz_77"})
    assert (nothing.json()["value"], nothing.json()["warnings"]) == ("kaspi_qz_77", [])
    bad = {"kind": "domain", "value": "kaspi"}
    refused(client("supervisor").get("/v1/warninglists/check", params=bad), 422, "value_refused")
    refused(
        client("supervisor").get("/v1/warninglists/check", params=bad | {"kind": "x"}), 422, "request_not_understood"
    )
    with services.reading_unit() as unit:
        assert unit.session.scalars(select(WarningHit)).all() == []
