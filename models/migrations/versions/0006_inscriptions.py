"""Inscriptions: which photo shows which, features and matches, what happened to them; findings that photos add up to.

What was there is taken as it stands: each photo belongs to the first inscription that its sightings are of. Features of
photos that were read before are made when they are read again.
"""

import sqlalchemy as sa
from alembic import op

from models.base import Json, Moment
from models.cells import cell_of

revision = "0006"
down_revision = "0005"

BATCH = 5000
TABLES = (
    "offered_values",
    "fused_findings",
    "inscription_events",
    "inscriptions_apart",
    "photo_matches",
    "photo_features",
    "inscription_photos",
)
PHOTOS = """
INSERT INTO inscription_photos (photo_sha256, inscription_id, lat, lon, cell, seen_at, how, is_by_person)
SELECT s.photo_sha256, s.inscription_id, s.lat, s.lon, s.cell, firsts.seen_at, 'earlier', :no
FROM sightings s JOIN (
    SELECT photo_sha256, MIN(id) AS id, MIN(seen_at) AS seen_at FROM sightings GROUP BY photo_sha256
) firsts ON firsts.id = s.id
"""
FOLLOW = """
UPDATE sightings SET inscription_id = (
    SELECT p.inscription_id FROM inscription_photos p WHERE p.photo_sha256 = sightings.photo_sha256
)
"""
SUMS = """
UPDATE inscriptions SET first_seen_at = sums.first_at, last_seen_at = sums.last_at, photo_count = sums.photos
FROM (
    SELECT inscription_id, MIN(seen_at) AS first_at, MAX(seen_at) AS last_at, COUNT(*) AS photos
    FROM inscription_photos GROUP BY inscription_id
) sums WHERE sums.inscription_id = inscriptions.id
"""
WALK = ("first_seen_at", "lat", "lon", "state", "merged_into_id")


def upgrade() -> None:
    op.drop_index("ix_inscriptions_lat_lon", "inscriptions")  # SQLite would prefer it to walking in order
    with op.batch_alter_table("inscriptions") as batch:
        batch.add_column(sa.Column("cell", sa.BigInteger(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("first_seen_at", Moment(), nullable=True))
        batch.add_column(sa.Column("last_seen_at", Moment(), nullable=True))
        batch.add_column(sa.Column("photo_count", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("state", sa.String(length=12), nullable=False, server_default="open"))
        batch.add_column(sa.Column("painted_at", Moment(), nullable=True))
        batch.add_column(sa.Column("merged_into_id", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.create_foreign_key(
            op.f("fk_inscriptions_merged_into_id_inscriptions"),
            "inscriptions",
            ["merged_into_id"],
            ["id"],
            deferrable=True,
            initially="DEFERRED",
        )
        batch.create_check_constraint(op.f("ck_inscriptions_state"), "state IN ('open','painted','reappeared')")
    op.add_column("findings", sa.Column("is_listed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE findings SET is_listed = accepted")
    _index_findings("is_listed", ["kind", "value", "created_at"])
    _create_tables()
    _fill()
    _fill_offered()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a deferred one keeps the table from being changed any further
    op.create_index("ix_inscriptions_last_seen_at", "inscriptions", ["last_seen_at", "id", *WALK])
    op.create_index("ix_inscriptions_cell", "inscriptions", ["cell", "last_seen_at", "id", *WALK])
    op.create_index(
        "ix_inscriptions_state",
        "inscriptions",
        ["state", "last_seen_at", "id", "first_seen_at", "lat", "lon", "merged_into_id"],
    )
    op.create_index("ix_inscriptions_merged_into_id", "inscriptions", ["merged_into_id"])


def downgrade() -> None:
    """Sightings keep the inscription that they are of now; what only photos added up to leaves the list again."""
    op.execute(
        "UPDATE sightings SET state = 'rejected' WHERE state = 'unreviewed' AND finding_id IN"
        " (SELECT id FROM findings WHERE is_listed <> accepted AND review = 'unreviewed')"
    )
    for table in TABLES:
        op.drop_table(table)
    _index_findings("accepted", ["kind", "value"])
    op.drop_column("findings", "is_listed")
    for name in ("last_seen_at", "cell", "state", "merged_into_id"):
        op.drop_index(f"ix_inscriptions_{name}", "inscriptions")
    with op.batch_alter_table("inscriptions") as batch:
        batch.drop_constraint(op.f("ck_inscriptions_state"), type_="check")
        batch.drop_constraint(op.f("fk_inscriptions_merged_into_id_inscriptions"), type_="foreignkey")
        for column in ("cell", "first_seen_at", "last_seen_at", "photo_count", "state", "painted_at",
                       "merged_into_id", "version"):  # fmt: skip
            batch.drop_column(column)
    op.create_index("ix_inscriptions_lat_lon", "inscriptions", ["lat", "lon"])


def _index_findings(listed: str, read: list[str]) -> None:
    op.drop_index("ix_findings_queue", "findings")
    op.create_index("ix_findings_queue", "findings", ["review", listed, "queue_rank", "created_at", "id"])
    op.drop_index("ix_findings_kind_value", "findings")
    op.create_index("ix_findings_kind_value", "findings", read)


def _fill() -> None:
    connection = op.get_bind()
    connection.execute(sa.text(PHOTOS).bindparams(sa.bindparam("no", False, sa.Boolean())))
    op.execute(FOLLOW)
    op.execute(SUMS)
    # A wall whose photos all belong to others now shows nothing; nothing refers to it any more.
    op.execute("DELETE FROM inscriptions WHERE id NOT IN (SELECT inscription_id FROM inscription_photos)")
    last = ""
    while rows := connection.execute(
        sa.text("SELECT id, lat, lon FROM inscriptions WHERE id > :last ORDER BY id LIMIT :many"),
        {"last": last, "many": BATCH},
    ).all():
        connection.execute(
            sa.text("UPDATE inscriptions SET cell = :cell WHERE id = :id"),
            [{"id": row.id, "cell": cell_of(row.lat, row.lon)} for row in rows],
        )
        last = rows[-1].id


def _fill_offered() -> None:
    """What waiting findings offer beside their own values."""
    connection = op.get_bind()
    findings = sa.table("findings", *(sa.column(name) for name in ("id", "kind", "review", "is_listed")),
                        sa.column("alternatives", Json))  # fmt: skip
    asked = sa.select(findings.c.id, findings.c.kind, findings.c.alternatives).order_by(findings.c.id).limit(BATCH)
    asked = asked.where(findings.c.review == "unreviewed", sa.not_(findings.c.is_listed))
    last = ""
    while rows := connection.execute(asked.where(findings.c.id > last)).all():
        offered = [
            {"id": row.id, "kind": row.kind, "value": value}
            for row in rows
            for value in sorted({each["value"] for each in row.alternatives})
        ]
        if offered:
            insert = "INSERT INTO offered_values (finding_id, kind, value) VALUES (:id, :kind, :value)"
            connection.execute(sa.text(insert), offered)
        last = rows[-1].id


def _create_tables() -> None:
    op.create_table(
        "inscription_photos",
        _digest("photo_sha256", nullable=False),
        _id("inscription_id", nullable=True),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("cell", sa.BigInteger(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("features", sa.Integer(), nullable=True),
        sa.Column("how", sa.String(length=8), nullable=True),
        _digest("alike_sha256", nullable=True),
        sa.Column("is_by_person", sa.Boolean(), nullable=False),
        _id("before_id", nullable=True),
        sa.CheckConstraint(
            "how IN ('first','picture','place','person','earlier')", name=op.f("ck_inscription_photos_how")
        ),
        _refers("inscription_photos", "photo_sha256", "photos.sha256"),
        _refers("inscription_photos", "alike_sha256", "photos.sha256"),
        _refers("inscription_photos", "inscription_id", "inscriptions.id"),
        _refers("inscription_photos", "before_id", "inscriptions.id"),
        sa.PrimaryKeyConstraint("photo_sha256", name=op.f("pk_inscription_photos")),
    )
    op.create_index(
        "ix_inscription_photos_inscription_id_seen_at",
        "inscription_photos",
        ["inscription_id", "seen_at", "photo_sha256"],
    )
    op.create_index(
        "ix_inscription_photos_cell",
        "inscription_photos",
        ["cell", "seen_at", "lat", "lon", "accuracy_m", "inscription_id"],
    )
    op.create_table(
        "photo_features",
        _digest("photo_sha256", nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        _refers("photo_features", "photo_sha256", "photos.sha256"),
        sa.PrimaryKeyConstraint("photo_sha256", name=op.f("pk_photo_features")),
    )
    op.create_table(
        "photo_matches",
        _digest("one_sha256", nullable=False),
        _digest("other_sha256", nullable=False),
        sa.Column("homography", Json, nullable=False),
        sa.Column("inliers", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        _refers("photo_matches", "one_sha256", "photos.sha256"),
        _refers("photo_matches", "other_sha256", "photos.sha256"),
        sa.PrimaryKeyConstraint("one_sha256", "other_sha256", name=op.f("pk_photo_matches")),
    )
    op.create_index("ix_photo_matches_other_sha256", "photo_matches", ["other_sha256"])
    op.create_table(
        "inscriptions_apart",
        _id("one_id", nullable=False),
        _id("other_id", nullable=False),
        _refers("inscriptions_apart", "one_id", "inscriptions.id"),
        _refers("inscriptions_apart", "other_id", "inscriptions.id"),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_inscriptions_apart")),
    )
    op.create_index("ix_inscriptions_apart_other_id", "inscriptions_apart", ["other_id"])
    _create_events_and_fused()


def _create_events_and_fused() -> None:
    op.create_table(
        "inscription_events",
        _id("inscription_id", nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("happened_at", Moment(), nullable=False),
        _id("made_by", nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        _digest("photo_sha256", nullable=True),
        _id("sighting_id", nullable=True),
        sa.Column("facts", Json, nullable=False),
        _id("undone_by", nullable=True),
        sa.Column("undone_at", Moment(), nullable=True),
        _refers("inscription_events", "inscription_id", "inscriptions.id"),
        _refers("inscription_events", "made_by", "accounts.id"),
        _refers("inscription_events", "photo_sha256", "photos.sha256"),
        _refers("inscription_events", "sighting_id", "sightings.id"),
        _refers("inscription_events", "undone_by", "accounts.id"),
        sa.PrimaryKeyConstraint("inscription_id", "number", name=op.f("pk_inscription_events")),
    )
    op.create_index("ix_inscription_events_happened_at", "inscription_events", ["inscription_id", "happened_at"])
    op.create_table(
        "fused_findings",
        _id("finding_id", nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        *(sa.Column(name, Json, nullable=False) for name in ("alternatives", "uncertain", "supported_by", "seen_in")),
        sa.Column("fused_at", Moment(), nullable=False),
        _refers("fused_findings", "finding_id", "findings.id"),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_fused_findings")),
    )
    op.create_index("ix_fused_findings_kind_value", "fused_findings", ["kind", "value"])
    op.create_table(
        "offered_values",
        _id("finding_id", nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        _refers("offered_values", "finding_id", "findings.id"),
        sa.PrimaryKeyConstraint("finding_id", "value", name=op.f("pk_offered_values")),
    )
    op.create_index("ix_offered_values_kind_value", "offered_values", ["kind", "value", "finding_id"])


def _id(name: str, *, nullable: bool) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=32), nullable=nullable)


def _digest(name: str, *, nullable: bool) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=64), nullable=nullable)


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target.partition('.')[0]}"
    return sa.ForeignKeyConstraint([column], [target], name=op.f(name))
