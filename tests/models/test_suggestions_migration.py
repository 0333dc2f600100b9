"""Suggestions come and go with findings in the database, which stay as they are."""

from datetime import UTC, datetime

from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from api.db import downgrade, upgrade
from models import Account, Finding, FindingSuggestion, new_id

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
OLD = (
    """
    INSERT INTO photos (sha256, size_bytes, media_type, received_at, state, want, failures, losses)
    VALUES (:photo, 9, 'image/jpeg', '2026-03-01 10:00:00', 'read', 1, 0, 0)
    """,
    """
    INSERT INTO readings (id, photo_sha256, card_sha256, card, read_at, seconds, stages, lines, quarter_turns)
    VALUES ('r', :photo, :photo, '{}', '2026-03-01 10:00:00', 0.5, '{}', '[]', 0)
    """,
    """
    INSERT INTO findings (id, reading_id, photo_sha256, position, created_at, kind, value, text, confidence, accepted,
        box, alternatives, trail, facts, source, review, version)
    VALUES ('f', 'r', :photo, 0, '2026-03-01 10:00:00', 'telegram', 'qz_tuman_1is_77', 'x', 0.4, FALSE,
        '[]', '[]', '[]', '{}', 'ocr', 'unreviewed', 1)
    """,
)


def test_suggestions_go_and_findings_stay(engine):
    upgrade(engine)
    downgrade(engine, "0011")
    assert "finding_suggestions" not in inspect(engine).get_table_names()
    with engine.begin() as connection:
        for statement in OLD:
            connection.execute(text(statement), {"photo": "a" * 64})
    upgrade(engine)
    with Session(engine) as session, session.begin():
        account = Account(
            id=new_id(), name="a.severny", role="officer", password_hash="x", created_at=AT, password_changed_at=AT
        )
        session.add(account)
        session.flush()
        row = FindingSuggestion(
            finding_id="f", account_id=account.id, kind="telegram", value="qz_tuman_lis_77", made_at=AT
        )
        session.add(row)
    downgrade(engine, "0011")
    assert "finding_suggestions" not in inspect(engine).get_table_names()
    upgrade(engine)
    with Session(engine) as session:
        assert session.get_one(Finding, "f").value == "qz_tuman_1is_77"
        assert session.scalars(select(FindingSuggestion)).all() == []
