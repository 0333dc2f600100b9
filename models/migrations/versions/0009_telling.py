"""Who is told of what: subscriptions, messages on their way, inboxes, watched addresses."""

import sqlalchemy as sa
from alembic import op

from models.audit import Counter
from models.base import Json, Moment

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    _create_subscriptions()
    _create_messages()


def downgrade() -> None:
    op.drop_table("matched_notices")
    op.drop_table("inbox_entries")
    op.drop_table("messages")
    op.drop_table("watches")
    op.drop_table("subscriptions")


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("about", sa.String(length=48), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("pace", sa.String(length=8), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("address_id", sa.String(length=32), nullable=True),
        sa.Column("is_assigned_only", sa.Boolean(), nullable=False),
        sa.Column("tlp", sa.String(length=12), nullable=False),
        sa.Column("south", sa.Double(), nullable=True),
        sa.Column("west", sa.Double(), nullable=True),
        sa.Column("north", sa.Double(), nullable=True),
        sa.Column("east", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("radius_m", sa.Double(), nullable=True),
        sa.Column("mail_to", sa.String(length=254), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("secret_number", sa.Integer(), nullable=False),
        sa.Column("secret_check", sa.String(length=16), nullable=True),
        sa.Column("old_secret_until", Moment(), nullable=True),
        sa.Column("feed_sha256", sa.String(length=64), nullable=True),
        sa.Column("off_reason", sa.String(length=12), nullable=False),
        sa.Column("off_by", sa.String(length=32), nullable=True),
        sa.Column("off_at", Moment(), nullable=True),
        sa.Column("cursor_seq", Counter, nullable=False),
        sa.Column("digest_at", Moment(), nullable=True),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("channel IN ('inbox','mail','webhook','feed')", name=op.f("ck_subscriptions_channel")),
        sa.CheckConstraint("pace IN ('at_once','hourly','daily')", name=op.f("ck_subscriptions_pace")),
        sa.CheckConstraint("tlp IN ('clear','green','amber','amber+strict','red')", name=op.f("ck_subscriptions_tlp")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_subscriptions_account_id_accounts")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_subscriptions_address_id_addresses")),
        sa.ForeignKeyConstraint(["off_by"], ["accounts.id"], name=op.f("fk_subscriptions_off_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        "ix_subscriptions_about", "subscriptions", ["about", "off_reason", "south", "north", "west", "east", "id"]
    )
    op.create_index("ix_subscriptions_account_id_created_at", "subscriptions", ["account_id", "created_at", "id"])
    op.create_index("ix_subscriptions_address_id", "subscriptions", ["address_id"])
    op.create_index("ix_subscriptions_created_at", "subscriptions", ["created_at", "id"])
    op.create_index("ix_subscriptions_cursor_seq", "subscriptions", ["off_reason", "cursor_seq"])
    op.create_index("ix_subscriptions_digest_at", "subscriptions", ["off_reason", "digest_at"])
    op.create_table(
        "watches",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_watches_account_id_accounts")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_watches_address_id_addresses")),
        sa.PrimaryKeyConstraint("account_id", "address_id", name=op.f("pk_watches")),
    )
    op.create_index("ix_watches_account_id_at", "watches", ["account_id", "at", "address_id"])
    op.create_index("ix_watches_address_id", "watches", ["address_id"])


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("is_digest", sa.Boolean(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("notice_count", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("want", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("unknowns", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=True),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('waiting','sending','sent','dead')", name=op.f("ck_messages_state")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_messages_subscription_id_subscriptions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_state_due_at", "messages", ["state", "due_at", "id"])
    op.create_index("ix_messages_subscription_id_made_at", "messages", ["subscription_id", "made_at", "id"])
    op.create_index("ix_messages_subscription_id_state", "messages", ["subscription_id", "state", "made_at", "id"])
    op.create_table(
        "inbox_entries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("subscription_id", sa.String(length=32), nullable=True),
        sa.Column("seq", Counter, nullable=True),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_inbox_entries_account_id_accounts")),
        sa.ForeignKeyConstraint(["seq"], ["notices.seq"], name=op.f("fk_inbox_entries_seq_notices")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_inbox_entries_subscription_id_subscriptions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_entries")),
        sa.UniqueConstraint("subscription_id", "seq", name=op.f("uq_inbox_entries_subscription_id_seq")),
    )
    op.create_index("ix_inbox_entries_account_id_at", "inbox_entries", ["account_id", "at", "id"])
    op.create_index("ix_inbox_entries_account_id_read_at", "inbox_entries", ["account_id", "read_at", "at", "id"])
    op.create_table(
        "matched_notices",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("seq", Counter, autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("is_waiting", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_matched_notices_message_id_messages")),
        sa.ForeignKeyConstraint(["seq"], ["notices.seq"], name=op.f("fk_matched_notices_seq_notices")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_matched_notices_subscription_id_subscriptions")
        ),
        sa.PrimaryKeyConstraint("subscription_id", "seq", name=op.f("pk_matched_notices")),
    )
    op.create_index("ix_matched_notices_message_id", "matched_notices", ["message_id", "seq"])
    op.create_index("ix_matched_notices_seq", "matched_notices", ["seq"])
    op.create_index("ix_matched_notices_waiting", "matched_notices", ["is_waiting", "subscription_id", "seq"])
