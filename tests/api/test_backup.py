"""Everything can be had back, and what is wrong is named."""

import json
import shutil
import threading
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from api.audit.verify import verify
from api.exchange.backup import (
    BackupFailed,
    BackupIncomplete,
    BackupTargetExists,
    InstallationNotEmpty,
    NotABackup,
    backup,
    open_backup,
    restore,
)
from api.inscriptions.service import merge
from api.jobs import service
from api.readings.service import store_reading
from api.services import build
from api.settings import Settings
from models import (
    Account,
    Address,
    AuditEntry,
    Base,
    InscriptionPhoto,
    Photo,
    PhotoFeatures,
    Reading,
    Session,
    Sighting,
)
from models.stats import DERIVED
from tests.api.queue_process import SmallReader, send

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
INTO_SQLITE = pytest.mark.parametrize("empty", ["sqlite"], indirect=True)


def fill(services, count=3, first=0):
    """Photos that were sent and read, as a worker would have left them."""
    photos = []
    for number in range(first, first + count):
        sha256 = send(services, name=f"backed_up_{number}_shop")
        reading = SmallReader().read(services.blobs.get(sha256))
        with services.unit() as unit:
            begun = service.begin(unit, sha256, worker="w", max_losses=6)
            store_reading(unit, sha256, reading)
            service.succeed(unit, begun.id)
        photos.append(sha256)
    return photos


def merge_walls(services, photos):
    """The first wall is the last one, which comes behind it in every table; and a photo has features."""
    with services.unit() as unit:
        ids = [unit.session.get_one(InscriptionPhoto, photo).inscription_id for photo in (photos[0], photos[-1])]
        merge(unit, ids[1], version=1, other_id=ids[0], other_version=1, reason="one wall")
        unit.session.add(PhotoFeatures(photo_sha256=photos[0], data=bytes(range(256))))


def contents(services):
    """Every row of every table that a restore brings back."""
    with services.reading_unit() as unit:
        return {
            table.name: sorted(map(repr, unit.session.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in DERIVED
            if table.name not in ("sessions", "rate_buckets", "workers", "audit_entries")
        }


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """Settings of a new installation, on either database."""
    database = {} if request.param == "sqlite" else {"url": request.getfixturevalue("postgres_cluster").empty_url()}
    return Settings(stage="development", data_dir=tmp_path / "new", database=database)


def path_of(services, sha256):
    return services.settings.data_dir / "blobs" / sha256[:2] / sha256


def wrong(services):
    return [(trouble.code, trouble.subject) for trouble in verify(services) if trouble.is_grave]


def test_a_backup_goes_back_into_either_database_with_every_row_and_original(services, empty, tmp_path):
    photos = fill(services)
    merge_walls(services, photos)
    backup(services, tmp_path / "copy")
    before = contents(services)
    with services.reading_unit() as unit:
        entries = unit.session.scalars(select(AuditEntry.entry_sha256).order_by(AuditEntry.seq)).all()
    restore(tmp_path / "copy", empty)
    with closing(build(empty)) as restored:
        assert contents(restored) == before
        assert {sha256: restored.blobs.get(sha256) for sha256 in photos} == {
            sha256: services.blobs.get(sha256) for sha256 in photos
        }
        with restored.reading_unit() as unit:
            again = unit.session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
        assert [entry.entry_sha256 for entry in again[:-1]] == entries
        assert again[-1].action == "backup.restored"
        assert wrong(restored) == []
        fill(restored, first=3)  # life goes on


@ON_SQLITE
def test_a_backup_can_be_verified_where_it_lies_and_is_not_changed_by_it(services, tmp_path):
    fill(services)
    folder = backup(services, tmp_path / "copy")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with closing(open_backup(folder)) as copy:
        assert list(verify(copy)) == []
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@ON_SQLITE
def test_a_damaged_original_in_a_backup_is_named(services, tmp_path):
    photos = fill(services)
    folder = backup(services, tmp_path / "copy")
    path = folder / "blobs" / photos[0][:2] / photos[0]
    path.chmod(0o640)
    path.write_bytes(b"something else")
    with closing(open_backup(folder)) as copy:
        assert wrong(copy) == [("original_changed", photos[0])]


@ON_SQLITE
@INTO_SQLITE
@pytest.mark.parametrize("name", ["wallwatch.sqlite", "manifest.json", "audit-keys.txt"])
def test_a_backup_with_a_damaged_file_is_not_restored(services, empty, tmp_path, name):
    fill(services, count=1)
    folder = backup(services, tmp_path / "copy")
    (folder / name).write_bytes((folder / name).read_bytes()[:-20])
    with pytest.raises(NotABackup):
        restore(folder, empty)
    assert not empty.data_dir.exists()


@INTO_SQLITE
def test_any_other_folder_is_not_a_backup(empty, tmp_path):
    for name in ("nowhere", "."):
        with pytest.raises(NotABackup):
            restore(tmp_path / name, empty)


@ON_SQLITE
def test_a_restore_never_writes_over_an_installation(services, tmp_path):
    fill(services, count=1)
    folder = backup(services, tmp_path / "copy")
    before = contents(services)
    with pytest.raises(InstallationNotEmpty):
        restore(folder, services.settings)
    assert contents(services) == before


@ON_SQLITE
@INTO_SQLITE
def test_a_restore_that_was_cut_off_can_be_started_again(services, empty, tmp_path):
    photos = fill(services)
    folder = backup(services, tmp_path / "copy")
    half = empty.data_dir / "blobs" / photos[0][:2]
    half.mkdir(parents=True)
    shutil.copy(folder / "blobs" / photos[0][:2] / photos[0], half)
    restore(folder, empty)
    with closing(build(empty)) as restored:
        assert wrong(restored) == []


@ON_SQLITE
def test_a_backup_never_writes_over_anything(services, tmp_path):
    (tmp_path / "copy").mkdir()
    with pytest.raises(BackupTargetExists):
        backup(services, tmp_path / "copy")
    (tmp_path / "file").write_text("here")
    with pytest.raises(BackupFailed):
        backup(services, tmp_path / "file" / "copy")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


@ON_SQLITE
def test_a_backup_says_which_originals_were_already_lost_and_keeps_the_rest(services, tmp_path):
    photos = fill(services)
    path_of(services, photos[1]).unlink()
    with pytest.raises(BackupIncomplete) as raised:
        backup(services, tmp_path / "copy")
    assert raised.value.photos == [photos[1]]
    with closing(open_backup(tmp_path / "copy")) as copy:
        assert wrong(copy) == [("original_missing", photos[1])]


def test_a_backup_made_while_photos_come_in_is_whole(services, tmp_path):
    stop = threading.Event()

    def keep_sending():
        while not stop.is_set():
            send(services)

    sender = threading.Thread(target=keep_sending)
    fill(services, count=1)
    sender.start()
    try:
        for number in range(3):
            folder = backup(services, tmp_path / f"copy{number}")
            with closing(open_backup(folder)) as copy:
                assert wrong(copy) == []
    finally:
        stop.set()
        sender.join(30)


@ON_SQLITE
@INTO_SQLITE
def test_nobody_stays_signed_in_over_a_restore(services, empty, accounts, tmp_path):
    now = services.clock.now()
    with services.unit() as unit:
        account = accounts["officer"].id
        unit.session.add(
            Session(
                token_sha256="a" * 64,
                csrf_token="b",
                account_id=account,
                created_at=now,
                seen_at=now,
                expires_at=now + timedelta(days=1),
            )
        )
    restore(backup(services, tmp_path / "copy"), empty)
    with closing(build(empty)) as restored, restored.reading_unit() as unit:
        assert unit.session.scalars(select(Session)).all() == []
        assert unit.session.get_one(Account, account).name == "officer"


def test_verify_finds_nothing_wrong_where_nothing_is(services):
    fill(services)
    assert list(verify(services)) == []


def test_verify_names_what_is_missing_changed_orphaned_or_miscounted(services, clock):
    photos = fill(services, count=4)
    path_of(services, photos[0]).unlink()
    path_of(services, photos[1]).chmod(0o640)
    path_of(services, photos[1]).write_bytes(b"something else")
    with services.engine.begin() as connection:
        connection.execute(text("UPDATE addresses SET sighting_count = 7 WHERE value = 'backed_up_2_shop'"))
        miscounted = connection.scalar(select(Address.id).where(Address.value == "backed_up_2_shop"))
        connection.execute(Sighting.__table__.delete().where(Sighting.photo_sha256 == photos[3]))
        for table in ("address_keys", "warning_states", "stix_ids"):
            of_it = "address_id IN (SELECT id FROM addresses WHERE value = 'backed_up_3_shop')"
            connection.execute(text(f"DELETE FROM {table} WHERE {of_it}"))
        connection.execute(text("DELETE FROM address_pairs"))
        connection.execute(text("DELETE FROM addresses WHERE value = 'backed_up_3_shop'"))
        connection.execute(
            text(
                "DELETE FROM finding_contexts WHERE finding_id IN (SELECT id FROM findings WHERE photo_sha256 = :photo)"
            ),
            {"photo": photos[3]},
        )
        connection.execute(text("DELETE FROM hands_owed"))
        connection.execute(text("DELETE FROM findings WHERE photo_sha256 = :photo"), {"photo": photos[3]})
        connection.execute(Reading.__table__.delete().where(Reading.photo_sha256 == photos[3]))
    orphan = services.blobs.put(iter([b"nobody's"]), limit_bytes=100).sha256
    late = send(services)
    clock.move(hours=2)
    found = {(trouble.code, trouble.subject, trouble.is_grave) for trouble in verify(services)}
    assert found == {
        ("original_missing", photos[0], True),
        ("original_changed", photos[1], True),
        ("orphan", orphan, False),
        ("sightings_miscounted", miscounted, True),
        ("reading_missing", photos[3], True),
        ("reading_late", late, False),
    }


@ON_SQLITE
def test_the_manifest_counts_and_hashes_what_it_goes_with(services, tmp_path):
    fill(services)
    folder = backup(services, tmp_path / "copy")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["photos"] == 3
    assert {"wallwatch.sqlite", "audit-keys.txt"} <= set(manifest["files"])
    assert not (folder / "audit-key").exists()
    with services.reading_unit() as unit:
        assert len(unit.session.scalars(select(Photo)).all()) == 3
