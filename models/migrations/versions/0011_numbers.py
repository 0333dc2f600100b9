"""The numbers that pages are short by can be asked for from one on."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("ix_stat_numbers_of_number", "stat_numbers", ["of", "number"])


def downgrade() -> None:
    op.drop_index("ix_stat_numbers_of_number", "stat_numbers")
