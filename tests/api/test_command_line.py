"""The commands as a person or another program runs them."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from api.cli import wire
from api.cli.run import Keeper
from tests.api.walls import finding
from vision.types import Uncertain

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "wall-01010.jpg"


def lines(done):
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_extract_answers_a_line_for_a_line(run):
    done = run("extract", "--jsonl", stdin='{"text": "пиши t.me/\\nqz_tuman_lis"}\n{"text": "Аптека"}\n'.encode())
    first, second = lines(done)
    (found,) = first["addresses"]
    assert (found["kind"], found["value"], found["accepted"]) == ("telegram", "qz_tuman_lis", True)
    assert found.keys() == {"kind", "value", "confidence", "accepted", "text", "alternatives"}
    assert second == {"addresses": []}
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("bad", [b"not json", b'{"text": 5}', b"\xff\xfe", b"[" * 100_000, b'"text"'])
def test_extract_names_a_bad_line_and_goes_on(run, bad):
    done = run("extract", "--jsonl", stdin=bad + b'\n{"text": "@qz_tuman_lis"}\n')
    wrong, right = lines(done)
    assert wrong["error"]["code"] == "text_unreadable"
    assert right["addresses"][0]["value"] == "qz_tuman_lis"
    assert done.returncode == 1


def test_a_command_waits_for_no_package_that_only_another_one_needs():
    code = (
        "import sys; from typer.main import get_command; from api.cli.main import app\n"
        "get_command(app)(['extract'], standalone_mode=False)\n"
        "print('sqlalchemy' in sys.modules)\n"
        "import api.services, api.demo\n"
        "print([name for name in ('alembic', 'dbos', 'cv2', 'fastapi') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, cwd=ROOT, check=False)
    assert (done.stdout, done.returncode) == (b"False\n[]\n", 0), done.stderr


def test_an_empty_line_is_answered_so_that_answers_stay_beside_their_lines(run):
    done = run("extract", "--jsonl", stdin=b'\n{"text": "@qz_tuman_lis"}\r\n  \r\n{"text": ""}\nbad\n')
    answers = lines(done)
    assert [len(answer.get("addresses", "?")) for answer in answers] == [0, 1, 0, 0, 1]
    assert "error" in answers[-1]


def test_plain_extract_tells_a_bad_line_in_words_on_standard_error(run):
    done = run("extract", stdin=b"\xff\xfe\n\n@qz_tuman_lis\n")
    assert (done.returncode, done.stderr.decode()) == (1, "wallwatch: This line is not UTF-8.\n")
    assert done.stdout.decode().splitlines()[0] == "@qz_tuman_lis"


def test_read_answers_every_photo_and_names_what_is_wrong_with_the_rest(run, tmp_path):
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("not a picture")
    (tmp_path / "cut.jpg").write_bytes(SAMPLE.read_bytes()[:20_000])
    Image.new("RGB", (640, 480), "grey").save(tmp_path / "blank\u202egpj.png")
    photos = ["empty.jpg", "text.jpg", "cut.jpg", "none.jpg", "/dev/null", ".", "blank\u202egpj.png", SAMPLE]
    done = run("read", "--jsonl", "--annotate", "marked", *photos)
    answers = lines(done)
    assert [answer["photo"] for answer in answers] == [str(photo) for photo in photos]
    assert [answer.get("error", {}).get("code") for answer in answers] == [
        "photo_empty", "photo_type_unknown", "photo_damaged", "photo_missing", "photo_not_a_file", "photo_not_a_file",
        None, None,
    ]  # fmt: skip
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    read = answers[-1]
    assert read.keys() == {"photo", "seconds", "addresses", "lines"}
    assert [(found["kind"], found["value"]) for found in read["addresses"]] == [("telegram_invite", "4rMzjKDtmu6SgmAG")]
    assert all(len(found["box"]) == 4 and "uncertain" in found for found in read["addresses"])
    assert {line.keys() == {"text", "confidence", "box"} for line in read["lines"]} == {True}
    assert len(list((tmp_path / "marked").iterdir())) == 2


def test_an_address_says_which_of_its_characters_are_in_doubt():
    doubts = (Uncertain(10, "1", (("l", 0.123456), ("", 0.04))),)
    found = wire.address(finding("qz_tuman_1is_77", uncertain=doubts))
    rivals = [{"char": "l", "probability": 0.1235}, {"char": "", "probability": 0.04}]
    assert found["uncertain"] == [{"position": 10, "char": "1", "rivals": rivals}]
    assert list(found) == ["kind", "value", "confidence", "accepted", "text", "box", "alternatives", "uncertain"]


@pytest.mark.parametrize("processes", ["1", "2"])
def test_read_refuses_a_photo_larger_than_the_settings_let_in(run, tmp_path, processes):
    Image.new("RGB", (640, 480), "grey").save(tmp_path / "small.png")
    limit = SAMPLE.stat().st_size - 1
    done = run(
        "read", "--jsonl", "--processes", processes, "small.png", SAMPLE, WALLWATCH_LIMITS__PHOTO_BYTES=str(limit)
    )
    assert [answer.get("error", {}).get("code") for answer in lines(done)] == [None, "photo_too_large"]
    assert done.returncode == 1


def test_accounts_are_made_and_keys_shown_once(run):
    made = run("user", "add", "qz.officer", "--role", "officer")
    assert (made.returncode, b"password: " in made.stdout) == (0, True)
    again = run("user", "add", "qz.officer", "--role", "officer")
    assert (again.returncode, b"there already" in again.stderr) == (1, True)
    assert run("user", "passwd", "qz.officer", "--password-stdin", stdin=b"short\n").returncode == 1
    key = run("user", "key", "qz.officer")
    assert key.stdout.startswith(b"ww_")
    assert run("user", "key", "nobody.here").returncode == 1


def test_production_refuses_the_default_secret_in_one_line(run):
    done = run("user", "add", "qz.officer", "--role", "officer", WALLWATCH_STAGE="production")
    assert done.returncode == 2
    assert b"WALLWATCH_SECRET" in done.stderr
    assert b"Traceback" not in done.stderr


def test_export_verify_backup_and_restore_make_a_round(run, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(SAMPLE.read_bytes())
    (tmp_path / "places.csv").write_text("photo,lat,lon\na.jpg,54.87,69.15\n")
    assert run("import", folder, "--coordinates", "places.csv").returncode == 0
    assert json.loads(run("export", "--format", "json").stdout) == []
    assert run("verify").returncode == 0
    assert run("backup", tmp_path / "copy").returncode == 0
    assert run("backup", tmp_path / "copy").returncode == 1
    assert run("restore", tmp_path / "copy").returncode == 1
    back = run("restore", tmp_path / "copy", WALLWATCH_DATA_DIR=str(tmp_path / "other"))
    assert back.returncode == 0, back.stderr
    assert run("verify", WALLWATCH_DATA_DIR=str(tmp_path / "other")).returncode == 0


def test_plain_output_is_whole_and_steers_no_terminal(run, tmp_path):
    (tmp_path / "marked" / "0002-wall-01010.jpg").mkdir(parents=True)
    bad = "no\x1b[31m\u202egpj.jpg"
    done = run("read", "--annotate", "marked", bad, SAMPLE, COLUMNS="30")
    shown = done.stdout.decode()
    assert "telegram_invite    4rMzjKDtmu6SgmAG" in shown  # in one piece, however narrow
    assert "0002-wall-01010.jpg cannot be written" in shown
    assert [sign for sign in "\x1b\u202e" if sign in shown] == []
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False)
    text = run("extract", stdin="\x1b]0;title\x07\u202e @qz_tuman_lis".encode()).stdout.decode()
    assert "qz_tuman_lis" in text
    assert [sign for sign in "\x1b\x07\u202e" if sign in text] == []


def test_a_folder_for_marked_photos_that_cannot_be_is_told_before_reading(run, tmp_path):
    (tmp_path / "file").touch()
    done = run("read", "--annotate", "file", SAMPLE)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"wallwatch: cannot write to --annotate file: ")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("command", [("read", *[SAMPLE] * 8), ("worker",)], ids=["read", "worker"])
def test_a_reader_without_its_weights_names_all_of_them_once(easyocr_installed, run, tmp_path, command):
    halves = {"WALLWATCH_VISION__READER": "easyocr", "WALLWATCH_VISION__RECOGNISER": "cyrillic_g2"}
    done = run(*command, WALLWATCH_VISION__MODEL_DIR=str(tmp_path), **halves)
    said = [line for line in done.stderr.decode().splitlines() if line.startswith("wallwatch: ")]
    assert (done.returncode, done.stdout, len(said)) == (2, b"", 1)
    assert "craft_mlt_25k.pth and cyrillic_g2.pth are missing" in said[0]
    assert b"Traceback" not in done.stderr


def test_a_worker_that_cannot_start_is_not_started_for_ever(tmp_path, capsys):
    code = "import sys; open(sys.argv[1], 'a').write('x'); sys.exit(int(sys.argv[2]))"
    for status in (2, 1):
        file = tmp_path / f"ended-{status}"
        keeper = Keeper([sys.executable, "-c", code, str(file), str(status)])
        keeper.start()
        until = time.monotonic() + 30
        while (not file.exists() or (status == 1 and file.stat().st_size < 2)) and time.monotonic() < until:
            time.sleep(0.05)
        if status == 2:
            keeper._thread.join(30)
            assert not keeper._thread.is_alive()
        keeper.stop()
    assert [(tmp_path / f"ended-{status}").stat().st_size >= 2 for status in (2, 1)] == [False, True]
    assert capsys.readouterr().err.count("photos are kept, but not read") == 1
