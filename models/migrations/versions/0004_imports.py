"""Files from elsewhere, what they told, and when an address last changed."""

import sqlalchemy as sa
from alembic import op

from models.base import Json, Moment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("addresses", sa.Column("changed_at", Moment(), nullable=True))
    op.execute("UPDATE addresses SET changed_at = created_at")
    op.create_index("ix_addresses_changed_at", "addresses", ["changed_at", "id"])
    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("added", "merged", "known", "refused")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_imports_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_made_at", "imports", ["made_at", "id"])
    op.create_table(
        "imported_addresses",
        sa.Column("import_id", sa.String(length=32), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("first_seen_at", Moment(), nullable=True),
        sa.Column("last_seen_at", Moment(), nullable=True),
        sa.Column("facts", Json, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_imported_addresses_import_id_imports")),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_imported_addresses_address_id_addresses")
        ),
        sa.PrimaryKeyConstraint("import_id", "address_id", name=op.f("pk_imported_addresses")),
    )
    op.create_index("ix_imported_addresses_address_id", "imported_addresses", ["address_id"])
    op.create_table(
        "imported_sightings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("import_id", sa.String(length=32), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("seen_at", Moment(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_imported_sightings_import_id_imports")),
        sa.ForeignKeyConstraint(
            ["address_id"], ["addresses.id"], name=op.f("fk_imported_sightings_address_id_addresses")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_sightings")),
        sa.UniqueConstraint("address_id", "external_id", name=op.f("uq_imported_sightings_address_id_external_id")),
    )
    op.create_index("ix_imported_sightings_import_id", "imported_sightings", ["import_id"])


def downgrade() -> None:
    op.drop_table("imported_sightings")
    op.drop_table("imported_addresses")
    op.drop_table("imports")
    op.drop_index("ix_addresses_changed_at", "addresses")
    op.drop_column("addresses", "changed_at")
