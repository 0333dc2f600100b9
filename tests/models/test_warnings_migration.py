"""The tables for warnings come and go with data in, and the queue's ranks are turned into the new ones and back."""

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db import downgrade, upgrade
from models import Address, Finding, FindingContext, WarningHit, WarningRun, WarningState
from tests.models.test_life_cycles import ADDRESS, FINDING, IDS, READING

BEFORE = "0007"
TABLES = {"warning_hits", "warning_states", "warning_runs", "finding_contexts"}
RANKS = {"f0": 999, "f1": 992, "f2": 1999, "f3": 2950, "f4": 0}


def fill(engine):
    """A database with an address and findings in every standing, as it was, brought up to the newest."""
    upgrade(engine)
    downgrade(engine, BEFORE)
    with engine.begin() as connection:
        photo = "INSERT INTO photos (sha256, size_bytes, media_type, received_at, state, want, failures, losses)"
        connection.execute(text(f"{photo} VALUES (:photo, 9, 'image/jpeg', :now, 'read', 1, 0, 0)"), IDS)
        connection.execute(text(READING), IDS)
        for position, (name, rank) in enumerate(RANKS.items()):
            row = FINDING.format(id=name, position=position, value="qz_seen_1", review="unreviewed", reviewed="NULL",
                                 decided="NULL, NULL")  # fmt: skip
            connection.execute(text(row), IDS)
            connection.execute(
                text("UPDATE findings SET queue_rank = :rank WHERE id = :id"), {"rank": rank, "id": name}
            )
        address = ADDRESS.format(id="a1", value="qz_seen_1", status="benign")
        address = address.replace("version)", "version, status_at, is_decided, photographed_at, tlp)")
        connection.execute(text(address.replace(", 3)", ", 3, :now, TRUE, :now, 'amber')")), IDS)
    upgrade(engine)


def ranks(engine):
    with Session(engine) as session:
        return {row.id: row.queue_rank for row in session.scalars(select(Finding))}


def warn(session):
    at = session.get_one(Address, "a1").created_at
    session.add(
        WarningHit(address_id="a1", list_id="own/x", list_version=1, match_type="string", entry="x", meaning="x",
                   is_lowering=True, found_at=at)
    )  # fmt: skip
    session.add(WarningState(address_id="a1", is_warned=True, is_lowered=True, verdict="benign", reason="x"))
    session.add(FindingContext(finding_id="f0", score=0.9, words=[{"text": "мяу"}]))
    session.add(WarningRun(sha256="a" * 64, phase="done", began_at=at))
    session.get_one(Finding, "f0").queue_rank = 10_000 + 990


def test_the_tables_come_and_go_and_ranks_are_turned_both_ways(engine):
    fill(engine)
    assert ranks(engine) == {"f0": 999, "f1": 929, "f2": 1999, "f3": 2509, "f4": 9}
    with Session(engine) as session, session.begin():
        warn(session)
    with Session(engine) as session:
        assert session.get_one(FindingContext, "f0").words == [{"text": "мяу"}]
    for statement in ("DELETE FROM addresses", "DELETE FROM findings", "UPDATE warning_states SET verdict = 'maybe'"):
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.execute(text(statement))
    downgrade(engine, BEFORE)
    assert not TABLES & set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        kept = dict(connection.execute(text("SELECT id, queue_rank FROM findings")).all())
        assert kept == RANKS | {"f4": 900}  # more doubts than 99 are 99
        assert tuple(connection.execute(text("SELECT value, status FROM addresses")).one()) == ("qz_seen_1", "benign")
    upgrade(engine)
    with Session(engine) as session:
        assert session.scalars(select(WarningHit)).all() == []
    assert ranks(engine)["f0"] == 999
