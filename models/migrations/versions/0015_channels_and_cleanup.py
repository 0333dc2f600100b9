"""Channels that talk back, and clean-up: who wrote, what arrived, conversations; territories and work orders."""

import sqlalchemy as sa
from alembic import op

from models.base import Json, Moment

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("kept", Json, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "territories",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.Column("name_ru", sa.String(length=200), nullable=False),
        sa.Column("name_kk", sa.String(length=200), nullable=False),
        sa.Column("area", Json, nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territories")),
        sa.UniqueConstraint("external_id", name=op.f("uq_territories_external_id")),
    )
    op.create_index("ix_territories_name_ru", "territories", ["name_ru", "id"])
    op.create_index("ix_territories_version", "territories", ["version"])
    op.create_table(
        "inscription_holds",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("inscription_id", sa.String(length=32), nullable=False),
        sa.Column("held_at", Moment(), nullable=False),
        sa.Column("held_by", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("released_at", Moment(), nullable=True),
        sa.Column("released_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["held_by"], ["accounts.id"], name=op.f("fk_inscription_holds_held_by_accounts")),
        sa.ForeignKeyConstraint(
            ["inscription_id"], ["inscriptions.id"], name=op.f("fk_inscription_holds_inscription_id_inscriptions")
        ),
        sa.ForeignKeyConstraint(
            ["released_by"], ["accounts.id"], name=op.f("fk_inscription_holds_released_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inscription_holds")),
    )
    op.create_index(
        "ix_inscription_holds_inscription_id",
        "inscription_holds",
        ["inscription_id", "held_at"],
    )
    op.create_index(
        "uq_inscription_holds_one",
        "inscription_holds",
        ["inscription_id"],
        unique=True,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "senders",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_chat", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("agreed_at", Moment(), nullable=True),
        sa.Column("blocked_at", Moment(), nullable=True),
        sa.Column("blocked_by", sa.String(length=32), nullable=True),
        sa.Column("blocked_reason", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["blocked_by"], ["accounts.id"], name=op.f("fk_senders_blocked_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_senders")),
        sa.UniqueConstraint("channel", "hash", name=op.f("uq_senders_channel_hash")),
    )
    op.create_index("ix_senders_blocked_at", "senders", ["blocked_at", "id"])
    op.create_index("ix_senders_last_at", "senders", ["last_at", "id"])
    op.create_table(
        "territory_contacts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("territory_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=255), nullable=True),
        sa.Column("bind_code", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territories.id"], name=op.f("fk_territory_contacts_territory_id_territories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory_contacts")),
        sa.UniqueConstraint("bind_code", name=op.f("uq_territory_contacts_bind_code")),
    )
    op.create_index("ix_territory_contacts_channel_chat", "territory_contacts", ["channel", "chat"])
    op.create_index(
        "ix_territory_contacts_territory_id",
        "territory_contacts",
        ["territory_id", "created_at"],
    )
    op.create_table(
        "work_orders",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("inscription_id", sa.String(length=32), nullable=False),
        sa.Column("territory_id", sa.String(length=32), nullable=True),
        sa.Column("assigned", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("place_text", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("state_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("link_number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("assigned IN ('inside','nearest','hand','none')", name=op.f("ck_work_orders_assigned")),
        sa.CheckConstraint(
            "state IN ('open','sent','accepted','painted','verified','closed')", name=op.f("ck_work_orders_state")
        ),
        sa.ForeignKeyConstraint(
            ["inscription_id"], ["inscriptions.id"], name=op.f("fk_work_orders_inscription_id_inscriptions")
        ),
        sa.ForeignKeyConstraint(["photo_sha256"], ["photos.sha256"], name=op.f("fk_work_orders_photo_sha256_photos")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territories.id"], name=op.f("fk_work_orders_territory_id_territories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_work_orders_number")),
    )
    op.create_index("ix_work_orders_inscription_id", "work_orders", ["inscription_id", "opened_at"])
    op.create_index("ix_work_orders_opened_at", "work_orders", ["opened_at", "id", "lat", "lon", "state"])
    unplaced = sa.text("is_active AND place_text IS NULL")
    op.create_index(
        "ix_work_orders_unplaced",
        "work_orders",
        ["state", "opened_at", "id"],
        sqlite_where=unplaced,
        postgresql_where=unplaced,
    )
    op.create_index("ix_work_orders_state_due_at", "work_orders", ["state", "due_at", "id"])
    op.create_index("ix_work_orders_state_opened_at", "work_orders", ["state", "opened_at", "id"])
    op.create_index(
        "ix_work_orders_territory_id_state",
        "work_orders",
        ["territory_id", "state", "opened_at", "id"],
    )
    op.create_index(
        "uq_work_orders_one_active",
        "work_orders",
        ["inscription_id"],
        unique=True,
        sqlite_where=sa.text("is_active"),
        postgresql_where=sa.text("is_active"),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sender_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("place_source", sa.String(length=8), nullable=True),
        sa.Column("place_text", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ended_why", sa.String(length=12), nullable=True),
        sa.Column("report_id", sa.String(length=32), nullable=True),
        sa.Column("receipt", sa.String(length=16), nullable=True),
        sa.Column("wants_status", sa.Boolean(), nullable=False),
        sa.Column("told", sa.String(length=24), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("remind_at", Moment(), nullable=True),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('photo','place','confirm','sent','text','ended')", name=op.f("ck_conversations_state")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_conversations_report_id_reports")),
        sa.ForeignKeyConstraint(["sender_id"], ["senders.id"], name=op.f("fk_conversations_sender_id_senders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("receipt", name=op.f("uq_conversations_receipt")),
    )
    op.create_index("ix_conversations_remind_at", "conversations", ["remind_at", "id"])
    op.create_index("ix_conversations_report_id", "conversations", ["report_id"])
    op.create_index(
        "ix_conversations_sender_id_opened_at",
        "conversations",
        ["sender_id", "opened_at", "id"],
    )
    op.create_index("ix_conversations_state_changed_at", "conversations", ["state", "changed_at", "id"])
    op.create_table(
        "work_order_photos",
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=True),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("facts", Json, nullable=False),
        sa.Column("checked_at", Moment(), nullable=True),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_work_order_photos_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["territory_contacts.id"], name=op.f("fk_work_order_photos_contact_id_territory_contacts")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_work_order_photos_decided_by_accounts")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["work_orders.id"], name=op.f("fk_work_order_photos_order_id_work_orders")
        ),
        sa.ForeignKeyConstraint(
            ["photo_sha256"], ["photos.sha256"], name=op.f("fk_work_order_photos_photo_sha256_photos")
        ),
        sa.PrimaryKeyConstraint("order_id", "photo_sha256", name=op.f("pk_work_order_photos")),
    )
    op.create_index("ix_work_order_photos_photo_sha256", "work_order_photos", ["photo_sha256"])
    op.create_index("ix_work_order_photos_verdict", "work_order_photos", ["verdict", "received_at"])
    op.create_table(
        "arrivals",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("provider_id", sa.String(length=255), nullable=False),
        sa.Column("sender_id", sa.String(length=32), nullable=False),
        sa.Column("chat_hash", sa.String(length=64), nullable=False),
        sa.Column("album", sa.String(length=64), nullable=True),
        sa.Column("sealed_who", sa.LargeBinary(), nullable=True),
        sa.Column("content", Json, nullable=False),
        sa.Column("sent_at", Moment(), nullable=False),
        sa.Column("arrived_at", Moment(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("done_at", Moment(), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.CheckConstraint("state IN ('waiting','done','failed')", name=op.f("ck_arrivals_state")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_arrivals_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["sender_id"], ["senders.id"], name=op.f("fk_arrivals_sender_id_senders")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_arrivals")),
        sa.UniqueConstraint("channel", "provider_id", name=op.f("uq_arrivals_channel_provider_id")),
    )
    op.create_index("ix_arrivals_arrived_at", "arrivals", ["arrived_at", "seq"])
    op.create_index("ix_arrivals_chat_hash_album", "arrivals", ["chat_hash", "album"])
    op.create_index("ix_arrivals_conversation_id_seq", "arrivals", ["conversation_id", "seq"])
    op.create_index("ix_arrivals_sender_id_seq", "arrivals", ["sender_id", "seq"])
    op.create_index("ix_arrivals_state_seq", "arrivals", ["state", "seq"])
    op.create_table(
        "outgoing",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_chat", sa.LargeBinary(), nullable=True),
        sa.Column("content", Json, nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("order_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("want", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("unknowns", sa.Integer(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=True),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("provider_id", sa.String(length=255), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("is_emptied", sa.Boolean(), nullable=False),
        sa.CheckConstraint("state IN ('waiting','sending','sent','dead')", name=op.f("ck_outgoing_state")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_outgoing_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["work_orders.id"], name=op.f("fk_outgoing_order_id_work_orders")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outgoing")),
        sa.UniqueConstraint("key", name=op.f("uq_outgoing_key")),
    )
    op.create_index("ix_outgoing_channel_provider_id", "outgoing", ["channel", "provider_id"])
    op.create_index("ix_outgoing_chat_hash_state", "outgoing", ["chat_hash", "state", "seq"])
    op.create_index("ix_outgoing_conversation_id", "outgoing", ["conversation_id", "seq"])
    op.create_index("ix_outgoing_order_id", "outgoing", ["order_id", "seq"])
    op.create_index("ix_outgoing_state_due_at", "outgoing", ["state", "due_at", "seq"])
    op.create_table(
        "conversation_photos",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("arrival_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("media", Json, nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["arrival_seq"], ["arrivals.seq"], name=op.f("fk_conversation_photos_arrival_seq_arrivals")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_conversation_photos_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(
            ["photo_sha256"], ["photos.sha256"], name=op.f("fk_conversation_photos_photo_sha256_photos")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "position", name=op.f("pk_conversation_photos")),
    )
    op.create_index("ix_conversation_photos_photo_sha256", "conversation_photos", ["photo_sha256"])
    op.create_table(
        "work_order_steps",
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("from_state", sa.String(length=8), nullable=True),
        sa.Column("to_state", sa.String(length=8), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("contact_id", sa.String(length=32), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=True),
        sa.Column("arrival_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("facts", Json, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_work_order_steps_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["arrival_seq"], ["arrivals.seq"], name=op.f("fk_work_order_steps_arrival_seq_arrivals")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["territory_contacts.id"], name=op.f("fk_work_order_steps_contact_id_territory_contacts")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["work_orders.id"], name=op.f("fk_work_order_steps_order_id_work_orders")
        ),
        sa.PrimaryKeyConstraint("order_id", "number", name=op.f("pk_work_order_steps")),
    )


def downgrade() -> None:
    op.drop_table("work_order_steps")
    op.drop_table("conversation_photos")
    op.drop_table("outgoing")
    op.drop_table("arrivals")
    op.drop_table("work_order_photos")
    op.drop_table("conversations")
    op.drop_table("work_orders")
    op.drop_table("territory_contacts")
    op.drop_table("senders")
    op.drop_table("inscription_holds")
    op.drop_table("territories")
    op.drop_table("leases")
