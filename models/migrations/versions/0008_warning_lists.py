"""Hits of warning lists, what people say against them, the words around findings; the queue goes by both."""

import sqlalchemy as sa
from alembic import op

from models.base import Json, Moment

revision = "0008"
down_revision = "0007"

# Before: standing x 1000 + 999 - doubts. Now: standing x 1000 + (99 - doubts) x 10 + 9 - tenths of context.
DOUBTS = "(999 - queue_rank % 1000)"
NEW = f"queue_rank - queue_rank % 1000 + 999 - 10 * CASE WHEN {DOUBTS} > 99 THEN 99 ELSE {DOUBTS} END"
FINDINGS = sa.table("findings", sa.column("queue_rank", sa.Integer))
OLD = "queue_rank % 10000 - queue_rank % 1000 + 999 - (999 - queue_rank % 1000) / 10"


def upgrade() -> None:
    op.create_table(
        "warning_hits",
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("list_id", sa.String(length=80), nullable=False),
        sa.Column("list_version", sa.Integer(), nullable=False),
        sa.Column("match_type", sa.String(length=10), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("is_lowering", sa.Boolean(), nullable=False),
        sa.Column("found_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_warning_hits_address_id_addresses")),
        sa.PrimaryKeyConstraint("address_id", "list_id", name=op.f("pk_warning_hits")),
    )
    op.create_table(
        "warning_states",
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("is_warned", sa.Boolean(), nullable=False),
        sa.Column("is_lowered", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.CheckConstraint("verdict IN ('shop','benign')", name=op.f("ck_warning_states_verdict")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_warning_states_address_id_addresses")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_warning_states_decided_by_accounts")),
        sa.PrimaryKeyConstraint("address_id", name=op.f("pk_warning_states")),
    )
    op.create_index("ix_warning_states_is_warned", "warning_states", ["is_warned", "address_id"])
    op.create_table(
        "finding_contexts",
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("words", Json, nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_finding_contexts_finding_id_findings")),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_finding_contexts")),
    )
    op.create_table(
        "warning_runs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("phase", sa.String(length=12), nullable=False),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("began_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_runs")),
    )
    op.create_index("ix_warning_runs_began_at", "warning_runs", ["began_at"])
    op.execute(sa.update(FINDINGS).values(queue_rank=sa.text(NEW)))


def downgrade() -> None:
    op.execute(sa.update(FINDINGS).values(queue_rank=sa.text(OLD)))
    for table in ("warning_runs", "finding_contexts", "warning_states", "warning_hits"):
        op.drop_table(table)
