"""Settings from the environment."""

from dataclasses import replace

import pytest
import typer
from pydantic import ValidationError

from api.cli.options import load_settings, reader_options
from api.settings import Settings
from vision.photo import DEFAULT_LIMITS


@pytest.fixture(autouse=True)
def development(monkeypatch):
    monkeypatch.setenv("WALLWATCH_STAGE", "development")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("WALLWATCH_DATABSE__URL", "WALLWATCH_DATABASE__URL"),
        ("WALLWATCH_DATADIR", "WALLWATCH_DATA_DIR"),
        ("wallwatch_secrets", "WALLWATCH_SECRET"),
        ("WALLWATCH_WEB__PROT", "WALLWATCH_WEB__PORT"),
    ],
)
def test_a_setting_that_does_not_exist_is_refused_with_the_nearest_that_does(monkeypatch, typed, meant):
    monkeypatch.setenv(typed, "x")
    with pytest.raises(ValidationError, match=f"no setting {typed.upper()}: did you mean {meant}?"):
        Settings()


def test_a_setting_like_none_that_exists_is_refused_with_where_to_look(monkeypatch):
    monkeypatch.setenv("WALLWATCH_QQ", "x")
    with pytest.raises(ValidationError, match=r"no setting WALLWATCH_QQ: docs/architecture\.md"):
        Settings()


@pytest.mark.parametrize("load", [load_settings, reader_options])
def test_a_command_names_the_wrong_setting_in_one_line(monkeypatch, capsys, load):
    monkeypatch.setenv("WALLWATCH_DATABSE__URL", "postgresql://wallwatch@db/walls")
    with pytest.raises(typer.Exit) as ended:
        load()
    assert ended.value.exit_code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "WALLWATCH_DATABASE__URL" in line


def test_read_keeps_to_the_settings_and_asks_for_no_secret(monkeypatch):
    monkeypatch.setenv("WALLWATCH_STAGE", "production")
    assert reader_options().limits == DEFAULT_LIMITS
    monkeypatch.setenv("WALLWATCH_LIMITS__PHOTO_BYTES", "70000")
    assert reader_options().limits == replace(DEFAULT_LIMITS, size_bytes=70_000)


def test_settings_that_exist_groups_as_json_and_what_is_not_ours_are_let_in(monkeypatch):
    monkeypatch.setenv("WALLWATCH_DATABASE", '{"pool_size": 3}')
    monkeypatch.setenv("wallwatch_web__port", "8123")
    monkeypatch.setenv("WALLWATCH_CRASH_ROUNDS", "5")
    monkeypatch.setenv("WALLWATCHER", "somebody else's")
    settings = Settings()
    assert (settings.database.pool_size, settings.web.port) == (3, 8123)


@pytest.mark.parametrize("name", ["Asia/Nowhere", "../etc/passwd", "Asia", "+05:00"])
def test_a_time_zone_that_does_not_exist_is_refused_at_the_start(monkeypatch, name):
    monkeypatch.setenv("WALLWATCH_INTAKE__TIMEZONE", name)
    with pytest.raises(ValidationError, match=r"no time zone .*Asia/Almaty"):
        Settings()
