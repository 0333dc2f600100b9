"""Life-cycles: an address's steps, notes, tags, files and cases; decisions that can be undone; the queue's order.

SQLite cannot change a CHECK constraint, so `addresses` is made anew there; `api.db` switches foreign keys off for
that. The way down forgets what came with this: what was sent, blocked or re-appeared is confirmed there, what is
benign is rejected.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from models.audit import Counter
from models.base import Json, Moment
from models.watchlist import Bytewise

revision = "0003"
down_revision = "0002"

OLD = (
    "id, kind, value, status, first_seen_at, last_seen_at, sighting_count, photo_count, best_confidence, created_at,"
    " registrable, punycode, version"
)
OLD_SORTED = ("last_seen_at", "first_seen_at", "sighting_count", "best_confidence", "value")
OLD_FILTERED = ("kind", "status", "best_confidence", "first_seen_at", "last_seen_at")
SORTED = (*OLD_SORTED, "photographed_at")
FILTERED = (*OLD_FILTERED, "photographed_at", "tlp", "assignee_id")
STATUSES = "status IN ('new','confirmed','sent','blocked','reappeared','rejected','benign')"
OLD_STATUSES = "status IN ('new','confirmed','rejected')"
TLPS = "tlp IN ('clear','green','amber','amber+strict','red')"
OLD_STATUS = (
    "CASE WHEN status IN ('sent','blocked','reappeared') THEN 'confirmed' WHEN status = 'benign' THEN 'rejected'"
    " ELSE status END"
)
PHOTOGRAPHED = """
COALESCE((SELECT MAX(first_at) FROM (
    SELECT MIN(s.seen_at) AS first_at FROM sightings s
    WHERE s.address_id = addresses.id AND s.state <> 'rejected' GROUP BY s.photo_sha256
) photos), last_seen_at)
"""
DECISIONS = """
INSERT INTO finding_decisions (finding_id, version, review, kind, value, reason, decided_by, decided_at)
SELECT id, version, review, decided_kind, decided_value, review_reason, reviewed_by, COALESCE(reviewed_at, created_at)
FROM findings WHERE review <> 'unreviewed'
"""
# 0 for an address that is not on the list, 1 for one that nobody confirmed, 2 for the rest; doubts are of the future.
RANKS = """
UPDATE findings SET queue_rank = 999 + 1000 * COALESCE((
    SELECT CASE a.status WHEN 'rejected' THEN 0 WHEN 'new' THEN 1 ELSE 2 END
    FROM addresses a WHERE a.value = findings.value AND a.kind = findings.kind
), 0) WHERE review = 'unreviewed'
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _remake_addresses(_new_columns(), f"{OLD}, status_at, is_decided, photographed_at, tlp",
                          f"{OLD}, created_at, 0, {PHOTOGRAPHED}, 'amber'")  # fmt: skip
    else:
        _widen_addresses()
    _index(SORTED, FILTERED)
    op.create_index("ix_addresses_assignee_id", "addresses", ["assignee_id"], unique=False)
    op.add_column("findings", sa.Column("queue_rank", sa.Integer(), server_default="999", nullable=False))
    op.drop_index("ix_findings_review_accepted_created_at", "findings")
    op.create_index(
        "ix_findings_queue", "findings", ["review", "accepted", "queue_rank", "created_at", "id"], unique=False
    )
    _create_tables()
    op.execute(DECISIONS)
    op.execute(RANKS)


def downgrade() -> None:
    for table in (
        "case_addresses",
        "cases",
        "notices",
        "attachments",
        "address_notes",
        "address_tags",
        "address_steps",
        "finding_decisions",
    ):
        op.drop_table(table)
    op.drop_index("ix_findings_queue", "findings")
    op.drop_column("findings", "queue_rank")
    op.create_index(
        "ix_findings_review_accepted_created_at", "findings", ["review", "accepted", "created_at", "id"], unique=False
    )
    if op.get_bind().dialect.name == "sqlite":
        _remake_addresses(_old_columns(), OLD, OLD.replace("status", OLD_STATUS))
    else:
        _narrow_addresses()
    _index(OLD_SORTED, OLD_FILTERED)


def _index(columns: tuple[str, ...], filtered: tuple[str, ...]) -> None:
    for first in columns:
        op.create_index(
            f"ix_addresses_{first}", "addresses", list(dict.fromkeys((first, "id", *filtered))), unique=False
        )


def _remake_addresses(columns: list[Any], into: str, values: str) -> None:
    op.create_table("addresses_next", *columns)
    op.execute(f"INSERT INTO addresses_next ({into}) SELECT {values} FROM addresses")  # noqa: S608 - words of this file
    op.drop_table("addresses")
    op.rename_table("addresses_next", "addresses")


def _old_columns() -> list[Any]:
    return [*_columns(), sa.CheckConstraint(OLD_STATUSES, name=op.f("ck_addresses_status")), *_keys()]


def _new_columns() -> list[Any]:
    return [
        *_columns(),
        *_added(is_nullable=False),
        sa.CheckConstraint(STATUSES, name=op.f("ck_addresses_status")),
        sa.CheckConstraint(TLPS, name=op.f("ck_addresses_tlp")),
        sa.ForeignKeyConstraint(["assignee_id"], ["accounts.id"], name=op.f("fk_addresses_assignee_id_accounts")),
        *_keys(),
    ]


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", Bytewise, nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("first_seen_at", Moment(), nullable=False),
        sa.Column("last_seen_at", Moment(), nullable=False),
        sa.Column("sighting_count", sa.Integer(), nullable=False),
        sa.Column("photo_count", sa.Integer(), nullable=False),
        sa.Column("best_confidence", sa.Double(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("registrable", sa.String(length=255), nullable=True),
        sa.Column("punycode", sa.String(length=255), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    ]


def _added(*, is_nullable: bool) -> list[sa.Column[Any]]:
    return [
        sa.Column("status_at", Moment(), nullable=is_nullable),
        sa.Column("is_decided", sa.Boolean(), nullable=is_nullable),
        sa.Column("photographed_at", Moment(), nullable=is_nullable),
        sa.Column("tlp", sa.String(length=12), nullable=is_nullable),
        sa.Column("assignee_id", sa.String(length=32), nullable=True),
    ]


def _keys() -> list[Any]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("value", "kind", name=op.f("uq_addresses_value_kind")),
    ]


def _widen_addresses() -> None:
    for first in OLD_SORTED:
        op.drop_index(f"ix_addresses_{first}", "addresses")
    for column in _added(is_nullable=True):
        op.add_column("addresses", column)
    op.execute(
        f"UPDATE addresses SET status_at = created_at, is_decided = false, tlp = 'amber',"  # noqa: S608
        f" photographed_at = {PHOTOGRAPHED}"
    )
    for name in ("status_at", "is_decided", "photographed_at", "tlp"):
        op.alter_column("addresses", name, nullable=False)
    op.drop_constraint(op.f("ck_addresses_status"), "addresses", type_="check")
    op.create_check_constraint(op.f("ck_addresses_status"), "addresses", STATUSES)
    op.create_check_constraint(op.f("ck_addresses_tlp"), "addresses", TLPS)
    op.create_foreign_key(op.f("fk_addresses_assignee_id_accounts"), "addresses", "accounts", ["assignee_id"], ["id"])


def _narrow_addresses() -> None:
    for name in (*SORTED, "assignee_id"):
        op.drop_index(f"ix_addresses_{name}", "addresses")
    op.drop_constraint(op.f("ck_addresses_status"), "addresses", type_="check")
    op.execute(f"UPDATE addresses SET status = {OLD_STATUS}")  # noqa: S608 - words of this file
    op.create_check_constraint(op.f("ck_addresses_status"), "addresses", OLD_STATUSES)
    for name in ("status_at", "is_decided", "photographed_at", "tlp", "assignee_id"):
        op.drop_column("addresses", name)


def _create_tables() -> None:
    make: Callable[..., Any] = op.create_table
    make(
        "finding_decisions",
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("review", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("painted", sa.Text(), nullable=True),
        sa.Column("choice", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.Column("undone_by", sa.String(length=32), nullable=True),
        sa.Column("undone_at", Moment(), nullable=True),
        sa.CheckConstraint("review IN ('confirmed','corrected','rejected')", name=op.f("ck_finding_decisions_review")),
        _refers("finding_decisions", "finding_id", "findings"),
        _refers("finding_decisions", "decided_by", "accounts"),
        _refers("finding_decisions", "undone_by", "accounts"),
        sa.PrimaryKeyConstraint("finding_id", "version", name=op.f("pk_finding_decisions")),
    )
    op.create_index("ix_finding_decisions_decided_at", "finding_decisions", ["decided_at", "finding_id"], unique=False)
    make(
        "address_steps",
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("made_by", sa.String(length=32), nullable=True),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("from_status", sa.String(length=12), nullable=False),
        sa.Column("to_status", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=True),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("reference", sa.String(length=100), nullable=True),
        sa.Column("sighting_id", sa.String(length=32), nullable=True),
        _refers("address_steps", "address_id", "addresses"),
        _refers("address_steps", "made_by", "accounts"),
        _refers("address_steps", "sighting_id", "sightings"),
        sa.PrimaryKeyConstraint("address_id", "number", name=op.f("pk_address_steps")),
    )
    make(
        "address_tags",
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        _refers("address_tags", "address_id", "addresses"),
        sa.PrimaryKeyConstraint("address_id", "tag", name=op.f("pk_address_tags")),
    )
    op.create_index("ix_address_tags_tag", "address_tags", ["tag", "address_id"], unique=False)
    _create_papers(make)
    _create_cases(make)


def _create_papers(make: Callable[..., Any]) -> None:
    make(
        "address_notes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("written_by", sa.String(length=32), nullable=True),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _refers("address_notes", "address_id", "addresses"),
        _refers("address_notes", "written_by", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_notes")),
    )
    op.create_index(
        "ix_address_notes_address_id_written_at", "address_notes", ["address_id", "written_at", "id"], unique=False
    )
    make(
        "attachments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("added_by", sa.String(length=32), nullable=True),
        sa.Column("added_at", Moment(), nullable=False),
        _refers("attachments", "address_id", "addresses"),
        _refers("attachments", "added_by", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("address_id", "sha256", name=op.f("uq_attachments_address_id_sha256")),
    )
    op.create_index("ix_attachments_sha256", "attachments", ["sha256"], unique=False)
    make(
        "notices",
        sa.Column("seq", Counter, autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("sighting_id", sa.String(length=32), nullable=True),
        sa.Column("facts", Json, nullable=False),
        _refers("notices", "seq", "audit_entries", "seq"),
        _refers("notices", "address_id", "addresses"),
        _refers("notices", "sighting_id", "sightings"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_kind_seq", "notices", ["kind", "seq"], unique=False)
    op.create_index("ix_notices_address_id_seq", "notices", ["address_id", "seq"], unique=False)


def _create_cases(make: Callable[..., Any]) -> None:
    make(
        "cases",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("book", sa.String(length=8), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("book IN ('kui','erdr')", name=op.f("ck_cases_book")),
        _refers("cases", "created_by", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("book", "number", name=op.f("uq_cases_book_number")),
    )
    op.create_index("ix_cases_created_at", "cases", ["created_at", "id"], unique=False)
    make(
        "case_addresses",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("added_by", sa.String(length=32), nullable=True),
        sa.Column("added_at", Moment(), nullable=False),
        _refers("case_addresses", "case_id", "cases"),
        _refers("case_addresses", "address_id", "addresses"),
        _refers("case_addresses", "added_by", "accounts"),
        sa.PrimaryKeyConstraint("case_id", "address_id", name=op.f("pk_case_addresses")),
    )
    op.create_index("ix_case_addresses_address_id", "case_addresses", ["address_id", "case_id"], unique=False)


def _refers(table: str, column: str, to: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.{key}"], name=op.f(f"fk_{table}_{column}_{to}"))
