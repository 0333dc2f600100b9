"""Tables of connections and statistics come and go with data, and their triggers mark what is written."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from api.db import downgrade, upgrade

AT = {"at": "2026-03-01 23:59:59.900000+00:00", "photo": "a" * 64}
DAY = 20513  # 1 March 2026, since 1970
OLD = [
    (
        "INSERT INTO accounts (id, name, password_hash, role, language, is_demo, created_at, password_changed_at)"
        " VALUES ('u', 'officer', '-', 'officer', 'ru', FALSE, :at, :at)"
    ),
    (
        "INSERT INTO photos (sha256, size_bytes, media_type, received_at, state, want, failures, losses)"
        " VALUES (:photo, 9, 'image/jpeg', :at, 'read', 1, 0, 0)"
    ),
    (
        "INSERT INTO readings (id, photo_sha256, card_sha256, card, read_at, seconds, stages, lines, quarter_turns)"
        " VALUES ('r', :photo, :photo, '{}', :at, 0.5, '{}', '[]', 0)"
    ),
    (
        "INSERT INTO findings (id, reading_id, photo_sha256, position, created_at, kind, value, text, confidence,"
        " accepted, box, alternatives, trail, facts, source, review, version)"
        " VALUES ('f', 'r', :photo, 0, :at, 'telegram', 'qz_tuman_lis_77',"
        " '@qz_tuman_lis_77', 0.9, TRUE, '[]', '[]', '[]', '{}', 'ocr', 'unreviewed', 1)"
    ),
    (
        "INSERT INTO reports (id, account_id, channel, received_at, seen_at, lat, lon, place_source, is_demo)"
        " VALUES ('p', 'u', 'web', :at, :at, 54.9, 69.1, 'typed', FALSE)"
    ),
    (
        "INSERT INTO addresses (id, kind, value, status, first_seen_at, last_seen_at, sighting_count, photo_count,"
        " best_confidence, created_at, version, status_at, is_decided, photographed_at, tlp) VALUES ('a', 'telegram',"
        " 'qz_tuman_lis_77', 'new', :at, :at, 1, 1, 0.9, :at, 1, :at, FALSE, :at, 'amber')"
    ),
    "INSERT INTO inscriptions (id, lat, lon, created_at) VALUES ('i', 54.9, 69.1, :at)",
    (
        "INSERT INTO sightings (id, address_id, inscription_id, report_id, photo_sha256, finding_id, lat, lon, cell,"
        " seen_at, confidence, state) VALUES ('s', 'a', 'i', 'p', :photo, 'f', 54.9, 69.1, 1, :at, 0.9, 'unreviewed')"
    ),
]
TABLES = {"stat_marks", "stat_pages", "stat_numbers", "hand_links", "hand_bands", "finding_hands", "hands_owed"}
INDEXES = {"ix_sightings_address_wall", "ix_sightings_wall_address", "ix_sightings_photo_address"}


def moment(engine):
    """The instant as the program writes it to this kind of database."""
    return AT | ({"at": AT["at"].removesuffix("+00:00")} if engine.dialect.name == "sqlite" else {})


def tell(engine, *statements):
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), moment(engine))


def days_marked(engine):
    with engine.begin() as connection:
        days = sorted(connection.scalars(text("SELECT day FROM stat_marks")))
        connection.execute(text("DELETE FROM stat_marks"))
    return days


def fill(engine):
    upgrade(engine)
    downgrade(engine, "0006")
    tell(engine, *OLD)
    upgrade(engine)


def test_what_was_there_is_owed_its_pages_and_its_writing(engine):
    fill(engine)
    assert set(days_marked(engine)) == {DAY}
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT finding_id FROM hands_owed")).all() == ["f"]
    assert {index["name"] for index in inspect(engine).get_indexes("sightings")} >= INDEXES


def test_whoever_writes_to_a_day_marks_it(engine):
    fill(engine)
    days_marked(engine)
    for statement, days in (
        ("UPDATE sightings SET state = 'rejected'", {DAY}),
        ("UPDATE findings SET review = 'rejected'", {DAY}),
        ("UPDATE reports SET lat = 54.8", {DAY}),
        ("UPDATE sightings SET seen_at = '1969-12-31 23:00:00.000000'", {DAY, -1}),
        ("UPDATE sightings SET seen_at = '1970-01-01 00:00:00.000000'", {0, -1}),
        ("UPDATE addresses SET status = 'blocked'", set()),
        ("DELETE FROM sightings", {0}),
        ("DELETE FROM reports", {DAY}),
    ):
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
            connection.execute(text(statement))
        assert set(days_marked(engine)) == days, statement


def test_the_tables_go_with_data_in_them_and_come_back(engine):
    fill(engine)
    tell(
        engine,
        "INSERT INTO finding_hands (finding_id, made_at, hand) VALUES ('f', :at, NULL)",
        "INSERT INTO hand_bands (band, code, finding_id) VALUES (0, 7, 'f')",
        "INSERT INTO hand_links (finding_id, other_id, alike, likeness) VALUES ('f', 'f', 'stencil', 1.0)",
        "INSERT INTO stat_numbers (of, id, number) VALUES ('address', 'a', 1)",
    )
    with pytest.raises(IntegrityError):
        tell(engine, "INSERT INTO hand_links (finding_id, other_id, alike, likeness) VALUES ('f', 'f', 'taste', 1.0)")
    with pytest.raises(IntegrityError):
        tell(engine, "DELETE FROM findings")
    downgrade(engine, "0006")
    assert not TABLES & set(inspect(engine).get_table_names())
    assert not INDEXES & {index["name"] for index in inspect(engine).get_indexes("sightings")}
    tell(engine, "UPDATE sightings SET state = 'confirmed'", "UPDATE reports SET lat = 54.7")  # no trigger is left
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM sightings")) == 1
    upgrade(engine)
    assert set(inspect(engine).get_table_names()) >= TABLES
    assert set(days_marked(engine)) == {DAY}
