"""What city systems send is kept, and steps of work orders are found by when they were made."""

import sqlalchemy as sa
from alembic import op

from models.base import Moment

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "city_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("idempotency_key", sa.String(length=128), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("service_code", sa.String(length=64), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("place_text", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("media_url", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=True),
        sa.Column("inscription_id", sa.String(length=32), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('reported','waiting','attached','closed')", name=op.f("ck_city_requests_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_city_requests_account_id_accounts")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_city_requests_decided_by_accounts")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_city_requests_report_id_reports")),
        sa.ForeignKeyConstraint(
            ["inscription_id"], ["inscriptions.id"], name=op.f("fk_city_requests_inscription_id_inscriptions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_requests")),
        sa.UniqueConstraint("account_id", "idempotency_key", name=op.f("uq_city_requests_account_id_idempotency_key")),
    )
    op.create_index("ix_city_requests_state_received_at", "city_requests", ["state", "received_at", "id"])
    op.create_index("ix_city_requests_report_id", "city_requests", ["report_id"])
    op.create_index("ix_city_requests_inscription_id", "city_requests", ["inscription_id"])
    op.create_index("ix_work_order_steps_at", "work_order_steps", ["at", "order_id", "number"])


def downgrade() -> None:
    op.drop_index("ix_work_order_steps_at", table_name="work_order_steps")
    op.drop_table("city_requests")
