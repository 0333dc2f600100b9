"""What connects addresses, and what statistics are counted from."""

import sqlalchemy as sa
from alembic import op

from models.audit import Counter
from models.base import Moment

revision = "0007"
down_revision = "0006"

INDEXES = {
    "ix_sightings_address_wall": ["address_id", "inscription_id", "seen_at", "lat", "lon", "state"],
    "ix_sightings_wall_address": ["inscription_id", "address_id", "state"],
    "ix_sightings_photo_address": ["photo_sha256", "address_id", "state"],
}
DAY = {
    "sqlite": "CAST(julianday(substr({}, 1, 10)) - 2440587.5 AS INTEGER)",
    "postgresql": "CAST(floor(extract(epoch FROM {}) / 86400) AS INTEGER)",
}
MARKS = {
    "sightings_insert": ("AFTER INSERT ON sightings", ["VALUES ({new})"]),
    "sightings_update": ("AFTER UPDATE ON sightings", ["VALUES ({new})", "VALUES ({old})"]),
    "sightings_delete": ("AFTER DELETE ON sightings", ["VALUES ({old})"]),
    "reports_insert": ("AFTER INSERT ON reports", ["VALUES ({new})"]),
    "reports_update": ("AFTER UPDATE ON reports", ["VALUES ({new})", "VALUES ({old})"]),
    "reports_delete": ("AFTER DELETE ON reports", ["VALUES ({old})"]),
    "findings_update": (
        "AFTER UPDATE ON findings",
        ["SELECT DISTINCT {seen} FROM sightings WHERE finding_id = NEW.id"],
    ),
}
"""Trigger to when it goes off and which days it marks: all that a page of a day is made of."""


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "sightings", columns)
    _create_hands()
    _create_statistics()
    op.execute("INSERT INTO hands_owed (finding_id) SELECT DISTINCT finding_id FROM sightings")
    kind = op.get_bind().dialect.name
    for table in ("sightings", "reports"):
        op.execute(f"INSERT INTO stat_marks (day) SELECT DISTINCT {DAY[kind].format('seen_at')} FROM {table}")  # noqa: S608
    for name in MARKS:
        _create_trigger(kind, name)


def _create_hands() -> None:
    op.create_table(
        "hands_owed",
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_hands_owed_finding_id_findings")),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_hands_owed")),
    )
    op.create_table(
        "finding_hands",
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("hand", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_finding_hands_finding_id_findings")),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_finding_hands")),
    )
    op.create_table(
        "hand_bands",
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding_hands.finding_id"], name=op.f("fk_hand_bands_finding_id_finding_hands")
        ),
        sa.PrimaryKeyConstraint("band", "code", "finding_id", name=op.f("pk_hand_bands")),
    )
    op.create_index("ix_hand_bands_finding_id", "hand_bands", ["finding_id"])
    op.create_table(
        "hand_links",
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.Column("other_id", sa.String(length=32), nullable=False),
        sa.Column("alike", sa.String(length=8), nullable=False),
        sa.Column("likeness", sa.Double(), nullable=False),
        sa.CheckConstraint("alike IN ('stencil','hand')", name=op.f("ck_hand_links_alike")),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding_hands.finding_id"], name=op.f("fk_hand_links_finding_id_finding_hands")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["finding_hands.finding_id"], name=op.f("fk_hand_links_other_id_finding_hands")
        ),
        sa.PrimaryKeyConstraint("finding_id", "other_id", "alike", name=op.f("pk_hand_links")),
    )
    op.create_index("ix_hand_links_other_id", "hand_links", ["other_id"])


def _create_statistics() -> None:
    op.create_table(
        "stat_marks",
        sa.Column("id", Counter, nullable=False, autoincrement=True),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stat_marks")),
    )
    op.create_index("ix_stat_marks_day", "stat_marks", ["day"])
    op.create_table(
        "stat_pages",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sightings", sa.LargeBinary(), nullable=False),
        sa.Column("reports", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_stat_pages")),
    )
    op.create_table(
        "stat_numbers",
        sa.Column("of", sa.String(length=8), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("of IN ('address','wall','report')", name=op.f("ck_stat_numbers_of")),
        sa.PrimaryKeyConstraint("of", "id", name=op.f("pk_stat_numbers")),
    )


def _create_trigger(kind: str, name: str) -> None:
    when, sources = MARKS[name]
    days = {"new": DAY[kind].format("NEW.seen_at"), "old": DAY[kind].format("OLD.seen_at")}
    days["seen"] = DAY[kind].format("seen_at")
    body = " ".join(f"INSERT INTO stat_marks (day) {source.format(**days)};" for source in sources)
    if kind == "sqlite":
        op.execute(f"CREATE TRIGGER stat_mark_{name} {when} BEGIN {body} END")
        return
    op.execute(
        f"CREATE FUNCTION stat_mark_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
    )
    op.execute(f"CREATE TRIGGER stat_mark_{name} {when} FOR EACH ROW EXECUTE FUNCTION stat_mark_{name}()")


def downgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, (when, _) in MARKS.items():
        if is_postgresql:
            op.execute(f"DROP TRIGGER stat_mark_{name} ON {when.rsplit(maxsplit=1)[-1]}")
            op.execute(f"DROP FUNCTION stat_mark_{name}()")
        else:
            op.execute(f"DROP TRIGGER IF EXISTS stat_mark_{name}")
    for table in (
        "stat_numbers",
        "stat_pages",
        "stat_marks",
        "hand_links",
        "hand_bands",
        "finding_hands",
        "hands_owed",
    ):
        op.drop_table(table)
    for name in INDEXES:
        op.drop_index(name, "sightings")
