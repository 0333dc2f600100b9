"""The audit log: whole, signed, and telling when somebody rewrote it."""

import json

import pytest
from sqlalchemy import select, text

from api.audit.seal import FOLDER, KEY_FILE, TRUSTED_FILE, seal_if_due, seal_now
from api.audit.service import record
from api.audit.verify import log_breaks
from models import AuditEntry, AuditSeal


def write(services, *subjects, **facts):
    for subject in subjects:
        with services.unit() as unit:
            record(unit, "thing.done", subject, **facts)


def rewrite(services, statement, **values):
    """What somebody with the database in their hands can do: triggers are only a bolt on the door."""
    with services.engine.begin() as connection:
        if services.engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
            connection.execute(text("ALTER TABLE audit_seals DISABLE TRIGGER ALL"))
        else:
            for table in ("audit_entries", "audit_seals"):
                for what in ("UPDATE", "DELETE"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_{what}"))
        connection.execute(text(statement), values)


def reasons(services):
    return [(each.seq, each.reason) for each in log_breaks(services)]


def test_entries_follow_each_other_and_the_chain_is_whole(services):
    write(services, "a", "b", "c")
    with services.reading_unit() as unit:
        entries = list(unit.session.scalars(select(AuditEntry).order_by(AuditEntry.seq)))
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert [entry.previous_sha256 for entry in entries[1:]] == [entry.entry_sha256 for entry in entries[:-1]]
    assert reasons(services) == []


@pytest.mark.parametrize(
    "value", [0.1, 1e-7, 1e22, -0.0, 10**30, "ы\U0001f6ab", "nul\0", "\ud800", None, [1, {"b": 1, "a": 2}]]
)
def test_facts_hash_the_same_when_they_come_back_from_the_database(services, value):
    write(services, "a", value=value)
    assert reasons(services) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_entries SET actor = 'somebody else' WHERE seq = 2", [(2, "was changed after it was written")]),
        ("DELETE FROM audit_entries WHERE seq = 2", [(3, "entries 2 to 2 are missing")]),
        (
            "UPDATE audit_entries SET previous_sha256 = entry_sha256 WHERE seq = 2",
            [(2, "does not follow the entry before it"), (2, "was changed after it was written")],
        ),
    ],
)
def test_a_changed_or_missing_entry_is_named(services, statement, said):
    write(services, "a", "b", "c")
    rewrite(services, statement)
    assert reasons(services) == said


def test_entries_cut_off_the_end_are_missed_by_the_seal(services):
    write(services, "a", "b")
    seal_now(services)
    rewrite(services, "DELETE FROM audit_entries WHERE seq = 2")
    assert {reason for _, reason in reasons(services)} == {
        "the seal is of an entry that is gone or was rewritten",
        "the exported seal is of an entry that is gone or was rewritten",
    }


def test_a_seal_removed_from_the_database_is_missed_by_the_exported_one(services):
    write(services, "a")
    seal_now(services)
    rewrite(services, "DELETE FROM audit_seals")
    assert reasons(services) == [(1, "was sealed, and the database no longer has the seal")]


def test_a_forged_seal_is_found(services):
    write(services, "a")
    seal_now(services)
    with services.reading_unit() as unit:
        signature = unit.session.scalars(select(AuditSeal.signature)).one()
    forged = ("0" if signature[0] != "0" else "1") + signature[1:]
    rewrite(services, "UPDATE audit_seals SET signature = :forged", forged=forged)
    assert reasons(services) == [(1, "the seal has a signature that is not genuine")]


def test_a_seal_by_a_key_of_ones_own_is_found(services):
    write(services, "a")
    seal_now(services)
    (services.settings.data_dir / TRUSTED_FILE).write_text("ab" * 32 + "\n")
    assert len([reason for _, reason in reasons(services) if "signed with a key that is not in" in reason]) == 2


def test_a_damaged_exported_seal_is_named(services):
    write(services, "a")
    seal_now(services)
    (services.settings.data_dir / FOLDER / "000000000001.json").write_text("{half of")
    assert reasons(services) == [(0, "the exported seal 000000000001.json is damaged")]


def test_the_log_is_sealed_once_an_hour_and_only_when_it_moved(services, clock):
    assert seal_if_due(services) is None
    write(services, "a")
    assert seal_if_due(services).seq == 1
    write(services, "b")
    clock.move(minutes=59)
    assert seal_if_due(services) is None
    clock.move(minutes=2)
    assert seal_if_due(services).seq == 2
    clock.move(hours=5)
    assert seal_if_due(services) is None
    exported = json.loads((services.settings.data_dir / FOLDER / "000000000002.json").read_text())
    assert exported["seq"] == 2
    assert reasons(services) == []


def test_the_private_key_is_for_its_owner_only(services):
    write(services, "a")
    seal_now(services)
    assert (services.settings.data_dir / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_the_log_is_read_by_page_and_by_filter(services, client):
    write(services, *[f"subject-{number}" for number in range(5)])
    with client("supervisor") as http:
        first = http.get("/v1/audit", params={"action": "thing.done", "limit": 2}).json()
        assert [entry["subject"] for entry in first["entries"]] == ["subject-4", "subject-3"]
        second = http.get("/v1/audit", params={"action": "thing.done", "limit": 2, "cursor": first["next"]}).json()
        assert [entry["subject"] for entry in second["entries"]] == ["subject-2", "subject-1"]
        third = http.get("/v1/audit", params={"action": "thing.done", "limit": 2, "cursor": second["next"]}).json()
        assert [entry["subject"] for entry in third["entries"]] == ["subject-0"]
        assert third["next"] is None
        one = http.get("/v1/audit", params={"subject": "subject-3", "actor": "system"}).json()
        assert [entry["subject"] for entry in one["entries"]] == ["subject-3"]
        assert http.get("/v1/audit", params={"actor": "nobody of this name"}).json() == {"entries": [], "next": None}
        assert http.get("/v1/audit", params={"cursor": 0}).status_code == 422


def test_the_log_can_be_checked_over_http(services, client):
    write(services, "a", "b")
    seal_now(services)
    with client("admin") as http:
        said = http.get("/v1/audit/verify").json()
        assert said["is_whole"]
        assert said["sealed_until"] <= said["entries"]
        rewrite(services, "UPDATE audit_entries SET subject = 'another' WHERE seq = 1")
        said = http.get("/v1/audit/verify").json()
        assert not said["is_whole"]
        assert said["breaks"][0] == {"seq": 1, "reason": "was changed after it was written"}
