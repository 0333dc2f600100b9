"""The first schema: accounts, reports, photos, readings, watchlist, jobs, audit."""

import sqlalchemy as sa
from alembic import op

from models.audit import Counter
from models.base import Json, Moment
from models.watchlist import Bytewise

revision = "0001"
down_revision = None

APPEND_ONLY = {"audit_entries": "entry_sha256", "audit_seals": "seq"}
REFUSE_SQLITE = """
CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
"""
# INSERT OR REPLACE removes the row in its way without asking the trigger that guards DELETE.
REFUSE_REPLACE_SQLITE = """
CREATE TRIGGER {table}_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE seq = NEW.seq OR {unique} = NEW.{unique})
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
"""
REFUSE_FUNCTION_POSTGRESQL = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$
"""
REFUSE_POSTGRESQL = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
"""


def upgrade() -> None:
    _create_tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(REFUSE_FUNCTION_POSTGRESQL)
        for table in APPEND_ONLY:
            op.execute(REFUSE_POSTGRESQL.format(table=table))
        return
    for table, unique in APPEND_ONLY.items():
        op.execute(REFUSE_REPLACE_SQLITE.format(table=table, unique=unique))
        for verb in ("UPDATE", "DELETE"):
            op.execute(REFUSE_SQLITE.format(table=table, verb=verb))


def _create_tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("password_changed_at", Moment(), nullable=False),
        sa.Column("disabled_at", Moment(), nullable=True),
        sa.CheckConstraint("role IN ('officer','investigator','supervisor','admin')", name=op.f("ck_accounts_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )
    op.create_table(
        "addresses",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", Bytewise, nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("first_seen_at", Moment(), nullable=False),
        sa.Column("last_seen_at", Moment(), nullable=False),
        sa.Column("sighting_count", sa.Integer(), nullable=False),
        sa.Column("photo_count", sa.Integer(), nullable=False),
        sa.Column("best_confidence", sa.Double(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("registrable", sa.String(length=255), nullable=True),
        sa.Column("punycode", sa.String(length=255), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('new','confirmed','rejected')", name=op.f("ck_addresses_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("value", "kind", name=op.f("uq_addresses_value_kind")),
    )
    op.create_index(
        "ix_addresses_best_confidence",
        "addresses",
        ["best_confidence", "id", "kind", "status", "first_seen_at", "last_seen_at"],
        unique=False,
    )
    op.create_index(
        "ix_addresses_first_seen_at",
        "addresses",
        ["first_seen_at", "id", "kind", "status", "best_confidence", "last_seen_at"],
        unique=False,
    )
    op.create_index(
        "ix_addresses_last_seen_at",
        "addresses",
        ["last_seen_at", "id", "kind", "status", "best_confidence", "first_seen_at"],
        unique=False,
    )
    op.create_index(
        "ix_addresses_sighting_count",
        "addresses",
        ["sighting_count", "id", "kind", "status", "best_confidence", "first_seen_at", "last_seen_at"],
        unique=False,
    )
    op.create_index(
        "ix_addresses_value",
        "addresses",
        ["value", "id", "kind", "status", "best_confidence", "first_seen_at", "last_seen_at"],
        unique=False,
    )
    op.create_table(
        "audit_entries",
        sa.Column("seq", Counter, autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("previous_sha256", sa.String(length=64), nullable=False),
        sa.Column("entry_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("entry_sha256", name=op.f("uq_audit_entries_entry_sha256")),
    )
    for column in ("actor", "action", "subject"):
        op.create_index(f"ix_audit_entries_{column}_seq", "audit_entries", [column, "seq"], unique=False)
    op.create_table(
        "audit_seals",
        sa.Column("seq", Counter, autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("entry_sha256", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_seals")),
    )
    op.create_table(
        "inscriptions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inscriptions")),
    )
    op.create_index("ix_inscriptions_lat_lon", "inscriptions", ["lat", "lon"], unique=False)
    op.create_table(
        "photos",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("exif_lat", sa.Double(), nullable=True),
        sa.Column("exif_lon", sa.Double(), nullable=True),
        sa.Column("exif_taken_at", sa.String(length=40), nullable=True),
        sa.Column("camera", sa.String(length=128), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("want", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("losses", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('owed','read','unreadable')", name=op.f("ck_photos_state")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_photos")),
    )
    op.create_index("ix_photos_state_received_at", "photos", ["state", "received_at"], unique=False)
    op.create_table(
        "rate_buckets",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("full_at_s", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_buckets")),
    )
    op.create_index(op.f("ix_rate_buckets_full_at_s"), "rate_buckets", ["full_at_s"], unique=False)
    op.create_table(
        "workers",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("beat_at", Moment(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_api_keys_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_sha256", name=op.f("uq_api_keys_key_sha256")),
    )
    op.create_index(op.f("ix_api_keys_account_id"), "api_keys", ["account_id"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome IN ('running','done','failed','lost')", name=op.f("ck_attempts_outcome")),
        sa.ForeignKeyConstraint(["photo_sha256"], ["photos.sha256"], name=op.f("fk_attempts_photo_sha256_photos")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_outcome_started_at", "attempts", ["outcome", "started_at"], unique=False)
    op.create_index("ix_attempts_photo_sha256_started_at", "attempts", ["photo_sha256", "started_at"], unique=False)
    op.create_table(
        "readings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=False),
        sa.Column("card_sha256", sa.String(length=64), nullable=False),
        sa.Column("card", Json, nullable=False),
        sa.Column("read_at", Moment(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("stages", Json, nullable=False),
        sa.Column("lines", Json, nullable=False),
        sa.Column("quarter_turns", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["photo_sha256"], ["photos.sha256"], name=op.f("fk_readings_photo_sha256_photos")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
        sa.UniqueConstraint("photo_sha256", "card_sha256", name=op.f("uq_readings_photo_sha256_card_sha256")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("place_source", sa.String(length=8), nullable=False),
        sa.Column("place_text", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=128), nullable=True),
        sa.Column("request_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_reports_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("account_id", "idempotency_key", name=op.f("uq_reports_account_id_idempotency_key")),
    )
    op.create_index("ix_reports_account_id_received_at", "reports", ["account_id", "received_at"], unique=False)
    op.create_index("ix_reports_received_at", "reports", ["received_at"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_sessions_token_sha256")),
    )
    op.create_index(op.f("ix_sessions_account_id"), "sessions", ["account_id"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("reading_id", sa.String(length=32), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("box", Json, nullable=False),
        sa.Column("alternatives", Json, nullable=False),
        sa.Column("trail", Json, nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("review", sa.String(length=12), nullable=False),
        sa.Column("reviewed_by", sa.String(length=32), nullable=True),
        sa.Column("reviewed_at", Moment(), nullable=True),
        sa.Column("review_reason", sa.Text(), nullable=True),
        sa.Column("decided_kind", sa.String(length=16), nullable=True),
        sa.Column("decided_value", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "review IN ('unreviewed','confirmed','corrected','rejected')", name=op.f("ck_findings_review")
        ),
        sa.ForeignKeyConstraint(["photo_sha256"], ["photos.sha256"], name=op.f("fk_findings_photo_sha256_photos")),
        sa.ForeignKeyConstraint(["reading_id"], ["readings.id"], name=op.f("fk_findings_reading_id_readings")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["accounts.id"], name=op.f("fk_findings_reviewed_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("reading_id", "position", name=op.f("uq_findings_reading_id_position")),
    )
    op.create_index("ix_findings_kind_value", "findings", ["kind", "value"], unique=False)
    op.create_index("ix_findings_photo_sha256", "findings", ["photo_sha256"], unique=False)
    op.create_index(
        "ix_findings_review_accepted_created_at", "findings", ["review", "accepted", "created_at", "id"], unique=False
    )
    op.create_table(
        "report_photos",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=True),
        sa.Column("exif_distance_m", sa.Double(), nullable=True),
        sa.Column("is_place_doubtful", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["photo_sha256"], ["photos.sha256"], name=op.f("fk_report_photos_photo_sha256_photos")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_photos_report_id_reports")),
        sa.PrimaryKeyConstraint("report_id", "position", name=op.f("pk_report_photos")),
    )
    op.create_index("ix_report_photos_photo_sha256", "report_photos", ["photo_sha256"], unique=False)
    op.create_table(
        "sightings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("inscription_id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=False),
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("cell", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.CheckConstraint("state IN ('unreviewed','confirmed','rejected')", name=op.f("ck_sightings_state")),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name=op.f("fk_sightings_address_id_addresses")),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_sightings_finding_id_findings")),
        sa.ForeignKeyConstraint(
            ["inscription_id"], ["inscriptions.id"], name=op.f("fk_sightings_inscription_id_inscriptions")
        ),
        sa.ForeignKeyConstraint(["photo_sha256"], ["photos.sha256"], name=op.f("fk_sightings_photo_sha256_photos")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_sightings_report_id_reports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
        sa.UniqueConstraint("report_id", "finding_id", name=op.f("uq_sightings_report_id_finding_id")),
    )
    op.create_index(
        "ix_sightings_address_id_place", "sightings", ["address_id", "lat", "lon", "seen_at", "state"], unique=False
    )
    op.create_index(
        "ix_sightings_address_id_seen_at", "sightings", ["address_id", "seen_at", "id", "state"], unique=False
    )
    op.create_index(
        "ix_sightings_cell", "sightings", ["cell", "seen_at", "lat", "lon", "state", "address_id"], unique=False
    )
    op.create_index("ix_sightings_finding_id", "sightings", ["finding_id"], unique=False)
    op.create_index(op.f("ix_sightings_inscription_id"), "sightings", ["inscription_id"], unique=False)
    op.create_index("ix_sightings_photo_sha256", "sightings", ["photo_sha256"], unique=False)
    op.create_index("ix_sightings_seen_at", "sightings", ["seen_at", "lat", "lon", "state", "address_id"], unique=False)
