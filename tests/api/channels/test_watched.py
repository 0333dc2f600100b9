"""Files in a watched folder: each whole picture once, moved when it is taken, refused with words that help."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from api.intake.channels.base import ChannelError, Media, Message, Spot
from api.intake.channels.folder.rounds import ORPHAN_S, FolderRounds
from api.intake.channels.watched import FolderChannel, folder_channel, folder_loop
from api.services import build
from api.settings import Settings
from tests.api.channels.looks import arrivals, fetched
from tests.api.pictures import POLYGLOT, WALL, encoded, jpeg, pixel_bomb
from tests.api.telling import ONE_DATABASE

PROGRAM = Path(__file__).parent / "folder_process.py"


class Watched:
    """A folder, and rounds over it between which the clock moves."""

    def __init__(self, root, services, clock):
        self.root, self.services, self.clock = root, services, clock
        self.rounds = FolderRounds(services, root, "w")

    def put(self, name, data):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def go(self):
        """Look, let the files be quiet, and look again; how many were taken."""
        taken = self.rounds.go()
        self.clock.move(seconds=3)
        return taken + self.rounds.go()

    def arrivals(self):
        return arrivals(self.services, "folder")

    def files(self, below=""):
        here = self.root / below
        return sorted(path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file())

    def reason(self, name):
        return (self.root / "refused" / f"{name}.reason.txt").read_text("utf-8")


@pytest.fixture
def watched(tmp_path, make_services, clock):
    root = tmp_path / "in"
    root.mkdir()
    return Watched(root, make_services(watched={"path": root}, limits={"photo_bytes": 2**20}), clock)


def test_a_picture_is_taken_when_it_is_whole_and_moved(watched, clock):
    watched.put("двор/Стена 1.JPG", jpeg(1, gps=WALL)[:-10])
    assert watched.rounds.go() == 0
    clock.move(seconds=1)
    watched.put("двор/Стена 1.JPG", jpeg(1, gps=WALL))  # it is still being copied
    assert watched.rounds.go() == 0
    clock.move(seconds=1.5)
    assert watched.rounds.go() == 0
    clock.move(seconds=1)
    assert watched.rounds.go() == 1
    assert watched.files() == ["taken/двор/Стена 1.JPG"]
    (arrival,) = watched.arrivals()
    assert arrival.provider_id == arrival.sender == arrival.chat
    assert (arrival.text, arrival.spot, arrival.is_group) == (None, None, False)
    (media,) = arrival.media
    assert (media.kind, media.media_type, media.file_name) == ("document", "image/jpeg", "Стена 1.JPG")
    (watched.root / "taken/двор/Стена 1.JPG").unlink()
    assert fetched(folder_channel(watched.services), media) == jpeg(1, gps=WALL)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("name", "content", "spot", "text"),
    [
        ("a.jpg.txt", "54.8702, 69.1503", Spot(*WALL), None),
        ("a.jpg.txt", "\ufeff54.8702, 69.1503\r\nу подъезда 4\r\nслева", Spot(*WALL), "у подъезда 4\nслева"),
        ("a.jpg.TXT", "https://yandex.kz/maps/?pt=69.1503,54.8702&z=18", Spot(*WALL), None),
        ("a.jpg.json", {"lat": 54.8702, "lon": 69.1503, "accuracy_m": 12, "note": "арка"}, Spot(*WALL, 12.0), "арка"),
        ("a.jpg.json", {"place": "54°52'12.72\"N 69°09'01.08\"E"}, Spot(*WALL), None),
        ("a.jpg.json", {"title": "a.jpg", "geoData": {"latitude": 54.8702, "longitude": 69.1503}}, Spot(*WALL), None),
        ("places.csv", "photo,lat,lon,note\na.jpg,54.8702,69.1503,арка\n", Spot(*WALL), "арка"),
    ],
)
def test_the_place_stands_beside_the_picture(name, content, spot, text, watched):
    watched.put("a.jpg", jpeg(1, gps=(54.1, 69.2)))
    watched.put(name, content if isinstance(content, str) else json.dumps(content))
    assert watched.go() == 1
    (arrival,) = watched.arrivals()
    assert (round(arrival.spot.lat, 6), round(arrival.spot.lon, 6)) == (spot.lat, spot.lon)
    assert (arrival.spot.accuracy_m, arrival.text) == (spot.accuracy_m, text)
    assert set(watched.files()) == {"taken/a.jpg", name if name == "places.csv" else f"taken/{name}"}


@ONE_DATABASE
def test_a_table_holds_for_the_folders_below_and_a_file_beside_the_picture_counts_more(watched):
    watched.put(
        "t.csv", 'photo,place,seen_at\ny/a.jpg,"54.8702, 69.1503",2026-02-28T10:00:00+05:00\nb.jpg,"54.9, 69.2",\n'
    )
    watched.put("y/a.jpg", encoded("PNG", 1))
    watched.put("z/b.jpg", jpeg(2))
    watched.put("z/b.jpg.json", '{"lat": 54.8702, "lon": 69.1503}')
    assert watched.go() == 2
    one, other = watched.arrivals()
    assert one.sent_at == datetime(2026, 2, 28, 5, tzinfo=UTC)
    assert (other.spot.lat, other.spot.lon) == WALL
    assert one.sender != other.sender


@ONE_DATABASE
@pytest.mark.parametrize(
    ("name", "data", "more", "word"),
    [
        ("a.jpg", jpeg(1), {}, "“a.jpg.txt”"),
        ("a.jpg", jpeg(1), {"a.jpg.txt": "у аптеки"}, "No coordinates can be read"),
        ("a.jpg", jpeg(1), {"a.jpg.txt": "69.1503, 54.8702"}, "swapped"),
        ("a.jpg", jpeg(1), {"a.jpg.txt": "59.8702, 30.1503"}, "outside of the region"),
        ("a.jpg", jpeg(1, gps=(59.8702, 30.1503)), {}, "outside of the region"),
        ("a.jpg", jpeg(1), {"a.jpg.json": "[1]"}, "cannot be used"),
        ("a.jpg", jpeg(1), {"a.jpg.json": "[" * 60_000}, "cannot be used"),
        ("a.jpg", jpeg(1), {"a.jpg.txt": b"\xff\xfe\x00"}, "cannot be used"),
        ("a.jpg", POLYGLOT, {"a.jpg.txt": "54.8702, 69.1503"}, ""),
        ("a.jpg", b"", {"a.jpg.txt": "54.8702, 69.1503"}, ""),
        ("a.png", pixel_bomb(), {"a.png.txt": "54.8702, 69.1503"}, ""),
        ("a.jpg", jpeg(1) + bytes(2**21), {}, "at most 1 MiB"),
        ("a.docx", b"PK\x03\x04", {}, "no photo"),
        ("a.csv", b"x;y\n1;2\n", {}, "first row"),
    ],
)
def test_what_cannot_be_used_is_put_aside_with_the_reason(name, data, more, word, watched):
    watched.put(f"d/{name}", data)
    for other, content in more.items():
        watched.put(f"d/{other}", content)
    assert watched.go() == 0
    assert watched.arrivals() == []
    assert watched.files() == sorted(f"refused/d/{each}" for each in (name, *more, f"{name}.reason.txt"))
    said = watched.reason(f"d/{name}").split("\n\n")
    assert len(said) == 3
    assert word in said[2]
    assert "снова" in said[0]
    assert watched.go() == 0
    (watched.root / f"refused/d/{name}.reason.txt").rename(watched.root / f"d/{name}.reason.txt")
    assert watched.go() == 0  # somebody put the reason back, too: it stays, and is no report
    assert (watched.root / f"d/{name}.reason.txt").exists()


@ONE_DATABASE
def test_hidden_half_written_and_linked_files_are_left(watched, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jpg").write_bytes(jpeg(1, gps=WALL))
    (watched.root / "link.jpg").symlink_to(outside / "secret.jpg")
    (watched.root / "folder").symlink_to(outside)
    os.mkfifo(watched.root / "pipe.jpg")
    left = [".a.jpg", "a.jpg.part", "a.jpg.tmp", "a.jpg~", ".hidden/a.jpg", "Thumbs.db", "a.crdownload"]
    for name in left:
        watched.put(name, jpeg(2, gps=WALL))
    assert watched.go() == 0
    assert sorted(left) == [each for each in watched.files() if each != "link.jpg"]
    assert (outside / "secret.jpg").exists()


@ONE_DATABASE
def test_a_file_without_its_picture_waits_and_is_put_aside_at_last(watched, clock):
    watched.put("a.jpg.txt", "54.8702, 69.1503")
    assert watched.go() == 0
    watched.put("a.jpg", jpeg(1))
    assert watched.go() == 1
    watched.put("b.jpg.txt", "54.8702, 69.1503")
    watched.go()
    assert "b.jpg.txt" in watched.files()
    clock.move(seconds=ORPHAN_S)
    watched.go()
    assert "“b.jpg”" in watched.reason("b.jpg.txt")


@ONE_DATABASE
def test_the_same_picture_again_is_one_and_none_is_overwritten(watched):
    for _ in range(2):
        watched.put("a.jpg", jpeg(1, gps=WALL))
        assert watched.go() == 1
    watched.put("a.jpg", jpeg(2, gps=WALL))
    watched.go()
    assert len(watched.arrivals()) == 2
    assert watched.files("taken") == ["a (2).jpg", "a (3).jpg", "a.jpg"]


@ONE_DATABASE
def test_what_is_changed_while_it_is_taken_is_not_moved_unread(watched, clock):
    path = watched.put("a.jpg", jpeg(1, gps=WALL))
    watched.rounds.go()
    clock.move(seconds=3)
    record = watched.services.blobs.put

    class Changing:
        """Somebody writes another picture over it as soon as its bytes are kept."""

        def put(self, pieces, *, limit_bytes):
            stored = record(pieces, limit_bytes=limit_bytes)
            path.unlink()
            watched.put("a.jpg", jpeg(2, gps=WALL))
            return stored

    object.__setattr__(watched.services, "blobs", Changing())
    assert watched.rounds.go() == 1
    assert watched.files() == ["a.jpg"]
    assert path.read_bytes() == jpeg(2, gps=WALL)


@ONE_DATABASE
def test_what_was_taken_and_not_moved_is_moved_later_and_is_one(watched):
    watched.put("yard/a.jpg", jpeg(1, gps=WALL))
    watched.put("taken/yard", b"a file in the way")
    with pytest.raises(ChannelError) as trouble:
        watched.go()
    assert trouble.value.code == "folder_not_ours"
    assert len(watched.arrivals()) == 1
    (watched.root / "taken/yard").unlink()
    assert watched.go() == 1
    assert len(watched.arrivals()) == 1
    assert watched.files() == ["taken/yard/a.jpg"]


def test_killed_at_random_moments_every_picture_is_taken_once(tmp_path, sqlite_template):
    root, data_dir = tmp_path / "in", tmp_path / "data"
    root.mkdir()
    data_dir.mkdir()
    (data_dir / "wallwatch.sqlite").write_bytes(sqlite_template.read_bytes())
    values = {"stage": "development", "data_dir": str(data_dir), "watched": {"path": str(root), "quiet_s": 0.0}}
    for number in range(16):
        (root / f"{number:02}.jpg").write_bytes(jpeg(number, size=(32, 32), gps=WALL))
    for enough in (5, 16):
        program = subprocess.Popen([sys.executable, PROGRAM, json.dumps(values)])
        end = time.monotonic() + 60
        while len(list((root / "taken").glob("*"))) < enough and time.monotonic() < end:
            assert program.poll() is None
            time.sleep(0.002)
        program.kill()
        program.wait()
    services = build(Settings(**values))
    try:
        found = arrivals(services, "folder")
        assert sorted(arrival.media[0].file_name for arrival in found) == [f"{number:02}.jpg" for number in range(16)]
        channel = FolderChannel(services)
        assert all(fetched(channel, arrival.media[0])[:2] == b"\xff\xd8" for arrival in found)
    finally:
        services.close()
    assert len(list((root / "taken").glob("*"))) == 16


@ONE_DATABASE
def test_a_folder_that_is_gone_is_said_and_waited_for(watched):
    loop = folder_loop(watched.services, "w")
    watched.put("a.jpg", jpeg(1, gps=WALL))
    watched.root.rename(watched.root.with_name("away"))
    with structlog.testing.capture_logs() as logs:
        assert [loop.go(), loop.go()] == [10.0, 20.0]
    assert [line["code"] for line in logs] == ["folder_gone"] * 2
    watched.root.with_name("away").rename(watched.root)
    assert loop.go() == 5.0
    assert watched.go() == 1


@ONE_DATABASE
@pytest.mark.parametrize("where", [".", "..", "blobs"])
def test_our_own_data_is_never_taken_for_something_put_into_a_folder(where, services, clock):
    root = services.settings.data_dir / where
    root.mkdir(exist_ok=True)
    before = sorted(services.settings.data_dir.rglob("*"))
    with pytest.raises(ChannelError) as refused:
        Watched(root, services, clock).go()
    assert (refused.value.code, refused.value.is_final) == ("folder_holds_data", True)
    assert sorted(services.settings.data_dir.rglob("*")) == before


@ONE_DATABASE
def test_a_folder_says_nothing_and_brings_nothing_else(watched, make_services):
    channel = FolderChannel(watched.services)
    assert not channel.talks
    with pytest.raises(ChannelError) as refused:
        channel.send("x", Message("Здравствуйте"))
    assert refused.value.is_final
    channel.pressed("x")
    with pytest.raises(ChannelError) as refused:
        fetched(channel, Media("kept:../../etc/passwd", "document"))
    assert refused.value.code == "media_gone"
    assert folder_channel(make_services(watched={"path": None})) is None
    assert folder_loop(make_services(watched={"path": None}), "w") is None
