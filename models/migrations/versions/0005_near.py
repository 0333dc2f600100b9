"""Addresses near each other: keys to find them by, pairs that are likely one shop, merges.

What is near is known to `vision`, which tables know nothing of: whoever migrates hands in a function that writes keys
and pairs of the addresses that are there already (`api.near.index.index_all`).
"""

import sqlalchemy as sa
from alembic import context, op

from models.base import Json, Moment
from models.watchlist import Bytewise

revision = "0005"
down_revision = "0004"

OWN = """
SELECT m.alias_id FROM findings f JOIN address_merges m
ON m.kind = COALESCE(f.decided_kind, f.kind) AND m.value = COALESCE(f.decided_value, f.value)
WHERE f.id = sightings.finding_id AND m.kept_id = sightings.address_id
"""
SIGHTINGS_BACK = f"""
UPDATE sightings SET address_id = ({OWN})
WHERE address_id IN (SELECT kept_id FROM address_merges) AND EXISTS ({OWN})
"""  # noqa: S608 - words of this file
COUNTED = "FROM sightings s WHERE s.address_id = addresses.id AND s.state <> 'rejected'"
SUMS = f"""
UPDATE addresses SET
    sighting_count = (SELECT COUNT(*) {COUNTED}),
    photo_count = (SELECT COUNT(DISTINCT s.photo_sha256) {COUNTED}),
    first_seen_at = COALESCE((SELECT MIN(s.seen_at) {COUNTED}), first_seen_at),
    last_seen_at = COALESCE((SELECT MAX(s.seen_at) {COUNTED}), last_seen_at),
    best_confidence = COALESCE((SELECT MAX(s.confidence) {COUNTED}), 0),
    photographed_at = COALESCE((SELECT MAX(first_at) FROM (
        SELECT MIN(s.seen_at) AS first_at {COUNTED} GROUP BY s.photo_sha256) photos), photographed_at)
WHERE id IN (SELECT kept_id FROM address_merges UNION SELECT alias_id FROM address_merges)
"""  # noqa: S608 - words of this file


def upgrade() -> None:
    op.create_table(
        "address_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        _refers("address_keys", "address_id"),
        sa.PrimaryKeyConstraint("key", "address_id", name=op.f("pk_address_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "address_pairs",
        sa.Column("one_id", sa.String(length=32), nullable=False),
        sa.Column("other_id", sa.String(length=32), nullable=False),
        sa.Column("likeness", sa.Double(), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("judged_by", sa.String(length=32), nullable=True),
        sa.Column("judged_at", Moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("verdict IN ('open','separate')", name=op.f("ck_address_pairs_verdict")),
        _refers("address_pairs", "one_id"),
        _refers("address_pairs", "other_id"),
        _refers("address_pairs", "judged_by", "accounts"),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_address_pairs")),
    )
    op.create_index("ix_address_pairs_open", "address_pairs", ["verdict", "likeness", "one_id", "other_id"])
    op.create_index("ix_address_pairs_other_id", "address_pairs", ["other_id", "one_id"])
    op.create_table(
        "address_merges",
        sa.Column("alias_id", sa.String(length=32), nullable=False),
        sa.Column("into_id", sa.String(length=32), nullable=False),
        sa.Column("kept_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", Bytewise, nullable=False),
        sa.Column("relation", sa.String(length=12), nullable=False),
        sa.Column("merged_by", sa.String(length=32), nullable=True),
        sa.Column("merged_at", Moment(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undo", Json, nullable=False),
        sa.CheckConstraint("relation IN ('misreading','mirror')", name=op.f("ck_address_merges_relation")),
        sa.CheckConstraint("alias_id <> kept_id", name=op.f("ck_address_merges_two")),
        *(_refers("address_merges", column) for column in ("alias_id", "into_id", "kept_id")),
        _refers("address_merges", "merged_by", "accounts"),
        sa.PrimaryKeyConstraint("alias_id", name=op.f("pk_address_merges")),
    )
    op.create_index("ix_address_merges_kept_id", "address_merges", ["kept_id", "alias_id"])
    op.create_index("ix_address_merges_into_id", "address_merges", ["into_id"])
    op.create_index("ix_address_merges_value", "address_merges", ["value", "kind"])
    context.config.attributes["index_addresses"](op.get_bind())


def downgrade() -> None:
    """A merged address stands alone again, with the sightings that read as it; cases and tags stay where they are."""
    op.execute(SIGHTINGS_BACK)
    op.execute(SUMS)
    for table in ("address_merges", "address_pairs", "address_keys"):
        op.drop_table(table)


def _refers(table: str, column: str, to: str = "addresses") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))
