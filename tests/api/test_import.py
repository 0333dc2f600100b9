"""Folders of pictures become reports, and no picture is lost without a word."""

import csv
import os
from pathlib import Path

import pytest

from tests.api.pictures import jpeg

SAMPLE = Path(__file__).parents[2] / "samples" / "wall-01035.jpg"
HEAD = "photo,lat,lon\n"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "photos"
    made.mkdir()
    return made


@pytest.fixture
def places(tmp_path):
    """Writes a file of coordinates: `places("a.jpg,54.87,69.15")`."""

    def write(*rows):
        path = tmp_path / "places.csv"
        path.write_text(HEAD + "".join(f"{row}\n" for row in rows), "utf-8")
        return path

    return write


def reasons(path):
    with path.open(encoding="utf-8") as file:
        return {Path(row["photo"]).name: row["reason"] for row in csv.DictReader(file)}


def test_an_import_goes_on_where_it_was_and_says_what_it_refused(run, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg"):
        (folder / name).write_bytes(SAMPLE.read_bytes())
    (folder / "broken.jpg").write_text("not a picture")
    (folder / "unplaced.jpg").write_bytes(SAMPLE.read_bytes())
    places = tmp_path / "places.csv"
    places.write_text("photo,lat,lon\na.jpg,54.87,69.15\nb.jpg,95,200\nbroken.jpg,54.87,69.15\n")
    first = run("import", folder, "--coordinates", places, "--refused", "refused.csv")
    assert (first.returncode, first.stdout.decode()) == (1, "1 sent, 0 sent before, 3 refused\n")
    with (tmp_path / "refused.csv").open(encoding="utf-8") as file:
        reasons = {Path(row["photo"]).name: row["reason"] for row in csv.DictReader(file)}
    assert reasons.keys() == {"b.jpg", "broken.jpg", "unplaced.jpg"}
    again = run("import", folder, "--coordinates", places)
    assert again.stdout.decode() == "0 sent, 1 sent before, 3 refused\n"
    assert run("import", folder, "--coordinates", tmp_path / "none.csv").returncode == 2


def test_another_picture_of_the_same_name_and_size_is_sent_too(run, folder, places):
    one, other = (jpeg(seed).ljust(20_000, b"\0") for seed in (1, 2))
    file = places("a.jpg,54.87,69.15")
    (folder / "a.jpg").write_bytes(one)
    assert run("import", folder, "--coordinates", file).stdout.decode() == "1 sent, 0 sent before, 0 refused\n"
    (folder / "a.jpg").write_bytes(other)
    assert run("import", folder, "--coordinates", file).stdout.decode() == "1 sent, 0 sent before, 0 refused\n"


def test_a_picture_that_was_sent_with_other_coordinates_is_named(run, folder, places, tmp_path):
    for name, seed in (("a.jpg", 1), ("b.jpg", 2)):
        (folder / name).write_bytes(jpeg(seed))
    assert run("import", folder, "--coordinates", places("a.jpg,54.87,69.15", "b.jpg,54.9,69.2")).returncode == 0
    moved = run("import", folder, "--coordinates", places("a.jpg,54.88,69.15", "b.jpg,54.9,69.2"), "--refused", "r.csv")
    assert (moved.returncode, moved.stdout.decode()) == (1, "0 sent, 1 sent before, 1 refused\n")
    assert reasons(tmp_path / "r.csv").keys() == {"a.jpg"}
    assert "sent before with other coordinates" in reasons(tmp_path / "r.csv")["a.jpg"]


def test_a_picture_that_knew_its_own_place_is_still_the_same_when_its_place_is_given(run, folder, places):
    (folder / "a.jpg").write_bytes(jpeg(1, gps=(54.87, 69.15)))
    assert run("import", folder, "--coordinates", "exif").returncode == 0
    assert run("import", folder, "--coordinates", "exif").stdout.decode() == "0 sent, 1 sent before, 0 refused\n"
    elsewhere = run("import", folder, "--coordinates", places("a.jpg,54.9,69.15"))
    assert elsewhere.stdout.decode() == "0 sent, 0 sent before, 1 refused\n"


def test_everything_that_is_not_sent_is_named_with_its_reason(run, folder, places, tmp_path):
    raw = os.fsdecode(b"\xff\x1b[31m.jpg")
    (folder / "good.jpg").write_bytes(jpeg(1))
    (folder / raw).write_bytes(jpeg(2))
    (folder / "moving.gif").write_bytes(b"GIF89a")
    (folder / "link.jpg").symlink_to(folder / "good.jpg")
    (folder / ".DS_Store").touch()
    (folder / "elsewhere").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.jpg")
    with (folder / "huge.jpg").open("wb") as file:
        file.truncate(8 * 2**30)
    file = places("good.jpg,54.87,69.15", "link.jpg,54.87,69.15", "gone.jpg,54.87,69.15").rename(folder / "places.csv")
    done = run("import", folder, "--coordinates", file, "--refused", folder / "refused.csv")
    assert (done.returncode, done.stdout.decode()) == (1, "1 sent, 0 sent before, 7 refused\n")
    assert b"Traceback" not in done.stderr
    assert b"\x1b" not in done.stderr
    why = reasons(folder / "refused.csv")
    assert why.keys() == {
        "moving.gif", "link.jpg", "elsewhere", "pipe.jpg", "huge.jpg", "gone.jpg", "\\udcff\x1b[31m.jpg"
    }  # fmt: skip
    assert ["link" in why["link.jpg"], "large" in why["huge.jpg"], "not in the folder" in why["gone.jpg"]] == [True] * 3


def test_a_list_of_refusals_that_cannot_be_written_is_told_before_anything_is_sent(run, folder, places, tmp_path):
    (folder / "a.jpg").write_bytes(jpeg(1))
    done = run("import", folder, "--coordinates", places("a.jpg,54.87,69.15"), "--refused", "nowhere/r.csv")
    assert (done.returncode, b"cannot be written" in done.stderr) == (2, True)
    assert not (tmp_path / "data").exists()
