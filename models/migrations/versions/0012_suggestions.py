"""Those who send photos may say what a finding really says."""

import sqlalchemy as sa
from alembic import op

from models.base import Moment

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "finding_suggestions",
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_finding_suggestions_finding_id_findings")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_finding_suggestions_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("finding_id", "account_id", name=op.f("pk_finding_suggestions")),
    )
    op.create_index("ix_finding_suggestions_account_id", "finding_suggestions", ["account_id"])


def downgrade() -> None:
    op.drop_table("finding_suggestions")
