"""For modules whose subject is no business of the database: one kind is enough. Import `database_url` there."""

import shutil

import pytest


@pytest.fixture
def database_url(tmp_path, sqlite_template):
    """A migrated SQLite database in the data folder, where the settings look for one."""
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "wallwatch.sqlite")
    return ""
