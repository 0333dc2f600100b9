"""Readers are counted from the readings that are there; settings and runs come and go with data in the database."""

from datetime import UTC, datetime

from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from api.db import downgrade, upgrade
from models import ReaderCard, Reading, Reread, RuntimeSetting, Worker

BEFORE = "0013-1"
AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
PHOTO = """INSERT INTO photos (sha256, size_bytes, media_type, received_at, state, want, failures, losses)
VALUES (:sha256, 9, 'image/jpeg', :at, 'read', 1, 0, 0)"""
READING = """INSERT INTO readings (id, photo_sha256, card_sha256, card, read_at, seconds, stages, lines, quarter_turns)
VALUES (:id, :sha256, :card, '{"name": "small", "version": "1", "weights": {}}', :at, 0.5, '{}', '[]', 0)"""
WORKER = "INSERT INTO workers (name, started_at, beat_at, version) VALUES ('first', :at, :at, '1')"


def test_readers_are_counted_and_all_goes_with_data_in_it(engine):
    upgrade(engine)
    downgrade(engine, BEFORE)
    at = "2026-03-01 10:00:00.000000"
    with engine.begin() as connection:
        connection.execute(text(WORKER), {"at": at})
        for number in "ab":
            connection.execute(text(PHOTO), {"sha256": number * 64, "at": at})
            connection.execute(text(READING), {"id": number, "sha256": number * 64, "card": "c" * 64, "at": at})
        connection.execute(text(READING), {"id": "z", "sha256": "a" * 64, "card": "d" * 64, "at": at})
    upgrade(engine)
    with Session(engine) as session, session.begin():
        counted = {row.card_sha256[0]: row.photos for row in session.scalars(select(ReaderCard))}
        assert counted == {"c": 2, "d": 1}
        assert session.get_one(ReaderCard, "c" * 64).card["name"] == "small"
        session.get_one(Worker, "first").card_sha256 = "c" * 64
        changed = {"is_set": True, "version": 1, "changed_at": AT, "changed_by": "admin"}
        session.add(RuntimeSetting(name="intake.region", value=None, **changed))
        run = {"card_sha256": "c" * 64, "began_at": AT, "began_by": "admin", "upto_at": AT, "upto_sha256": "g"}
        session.add_all([Reread(is_running=value, total=3, **run) for value in (True, None, None)])
    with Session(engine) as session:
        assert session.get_one(RuntimeSetting, "intake.region").value is None
    downgrade(engine, BEFORE)
    assert not {"reader_cards", "rereads", "runtime_settings"} & set(inspect(engine).get_table_names())
    upgrade(engine)
    with Session(engine) as session:
        assert len(session.scalars(select(Reading)).all()) == 3
        assert session.scalars(select(Reread)).all() == []
        assert session.get_one(Worker, "first").card_sha256 is None
