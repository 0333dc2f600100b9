"""Findings keep which of their characters are in doubt; those from before know of none."""

import sqlalchemy as sa
from alembic import op

from models.base import Json

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("findings", sa.Column("uncertain", Json, server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("findings", "uncertain")
