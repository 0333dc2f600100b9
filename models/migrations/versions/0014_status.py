"""Statistics ask for the addresses of a status, and for nothing else of them; nearly all are new, and not in here."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    others = sa.text("status != 'new'")
    op.create_index("ix_addresses_status", "addresses", ["status", "id"], sqlite_where=others, postgresql_where=others)


def downgrade() -> None:
    op.drop_index("ix_addresses_status", "addresses")
