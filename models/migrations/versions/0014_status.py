"""Statistics ask for the addresses of a status, and for nothing else of them."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_index("ix_addresses_status", "addresses", ["status", "id"])


def downgrade() -> None:
    op.drop_index("ix_addresses_status", "addresses")
