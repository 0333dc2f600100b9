"""The tables for telling people come and go with data in the database."""

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db import downgrade, upgrade
from models import Account, Address, InboxEntry, Matched, Message, Notice, Subscription, Watch

TABLES = {"subscriptions", "messages", "matched_notices", "inbox_entries", "watches"}
AT = "2026-03-01 09:00:00.000000"
OLD = [
    """INSERT INTO accounts (id, name, password_hash, role, language, is_demo, created_at, password_changed_at)
    VALUES ('u', 'isker', '-', 'investigator', 'kk', FALSE, :at, :at)""",
    """INSERT INTO addresses (id, kind, value, status, first_seen_at, last_seen_at, sighting_count, photo_count,
    best_confidence, created_at, version, status_at, is_decided, photographed_at, tlp)
    VALUES ('a', 'phone', '+77075009665', 'reappeared', :at, :at, 0, 0, 0.5, :at, 1, :at, TRUE, :at, 'green')""",
    """INSERT INTO audit_entries (seq, at, actor, action, subject, facts, previous_sha256, entry_sha256)
    VALUES (1, :at, 'isker', 'address.reappeared', 'a', '{}', '0', '1')""",
    """INSERT INTO notices (seq, at, kind, address_id, facts) VALUES (1, :at, 'address.reappeared', 'a', '{}')""",
]
BEFORE = "0008"


def fill(engine):
    """A database as it was before, with an account, an address and a notice, brought up to the newest."""
    upgrade(engine)
    downgrade(engine, BEFORE)
    with engine.begin() as connection:
        for statement in OLD:
            connection.execute(text(statement), {"at": AT})
    upgrade(engine)


def tell(session):
    """A row in each table."""
    at = session.get_one(Address, "a").created_at
    row = Subscription(
        account_id="u", label="x", about="address.reappeared", channel="webhook", url="https://x/", cursor_seq=1,
        created_at=at, secret_number=1, south=54.0, west=69.0, north=55.0, east=70.0,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(Message(id="m", subscription_id=row.id, made_at=at, due_at=at))
    session.flush()
    session.add_all(
        [
            Matched(subscription_id=row.id, seq=1, at=at, is_waiting=False, message_id="m"),
            InboxEntry(account_id="u", subscription_id=row.id, seq=1, kind="address.reappeared", facts={}, at=at),
            Watch(account_id="u", address_id="a", at=at),
        ]
    )
    session.flush()
    return row


def test_notices_and_accounts_stay_when_the_tables_go_and_are_told_anew_when_they_come_back(engine):
    fill(engine)
    with Session(engine) as session, session.begin():
        tell(session)
    downgrade(engine, BEFORE)
    assert not TABLES & set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT kind FROM notices")) == "address.reappeared"
    upgrade(engine)
    with Session(engine) as session, session.begin():
        assert session.scalars(select(Subscription)).all() == []
        assert (session.get_one(Account, "u").language, session.get_one(Notice, 1).address_id) == ("kk", "a")
        tell(session)


def test_what_was_told_cannot_be_told_again(engine):
    fill(engine)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        row = tell(session)
    at = {"at": row.created_at}
    for again in (
        lambda: Matched(subscription_id=row.id, seq=1, is_waiting=True, **at),
        lambda: InboxEntry(account_id="u", subscription_id=row.id, seq=1, kind="x", facts={}, **at),
        lambda: Message(id="m", subscription_id=row.id, made_at=row.created_at, due_at=row.created_at),
        lambda: Watch(account_id="u", address_id="gone", **at),
    ):
        with Session(engine) as session:
            session.add(again())
            with pytest.raises(IntegrityError):
                session.flush()
