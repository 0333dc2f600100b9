"""The migration to life-cycles: up with data in, down with data in, and up again."""

import pytest
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db import SchemaBroken, downgrade, upgrade
from models import Address, AddressNote, AddressStep, Base, Decision, Finding

NOW, LATER, LAST = "2026-03-01 10:00:00.000000", "2026-03-02 10:00:00.000000", "2026-03-09 10:00:00.000000"
IDS = {"photo": "a" * 64, "other": "b" * 64, "now": NOW, "later": LATER, "last": LAST}
ADDRESS = """
INSERT INTO addresses (id, kind, value, status, first_seen_at, last_seen_at, sighting_count, photo_count,
    best_confidence, created_at, version)
VALUES ('{id}', 'telegram', '{value}', '{status}', :now, :last, 2, 1, 0.9, :now, 3)
"""
FINDING = """
INSERT INTO findings (id, reading_id, photo_sha256, position, created_at, kind, value, text, confidence, accepted,
    box, alternatives, trail, facts, source, review, reviewed_at, decided_kind, decided_value, version)
VALUES ('{id}', 'r1', :photo, {position}, :now, 'telegram', '{value}', 'x', 0.9, TRUE, '[]', '[]', '[]', '{{}}',
    'ocr', '{review}', {reviewed}, {decided}, 2)
"""
SIGHTING = """
INSERT INTO sightings (id, address_id, inscription_id, report_id, photo_sha256, finding_id, lat, lon, cell, seen_at,
    confidence, state)
VALUES ('{id}', 'a1', 'i1', '{report}', :{photo}, 'f1', 54.9, 69.1, 1, :{at}, 0.9, '{state}')
"""
ACCOUNT = """
INSERT INTO accounts (id, name, password_hash, role, language, is_demo, created_at, password_changed_at)
VALUES ('u1', 'somebody', '-', 'officer', 'ru', FALSE, :now, :now)
"""
READING = """
INSERT INTO readings (id, photo_sha256, card_sha256, card, read_at, seconds, stages, lines, quarter_turns)
VALUES ('r1', :photo, :photo, '{}', :now, 0.5, '{}', '[]', 0)
"""
OLD = [
    ACCOUNT,
    *(
        "INSERT INTO photos (sha256, size_bytes, media_type, received_at, state, want, failures, losses)"
        f" VALUES (:{photo}, 9, 'image/jpeg', :now, 'read', 1, 0, 0)"
        for photo in ("photo", "other")
    ),
    READING,
    FINDING.format(id="f1", position=0, value="qz_seen_1", review="corrected", reviewed=":later",
                   decided="'telegram', 'qz_seen_2'"),
    FINDING.format(id="f2", position=1, value="qz_seen_1", review="unreviewed", reviewed="NULL", decided="NULL, NULL"),
    FINDING.format(id="f3", position=2, value="qz_gone_1", review="unreviewed", reviewed="NULL", decided="NULL, NULL"),
    FINDING.format(id="f4", position=3, value="qz_fresh_1", review="unreviewed", reviewed="NULL", decided="NULL, NULL"),
    ADDRESS.format(id="a1", value="qz_seen_1", status="confirmed"),
    ADDRESS.format(id="a2", value="qz_gone_1", status="rejected"),
    ADDRESS.format(id="a3", value="qz_fresh_1", status="new"),
    "INSERT INTO inscriptions (id, lat, lon, created_at) VALUES ('i1', 54.9, 69.1, :now)",
    *(
        "INSERT INTO reports (id, account_id, channel, received_at, seen_at, lat, lon, place_source, is_demo)"
        f" VALUES ('p{n}', 'u1', 'web', :now, :now, 54.9, 69.1, 'typed', FALSE)"
        for n in range(4)
    ),
    SIGHTING.format(id="s0", report="p0", photo="photo", at="now", state="confirmed"),
    SIGHTING.format(id="s1", report="p1", photo="photo", at="last", state="unreviewed"),
    SIGHTING.format(id="s2", report="p2", photo="other", at="later", state="unreviewed"),
    SIGHTING.format(id="s3", report="p3", photo="other", at="last", state="rejected"),
]  # fmt: skip


def fill(engine):
    upgrade(engine)
    downgrade(engine, "0001")
    with engine.begin() as connection:
        for statement in OLD:
            connection.execute(text(statement), IDS)


def test_what_was_there_before_stands_in_the_new_tables(engine):
    fill(engine)
    upgrade(engine)
    with Session(engine) as session:
        seen = session.get_one(Address, "a1")
        # One photo was seen first on the first day, the other on the second; the rejected sighting does not count.
        assert (seen.photographed_at.day, seen.last_seen_at.day, seen.tlp, seen.is_decided) == (2, 9, "amber", False)
        assert (seen.status_at, seen.version, seen.assignee_id) == (seen.created_at, 3, None)
        assert session.get_one(Address, "a2").photographed_at == session.get_one(Address, "a2").last_seen_at
        ranks = {row.id: row.queue_rank for row in session.scalars(select(Finding))}
        assert (ranks["f2"], ranks["f3"], ranks["f4"]) == (2999, 999, 1999)
        (decision,) = session.scalars(select(Decision))
        assert (decision.finding_id, decision.version, decision.review) == ("f1", 2, "corrected")
        assert (decision.value, decision.decided_at.day, decision.undone_at) == ("qz_seen_2", 2, None)
    refuses_what_refers_to_nothing(engine)


def refuses_what_refers_to_nothing(engine):
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("INSERT INTO address_tags (address_id, tag) VALUES ('none', 'x')"))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("DELETE FROM addresses WHERE id = 'a1'"))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE addresses SET status = 'sold' WHERE id = 'a1'"))


def test_the_way_down_keeps_what_the_old_tables_have_a_place_for(engine):
    fill(engine)
    upgrade(engine)
    with Session(engine) as session, session.begin():
        for number, (address_id, status) in enumerate([("a1", "blocked"), ("a2", "benign"), ("a3", "reappeared")], 1):
            row = session.get_one(Address, address_id)
            session.add(
                AddressStep(address_id=row.id, number=number, at=row.created_at, from_status=row.status,
                            to_status=status, reason="x", is_automatic=False)
            )  # fmt: skip
            session.add(AddressNote(address_id=row.id, written_at=row.created_at, text="x"))
            row.status, row.is_decided = status, True
    downgrade(engine, "0001")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, status, version FROM addresses ORDER BY id")).all()
        assert [tuple(row) for row in rows] == [("a1", "confirmed", 3), ("a2", "rejected", 3), ("a3", "confirmed", 3)]
        assert connection.scalar(text("SELECT count(*) FROM sightings")) == 4
        assert connection.scalar(text("SELECT count(*) FROM findings")) == 4
    tables = set(inspect(engine).get_table_names())
    assert not tables & {"address_steps", "address_notes", "finding_decisions", "cases", "notices"}
    assert "ix_addresses_photographed_at" not in {each["name"] for each in inspect(engine).get_indexes("addresses")}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("DELETE FROM addresses WHERE id = 'a1'"))
    upgrade(engine)
    assert set(Base.metadata.tables) <= set(inspect(engine).get_table_names())
    refuses_what_refers_to_nothing(engine)


def test_a_migration_that_leaves_rows_that_refer_to_nothing_is_taken_back(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'bare.sqlite'}")
    fill(engine)
    with engine.begin() as connection:  # foreign keys are off on this engine
        connection.execute(text("DELETE FROM inscriptions"))
    with pytest.raises(SchemaBroken, match="refer to nothing"):
        upgrade(engine)
    engine.dispose()
