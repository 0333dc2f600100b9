"""Commands that cannot do anything say why in one line, at once, and leave nothing behind."""

import sqlite3

import pytest

from api.demo import DemoDataInProduction, prepare_development, refuse_demo_in_production
from api.web.server import listen
from models import Account
from tests.api.pictures import jpeg

PRODUCTION = {"WALLWATCH_STAGE": "production", "WALLWATCH_SECRET": "s" * 40}


def told(done):
    """The one line on standard error of a command that ended with status 2."""
    assert (done.returncode, done.stdout) == (2, b""), done.stderr
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("wallwatch: ")
    return line


def test_a_taken_port_is_told_before_the_service_makes_or_starts_anything(run, tmp_path):
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        assert "WALLWATCH_WEB__PORT" in told(run("serve", WALLWATCH_WEB__PORT=port))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_verify_finds_nothing_where_nothing_is_and_makes_nothing(run, tmp_path, folder):
    (tmp_path / "empty").mkdir()
    assert "nothing is installed here" in told(run("verify", WALLWATCH_DATA_DIR=folder))
    assert [path.name for path in tmp_path.rglob("*")] == ["empty"]


def test_a_folder_that_is_no_backup_is_told_as_that(run, tmp_path):
    assert "not a whole backup" in told(run("verify", tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"WALLWATCH_DATABASE__URL": "nonsense"}, "not a database's address"),
        ({"WALLWATCH_DATABASE__URL": "mysql://u:geheim@h/n"}, "begins with mysql"),
        ({"WALLWATCH_DATABASE__URL": "postgresql://u:geheim@127.0.0.1:1/n"}, "the database cannot be used"),
        ({"WALLWATCH_DATABASE__URL": "sqlite:////nowhere/at/all.sqlite"}, "the database cannot be used"),
        ({"WALLWATCH_DATA_DIR": "file"}, "file is a file"),
        ({"WALLWATCH_DATA_DIR": "file/inside"}, "file/inside cannot be used"),
        ({"WALLWATCH_BLOBS__STORE": "s3"}, "WALLWATCH_BLOBS__BUCKET"),
    ],
    ids=["no-url", "mysql", "nobody-there", "no-folder", "file", "in-file", "no-bucket"],
)
def test_settings_that_lead_nowhere_are_told_in_one_line(run, tmp_path, settings, reason):
    (tmp_path / "file").touch()
    line = told(run("export", **settings))
    assert reason in line
    assert "geheim" not in line


def test_an_export_into_a_folder_that_is_missing_is_told_before_anything_is_opened(run, tmp_path):
    assert "there is no folder" in told(run("export", "--output", "missing/watchlist.csv"))
    assert list(tmp_path.iterdir()) == []


def test_production_refuses_demo_data_in_every_command_but_looking(run, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(jpeg(1, gps=(54.87, 69.15)))
    assert run("user", "add", "qz.officer", "--role", "officer").returncode == 0
    assert run("user", "add", "qz.other", "--role", "officer", **PRODUCTION).returncode == 0
    with sqlite3.connect(tmp_path / "data" / "wallwatch.sqlite") as database:
        database.execute("UPDATE accounts SET is_demo = 1 WHERE name = 'qz.officer'")
    database.close()
    for command in (
        ("worker",),
        ("user", "key", "qz.officer"),
        ("import", "photos", "--coordinates", "exif"),
        ("export",),
    ):
        assert "development stage" in told(run(*command, **PRODUCTION)), command
    assert run("verify", **PRODUCTION).returncode == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_an_empty_development_database_is_filled(services, make_services, accounts):
    prepare_development(services)
    with services.unit() as unit:
        assert not any(account.is_demo for account in unit.session.query(Account))
        unit.session.add(accounts["officer"])
        accounts["officer"].is_demo = True
    refuse_demo_in_production(services)
    with pytest.raises(DemoDataInProduction):
        refuse_demo_in_production(make_services(stage="production", secret="s" * 40))
