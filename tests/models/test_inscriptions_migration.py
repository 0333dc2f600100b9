"""Inscriptions from before photos belonged to them come up and go down with data in the database."""

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db import downgrade, upgrade
from models import (
    Finding,
    FusedFinding,
    Inscription,
    InscriptionEvent,
    InscriptionPhoto,
    OfferedValue,
    PhotoFeatures,
    PhotoMatch,
)
from models.cells import cell_of
from tests.models.test_life_cycles import OLD

BEFORE = "0005"
A, B = "a" * 64, "b" * 64
AT = {"now": "2026-03-01 10:00:00.000000", "later": "2026-03-02 10:00:00.000000", "last": "2026-03-09 10:00:00.000000"}


def fill(engine):
    """A wall with two photos of which one was also taken for another wall, one report of it being far off."""
    upgrade(engine)
    downgrade(engine, "0001")
    with engine.begin() as connection:
        for statement in OLD:
            connection.execute(text(statement), {"photo": A, "other": B, **AT})
    upgrade(engine)
    downgrade(engine, BEFORE)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO inscriptions (id, lat, lon, created_at) VALUES ('i2', 55.1, 69.3, :now)"), AT
        )
        connection.execute(text("UPDATE sightings SET inscription_id = 'i2', lat = 55.1 WHERE id = 's3'"))
        offers = """'[{"value": "qz_seen_8", "confidence": 0.2}, {"value": "qz_seen_9", "confidence": 0.1}]'"""
        connection.execute(text(f"UPDATE findings SET accepted = FALSE, alternatives = {offers} WHERE id = 'f2'"))
    upgrade(engine)


def test_each_photo_belongs_to_the_first_wall_that_it_was_seen_on(engine):
    fill(engine)
    with Session(engine) as session, session.begin():
        (wall,) = session.scalars(select(Inscription))
        assert (wall.id, wall.photo_count, wall.state, wall.version) == ("i1", 2, "open", 1)
        assert (wall.first_seen_at.day, wall.last_seen_at.day) == (1, 2)
        assert wall.cell == cell_of(wall.lat, wall.lon)
        rows = {row.photo_sha256: row for row in session.scalars(select(InscriptionPhoto))}
        assert {name: (row.inscription_id, row.how, row.seen_at.day) for name, row in rows.items()} == {
            A: ("i1", "earlier", 1), B: ("i1", "earlier", 2),
        }  # fmt: skip
        walls = session.execute(text("SELECT DISTINCT inscription_id FROM sightings")).scalars().all()
        assert walls == ["i1"]
        listed = {row.id: row.is_listed for row in session.scalars(select(Finding))}
        offered = {(row.finding_id, row.kind, row.value) for row in session.scalars(select(OfferedValue))}
        assert offered == {("f2", "telegram", "qz_seen_8"), ("f2", "telegram", "qz_seen_9")}
        assert listed == {"f1": True, "f2": False, "f3": True, "f4": True}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE inscriptions SET state = 'gone'"))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE inscription_photos SET inscription_id = 'none'"))


def test_the_way_down_keeps_walls_and_sightings_and_takes_what_was_added_up_off_the_list(engine):
    fill(engine)
    with Session(engine) as session, session.begin():
        wall = session.get_one(Inscription, "i1")
        at = wall.created_at
        session.add(PhotoFeatures(photo_sha256=A, data=b"x"))
        session.add(PhotoMatch(one_sha256=A, other_sha256=B, homography=[1.0] * 9, inliers=20, score=0.5))
        session.add(InscriptionEvent(inscription_id="i1", number=1, kind="painted", at=at, happened_at=at, facts={}))
        session.add(
            FusedFinding(finding_id="f2", kind="telegram", value="x", confidence=0.9, accepted=True, alternatives=[],
                         uncertain=[], supported_by=[A], seen_in=[A, B], fused_at=at)
        )  # fmt: skip
        session.get_one(Finding, "f2").is_listed = True
        session.execute(text("UPDATE sightings SET finding_id = 'f2' WHERE id = 's1'"))
        wall.state, wall.painted_at = "painted", at
    downgrade(engine, BEFORE)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id, lat, lon FROM inscriptions")).all() == [("i1", 54.9, 69.1)]
        states = dict(connection.execute(text("SELECT id, state FROM sightings")).all())
        assert states == {"s0": "confirmed", "s1": "rejected", "s2": "unreviewed", "s3": "rejected"}
    tables = set(inspect(engine).get_table_names())
    assert not tables & {"inscription_photos", "photo_features", "photo_matches", "fused_findings"}
    assert "is_listed" not in {column["name"] for column in inspect(engine).get_columns("findings")}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("DELETE FROM inscriptions"))
    upgrade(engine)
    with Session(engine) as session:
        assert session.get_one(Inscription, "i1").photo_count == 2
        assert session.scalars(select(FusedFinding)).all() == []
