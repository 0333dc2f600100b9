"""What people corrected goes to the reader's lab, whose own loaders read it."""

import json

import cv2
import numpy as np
import pytest

from api.watchlist.training import TrainingTargetExists, lines_of, write_examples
from models import Decision, Finding, Photo, PhotoState, Report, ReportPhoto
from tests.api.walls import reading
from vision.lab.real import labelled
from vision.lab.rehearse import pictures_in
from vision.types import Finding as Seen
from vision.types import Kind, Line

READ, MEANT = "qz_tuman_1is_77", "qz_tuman_lis_77"


@pytest.fixture
def photographed(services, accounts, painted):
    """A photo whose bytes are kept, read as the given findings; answers them."""

    def make(*findings, name="1", unread=()):
        wall = painted("@" + MEANT + name, "other words", width=1400, height=500, size=2.5)
        data = cv2.imencode(".jpg", wall)[1].tobytes()
        sha256 = services.blobs.put(iter([data]), limit_bytes=10**7).sha256
        from api.readings.service import store_reading

        with services.unit() as unit:
            now = unit.clock.now()
            unit.session.add(
                Photo(
                    sha256=sha256, size_bytes=len(data), media_type="image/jpeg", received_at=now, state=PhotoState.OWED
                )
            )
            report = Report(
                account_id=accounts["officer"].id, channel="test", received_at=now, seen_at=now, lat=54.87, lon=69.15,
                place_source="typed",
            )  # fmt: skip
            unit.session.add(report)
            unit.session.flush()
            unit.session.add(ReportPhoto(report_id=report.id, position=0, photo_sha256=sha256))
            unit.session.flush()
            return list(store_reading(unit, sha256, reading(sha256, *findings, unread=unread)).findings)

    return make


def line(value, text=None, **more):
    """A finding of which the box is around the upper line of the photo."""
    box = ((50.0, 95.0), (1300.0, 95.0), (1300.0, 185.0), (50.0, 185.0))
    return Seen(
        kind=Kind.TELEGRAM, value=value, confidence=0.5, accepted=False, text=text or f"@{value}", box=box, **more
    )


def decide(client, finding, verb, **body):
    answer = client("investigator").post(f"/v1/findings/{finding.id}/{verb}", json={"version": 1} | body)
    assert answer.status_code == 200, answer.text


def test_the_lab_reads_back_what_was_corrected(client, services, photographed, tmp_path):
    (wrong,) = photographed(line(READ))
    (right,) = photographed(line(MEANT), name="2")
    (none,) = photographed(line("qz_shop_sign_5"), name="3")
    decide(client, wrong, "correct", kind="telegram", value=MEANT)
    decide(client, right, "confirm")
    decide(client, none, "reject", reason="a sign")
    assert write_examples(services, tmp_path / "out").count == 1
    (case,) = labelled(tmp_path / "out")
    assert (case.name, case.lines) == (f"{wrong.id}.png", (f"@{MEANT}",))
    assert case.picture.dtype == np.uint8
    height, width = case.picture.shape[:2]
    assert 64 <= height <= 320
    assert width > 3 * height
    assert case.picture.min() < 90  # the paint is in it
    assert [name for name, _ in pictures_in(tmp_path / "out")] == [f"{wrong.id}.png"]
    (row,) = [json.loads(each) for each in (tmp_path / "out" / "truth.jsonl").read_text("utf-8").splitlines()]
    assert (row["value"], row["read"]["value"], row["read"]["text"]) == (MEANT, READ, f"@{READ}")
    assert row["read"]["card"]["name"] == "test-reader"
    assert not row["lines_are_exact"]
    assert "investigator" not in json.dumps(row)
    both = write_examples(services, tmp_path / "both", with_confirmed=True)
    assert both.count == 2
    assert {case.lines for case in labelled(tmp_path / "both")} == {(f"@{MEANT}",)}
    assert write_examples(services, tmp_path / "none", kind=Kind.PHONE).count == 0
    assert list(labelled(tmp_path / "none")) == []


def test_a_person_who_says_what_is_painted_is_believed_until_it_is_undone(client, services, photographed, tmp_path):
    (wrong,) = photographed(line(READ))
    decide(client, wrong, "correct", kind="telegram", value=MEANT, painted="ТГ: @qz_tuman_lis_77")
    write_examples(services, tmp_path / "one")
    assert next(labelled(tmp_path / "one")).lines == ("ТГ: @qz_tuman_lis_77",)
    client("investigator").post(f"/v1/findings/{wrong.id}/undo", json={"version": 2})
    assert write_examples(services, tmp_path / "two").count == 0


def test_a_line_that_could_not_be_read_becomes_an_example_too(client, services, photographed, tmp_path):
    box = line(READ).box
    (left,) = photographed(unread=(Line("@qz.tuman.1is", 0.5, box),))
    decide(client, left, "correct", kind="telegram", value=MEANT)
    write_examples(services, tmp_path / "out")
    assert next(labelled(tmp_path / "out")).lines == (f"@{MEANT}",)


def test_a_missing_photo_is_skipped_and_named(client, services, photographed, tmp_path):
    (wrong,) = photographed(line(READ))
    decide(client, wrong, "correct", kind="telegram", value=MEANT)
    folder = services.settings.data_dir / "blobs" / wrong.photo_sha256[:2]
    (folder / wrong.photo_sha256).unlink()
    written = write_examples(services, tmp_path / "out")
    assert (written.count, written.skipped) == (0, [wrong.id])


def test_nothing_is_written_over(services, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(TrainingTargetExists):
        write_examples(services, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("read", "text", "kind", "value", "lines"),
    [
        (READ, f"@{READ}", "telegram", MEANT, [f"@{MEANT}"]),
        (READ, f"t.me/{READ.upper()}\nСОЛЬ", "telegram", MEANT, [f"t.me/{MEANT}", "СОЛЬ"]),
        (READ, "@qz_tuman_ lis", "telegram", MEANT, [f"@{MEANT}"]),
        (READ, f"@{READ} @{READ}", "telegram", MEANT, [f"@{MEANT}"]),
        (READ, f"@{READ}", "domain", "qz-tuman.biz", ["qz-tuman.biz"]),
    ],
)
def test_what_is_painted_is_the_text_with_the_right_value(read, text, kind, value, lines):
    row = Finding(kind="telegram", value=read, text=text, decided_kind=kind, decided_value=value)
    assert lines_of(row, None) == (lines, False)
    assert lines_of(row, Decision(painted="exactly so")) == (["exactly so"], True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_writes_the_folder_and_refuses_one_that_is_there(run, services, tmp_path):
    done = run("export-training", "--output", tmp_path / "lab")
    assert done.returncode == 0, done.stderr
    assert b"0 examples in" in done.stdout
    assert (tmp_path / "lab" / "labels.csv").read_text() == "file,text\n"
    again = run("export-training", "--output", tmp_path / "lab")
    assert again.returncode == 2
    assert b"exists already" in again.stderr
