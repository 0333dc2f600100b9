"""Settings that change at run time, readers by card, reading again, and the audit log by time."""

import sqlalchemy as sa
from alembic import op

from models.base import Json, Moment

revision = "0013"
down_revision = "0012"

COUNTED = """
INSERT INTO reader_cards (card_sha256, card, photos, first_at, last_at)
SELECT by_card.card_sha256, one.card, by_card.photos, by_card.first_at, by_card.last_at
FROM (SELECT card_sha256, COUNT(*) AS photos, MIN(read_at) AS first_at, MAX(read_at) AS last_at, MIN(id) AS id
      FROM readings GROUP BY card_sha256) AS by_card
JOIN readings AS one ON one.id = by_card.id
"""


def upgrade() -> None:
    op.create_table(
        "runtime_settings",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("is_set", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_runtime_settings")),
    )
    op.create_table(
        "reader_cards",
        sa.Column("card_sha256", sa.String(length=64), nullable=False),
        sa.Column("card", Json, nullable=False),
        sa.Column("photos", sa.Integer(), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("card_sha256", name=op.f("pk_reader_cards")),
    )
    op.execute(COUNTED)
    op.create_table(
        "rereads",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("card_sha256", sa.String(length=64), nullable=False),
        sa.Column("is_running", sa.Boolean(), nullable=True),
        sa.Column("began_at", Moment(), nullable=False),
        sa.Column("began_by", sa.String(length=64), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("was_stopped", sa.Boolean(), nullable=False),
        sa.Column("upto_at", Moment(), nullable=False),
        sa.Column("upto_sha256", sa.String(length=64), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rereads")),
        sa.UniqueConstraint("is_running", name=op.f("uq_rereads_is_running")),
    )
    op.add_column("workers", sa.Column("card_sha256", sa.String(length=64), nullable=True))
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"])


def downgrade() -> None:
    op.drop_index("ix_audit_entries_at", "audit_entries")
    op.drop_column("workers", "card_sha256")
    for table in ("rereads", "reader_cards", "runtime_settings"):
        op.drop_table(table)
