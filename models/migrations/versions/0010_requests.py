"""Requests to block, the ids under which TAXII knows addresses, and whether an import came to its end."""

import sqlalchemy as sa
from alembic import op

from models.base import Json, Moment

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "block_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("made_by", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("facts", Json, nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_block_requests_made_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block_requests")),
    )
    op.create_index("ix_block_requests_made_at", "block_requests", ["made_at", "id"])
    op.create_table(
        "block_request_addresses",
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _of("block_request_addresses", "request_id", "block_requests"),
        _of("block_request_addresses", "address_id", "addresses"),
        sa.PrimaryKeyConstraint("request_id", "address_id", name=op.f("pk_block_request_addresses")),
    )
    op.create_index("ix_block_request_addresses_address_id", "block_request_addresses", ["address_id", "request_id"])
    op.create_table(
        "block_request_files",
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("format", sa.String(length=4), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.CheckConstraint("format IN ('docx','pdf')", name=op.f("ck_block_request_files_format")),
        _of("block_request_files", "request_id", "block_requests"),
        sa.PrimaryKeyConstraint("request_id", "format", name=op.f("pk_block_request_files")),
    )
    op.create_index("ix_block_request_files_sha256", "block_request_files", ["sha256"])
    op.create_table(
        "stix_ids",
        sa.Column("object_id", sa.String(length=80), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        _of("stix_ids", "address_id", "addresses"),
        sa.PrimaryKeyConstraint("object_id", "address_id", name=op.f("pk_stix_ids")),
    )
    op.create_index("ix_stix_ids_address_id", "stix_ids", ["address_id"])
    op.add_column("imports", sa.Column("finished_at", Moment(), nullable=True))
    op.create_index("ix_imports_file_sha256", "imports", ["file_sha256"])
    op.execute("UPDATE imports SET finished_at = made_at")  # nobody can tell any more which were cut off


def downgrade() -> None:
    op.drop_index("ix_imports_file_sha256", "imports")
    op.drop_column("imports", "finished_at")
    for table in ("stix_ids", "block_request_files", "block_request_addresses", "block_requests"):
        op.drop_table(table)


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
